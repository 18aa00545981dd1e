"""What happens to a subscription over time: start, renewal, failure, end."""

from collections.abc import Callable
from typing import NamedTuple

from tools.stripe_sandbox.context import Context
from tools.stripe_sandbox.errors import StripeProblem, declined
from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.resources import (
    customers,
    discounts,
    invoices,
    payments,
    subscriptions,
)
from tools.stripe_sandbox.resources.periods import move_on
from tools.stripe_sandbox.store import copy

UPDATED = "customer.subscription.updated"
MOST_TRIES = 4


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
        intent = invoices.intent_of(context, invoice, customer)
        intent = payments.charge(context, customer, intent, method=method)
    context.save(subscription, "customer.subscription.created")
    return invoices.settle(context, invoice, intent)


def renew(context: Context, subscription: Json) -> Json:
    """Move to the next period and collect for it, or end if that is scheduled."""
    if subscriptions.ends_with_period(subscription):
        return cancel_now(context, subscription)
    if _awaited_draft(context, subscription) is None:
        subscription = begin_period(context, subscription)
    if subscription["status"] in ("canceled", "paused"):
        return subscription
    return collect(context, subscription)


def begin_period(context: Context, subscription: Json) -> Json:
    """Open the next period with the draft of its invoice; so a trial ends too."""
    customer = context.store.get("customer", subscription["customer"])
    is_trial = subscription["status"] == "trialing"
    if is_trial and method_of(context, subscription, customer) is None:
        behavior = subscription["trial_settings"]["end_behavior"]
        if behavior["missing_payment_method"] == "cancel":
            return subscriptions.end(context, subscription, reason=None)
        if behavior["missing_payment_method"] == "pause":
            why = "trial_end_without_payment_method"
            return subscriptions.stop(context, subscription, why=why)
    _draft_next_period(context, customer, subscription)
    return subscription


def collect(context: Context, subscription: Json) -> Json:
    """Finalize the draft of the latest invoice and charge the card."""
    draft = context.store.get("invoice", subscription["latest_invoice"])
    if subscription["pause_collection"]:
        return _set_aside(context, subscription, draft)
    customer = context.store.get("customer", subscription["customer"])
    method = method_of(context, subscription, customer)
    if draft["amount_due"] and not payments.will_pay(method):
        return fail(context, subscription)
    before = copy(subscription)
    subscription["status"] = "active"
    invoice = invoices.finalize(context, draft)
    invoices.collect(context, invoice, customer, method or {})
    return context.save(subscription, UPDATED, before=before)


def _set_aside(context: Context, subscription: Json, draft: Json) -> Json:
    """Do with a draft as a paused collection says."""
    behavior = subscription["pause_collection"]["behavior"]
    if behavior == "keep_as_draft":
        before = copy(draft)
        draft |= {"auto_advance": False, "next_payment_attempt": None}
        context.save(draft, "invoice.updated", before=before)
        return subscription
    invoice = invoices.finalize(context, draft)
    if behavior == "void":
        invoices.void(context, {}, invoice["id"])
    else:
        invoices.give_up(context, invoice)
    return subscription


def resume_collection(context: Context, subscription: Json) -> Json:
    before = copy(subscription)
    subscription["pause_collection"] = None
    return context.save(subscription, UPDATED, before=before)


def ask_bank(context: Context, subscription: Json, *, is_last: bool = False) -> Json:
    """Fail to collect because the bank wants its customer to confirm."""
    moved = fail(context, subscription, is_last=is_last)
    invoice = context.store.get("invoice", moved["latest_invoice"])
    intent = invoices.open_intent(context, invoice) or {}
    intent |= {"status": "requires_action", "last_payment_error": None}
    context.save(intent, "payment_intent.requires_action")
    context.emit("invoice.payment_action_required", invoice)
    return moved


def fail(context: Context, subscription: Json, *, is_last: bool = False) -> Json:
    """Fail to collect the open invoice, or the next one: past due."""
    customer = context.store.get("customer", subscription["customer"])
    method = method_of(context, subscription, customer)
    invoice = _to_collect(context, customer, subscription)
    before = copy(subscription)
    subscription["status"] = "past_due"
    invoices.schedule_retry(context, invoice, is_last=is_last)
    _refuse(context, invoice, customer, method=method, outcome=payments.LATER_DECLINE)
    return context.save(subscription, UPDATED, before=before)


def retry(context: Context, subscription: Json) -> Json:
    """Try the card again; after the last try the subscription ends."""
    customer = context.store.get("customer", subscription["customer"])
    invoice = context.store.get("invoice", subscription["latest_invoice"])
    is_asked = _is_asked(context, invoice)
    if payments.will_pay(method_of(context, subscription, customer)) and not is_asked:
        return recover(context, subscription, is_retry=True)
    is_last = invoice["attempt_count"] + 1 >= MOST_TRIES
    again = ask_bank if is_asked else fail
    failed = again(context, subscription, is_last=is_last)
    if not is_last:
        return failed
    return subscriptions.end(context, failed, reason="payment_failed")


def recover(
    context: Context,
    subscription: Json,
    *,
    method: Json | None = None,
    is_retry: bool = False,
) -> Json:
    """Pay the open invoice, after which the subscription is active again."""
    invoice = _latest(context, subscription)
    if invoice is None or invoice["status"] != "open":
        raise StripeProblem("This subscription has no open invoice.")
    customer = context.store.get("customer", subscription["customer"])
    method = method or method_of(context, subscription, customer)
    if method is None:
        raise StripeProblem("This customer has no payment method.")
    before = copy(subscription)
    subscription["status"] = "active"
    invoice["attempt_count"] += is_retry
    invoices.collect(context, invoice, customer, method)
    # What waited for this payment was applied with it.
    stored = context.store.get("subscription", subscription["id"])
    subscription |= {key: stored[key] for key in ("items", "pending_update")}
    return context.save(subscription, UPDATED, before=before)


def pay(context: Context, _params: Json, invoice_id: str) -> Json:
    """Pay an open invoice with the default card, as the API's own call does."""
    invoice = context.store.get("invoice", invoice_id)
    if invoice["status"] == "paid":
        raise StripeProblem("Invoice is already paid", code="invoice_already_paid")
    subscription, customer = _who_owes(context, invoice)
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


def pay_on_page(
    context: Context, invoice_id: str, *, card: str, confirmed: str
) -> Paid:
    """Pay an open invoice with the card that was typed, or else the one on file."""
    invoice = context.store.get("invoice", invoice_id)
    if invoice["status"] != "open":
        return Paid()
    subscription, customer = _who_owes(context, invoice)
    method = method_of(context, subscription, customer)
    outcome = payments.outcome_of(card) if card else payments.outcome_of_method(method)
    is_asked = outcome.needs_confirmation or _is_asked(context, invoice)
    if is_asked and not outcome.decline_code:
        if not confirmed:
            return Paid(needs_confirmation=True)
        if confirmed != "complete":
            outcome = payments.UNAUTHENTICATED
    if outcome.decline_code:
        _refuse(context, invoice, customer, method=None, outcome=outcome)
        return Paid(problem=outcome.message)
    if card:
        method = payments.attach_card(context, customer, card)
    _settle_on_page(context, invoice, customer, subscription, method or {})
    return Paid()


def _is_asked(context: Context, invoice: Json) -> bool:
    """Say whether the bank waits for the customer's confirmation."""
    intent = invoices.open_intent(context, invoice)
    return intent is not None and intent["status"] == "requires_action"


def _settle_on_page(
    context: Context, invoice: Json, customer: Json, subscription: Json, method: Json
) -> None:
    is_latest = subscription["latest_invoice"] == invoice["id"]
    if is_latest and subscription["status"] not in subscriptions.ENDED:
        recover(context, subscription, method=method)
    else:
        invoices.collect(context, invoice, customer, method)


def _refuse(
    context: Context,
    invoice: Json,
    customer: Json,
    *,
    method: Json | None,
    outcome: payments.Outcome,
) -> None:
    intent = invoices.intent_of(context, invoice, customer)
    payments.charge(context, customer, intent, method=method, refused=outcome)
    invoices.refuse(context, invoice, intent)


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


def method_of_invoice(context: Context, invoice: Json) -> Json | None:
    """Return the card on file that would pay an invoice, if there is one."""
    return method_of(context, *_who_owes(context, invoice))


def _who_owes(context: Context, invoice: Json) -> tuple[Json, Json]:
    subscription_id = str(invoices.subscription_of(invoice))
    return (
        context.store.get("subscription", subscription_id),
        customers.live(context, invoice["customer"]),
    )


def _latest(context: Context, subscription: Json) -> Json | None:
    return context.store.find("invoice", subscription["latest_invoice"] or "")


def _awaited_draft(context: Context, subscription: Json) -> Json | None:
    """Return the draft that its hour has not finalized yet."""
    latest = _latest(context, subscription)
    if latest and latest["status"] == "draft" and latest["next_payment_attempt"]:
        return latest
    return None


def _to_collect(context: Context, customer: Json, subscription: Json) -> Json:
    latest = _latest(context, subscription)
    if latest is None or latest["status"] not in ("draft", "open"):
        latest = _draft_next_period(context, customer, subscription)
    return latest if latest["status"] == "open" else invoices.finalize(context, latest)


def _draft_next_period(context: Context, customer: Json, subscription: Json) -> Json:
    before = copy(subscription)
    move_on(subscription)
    if subscription["status"] == "trialing":
        subscription["status"] = "active"
    lines = invoices.period_lines(subscription)
    draft = invoices.draft(
        context, customer, subscription, lines, reason="subscription_cycle"
    )
    subscription["latest_invoice"] = draft["id"]
    _end_discounts(context, subscription)
    context.save(draft, "invoice.created")
    context.save(subscription, UPDATED, before=before)
    return draft


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
