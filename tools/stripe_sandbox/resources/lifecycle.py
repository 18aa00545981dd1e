"""What happens to a subscription over time: start, renewal, failure, end."""

from collections.abc import Callable
from typing import NamedTuple

from tools.stripe_sandbox.context import Context
from tools.stripe_sandbox.errors import StripeProblem, declined
from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.resources import discounts, invoices, payments, subscriptions
from tools.stripe_sandbox.resources.periods import period_end
from tools.stripe_sandbox.store import copy

LATER_DECLINE = payments.Outcome(
    decline_code="generic_decline", message=payments.DECLINED
)
UPDATED = "customer.subscription.updated"


def start(
    context: Context, customer: Json, subscription: Json, method: Json | None
) -> Json:
    """Open the subscription with its first invoice, paid; return that invoice."""
    trial = subscription["status"] == "trialing"
    lines = invoices.period_lines(subscription, free=trial)
    invoice = invoices.draft(
        context, customer, subscription, lines, reason="subscription_create"
    )
    if customer["currency"] is None:
        customer["currency"] = subscription["currency"]
        context.store.save(customer)
    subscription["default_payment_method"] = method["id"] if method else None
    subscription["latest_invoice"] = invoice["id"]
    _end_discounts(context, subscription)
    invoices.issue(context, invoice)
    intent = None
    if invoice["amount_due"]:
        intent = payments.charge(
            context,
            customer,
            amount=invoice["amount_due"],
            currency=invoice["currency"],
            method=method,
        )
    context.save(subscription, "customer.subscription.created")
    return invoices.settle(context, invoice, intent)


def renew(context: Context, subscription: Json) -> Json:
    """Move to the next period, or end if that is scheduled."""
    if subscription["cancel_at_period_end"] or subscription["cancel_at"]:
        return subscriptions.end(context, subscription, reason="cancellation_requested")
    customer = context.store.get("customer", subscription["customer"])
    method = method_of(context, subscription, customer)
    if not payments.will_pay(method):
        return fail(context, subscription)
    before = copy(subscription)
    invoice = _next_period(context, customer, subscription)
    subscription["status"] = "active"
    context.save(subscription, UPDATED, before=before)
    invoices.collect(context, invoice, customer, method or {})
    return subscription


def ask_bank(context: Context, subscription: Json) -> Json:
    """Fail to collect because the bank wants its customer to confirm."""
    moved = fail(context, subscription)
    invoice = context.store.get("invoice", moved["latest_invoice"])
    payment = invoices.payments_of(context, invoice["id"])[0]["payment"]
    intent = context.store.get("payment_intent", payment["payment_intent"])
    intent |= {"status": "requires_action", "last_payment_error": None}
    context.save(intent, "payment_intent.requires_action")
    context.emit("invoice.payment_action_required", invoice)
    return moved


def fail(context: Context, subscription: Json, *, is_last: bool = False) -> Json:
    """Fail to collect: the period moves on, the invoice stays open, past due."""
    customer = context.store.get("customer", subscription["customer"])
    method = method_of(context, subscription, customer)
    before = copy(subscription)
    invoice = _open_invoice(context, subscription)
    if invoice is None:
        invoice = _next_period(context, customer, subscription)
    subscription["status"] = "past_due"
    _refuse(
        context,
        invoice,
        customer,
        method=method,
        outcome=LATER_DECLINE,
        is_last=is_last,
    )
    return context.save(subscription, UPDATED, before=before)


def recover(
    context: Context, subscription: Json, *, method: Json | None = None
) -> Json:
    """Pay the open invoice, after which the subscription is active again."""
    invoice = _open_invoice(context, subscription)
    if invoice is None:
        raise StripeProblem("This subscription has no open invoice.")
    customer = context.store.get("customer", subscription["customer"])
    method = method or method_of(context, subscription, customer)
    if method is None:
        raise StripeProblem("This customer has no payment method.")
    before = copy(subscription)
    subscription["status"] = "active"
    invoices.collect(context, invoice, customer, method)
    return context.save(subscription, UPDATED, before=before)


def pay(context: Context, _params: Json, invoice_id: str) -> Json:
    """Pay an open invoice with the default card, as the API's own call does."""
    invoice = context.store.get("invoice", invoice_id)
    if invoice["status"] == "paid":
        raise StripeProblem("Invoice is already paid", code="invoice_already_paid")
    customer = context.store.get("customer", invoice["customer"])
    subscription = context.store.get(
        "subscription", str(invoices.subscription_of(invoice))
    )
    method = method_of(context, subscription, customer)
    if not payments.will_pay(method):
        raise declined(payments.DECLINED, decline_code="generic_decline")
    if subscription["latest_invoice"] == invoice_id:
        recover(context, subscription)
    else:
        invoices.collect(context, invoice, customer, method or {})
    return context.store.get("invoice", invoice_id)


class Paid(NamedTuple):
    """What became of a try to pay on the page of an invoice."""

    problem: str = ""
    needs_confirmation: bool = False


def pay_by_card(
    context: Context, invoice_id: str, *, card: str, confirmed: str
) -> Paid:
    """Pay an open invoice with the card that somebody typed."""
    invoice = context.store.get("invoice", invoice_id)
    if invoice["status"] != "open":
        return Paid()
    outcome = payments.outcome_of(card)
    if outcome.needs_confirmation and not confirmed:
        return Paid(needs_confirmation=True)
    if outcome.needs_confirmation and confirmed != "complete":
        outcome = payments.UNAUTHENTICATED
    customer = context.store.get("customer", invoice["customer"])
    if outcome.decline_code:
        _refuse(context, invoice, customer, method=None, outcome=outcome)
        return Paid(problem=outcome.message)
    method = payments.attach_card(context, customer, card)
    subscription = context.store.get(
        "subscription", str(invoices.subscription_of(invoice))
    )
    is_latest = subscription["latest_invoice"] == invoice_id
    if is_latest and subscription["status"] not in subscriptions.ENDED:
        recover(context, subscription, method=method)
    else:
        invoices.collect(context, invoice, customer, method)
    return Paid()


def _refuse(
    context: Context,
    invoice: Json,
    customer: Json,
    *,
    method: Json | None,
    outcome: payments.Outcome,
    is_last: bool = False,
) -> None:
    intent = payments.charge(
        context,
        customer,
        amount=invoice["amount_due"],
        currency=invoice["currency"],
        method=method,
        refused=outcome,
    )
    invoices.refuse(context, invoice, intent, is_last=is_last)


def give_up(context: Context, subscription: Json) -> Json:
    """Stop collecting but keep the subscription, as `unpaid`."""
    before = copy(subscription)
    subscription["status"] = "unpaid"
    return context.save(subscription, UPDATED, before=before)


def cancel_now(context: Context, subscription: Json) -> Json:
    return subscriptions.end(context, subscription, reason="cancellation_requested")


def method_of(context: Context, subscription: Json, customer: Json) -> Json | None:
    """Return the card that pays the subscription, if there is one."""
    default = customer["invoice_settings"]["default_payment_method"]
    method_id = subscription["default_payment_method"] or default
    return context.store.find("payment_method", method_id or "")


def _open_invoice(context: Context, subscription: Json) -> Json | None:
    latest = context.store.find("invoice", subscription["latest_invoice"] or "")
    return latest if latest and latest["status"] == "open" else None


def _next_period(context: Context, customer: Json, subscription: Json) -> Json:
    for item in subscription["items"]["data"]:
        start_at = item["current_period_end"]
        item["current_period_start"] = start_at
        item["current_period_end"] = period_end(start_at, item["price"]["recurring"])
    lines = invoices.period_lines(subscription)
    invoice = invoices.draft(
        context, customer, subscription, lines, reason="subscription_cycle"
    )
    subscription["latest_invoice"] = invoice["id"]
    _end_discounts(context, subscription)
    return invoices.issue(context, invoice)


def _end_discounts(context: Context, subscription: Json) -> None:
    # A trial's free invoice uses nothing up.
    if subscription["status"] != "trialing":
        until = subscriptions.end_of_period(subscription)
        discounts.expire(context, subscription, next_period_at=until)


ACTIONS: dict[str, Callable[[Context, Json], Json]] = {
    "renew": renew,
    "payment_failed": fail,
    "past_due": fail,
    "needs_confirmation": ask_bank,
    "pay": recover,
    "unpaid": give_up,
    "cancel_now": cancel_now,
}


def act(context: Context, subscription_id: str, action: str) -> Json:
    """Move one subscription through time."""
    subscription = context.store.get("subscription", subscription_id)
    if action not in ACTIONS:
        known = ", ".join(ACTIONS)
        raise StripeProblem(f"Unknown action; known are {known}.", param="action")
    if subscription["status"] in subscriptions.ENDED:
        raise StripeProblem("This subscription has ended.", param="id")
    return ACTIONS[action](context, subscription)
