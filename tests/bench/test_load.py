import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench import load

STATUSES = {"/right": 200, "/moved": 302, "/broken": 500}

SECONDS = {"standard library": 0.2, "wrk": 1}  # wrk counts whole ones
GENERATORS = [name for name in SECONDS if name != "wrk" or shutil.which("wrk")]


class Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = b"<p>Right words</p>"
        self.send_response(STATUSES[self.path])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture
def base():
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(params=GENERATORS)
def generator(request, monkeypatch):
    """Load with wrk, or as if it were not installed."""
    if request.param == "standard library":
        monkeypatch.setattr(load.shutil, "which", lambda _name: None)
    return request.param


@pytest.mark.parametrize(
    ("path", "expects", "is_right"),
    [
        ("/right", "Right words", True),
        ("/right", "Other words", False),
        ("/moved", "", False),
        ("/broken", "", False),
    ],
)
def test_only_a_success_with_the_expected_words_is_right(
    base, generator, tmp_path, path, expects, is_right
):
    request = load.Request(base + path, expects=expects)

    result = load.run(request, seconds=SECONDS[generator], folder=tmp_path)

    assert result.requests > 0
    assert result.errors == (0 if is_right else result.requests)


def test_load_goes_to_this_machine_only(tmp_path):
    with pytest.raises(ValueError, match="this machine only"):
        load.run(load.Request("http://example.com/"), seconds=1, folder=tmp_path)
