"""Changes that wait for their payment: `payment_behavior=pending_if_incomplete`."""

from tools.stripe_sandbox.context import Context
from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.store import copy

WAITS_SECONDS = 23 * 3600
APPLIED = "customer.subscription.pending_update_applied"
UPDATED = "customer.subscription.updated"


def leave(context: Context, subscription: Json, *, before: list[Json]) -> None:
    """Put the items back as they were, and keep what was wanted for later."""
    subscription["pending_update"] = {
        "billing_cycle_anchor": None,
        "expires_at": context.at + WAITS_SECONDS,
        "subscription_items": subscription["items"]["data"],
        "trial_end": None,
        "trial_from_plan": None,
    }
    subscription["items"]["data"] = before


def settle(context: Context, invoice: Json, subscription_id: str | None) -> None:
    """Apply the change whose invoice was paid, or drop it when that was given up."""
    subscription = context.store.find("subscription", subscription_id or "")
    if subscription is None or not subscription["pending_update"]:
        return
    if subscription["latest_invoice"] != invoice["id"]:
        return
    before = copy(subscription)
    wanted, subscription["pending_update"] = subscription["pending_update"], None
    if invoice["status"] == "paid":
        subscription["items"]["data"] = wanted["subscription_items"]
        context.save(subscription, APPLIED)
    context.save(subscription, UPDATED, before=before)
