"""The items of a subscription, and what changing their price costs."""

import stripe

from tools.stripe_sandbox.context import Context
from tools.stripe_sandbox.errors import StripeProblem, declined, missing
from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.resources import invoices, payments, pending
from tools.stripe_sandbox.resources.periods import period_end
from tools.stripe_sandbox.shapes import complete
from tools.stripe_sandbox.store import new_id


def build(
    subscription_id: str, price: Json, quantity: int, *, start: int, end: int | None
) -> Json:
    """Return one item; its period is the price's own unless a trial sets the end."""
    if not price["recurring"]:
        raise StripeProblem(
            f"The price specified is set to `type=one_time`: {price['id']}",
            param="items",
        )
    return complete(
        stripe.SubscriptionItem,
        {
            "id": new_id("subscription_item"),
            "object": "subscription_item",
            "created": start,
            "current_period_end": end or period_end(start, price["recurring"]),
            "current_period_start": start,
            "discounts": [],
            "metadata": {},
            "plan": _plan(price),
            "price": price,
            "quantity": quantity,
            "subscription": subscription_id,
            "tax_rates": [],
        },
    )


def _plan(price: Json) -> Json:
    recurring = price["recurring"]
    return complete(
        stripe.Plan,
        {
            "id": price["id"],
            "object": "plan",
            "active": price["active"],
            "amount": price["unit_amount"],
            "amount_decimal": price["unit_amount_decimal"],
            "billing_scheme": price["billing_scheme"],
            "created": price["created"],
            "currency": price["currency"],
            "interval": recurring["interval"],
            "interval_count": recurring["interval_count"],
            "livemode": False,
            "metadata": price["metadata"],
            "product": price["product"],
            "usage_type": recurring["usage_type"],
        },
    )


def change(context: Context, subscription: Json, params: Json) -> None:
    """Apply `items` and invoice the difference when it is wanted at once."""
    before = list(subscription["items"]["data"])
    apply(context, subscription, params["items"])
    if params.get("proration_behavior") == "always_invoice":
        _invoice_difference(context, subscription, before, params)


def apply(context: Context, subscription: Json, entries: list[Json]) -> None:
    """Change prices and quantities; an entry without an id adds a second item."""
    data = list(subscription["items"]["data"])
    for entry in entries:
        data = _apply(context, subscription, data, entry)
    if not data:
        raise StripeProblem("A subscription must have at least one active plan.")
    subscription["items"]["data"] = data


def _apply(
    context: Context, subscription: Json, data: list[Json], entry: Json
) -> list[Json]:
    item_id = entry.get("id")
    if item_id is None:
        price = context.store.get("price", entry["price"], param="items[0][price]")
        added = build(
            subscription["id"],
            price,
            entry.get("quantity", 1),
            start=context.at,
            end=None,
        )
        return [*data, added]
    if item_id not in {item["id"] for item in data}:
        raise missing("subscription_item", item_id, param="items[0][id]")
    if entry.get("deleted"):
        return [item for item in data if item["id"] != item_id]
    return [
        _changed(context, item, entry) if item["id"] == item_id else item
        for item in data
    ]


def _changed(context: Context, item: Json, entry: Json) -> Json:
    changed = {**item, "quantity": entry.get("quantity", item["quantity"])}
    if "price" not in entry or entry["price"] == item["price"]["id"]:
        return changed
    price = context.store.get("price", entry["price"], param="items[0][price]")
    changed |= {"price": price, "plan": _plan(price)}
    same = ("interval", "interval_count")
    if any(price["recurring"][key] != item["price"]["recurring"][key] for key in same):
        # Another interval starts a new cycle now.
        changed["current_period_start"] = context.at
        changed["current_period_end"] = period_end(context.at, price["recurring"])
    return changed


def _invoice_difference(
    context: Context, subscription: Json, before: list[Json], params: Json
) -> None:
    at = int(params.get("proration_date", context.at))
    lines = difference(subscription, before, at=at)
    if not lines:
        return
    customer = context.store.get("customer", subscription["customer"])
    invoice = invoices.draft(
        context, customer, subscription, lines, reason="subscription_update"
    )
    method = context.store.find(
        "payment_method", customer["invoice_settings"]["default_payment_method"] or ""
    )
    invoices.issue(context, invoice)
    is_refused = invoice["amount_due"] and not payments.will_pay(method)
    if is_refused and params.get("payment_behavior") != "pending_if_incomplete":
        raise declined(payments.DECLINED, decline_code="generic_decline")
    subscription["latest_invoice"] = invoice["id"]
    if not is_refused:
        invoices.collect(context, invoice, customer, method or {})
        return
    pending.leave(context, subscription, before=before)
    intent = invoices.intent_of(context, invoice, customer)
    refused = payments.LATER_DECLINE
    payments.charge(context, customer, intent, method=method, refused=refused)
    invoices.refuse(context, invoice, intent)


def difference(subscription: Json, before: list[Json], *, at: int) -> list[Json]:
    """Credit the unused time of the old prices and charge it at the new ones."""
    old = {item["id"]: item for item in before}
    lines = []
    for item in subscription["items"]["data"]:
        former = old.get(item["id"])
        if former == item:
            continue
        if former is not None:
            credit = -share(former, at=at)
            lines.append(
                invoices.line(subscription, former, amount=credit, proration=True)
            )
        amount = share(item, at=at)
        lines.append(invoices.line(subscription, item, amount=amount, proration=True))
    return lines


def share(item: Json, *, at: int) -> int:
    """Return the part of the price that the rest of the period is worth."""
    start, end = int(item["current_period_start"]), int(item["current_period_end"])
    left = min(max(end - at, 0), end - start)
    full = int(item["price"]["unit_amount"]) * int(item["quantity"])
    return round(full * left / (end - start))
