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
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == self.pid:
                found.append(int(stat.parent.name))
        return found

    def cpu_seconds(self) -> float:
        """Return user and system time of all processes of the server so far."""
        total = 0
        for pid in (self.pid, *self.worker_pids()):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS

    def peak_megabytes(self) -> float:
        """Return the highest resident memory that one worker ever had."""
        peaks = [
            int(line.split()[1]) / 1024
            for pid in self.worker_pids()
            for line in Path(f"/proc/{pid}/status").read_text().splitlines()
            if line.startswith("VmHWM")
        ]
        return max(peaks)


@contextmanager
def serve(*, port: int, environment: dict[str, str], path: str) -> Iterator[Server]:
    process = subprocess.Popen(
        [
            *("granian", "--interface", "wsgi", "bench.wsgi:application"),
            *("--host", "127.0.0.1", "--port", str(port), "--workers", "2"),
            *("--blocking-threads", "1", "--no-ws", "--log-level", "warning"),
        ],
        env={**os.environ, **environment},
    )
    try:
        base = f"http://127.0.0.1:{port}"
        _wait(base + path)
        yield Server(base, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait(url: str) -> None:
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
