import json
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import pytest
import stripe

from tests.tools.stripe_sandbox.conformance import check_events
from tests.tools.stripe_sandbox.timeline import START
from tools.stripe_sandbox.testing import Sandbox


class Site:
    """A webhook endpoint that remembers what it was sent."""

    def __init__(self) -> None:
        self.received: list[tuple[bytes, str]] = []
        self.statuses: list[int] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length)
                signature = self.headers["Stripe-Signature"]
                status = site.statuses.pop(0) if site.statuses else 200
                if status == 200:
                    site.received.append((body, signature))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/webhooks/stripe/"

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    @property
    def events(self) -> list[dict]:
        return [json.loads(body) for body, _ in self.received]

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


@pytest.fixture
def sandbox(site) -> Iterator[Sandbox]:
    with Sandbox(webhook_url=site.url) as sandbox:
        yield sandbox


@pytest.fixture
def told(site, sandbox) -> Callable[[], list[dict]]:
    """Return a function that waits for all events, checks and returns them."""

    def told() -> list[dict]:
        assert sandbox.wait()
        check_events(site.events)
        return site.events

    return told


@pytest.fixture
def client(sandbox) -> Iterator[stripe.StripeClient]:
    http_client = stripe.RequestsClient(timeout=(3, 10))
    yield stripe.StripeClient(
        "sk_test_sandbox",
        base_addresses={"api": sandbox.url},
        http_client=http_client,
        max_network_retries=0,
    )
    http_client.close()


@pytest.fixture(autouse=True)
def quiet_sdk(monkeypatch):
    monkeypatch.setattr(stripe, "enable_telemetry", False)


@pytest.fixture
def price(client):
    product = client.v1.products.create({"name": "Sample membership"})
    return client.v1.prices.create(
        {
            "product": product.id,
            "currency": "usd",
            "unit_amount": 1995,
            "recurring": {"interval": "month"},
            "lookup_key": "member_monthly",
        }
    )


@pytest.fixture
def customer(client):
    return client.v1.customers.create(
        {"email": "sample@example.com", "metadata": {"user_id": "7"}}
    )


@pytest.fixture
def session(client, customer, price):
    return client.v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "customer": customer.id,
            "client_reference_id": "attempt-1",
            "line_items": [{"price": price.id, "quantity": 1}],
            "success_url": "http://site.test/done/?session_id={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://site.test/plans/",
            "subscription_data": {"metadata": {"user_id": "7"}},
        }
    )


class Page(NamedTuple):
    status: int
    text: str
    location: str


@pytest.fixture
def browse() -> Callable[..., Page]:
    """Return a browser that follows no redirect and sends forms."""

    def browse(method: str, url: str, **form: str) -> Page:
        target = urlsplit(url)
        connection = HTTPConnection(target.hostname or "", target.port, timeout=10)
        try:
            connection.request(method, target.path, urlencode(form))
            answer = connection.getresponse()
            text = answer.read().decode()
            return Page(answer.status, text, answer.headers.get("Location", ""))
        finally:
            connection.close()

    return browse


@pytest.fixture
def clocks(client):
    return client.v1.test_helpers.test_clocks


@pytest.fixture
def clock(clocks):
    return clocks.create({"frozen_time": START, "name": "A year"})


@pytest.fixture
def pass_until(clocks, clock):
    """Return a function that moves the clock to a moment."""

    def pass_until(moment):
        return clocks.advance(clock.id, {"frozen_time": moment})

    return pass_until


@pytest.fixture
def subscribed(client, sandbox, clock, price):
    """Return a function that subscribes a customer who lives by the clock."""

    def subscribe(**more):
        customer = client.v1.customers.create(
            {"email": "later@example.com", "test_clock": clock.id}
        )
        values = {"customer": customer.id, "price": price.id, "started_at": START}
        return sandbox.subscribe(**{**values, **more})

    return subscribe
