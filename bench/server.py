"""One granian with the production settings, and what its processes use."""

import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """A running server: its address and its process tree."""

    base: str
    pid: int

    def worker_pids(self) -> list[int]:
        return [each.pid for each in processes() if each.parent == self.pid]

    def cpu_seconds(self) -> float:
        """Return user and system time of all processes of the server so far."""
        own = [each for each in processes() if self.pid in (each.pid, each.parent)]
        return sum(each.ticks for each in own) / TICKS

    def peak_megabytes(self) -> float:
        """Return the highest resident memory that one worker ever had."""
        peaks = [
            int(line.split()[1]) / 1024
            for pid in self.worker_pids()
            for line in Path(f"/proc/{pid}/status").read_text().splitlines()
            if line.startswith("VmHWM")
        ]
        return max(peaks)


@dataclass(frozen=True)
class Process:
    """One running process: its name, its parent and its time on the processors."""

    pid: int
    name: str
    parent: int
    ticks: int
    ticks_of_ended_children: int


def processes() -> Iterator[Process]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            start, _, end = stat.read_text().rpartition(")")
        except OSError:
            continue  # it has ended meanwhile
        fields = end.split()
        yield Process(
            pid=int(stat.parent.name),
            name=start.partition("(")[2],
            parent=int(fields[1]),
            ticks=int(fields[11]) + int(fields[12]),
            ticks_of_ended_children=int(fields[13]) + int(fields[14]),
        )


def database_cpu_seconds() -> float:
    """Return the time of all processes of PostgreSQL here; 0 where none runs."""
    found = [each for each in processes() if each.name == "postgres"]
    return sum(each.ticks + each.ticks_of_ended_children for each in found) / TICKS


@contextmanager
def serve(
    *, port: int, environment: dict[str, str], path: str, log: int | None = None
) -> Iterator[Server]:
    process = subprocess.Popen(
        [
            *("granian", "--interface", "wsgi", "bench.wsgi:application"),
            *("--host", "127.0.0.1", "--port", str(port), "--workers", "2"),
            *("--blocking-threads", "1", "--no-ws", "--log-level", "warning"),
        ],
        env={**os.environ, **environment},
        stdout=log,
    )
    try:
        base = f"http://127.0.0.1:{port}"
        wait(base + path)
        yield Server(base, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait(url: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 - loopback
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{url} answers {error.code}") from error
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{url} does not answer")
