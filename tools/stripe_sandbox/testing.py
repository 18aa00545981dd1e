"""A sandbox for tests: in memory, on a free port, driven by method calls."""

import json
from http.client import HTTPConnection
from typing import Self

from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.server import HOST, Sandbox as Server
from tools.stripe_sandbox.webhooks import Settings

BACKOFF = 0.05
SECRET = Settings().secret


class Sandbox:
    """Runs within a `with` block; `url` goes to STRIPE_API_BASE."""

    def __init__(self, *, webhook_url: str = "", secret: str = SECRET) -> None:
        self.secret = secret
        self._server = Server(
            webhooks=Settings(url=webhook_url, secret=secret), backoff=BACKOFF
        )

    @property
    def url(self) -> str:
        return self._server.url

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def call(self, method: str, name: str, values: Json | None = None) -> Json:
        """Call one control under `/_sandbox/`; raise when it refuses."""
        port = int(self.url.rpartition(":")[2])
        connection = HTTPConnection(HOST, port, timeout=30)
        try:
            connection.request(method, f"/_sandbox/{name}", json.dumps(values or {}))
            answer = connection.getresponse()
            body: Json = json.loads(answer.read())
        finally:
            connection.close()
        if "error" in body:
            raise RuntimeError(body["error"]["message"])
        return body

    def pay(self, session: str, *, card: str = "4242424242424242", **more: str) -> Json:
        """Press Pay on an open checkout session."""
        return self.call("POST", "pay", {"session": session, "card": card, **more})

    def subscription(self, subscription_id: str, action: str) -> Json:
        """Move a subscription through time: `renew`, `payment_failed`, `pay` and more."""
        values = {"id": subscription_id, "action": action}
        return self.call("POST", "subscription", values)

    def advance(
        self, customer: str = "", *, clock: str = "", days: int = 0, to: int = 0
    ) -> Json:
        """Let time pass for a customer or a clock, so many days or up to a moment."""
        values = {"customer": customer, "clock": clock, "days": days, "to": to}
        return self.call("POST", "advance", values)

    def subscribe(
        self, *, customer: str, price: str, status: str = "active", **more: object
    ) -> Json:
        """Create a subscription in the wanted state, without a checkout."""
        values = {"customer": customer, "price": price, "status": status, **more}
        return self.call("POST", "subscriptions", values)

    def refund(
        self, charge: str, *, amount: int = 0, outcome: str = "succeeded"
    ) -> Json:
        """Send a charge back, or `amount` of it; `pending` leaves its end open."""
        values = {"charge": charge, "amount": amount, "outcome": outcome}
        return self.call("POST", "refund", values)

    def end_refund(self, refund: str, outcome: str) -> Json:
        """Let a refund end: `succeeded`, `failed` or `canceled`."""
        return self.call("POST", "refund", {"refund": refund, "outcome": outcome})

    def dispute(self, charge: str, *, status: str = "needs_response") -> Json:
        """Open a dispute of a charge, or move it: `won`, `lost`, `under_review`."""
        return self.call("POST", "dispute", {"charge": charge, "status": status})

    def warn(self, charge: str) -> Json:
        """Send an early fraud warning about a charge."""
        return self.call("POST", "fraud_warning", {"charge": charge})

    def fail(self, path_prefix: str = "/v1/", **fault: object) -> None:
        """Arm a fault: `status=500`, `delay_seconds=2`, `timeout_after_commit=True`."""
        self.call("POST", "faults", {"path_prefix": path_prefix, **fault})

    def mend(self) -> None:
        """Take back every fault that is still armed."""
        self.call("DELETE", "faults")

    def webhooks(self, **values: object) -> None:
        """Change `url`, `secret`, `signed_by`, `mode` or `delay_seconds` of deliveries."""
        self.call("POST", "webhooks", dict(values))
        self.secret = str(values.get("secret", self.secret))

    def resend(
        self, event_id: str = "all", *, times: int = 1, sign: str = "ok", **more: bool
    ) -> None:
        """Deliver events again: rightly or wrongly signed, or `concurrent=True`."""
        values = {"event_id": event_id, "times": times, "sign": sign, **more}
        self.call("POST", "resend", values)

    def release(self, *, shuffle: int | None = None) -> None:
        """Deliver what was held."""
        self.call("POST", "release", {"shuffle": shuffle})

    def reset(self) -> None:
        """Forget everything but the address of the webhook."""
        self.call("POST", "reset")

    def requests(self) -> Json:
        """Return how often each operation was called."""
        counts: Json = self.call("GET", "requests")["counts"]
        return counts

    def deliveries(self) -> list[Json]:
        """Return what was delivered, with the answers, oldest first."""
        entries: list[Json] = self.call("GET", "deliveries")["deliveries"]
        return entries

    def wait(self, seconds: float = 10) -> bool:
        """Wait until every event was accepted; say whether that came true."""
        return self._server.deliverer.wait(seconds)
