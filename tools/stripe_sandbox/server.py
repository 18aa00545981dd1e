"""The HTTP server: reads requests, hands them on, writes answers."""

import json
import logging
import re
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tools.stripe_sandbox import controls
from tools.stripe_sandbox.api import Api, endpoint
from tools.stripe_sandbox.context import Context
from tools.stripe_sandbox.errors import StripeProblem, missing
from tools.stripe_sandbox.forms import Json, decode
from tools.stripe_sandbox.pages import desk, invoice, layout, pay, portal
from tools.stripe_sandbox.resources import clocks
from tools.stripe_sandbox.store import Store, copy
from tools.stripe_sandbox.webhooks import FIRST_BACKOFF, Deliverer, Settings
from tools.stripe_sandbox.wire import Request, Response, as_html, as_json

LOGGER = logging.getLogger(__name__)
HOST = "127.0.0.1"
MAX_BODY = 1_000_000
AT_ONCE = struct.pack("ii", 1, 0)  # closing sends a reset instead of a farewell
PAGE = re.compile(r"/(c/pay|p/session|i)/([A-Za-z0-9_]+)(/pdf)?")


SHOW: dict[str, Callable[[Context, str], Response]] = {
    "c/pay": pay.show,
    "p/session": portal.show,
    "i": invoice.show,
    "i/pdf": invoice.pdf,
}
SUBMIT: dict[str, Callable[[Context, str, Json], Response]] = {
    "c/pay": pay.submit,
    "p/session": portal.submit,
    "i": invoice.submit,
}


class Sandbox:
    """The whole of it: one store, one deliverer, one HTTP server."""

    def __init__(
        self,
        *,
        port: int = 0,
        data_dir: Path | None = None,
        webhooks: Settings | None = None,
        backoff: float = FIRST_BACKOFF,
    ) -> None:
        self.store = Store(data_dir and data_dir / "sandbox.sqlite3")
        self.deliverer = Deliverer(
            webhooks or Settings(), on_delivered=self._forget_pending, backoff=backoff
        )
        self.api = Api(self.store, self.deliverer)
        self._server = _Server(port, self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._server.server_port}"

    def start(self) -> None:
        """Listen in a thread, and deliver what an earlier run left behind."""
        with self.store.transaction():
            url = self.deliverer.settings.url
            if url and not list(self.store.newest_first("webhook_endpoint")):
                self.store.save(endpoint(url, at=int(time.time())))
            waiting = [row["id"] for row in self.store.newest_first("_pending")][::-1]
            left = [self.store.get("event", event_id) for event_id in waiting]
        self.deliverer.enqueue(left)
        self.deliverer.start()
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.close()
        self.deliverer.stop()
        self.store.close()

    def _forget_pending(self, event_id: str) -> None:
        with self.store.transaction():
            self.store.remove("_pending", event_id)
            if event := self.store.find("event", event_id):
                self.store.save({**copy(event), "pending_webhooks": 0})

    def respond(self, request: Request) -> Response:
        """Answer one request, whatever part of the sandbox it is for."""
        if request.path.startswith(controls.PREFIX):
            return controls.handle(self.api, request)
        if request.path == "/":
            return self._desk(request)
        if found := PAGE.fullmatch(request.path):
            return self._page(request, found[1] + (found[3] or ""), found[2])
        return self.api.handle(request)

    def _desk(self, request: Request) -> Response:
        said = ""
        if request.method == "POST":
            if not desk.is_own(request):
                return as_html(403, layout.page("Refused", "<p>Not from here.</p>"))
            said = self._press(request)
        with self.store.exclusive():
            context = self.api.context(request.base_url)
            status = {**self.deliverer.status(), "faults": self.api.faults.armed()}
            return desk.show(context, status, said=said)

    def _press(self, request: Request) -> str:
        """Do what a button of the desk says, and return what came of it."""
        method, name, values = desk.pressed(decode(request.body))
        control = replace(
            request, method=method, path=f"{controls.PREFIX}{name}", body=values
        )
        answer = controls.handle(self.api, control)
        if answer.status == HTTPStatus.OK:
            return f"{name} {values}: Done"
        message = json.loads(answer.body)["error"]["message"]
        return f"{name} {values}: {message}"

    def _page(self, request: Request, name: str, object_id: str) -> Response:
        context = self.api.context(request.base_url)
        form = decode(request.body)
        try:
            with self.store.transaction():
                clocks.set_time(context, {}, object_id)
                if request.method == "POST" and name in SUBMIT:
                    response = SUBMIT[name](context, object_id, form)
                elif name in SHOW:
                    response = SHOW[name](context, object_id)
                else:
                    raise missing("page", object_id)
        except StripeProblem as problem:
            body = layout.problem(str(problem))
            return as_html(problem.status, layout.page("Not found", body))
        self.api.commit(context)
        return response


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__((HOST, port), _Handler)

    def track(self, connection: socket.socket, *, is_open: bool) -> None:
        with self._guard:
            (self._open.add if is_open else self._open.discard)(connection)

    def close(self) -> None:
        """Stop listening and end the connections that clients keep alive."""
        self.server_close()
        with self._guard:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave in one packet
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.track(self.connection, is_open=True)

    def finish(self) -> None:
        self.server.track(self.connection, is_open=False)
        super().finish()

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def do_HEAD(self) -> None:
        self._serve()

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY:
            self.close_connection = True
            self.send_error(413)
            return
        target = urlsplit(self.path)
        host = self.headers.get("Host") or f"{HOST}:{self.server.server_port}"
        request = Request(
            method="GET" if self.command == "HEAD" else self.command,
            path=target.path,
            query=target.query,
            body=self.rfile.read(length).decode("utf-8", "replace"),
            headers={name.title(): value for name, value in self.headers.items()},
            base_url=f"http://{host}",
        )
        response = self._respond(request)
        if response.delay_seconds:
            time.sleep(response.delay_seconds)
        if response.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            self.connection.close()  # before the server says farewell
        if response.lost or response.reset:
            self.close_connection = True
            return
        self._write(response)

    def _respond(self, request: Request) -> Response:
        try:
            return self.server.sandbox.respond(request)
        except Exception:  # a defect of the sandbox answers as Stripe's would
            LOGGER.exception("The sandbox failed at %s", request.path)
            problem = StripeProblem("The sandbox failed.", status=500, kind="api_error")
            return as_json(problem.status, problem.envelope())

    def _write(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    def log_message(self, *_: object) -> None:
        """Say nothing; `/_sandbox/requests` counts."""
