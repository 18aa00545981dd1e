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
SIGNERS = {
    "Sign with both secrets": "both",
    "Sign with the old secret": "old",
    "Sign with the new secret": "new",
}
TIMES = {
    "Renew now": "renew",
    "Fail the payment": "payment_failed",
    "Bank asks to confirm": "needs_confirmation",
    "Pay the open invoice": "pay",
    "End now": "cancel_now",
}
SIGNED = {
    "Send, signed wrongly": "wrong_secret",
    "Send, signed with the old secret": "old_secret",
    "Send, signed an hour ago": "stale",
}
DELAYS = (0, 5, 60)
DISPUTES = {
    "Dispute": "needs_response",
    "Win the dispute": "won",
    "Lose the dispute": "lost",
}
REFUND_ENDS = {"Let it fail": "failed", "Let it arrive": "succeeded"}
CLOCK = {"A day later": 1, "8 days later": 8, "A month later (32 days)": 32}
FAULTS: dict[str, Json] = {
    "Next request: 500": {"status": 500},
    "Next request: 429": {"status": 429},
    "Next request: slow (10 s)": {"delay_seconds": 10},
    "Next request: 409": {"status": 409},
    "Next request: connection reset": {"reset": True},
    "Next request: done, answer lost": {"timeout_after_commit": True},
}


def show(context: Context, status: Json, *, said: str = "") -> Response:
    """List customers, subscriptions, payments, events and deliveries, newest first."""
    body = (
        (f'<p role="status">{escape(said)}</p>' if said else "")
        + _section("Webhooks and faults", _switches(status))
        + _section("Subscriptions", _subscriptions(context))
        + _section("Payments", _charges(context))
        + _section("Refunds", _refunds(context))
        + _section("Customers", _customers(context))
        + _section("Events", _events(context))
        + _section("Deliveries", _deliveries(status["deliveries"]))
    )
    return as_html(200, layout.page("Stripe sandbox", body, name="desk"))


def is_own(request: Request) -> bool:
    """Tell whether the form was sent by this page, not by another site's."""
    host = urlsplit(request.base_url)
    origin = urlsplit(request.headers.get("Origin", request.base_url))
    return host.hostname in LOOPBACK and origin.netloc == host.netloc


def pressed(form: Json) -> tuple[str, str, str]:
    """Return the method, the name and the values of the control that was pressed.

    What somebody typed into a field beside the button is a value too.
    """
    values = json.loads(form.get("values", "{}"))
    method, _, name = str(form.get("control", "")).rpartition(" ")
    typed = {
        key: value
        for key, value in form.items()
        if key not in ("control", "values") and value
    }
    return method or "POST", name, json.dumps(values | typed)


def _section(title: str, lines: list[str]) -> str:
    shown = "".join(f"<li>{line}</li>" for line in lines) or "<li>Nothing yet.</li>"
    return f"<h2>{title}</h2><ul>{shown}</ul>"


def _button(label: str, control: str, values: Json, *, field: str = "") -> str:
    text = escape(json.dumps(values), quote=True)
    return (
        '<form method="post" action="/">'
        f'<input type="hidden" name="values" value="{text}">{field}'
        f'<button class="quiet" name="control" value="{control}">{escape(label)}</button>'
        "</form>"
    )


def _field(name: str, label: str, attributes: str = "") -> str:
    """Ask for one value beside a button; the label is for who cannot see it."""
    return (
        f'<input name="{name}" aria-label="{label}" placeholder="{label}"'
        f' autocomplete="off" {attributes}>'
    )


def _switches(status: Json) -> list[str]:
    modes = "".join(
        _button(f"Webhooks: {mode}", "webhooks", {"mode": mode})
        for mode in ("deliver", "hold", "drop")
    )
    delays = "".join(
        _button(f"Webhooks wait {seconds} s", "webhooks", {"delay_seconds": seconds})
        for seconds in DELAYS
    )
    in_order = _button("Release what is held", "release", {})
    shuffled = _button("Release it in another order", "release", {"shuffle": 7})
    faults = "".join(
        _button(label, "faults", {"path_prefix": "/v1/", **fault})
        for label, fault in FAULTS.items()
    )
    faults += _button("Break nothing more", "DELETE faults", {})
    counts = f"{status['queued']} queued, {status['held']} held"
    buttons = f"{modes}{delays}{in_order}{shuffled}"
    waits = f"each waits {status['delay_seconds']:g} s"
    return [
        f"<p>Now: {escape(status['mode'])}, {waits}, {counts}.</p>{buttons}",
        _secrets(status["signed_by"]),
        f"<p>Requests that will fail: {status['faults']}.</p>{faults}",
    ]


def _secrets(signed_by: str) -> str:
    field = _field("secret", "A new secret", "required")
    rolled = _button("Roll to it", "webhooks", {"signed_by": "both"}, field=field)
    buttons = "".join(
        _button(label, "webhooks", {"signed_by": name})
        for label, name in SIGNERS.items()
    )
    return f"<p>Signed with: {escape(signed_by)}.</p>{rolled}{buttons}"


def _subscriptions(context: Context) -> list[str]:
    lines = []
    for row in islice(context.store.newest_first("subscription"), SHOWN):
        buttons = "".join(
            _button(label, "subscription", {"id": row["id"], "action": action})
            for label, action in TIMES.items()
            if row["status"] not in subscriptions.ENDED
        )
        named = _named(row, row["status"], row["customer"])
        lines.append(f"{named}{_invoice_link(context, row)}{buttons}")
    return lines


def _invoice_link(context: Context, subscription: Json) -> str:
    invoice = context.store.find("invoice", subscription["latest_invoice"] or "")
    if not invoice or not invoice["hosted_invoice_url"]:
        return ""
    text = f"Invoice {invoice['number']}, {invoice['status']}"
    return layout.link(f"/i/{invoice['id']}", text)


def _charges(context: Context) -> list[str]:
    lines = []
    for row in islice(context.store.newest_first("charge"), SHOWN):
        amount = layout.money(row["amount"], row["currency"])
        buttons = _refunding(row) + "".join(
            _button(label, "dispute", {"charge": row["id"], "status": status})
            for label, status in DISPUTES.items()
        )
        buttons += _button(
            "Early fraud warning", "fraud_warning", {"charge": row["id"]}
        )
        is_paid = row["status"] == "succeeded"
        lines.append(
            _named(row, row["status"], amount, _sent_back(row))
            + (buttons if is_paid else "")
        )
    return lines


def _refunding(charge: Json) -> str:
    """Offer to send back all that is left, or as many cents as somebody types."""
    left = charge["amount_captured"] - charge["amount_refunded"]
    if not left:
        return ""
    field = _field(
        "amount", "All, or cents", f'type="number" min="1" max="{left}" step="1"'
    )
    return "".join(
        _button(label, "refund", {"charge": charge["id"], **more}, field=beside)
        for label, more, beside in (
            ("Refund", {}, field),
            ("Refund, pending", {"outcome": "pending"}, ""),
        )
    )


def _sent_back(charge: Json) -> str:
    if not charge["amount_refunded"]:
        return ""
    return f"{layout.money(charge['amount_refunded'], charge['currency'])} sent back"


def _refunds(context: Context) -> list[str]:
    lines = []
    for row in islice(context.store.newest_first("refund"), SHOWN):
        amount = layout.money(row["amount"], row["currency"])
        buttons = "".join(
            _button(label, "refund", {"refund": row["id"], "outcome": outcome})
            for label, outcome in REFUND_ENDS.items()
            if outcome in refunds.NEXT.get(row["status"], ())
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
    if clock := clocks.clock_of(context, customer):
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


def _deliveries(deliveries: list[Json]) -> list[str]:
    newest = deliveries[-SHOWN:][::-1]
    return [escape(json.dumps(entry)) for entry in newest]


def _named(row: Json, *more: str) -> str:
    made = row.get("created")
    moment = f"{datetime.fromtimestamp(made, tz=UTC):%Y-%m-%d %H:%M}" if made else ""
    words = [row["id"], *more, moment]
    return f"<p>{escape(' · '.join(str(word) for word in words if word))}</p>"
