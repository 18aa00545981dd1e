"""One bounded load on one URL of this machine: wrk, or the standard library."""

import http.client
import itertools
import re
import shutil
import statistics
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

CONNECTIONS = 4
SUCCESS = 2  # the first digit of the status


@dataclass(frozen=True)
class Sender:
    """One browser: its cookies, and what it posts."""

    cookie: str = ""
    body: str = ""


@dataclass(frozen=True)
class Request:
    """What is sent, by one browser after the other.

    A right answer has a status of 2xx and the expected words.
    """

    url: str
    senders: tuple[Sender, ...] = (Sender(),)
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "GET"
    expects: str = ""

    def headers_of(self, sender: Sender) -> dict[str, str]:
        return self.headers | ({"Cookie": sender.cookie} if sender.cookie else {})


@dataclass(frozen=True)
class Result:
    """Requests a second, latencies in milliseconds, and wrong answers."""

    requests: int
    per_second: float
    p50: float
    p99: float
    errors: int


def run(request: Request, *, seconds: float, folder: Path) -> Result:
    if urlsplit(request.url).hostname != "127.0.0.1":
        raise ValueError("load goes to this machine only")
    if shutil.which("wrk"):
        return _wrk(request, seconds=seconds, folder=folder)
    return _threads(request, seconds=seconds)


def _wrk(request: Request, *, seconds: float, folder: Path) -> Result:
    script = folder / "request.lua"
    messages = ",".join(_lua_message(request, sender) for sender in request.senders)
    script.write_text(
        "local messages, sent\n"
        f"init = function()\n  messages, sent = {{{messages}}}, 0\nend\n"
        "request = function()\n  sent = sent + 1\n"
        "  return messages[sent % #messages + 1]\nend\n"
        "local worker\n"
        "setup = function(thread) worker = thread end\n"
        "wrong = 0\n"
        "response = function(status, headers, body)\n"
        "  local is_right = status >= 200 and status < 300\n"
        f"    and body:find([==[{request.expects}]==], 1, true)\n"
        "  if not is_right then wrong = wrong + 1 end\nend\n"
        "done = function(summary, latency, requests)\n"
        "  io.write(string.format('RESULT %d %d %d %d %d\\n', summary.requests,\n"
        "    summary.duration, latency:percentile(50), latency:percentile(99),\n"
        "    worker:get('wrong') + summary.errors.connect + summary.errors.read\n"
        "    + summary.errors.timeout))\nend\n"
    )
    output = subprocess.run(
        [
            "wrk",
            "-t1",
            f"-c{CONNECTIONS}",
            f"-d{max(1, round(seconds))}s",
            "-s",
            script,
            request.url,
        ],
        check=True,
        capture_output=True,
        text=True,
        timeout=seconds + 30,
    ).stdout
    found = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+) (\d+)", output)
    if found is None:
        raise RuntimeError(output)
    count, microseconds, p50, p99, errors = map(int, found.groups())
    return Result(count, count / (microseconds / 1e6), p50 / 1000, p99 / 1000, errors)


def _lua_message(request: Request, sender: Sender) -> str:
    headers = ",".join(
        f'["{name}"]=[==[{value}]==]'
        for name, value in request.headers_of(sender).items()
    )
    return f'wrk.format("{request.method}", nil, {{{headers}}}, [==[{sender.body}]==])'


def _threads(request: Request, *, seconds: float) -> Result:
    latencies: list[float] = []
    failures: list[int] = []
    stop_at = time.monotonic() + seconds
    senders = itertools.cycle(request.senders)

    def work() -> None:
        parts = urlsplit(request.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
        while time.monotonic() < stop_at:
            sender = next(senders)
            headers = request.headers_of(sender)
            started = time.perf_counter()
            connection.request(request.method, parts.path, sender.body or None, headers)
            answer = connection.getresponse()
            body = answer.read()
            latencies.append((time.perf_counter() - started) * 1000)
            is_success = answer.status // 100 == SUCCESS
            if not is_success or request.expects.encode() not in body:
                failures.append(answer.status)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cuts = statistics.quantiles(latencies, n=100)
    count = len(latencies)
    return Result(count, count / seconds, cuts[49], cuts[98], len(failures))
