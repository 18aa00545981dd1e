import stripe

from tools.stripe_sandbox.context import Context
from tools.stripe_sandbox.errors import StripeProblem, missing
from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.resources import items
from tools.stripe_sandbox.resources.listing import (
    list_object,
    matches,
    merge_metadata,
    page,
)
from tools.stripe_sandbox.shapes import complete
from tools.stripe_sandbox.store import copy, new_id

ENDED = ("canceled", "incomplete_expired")
SETTABLE = (
    "default_payment_method",
    "description",
    "pause_collection",
    "trial_settings",
)


def build(
    context: Context,
    customer: Json,
    price: Json,
    *,
    quantity: int = 1,
    trial_end: int | None = None,
    started_at: int = 0,
) -> Json:
    """Return an active or trialing subscription that is not stored yet."""
    start = started_at or context.at
    subscription_id = new_id("subscription")
    item = items.build(subscription_id, price, quantity, start=start, end=trial_end)
    values: Json = {
        "id": subscription_id,
        "object": "subscription",
        "automatic_tax": {"enabled": False},
        "billing_cycle_anchor": trial_end or start,
        "billing_mode": {
            "flexible": {"proration_discounts": "included"},
            "type": "flexible",
        },
        "billing_schedules": [],
        "cancel_at_period_end": False,
        "cancellation_details": {},
        "collection_method": "charge_automatically",
        "created": start,
        "currency": price["currency"],
        "customer": customer["id"],
        "default_tax_rates": [],
        "discounts": [],
        "invoice_settings": {"issuer": {"type": "self"}},
        "items": list_object(
            [item], url=f"/v1/subscription_items?subscription={subscription_id}"
        ),
        "livemode": False,
        "metadata": {},
        "payment_settings": {"save_default_payment_method": "off"},
        "start_date": start,
        "status": "trialing" if trial_end else "active",
        "test_clock": customer.get("test_clock"),
        "trial_end": trial_end,
        "trial_settings": {
            "end_behavior": {"missing_payment_method": "create_invoice"}
        },
        "trial_start": start if trial_end else None,
    }
    return complete(stripe.Subscription, values)


def end_of_period(subscription: Json) -> int:
    return max(
        int(item["current_period_end"]) for item in subscription["items"]["data"]
    )


def ends_with_period(subscription: Json) -> bool:
    """Say whether the present period is scheduled to be the last."""
    cancel_at = subscription["cancel_at"]
    return bool(
        subscription["cancel_at_period_end"]
        or (cancel_at and cancel_at <= end_of_period(subscription))
    )


def schedule_end(subscription: Json, *, at: int) -> None:
    """Cancel at the period's end as the portal does in flexible billing mode."""
    subscription["cancel_at"] = end_of_period(subscription)
    subscription["canceled_at"] = at
    subscription["cancellation_details"]["reason"] = "cancellation_requested"


def clear_schedule(subscription: Json) -> None:
    subscription |= {
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
    }
    subscription["cancellation_details"]["reason"] = None


def stop(context: Context, subscription: Json, *, why: str) -> Json:
    """Pause: no service and no bills until somebody resumes it."""
    before = copy(subscription)
    subscription["status"] = "paused"
    subscription["status_details"] = {
        "paused": {
            "subscription": {"type": why},
            "transitioned_at": context.at,
            "type": "subscription",
        }
    }
    context.emit("customer.subscription.paused", subscription)
    return context.save(subscription, "customer.subscription.updated", before=before)


def end(context: Context, subscription: Json, *, reason: str | None) -> Json:
    """Cancel now; this is final."""
    subscription |= {
        "status": "canceled",
        "ended_at": context.at,
        "canceled_at": subscription["canceled_at"] or context.at,
    }
    subscription["cancellation_details"]["reason"] = reason
    return context.save(subscription, "customer.subscription.deleted")


def list_items(context: Context, params: Json, _id: str = "") -> Json:
    subscription = context.store.get(
        "subscription", str(params.get("subscription")), param="subscription"
    )
    return page(subscription["items"]["data"], params, url="/v1/subscription_items")


def retrieve_item(context: Context, _params: Json, item_id: str) -> Json:
    for row in context.store.newest_first("subscription"):
        for item in row["items"]["data"]:
            if item["id"] == item_id:
                return copy(item)
    raise missing("subscription_item", item_id)


def retrieve(context: Context, _params: Json, subscription_id: str) -> Json:
    return context.store.get("subscription", subscription_id)


def list_(context: Context, params: Json, _id: str = "") -> Json:
    status = params.get("status")
    rows = (
        row
        for row in context.store.newest_first(
            "subscription", owner=params.get("customer", "")
        )
        if matches(row, params, "collection_method")
        and _is_on_clock(row, params)
        and _has_status(row, status)
        and _has_price(row, params.get("price"))
    )
    return page(rows, params, url="/v1/subscriptions")


def _is_on_clock(row: Json, params: Json) -> bool:
    """Say whether the row is listed: those of test clocks are only when asked for."""
    wanted = params.get("test_clock")
    by_customer = wanted is None and bool(params.get("customer"))
    return by_customer or row["test_clock"] == wanted


def _has_status(row: Json, wanted: str | None) -> bool:
    status = str(row["status"])
    if wanted == "all":
        return True
    if wanted == "ended":
        return status in ENDED
    if wanted is None:
        return status != "canceled"
    return status == wanted


def _has_price(row: Json, wanted: str | None) -> bool:
    return wanted is None or any(
        item["price"]["id"] == wanted for item in row["items"]["data"]
    )


def cancel(context: Context, params: Json, subscription_id: str) -> Json:
    subscription = _living(context, subscription_id)
    details = params.get("cancellation_details") or {}
    for name in ("comment", "feedback"):
        if name in details:
            subscription["cancellation_details"][name] = details[name] or None
    return end(context, subscription, reason="cancellation_requested")


def _living(context: Context, subscription_id: str) -> Json:
    subscription = context.store.get("subscription", subscription_id)
    if subscription["status"] in ENDED:
        raise StripeProblem(
            f"No such subscription: '{subscription_id}'",
            status=404,
            code="resource_missing",
            param="id",
        )
    return subscription


def update(context: Context, params: Json, subscription_id: str) -> Json:
    """Change what the sandbox knows how to change."""
    subscription = context.store.get("subscription", subscription_id)
    if subscription["status"] in ENDED and set(params) - {"metadata", "expand"}:
        raise StripeProblem(
            "A canceled subscription can only update its cancellation_details"
            " and metadata."
        )
    before = copy(subscription)
    for name in SETTABLE:
        if name in params:
            subscription[name] = None if params[name] == "" else params[name]
    if "metadata" in params:
        subscription["metadata"] = merge_metadata(
            subscription["metadata"], params["metadata"]
        )
    _update_schedule(subscription, params, at=context.at)
    if "items" in params:
        items.change(context, subscription, params)
    return context.save(subscription, "customer.subscription.updated", before=before)


def _update_schedule(subscription: Json, params: Json, *, at: int) -> None:
    details = subscription["cancellation_details"]
    if "cancel_at_period_end" in params:
        subscription["cancel_at_period_end"] = params["cancel_at_period_end"]
    if "cancel_at" in params:
        subscription["cancel_at"] = _moment(subscription, params["cancel_at"])
    for name in ("comment", "feedback"):
        given = params.get("cancellation_details") or {}
        if name in given:
            details[name] = given[name] or None
    scheduled = subscription["cancel_at_period_end"] or subscription["cancel_at"]
    subscription["canceled_at"] = (
        (subscription["canceled_at"] or at) if scheduled else None
    )
    details["reason"] = "cancellation_requested" if scheduled else None


def _moment(subscription: Json, value: int | str) -> int | None:
    if value == "":
        return None
    ends = [item["current_period_end"] for item in subscription["items"]["data"]]
    named = {"max_period_end": max(ends), "min_period_end": min(ends)}
    return named.get(str(value)) or int(value)
