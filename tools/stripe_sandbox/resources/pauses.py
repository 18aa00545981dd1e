"""Pauses that a member asks for: no service, no bills, and the days left as a credit."""

from tools.stripe_sandbox.context import Context
from tools.stripe_sandbox.errors import StripeProblem
from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.resources import (
    invoices,
    items,
    lifecycle,
    payments,
    subscriptions,
)
from tools.stripe_sandbox.resources.periods import period_end
from tools.stripe_sandbox.store import copy

RUNNING = ("active", "past_due", "trialing")
CREDIT = "_credit"  # what waits for the next invoice; the API never shows it


def pause(context: Context, params: Json, subscription_id: str) -> Json:
    subscription = context.store.get("subscription", subscription_id)
    if params.get("type", "subscription") != "subscription":
        raise StripeProblem("A pause is of type subscription.", param="type")
    if subscription["status"] not in RUNNING:
        raise StripeProblem("Only a running subscription can be paused.")
    behavior = params.get("invoicing_behavior", "pending_invoice_item")
    if subscription["status"] == "active":
        _credit(context, subscription, is_invoiced=behavior == "invoice")
    return subscriptions.stop(context, subscription, why="pause_requested")


def _credit(context: Context, subscription: Json, *, is_invoiced: bool) -> None:
    """Put the days left on the balance at once, or keep them for the next invoice."""
    days_left = [
        invoices.line(
            subscription, item, amount=-items.share(item, at=context.at), proration=True
        )
        for item in subscription["items"]["data"]
    ]
    if not is_invoiced:
        amount = -sum(line["amount"] for line in days_left)
        context.store.save({"id": subscription["id"], "amount": amount}, kind=CREDIT)
        return
    customer = context.store.get("customer", subscription["customer"])
    invoice = invoices.draft(
        context, customer, subscription, days_left, reason="subscription_update"
    )
    invoices.settle(context, invoices.issue(context, invoice), None)
    subscription["latest_invoice"] = invoice["id"]


def resume(context: Context, _params: Json, subscription_id: str) -> Json:
    """Begin a new period now, and ask for it less the credit."""
    subscription = context.store.get("subscription", subscription_id)
    if subscription["status"] != "paused":
        raise StripeProblem("This subscription is not paused.")
    before = copy(subscription)
    customer = context.store.get("customer", subscription["customer"])
    for item in subscription["items"]["data"]:
        item["current_period_start"] = context.at
        item["current_period_end"] = period_end(context.at, item["price"]["recurring"])
    subscription["billing_cycle_anchor"] = context.at
    subscription["status"] = "active"
    subscription["status_details"] = None
    invoice = invoices.draft(
        context,
        customer,
        subscription,
        _lines(context, subscription),
        reason="subscription_update",
    )
    subscription["latest_invoice"] = invoice["id"]
    invoices.issue(context, invoice)
    method = lifecycle.method_of(context, subscription, customer)
    if invoice["amount_due"] and not payments.will_pay(method):
        context.store.save(subscription)
        return lifecycle.fail(context, subscription)
    invoices.collect(context, invoice, customer, method or {})
    context.emit("customer.subscription.resumed", subscription)
    return context.save(subscription, lifecycle.UPDATED, before=before)


def _lines(context: Context, subscription: Json) -> list[Json]:
    lines = invoices.period_lines(subscription)
    credit = context.store.find(CREDIT, subscription["id"])
    if credit is None:
        return lines
    context.store.remove(CREDIT, subscription["id"])
    amount = -min(credit["amount"], sum(line["amount"] for line in lines))
    item = subscription["items"]["data"][0]
    return [*lines, invoices.line(subscription, item, amount=amount, proration=True)]
