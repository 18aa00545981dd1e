from dataclasses import dataclass, field

import stripe

from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.shapes import complete
from tools.stripe_sandbox.store import Store, copy, new_id

API_VERSION = stripe.api_version


@dataclass
class Context:
    """What one request may use: the store, its own moment, and the event log."""

    store: Store
    base_url: str
    at: int
    request_id: str | None = None
    idempotency_key: str | None = None
    pending_webhooks: int = 1
    told_at: int = 0  # when events are told, if `at` is the time of a test clock
    events: list[Json] = field(default_factory=list)

    def emit(self, kind: str, value: Json, *, before: Json | None = None) -> None:
        """Record an event with the object as it is now; delivery follows commit."""
        data: Json = {"object": copy(value)}
        if before is not None:
            changes = _changes(before, value)
            if not changes:
                return
            data["previous_attributes"] = changes
        event = complete(
            stripe.Event,
            {
                "id": new_id("event"),
                "object": "event",
                "api_version": API_VERSION,
                "created": self.told_at or self.at,
                "data": data,
                "livemode": False,
                "pending_webhooks": self.pending_webhooks,
                "request": {
                    "id": self.request_id,
                    "idempotency_key": self.idempotency_key,
                },
                "type": kind,
            },
        )
        for unset in ("account", "context"):
            event.pop(unset, None)
        self.events.append(self.store.save(event))
        self.store.save({"id": event["id"]}, kind="_pending")

    def save(self, value: Json, kind: str, *, before: Json | None = None) -> Json:
        """Store the object and record the event that tells about it."""
        self.store.save(value)
        self.emit(kind, value, before=before)
        return value


def _changes(before: Json, after: Json) -> Json:
    return {
        name: copy({"value": before.get(name)})["value"]
        for name in after
        if before.get(name) != after[name]
    }
