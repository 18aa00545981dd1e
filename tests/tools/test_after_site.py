import os
import socket
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tools import after_site


class Site(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args):
        """Say nothing."""


def test_a_program_starts_when_the_site_has_answered():
    with HTTPServer(("127.0.0.1", 0), Site) as server:
        process = subprocess.Popen(
            [sys.executable, "-m", "tools.after_site", "echo", "started"],
            env=os.environ | {"SITE_URL": f"http://127.0.0.1:{server.server_port}"},
            stdout=subprocess.PIPE,
            text=True,
        )
        server.handle_request()
        output, _ = process.communicate(timeout=30)

    assert output == "started\n"


def test_waiting_ends_when_nothing_answers():
    with socket.socket() as taken:  # bound, and not listening
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/"

        with pytest.raises(OSError, match="refused"):
            after_site.wait_for(address, seconds=0.1)
