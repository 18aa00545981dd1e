"""The page at the root: what the sandbox holds, and a button for what may happen."""

import json
from datetime import UTC, datetime
from html import escape
from itertools import islice
from urllib.parse import urlsplit

from tools.stripe_sandbox.context import Context
from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.pages import layout
from tools.stripe_sandbox.resources import clocks, refunds, subscriptions
from tools.stripe_sandbox.wire import Request, Response, as_html

SHOWN = 50
LOOPBACK = {"127.0.0.1", "localhost"}
TIMES = {
    "Renew now": "renew",
    "Fail the payment": "payment_failed",
    "Bank asks to confirm": "needs_confirmation",
    "Pay the open invoice": "pay",
    "End now": "cancel_now",
}
SIGNED = {
    "Send with a wrong signature": "wrong_secret",
    "Send with the old secret": "old_secret",
    "Send with a stale time": "stale",
}
DELAYS = (0, 5, 60)
CLOCK = {"A day later": 1, "8 days later": 8, "32 days later": 32}
FAULTS: dict[str, Json] = {
    "Next request: 500": {"status": 500},
    "Next request: 429": {"status": 429},
    "Next request: slow (10 s)": {"delay_seconds": 10},
    "Next request: 409": {"status": 409},
    "Next request: connection reset": {"reset": True},
    "Next request: done, answer lost": {"timeout_after_commit": True},
}


def show(context: Context, deliveries: Json, *, said: str = "") -> Response:
    """List customers, subscriptions, payments, events and deliveries, newest first."""
    body = (
        (f'<p role="status">{escape(said)}</p>' if said else "")
        + _section("Webhooks and faults", _switches(deliveries))
        + _section("Subscriptions", _subscriptions(context))
        + _section("Payments", _charges(context))
        + _section("Refunds", _refunds(context))
        + _section("Customers", _customers(context))
        + _section("Events", _events(context))
        + _section("Deliveries", _deliveries(deliveries))
    )
    return as_html(200, layout.page("Stripe sandbox", body, name="desk"))


def is_own(request: Request) -> bool:
    """Tell whether the form was sent by this page, not by another site's."""
    host = urlsplit(request.base_url)
    origin = urlsplit(request.headers.get("Origin", request.base_url))
    return host.hostname in LOOPBACK and origin.netloc == host.netloc


def _section(title: str, lines: list[str]) -> str:
    shown = "".join(f"<li>{line}</li>" for line in lines) or "<li>Nothing yet.</li>"
    return f"<h2>{title}</h2><ul>{shown}</ul>"


def _button(label: str, control: str, values: Json) -> str:
    text = escape(json.dumps(values), quote=True)
    return (
        '<form method="post" action="/">'
        f'<input type="hidden" name="values" value="{text}">'
        f'<button class="quiet" name="control" value="{control}">{escape(label)}</button>'
        "</form>"
    )


def _switches(deliveries: Json) -> list[str]:
    modes = "".join(
        _button(f"Webhooks: {mode}", "webhooks", {"mode": mode})
        for mode in ("deliver", "hold", "drop")
    )
    delays = "".join(
        _button(f"Webhooks wait {seconds} s", "webhooks", {"delay_seconds": seconds})
        for seconds in DELAYS
    )
    shuffled = _button(
        "Release what is held, in another order", "release", {"shuffle": 7}
    )
    faults = "".join(
        _button(label, "faults", {"path_prefix": "/v1/", **fault})
        for label, fault in FAULTS.items()
    )
    counts = f"{deliveries['queued']} queued, {deliveries['held']} held"
    return [
        f"Now: {escape(deliveries['mode'])}, {counts}.{modes}{delays}{shuffled}",
        faults,
    ]


def _subscriptions(context: Context) -> list[str]:
    lines = []
    for row in islice(context.store.newest_first("subscription"), SHOWN):
        buttons = "".join(
            _button(label, "subscription", {"id": row["id"], "action": action})
            for label, action in TIMES.items()
            if row["status"] not in subscriptions.ENDED
        )
        lines.append(f"{_named(row, row['status'], row['customer'])}{buttons}")
    return lines


def _charges(context: Context) -> list[str]:
    lines = []
    for row in islice(context.store.newest_first("charge"), SHOWN):
        amount = layout.money(row["amount"], row["currency"])
        left = row["amount_captured"] - row["amount_refunded"]
        buttons = _button("Refund in full", "refund", {"charge": row["id"]})
        buttons += _button(
            "Refund half of it", "refund", {"charge": row["id"], "amount": left // 2}
        )
        buttons += _button(
            "Refund, pending", "refund", {"charge": row["id"], "status": "pending"}
        )
        for label, status in (
            ("Dispute", "needs_response"),
            ("Win the dispute", "won"),
            ("Lose the dispute", "lost"),
        ):
            buttons += _button(
                label, "dispute", {"charge": row["id"], "status": status}
            )
        lines.append(f"{_named(row, row['status'], amount)}{buttons}")
    return lines


def _refunds(context: Context) -> list[str]:
    lines = []
    for row in islice(context.store.newest_first("refund"), SHOWN):
        amount = layout.money(row["amount"], row["currency"])
        buttons = "".join(
            _button(label, "refund", {"refund": row["id"], "status": status})
            for label, status in (
                ("Let it fail", "failed"),
                ("Let it arrive", "succeeded"),
            )
            if row["status"] not in {status, *refunds.GIVEN_UP}
        )
        lines.append(f"{_named(row, row['status'], amount)}{buttons}")
    return lines


def _customers(context: Context) -> list[str]:
    lines = []
    for row in islice(context.store.newest_first("customer"), SHOWN):
        buttons = "".join(
            _button(label, "advance", {"customer": row["id"], "days": days})
            for label, days in CLOCK.items()
            if not row.get("deleted")
        )
        lines.append(f"{_named(row, *_known_of(context, row))}{buttons}")
    return lines


def _known_of(context: Context, customer: Json) -> list[str]:
    """Return the address, and the time that the customer lives in if it is its own."""
    known = [str(customer.get("email") or "deleted")]
    if clock := context.store.find(clocks.KIND, customer.get("test_clock") or ""):
        now = datetime.fromtimestamp(clock["frozen_time"], tz=UTC)
        known.append(f"it is {now:%Y-%m-%d %H:%M} there")
    return known


def _events(context: Context) -> list[str]:
    lines = []
    for row in islice(context.store.newest_first("event"), SHOWN):
        event: Json = {"event_id": row["id"]}
        buttons = (
            _button("Send again", "resend", event)
            + _button("Send again twice at once", "resend", twice(event))
            + "".join(
                _button(label, "resend", {**event, "sign": sign})
                for label, sign in SIGNED.items()
            )
        )
        lines.append(f"{_named(row, row['type'])}{buttons}")
    return lines


def twice(event: Json) -> Json:
    return {**event, "times": 2, "concurrent": True}


def _deliveries(deliveries: Json) -> list[str]:
    newest = deliveries["deliveries"][-SHOWN:][::-1]
    return [escape(json.dumps(entry)) for entry in newest]


def _named(row: Json, *more: str) -> str:
    made = row.get("created")
    moment = f"{datetime.fromtimestamp(made, tz=UTC):%Y-%m-%d %H:%M}" if made else ""
    words = [row["id"], *more, moment]
    return f"<p>{escape(' · '.join(str(word) for word in words if word))}</p>"
