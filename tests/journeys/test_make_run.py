"""What starts the site ends it too, whatever key or signal it is told by."""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.journeys.conftest import ROOT, free_port
from tools.after_site import wait_for

PATIENCE_SECONDS = 15


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Keep the state from one start to the next, so that the demo is loaded once."""
    return tmp_path_factory.mktemp("run")


@pytest.fixture
def terminal():
    """Return both ends of a terminal: what is typed at the first reaches the second."""
    ends = pty.openpty()
    yield ends
    for end in ends:
        os.close(end)


@pytest.fixture
def running(folder, terminal):
    """Start the site as the command does, in a terminal of its own."""
    port = free_port()
    environment = {
        "HOME": os.environ.get("HOME", str(folder)),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "VAR_DIR": str(folder),
        "PORT": str(port),
        "STRIPE_SANDBOX_PORT": str(free_port()),
    }
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            ["/usr/bin/setsid", "--ctty", sys.executable, "-m", "tools.run"],
            cwd=ROOT,
            env=environment,
            stdin=terminal[1],
            stdout=output,
            stderr=output,
        )
    wait_for(f"http://127.0.0.1:{port}/readyz/", seconds=120)
    yield process
    process.kill()
    process.wait()


def processes_of(folder):
    """Return the commands that still run with their state in the folder."""
    mark = f"VAR_DIR={folder}".encode()
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (place / "environ").read_bytes().split(b"\0"):
                found.append((place / "cmdline").read_bytes().decode())
        except OSError:
            continue  # it ended while we looked
    return found


@pytest.mark.parametrize("how", ["Ctrl+C", "SIGTERM"])
def test_stopping_the_site_leaves_no_process(running, terminal, folder, how):
    assert len(processes_of(folder)) > 4

    if how == "Ctrl+C":
        os.write(terminal[0], b"\x03")
    else:
        running.send_signal(signal.SIGTERM)
    running.wait(timeout=PATIENCE_SECONDS)

    deadline = time.monotonic() + PATIENCE_SECONDS
    while (left := processes_of(folder)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []
