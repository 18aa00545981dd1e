from datetime import UTC, datetime
from html import escape

from tools.stripe_sandbox.context import Context
from tools.stripe_sandbox.errors import StripeProblem
from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.pages import layout
from tools.stripe_sandbox.pages.pay import CARD, CARD_INPUT
from tools.stripe_sandbox.resources import portal
from tools.stripe_sandbox.wire import Response, as_html, see_other

ACTIONS = ("cancel", "resume", "card")


def show(context: Context, session_id: str, *, problem: str = "") -> Response:
    """Show the customer's subscriptions and what can be done about them."""
    session = context.store.get(portal.KIND, session_id)
    owned = portal.subscriptions_of(context, session)
    described = "".join(_describe(context, entry) for entry in owned)
    body = layout.problem(problem) + (described or "<p>No subscription.</p>")
    if owned:
        body += _button(session_id, owned) + _switches(context, session_id, owned)
        body += _card_form(context, session)
    body += _invoices(context, session)
    body += layout.link(session["return_url"], "Return to the site")
    return as_html(402 if problem else 200, layout.page("Billing", body))


def _describe(context: Context, subscription: Json) -> str:
    item = subscription["items"]["data"][0]
    price = item["price"]
    product = context.store.get("product", price["product"])
    amount = layout.money(price["unit_amount"], price["currency"])
    ends = _ends_at(subscription)
    date = _date(ends or item["current_period_end"])
    return (
        f"<p><strong>{escape(product['name'])}</strong><br>"
        f"{amount} {layout.every(price)}<br>"
        f"Status: {subscription['status'].replace('_', ' ')}<br>"
        f"{'Cancels on' if ends else 'Renews on'} {date}</p>"
    )


def _ends_at(subscription: Json) -> int | None:
    if subscription["cancel_at_period_end"]:
        return int(subscription["items"]["data"][0]["current_period_end"])
    return subscription["cancel_at"] and int(subscription["cancel_at"])


def _date(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment, tz=UTC):%B %-d, %Y}"


def _button(session_id: str, owned: list[Json]) -> str:
    scheduled = any(_ends_at(entry) for entry in owned)
    action = "resume" if scheduled else "cancel"
    label = "Resume subscription" if scheduled else "Cancel subscription"
    return (
        f'<form method="post" action="/p/session/{session_id}">'
        f'<button class="quiet" name="action" value="{action}">{label}</button></form>'
    )


def _switches(context: Context, session_id: str, owned: list[Json]) -> str:
    buttons = "".join(
        f'<button class="quiet" name="price" value="{price["id"]}">Switch to '
        f"{layout.money(price['unit_amount'], price['currency'])}"
        f" {layout.every(price)}</button>"
        for price in portal.switchable(context, owned[0])
    )
    if not buttons:
        return ""
    return f'<form method="post" action="/p/session/{session_id}">{buttons}</form>'


def _card_form(context: Context, session: Json) -> str:
    customer = context.store.get("customer", session["customer"])
    method_id = customer["invoice_settings"]["default_payment_method"] or ""
    method = context.store.find("payment_method", method_id)
    shown = f"<p>Card ending in {method['card']['last4']}</p>" if method else ""
    return (
        f'<h2>Payment method</h2>{shown}<form method="post"'
        f' action="/p/session/{session["id"]}">'
        + layout.field("Card number", "card", CARD, CARD_INPUT)
        + '<button name="action" value="card">Update card</button></form>'
    )


def _invoices(context: Context, session: Json) -> str:
    rows = context.store.newest_first("invoice", owner=session["customer"])
    lines = "".join(
        f"<li>{_date(row['created'])}: {layout.money(row['total'], row['currency'])}"
        f" {escape(row['status'])} ({escape(row['number'])})</li>"
        for row in rows
        if row["status"] != "draft"
    )
    return f"<h2>Invoices</h2><ul>{lines}</ul>" if lines else ""


def submit(context: Context, session_id: str, form: Json) -> Response:
    """Do what the pressed button says and show the portal again."""
    session = context.store.get(portal.KIND, session_id)
    action, price = (str(form.get(name, "")) for name in ("action", "price"))
    if price:
        problem = portal.switch(context, session, price)
    elif action in ACTIONS:
        problem = portal.act(
            context, session, action=action, card=str(form.get("card", ""))
        )
    else:
        raise StripeProblem("Unknown action.", param="action")
    if problem:
        return show(context, session_id, problem=problem)
    return see_other(_after(session) or f"/p/session/{session_id}")


def _after(session: Json) -> str:
    flow = session["flow"] or {}
    redirect = (flow.get("after_completion") or {}).get("redirect") or {}
    return str(redirect.get("return_url") or "")
