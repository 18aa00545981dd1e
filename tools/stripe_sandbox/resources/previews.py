"""What a change of price would cost, without changing anything."""

from tools.stripe_sandbox.context import Context
from tools.stripe_sandbox.errors import StripeProblem
from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.resources import invoices, items
from tools.stripe_sandbox.resources.periods import move_on

IMMEDIATE = "always_invoice"


def create(context: Context, params: Json, _id: str = "") -> Json:
    """Return the next invoice of a subscription, or the one a change would cause."""
    if not params.get("subscription"):
        raise StripeProblem("The sandbox previews subscriptions only.")
    subscription = context.store.get(
        "subscription", params["subscription"], param="subscription"
    )
    if params.get("customer", subscription["customer"]) != subscription["customer"]:
        raise StripeProblem(
            "This subscription is another customer's.", param="customer"
        )
    customer = context.store.get("customer", subscription["customer"])
    details = params.get("subscription_details") or {}
    at = int(details.get("proration_date", context.at))
    behavior = details.get("proration_behavior", "create_prorations")
    before = list(subscription["items"]["data"])
    if details.get("items"):
        items.apply(context, subscription, details["items"])
    prorated = behavior != "none"
    lines = items.difference(subscription, before, at=at) if prorated else []
    if behavior != IMMEDIATE:
        move_on(subscription)
        lines += invoices.period_lines(subscription)
    return invoices.draft(context, customer, subscription, lines, reason="upcoming")
