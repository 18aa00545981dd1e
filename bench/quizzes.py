"""Let many members submit one quiz at once, and see that all of them get their papers."""

import http.client
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http import HTTPStatus
from typing import TypedDict
from urllib.parse import urlencode

from bench import server
from bench.billing import worker
from bench.report import Figure
from bench.site import inside

MEMBERS = 200
SENDERS = 20
SLOWEST_SUBMIT_SECONDS = 30
SLOWEST_PAPERS_SECONDS = 600
TOKEN = "b" * 64  # any 64 letters are a CSRF token when cookie and header agree


class Sitter(TypedDict):
    """Somebody with an answered quiz, and where it is submitted."""

    session: str
    submit: str
    complete: str
    name: str


def measure(environment: dict[str, str], *, port: int) -> Iterator[Figure]:
    """Submit and complete over HTTP, while one worker makes and sends what follows."""
    waiting: list[Sitter] = inside("sitters", "fill", environment)["sitters"]
    with server.serve(port=port, environment=environment, path="/healthz/"):
        seconds, refused = post(port, [(one, one["submit"], {}) for one in waiting])
        yield Figure(
            "quiz, submitted",
            f"{MEMBERS} members in {seconds:.1f} s, {refused} errors",
            f"in {SLOWEST_SUBMIT_SECONDS} s without an error",
            is_met=seconds <= SLOWEST_SUBMIT_SECONDS and not refused,
        )
        started = time.monotonic()
        with worker(environment):
            _took, refused = post(
                port,
                [
                    (one, one["complete"], {"name": one["name"], "attested": "on"})
                    for one in waiting
                ],
            )
            sent = inside("sitters", "wait", environment)["sent"]
        seconds = time.monotonic() - started
    yield Figure(
        "quiz, completions and emails",
        f"{sent} of {MEMBERS} out in {seconds:.0f} s, {refused} errors",
        f"all in {SLOWEST_PAPERS_SECONDS} s",
        is_met=sent == MEMBERS and seconds <= SLOWEST_PAPERS_SECONDS and not refused,
    )


def post(
    port: int, forms: list[tuple[Sitter, str, dict[str, str]]]
) -> tuple[float, int]:
    """Send each form once; return the seconds that took, and how many were refused."""
    waiting: queue.SimpleQueue[tuple[Sitter, str, dict[str, str]]] = queue.SimpleQueue()
    for form in forms:
        waiting.put(form)
    refused: list[int] = []

    def send() -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as line:
            while True:
                try:
                    sitter, path, fields = waiting.get_nowait()
                except queue.Empty:
                    return
                line.request("POST", path, urlencode(fields), headers_of(sitter, port))
                answer = line.getresponse()
                answer.read()
                if answer.status != HTTPStatus.FOUND:
                    refused.append(answer.status)

    started = time.monotonic()
    threads = [threading.Thread(target=send) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - started, len(refused)


def headers_of(sitter: Sitter, port: int) -> dict[str, str]:
    return {
        "Cookie": f"sessionid={sitter['session']}; csrftoken={TOKEN}",
        "X-CSRFToken": TOKEN,
        "Content-Type": "application/x-www-form-urlencoded",
        "Referer": f"http://127.0.0.1:{port}",
    }
