"""Billing portal sessions: a link that lets a customer manage the subscription."""

import stripe

from tools.stripe_sandbox.context import Context
from tools.stripe_sandbox.errors import StripeProblem
from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.resources import customers, payments, subscriptions
from tools.stripe_sandbox.shapes import complete
from tools.stripe_sandbox.store import copy, new_id

KIND = "billing_portal.session"
CONFIGURATION = "bpc_1Sandbox0000000000000000"
FLOWS = {
    "payment_method_update": None,
    "subscription_cancel": "subscription_cancel",
    "subscription_update": "subscription_update",
    "subscription_update_confirm": "subscription_update_confirm",
}


def create(context: Context, params: Json, _id: str = "") -> Json:
    if not params.get("customer"):
        raise StripeProblem(
            "Missing required param: customer.",
            code="parameter_missing",
            param="customer",
        )
    customer = customers.live(context, params["customer"])
    session_id = new_id(KIND)
    flow = params.get("flow_data")
    values: Json = {
        "id": session_id,
        "object": KIND,
        "configuration": params.get("configuration", CONFIGURATION),
        "created": context.at,
        "customer": customer["id"],
        "livemode": False,
        "locale": params.get("locale"),
        "return_url": params.get("return_url"),
        "url": f"{context.base_url}/p/session/{session_id}",
    }
    if flow:
        values["flow"] = _flow(flow)
    return context.store.save(complete(stripe.billing_portal.Session, values))


def _flow(flow: Json) -> Json:
    after = flow.get("after_completion") or {"type": "portal_homepage"}
    result: Json = {"type": flow["type"], "after_completion": after}
    detail = FLOWS[flow["type"]]
    if detail and flow.get(detail):
        result[detail] = flow[detail]
    return result


def subscriptions_of(context: Context, session: Json) -> list[Json]:
    """Return the customer's subscriptions that have not ended."""
    rows = context.store.newest_first("subscription", owner=session["customer"])
    return [copy(row) for row in rows if row["status"] not in subscriptions.ENDED]


def switchable(context: Context, subscription: Json) -> list[Json]:
    """Return the other prices of the same product that are on sale."""
    own = subscription["items"]["data"][0]["price"]
    return [
        copy(row)
        for row in context.store.newest_first("price")
        if row["active"] and row["product"] == own["product"] and row["id"] != own["id"]
    ]


def switch(context: Context, session: Json, price_id: str) -> str:
    """Change the price and charge the difference; return what went wrong, if anything."""
    for subscription in subscriptions_of(context, session):
        known = {price["id"] for price in switchable(context, subscription)}
        if price_id not in known:
            return "This plan is not offered."
        item = subscription["items"]["data"][0]
        changed = {
            "items": [{"id": item["id"], "price": price_id}],
            "proration_behavior": "always_invoice",
        }
        try:
            subscriptions.update(context, changed, subscription["id"])
        except StripeProblem as problem:
            return str(problem)
    return ""


def act(context: Context, session: Json, *, action: str, card: str = "") -> str:
    """Do what a button of the portal says; return what went wrong, if anything."""
    if action == "card":
        return _update_card(context, session, card)
    for subscription in subscriptions_of(context, session):
        before = copy(subscription)
        if action == "cancel":
            subscriptions.schedule_end(subscription, at=context.at)
        else:
            subscriptions.clear_schedule(subscription)
        context.save(subscription, "customer.subscription.updated", before=before)
    return ""


def _update_card(context: Context, session: Json, card: str) -> str:
    outcome = payments.outcome_of(card)
    if outcome.decline_code:
        return outcome.message
    customer = customers.live(context, session["customer"])
    method = payments.attach_card(context, customer, card)
    for subscription in subscriptions_of(context, session):
        before = copy(subscription)
        subscription["default_payment_method"] = method["id"]
        context.save(subscription, "customer.subscription.updated", before=before)
    return ""
