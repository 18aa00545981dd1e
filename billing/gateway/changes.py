"""What we change at Stripe about a subscription that somebody has."""

from dataclasses import dataclass
from datetime import datetime

import stripe

from billing.gateway.client import MissingError, client, translated
from billing.gateway.mirror import (
    id_of,
    is_asked_to_confirm,
    moment,
    payment_intent_id,
)


@dataclass(frozen=True, kw_only=True)
class SwitchPreview:
    """What a change of price would cost today; less than nothing is a credit."""

    due_now: int
    paid_by_credit: int
    currency: str
    prorated_at: datetime


def cancel_at_period_end(subscription_id: str) -> None:
    with translated():
        client().v1.subscriptions.update(
            subscription_id, {"cancel_at_period_end": True}
        )


def keep_subscription(subscription_id: str) -> None:
    """Take a scheduled cancellation back, however it was scheduled."""
    with translated():
        subscriptions = client().v1.subscriptions
        found = subscriptions.retrieve(subscription_id)
        if found.cancel_at_period_end:
            found = subscriptions.update(
                subscription_id, {"cancel_at_period_end": False}
            )
        if found.cancel_at:
            # The portal schedules with the moment alone.
            subscriptions.update(subscription_id, {"cancel_at": ""})


def cancel_now(subscription_id: str) -> None:
    """End the subscription at once, with what it still asks for.

    One that has ended, or never was, stays so.
    """
    try:
        with translated():
            subscriptions = client().v1.subscriptions
            if subscriptions.retrieve(subscription_id).status not in {
                "canceled",
                "incomplete_expired",
            }:
                subscriptions.cancel(subscription_id)
            _void_open_invoices(subscription_id)
    except MissingError:
        return


def _void_open_invoices(subscription_id: str) -> None:
    """Withdraw what nobody owes any more: paying it would open nothing."""
    invoices = client().v1.invoices
    opened = invoices.list(
        {"subscription": subscription_id, "status": "open", "limit": 100}
    )
    for invoice_id in [invoice.id for invoice in opened.auto_paging_iter()]:
        invoices.void_invoice(invoice_id)


def preview_switch(
    *, customer_id: str, subscription_id: str, item_id: str, price_id: str, at: datetime
) -> SwitchPreview:
    """Ask what the change would cost if it were made at this moment."""
    with translated():
        invoice = client().v1.invoices.create_preview(
            {
                "customer": customer_id,
                "subscription": subscription_id,
                "subscription_details": {
                    # Without the item's id a second item would be billed as well.
                    "items": [{"id": item_id, "price": price_id}],
                    "proration_behavior": "always_invoice",
                    "proration_date": int(at.timestamp()),
                },
            }
        )
    return SwitchPreview(
        due_now=min(invoice.total, 0) or invoice.amount_due,
        paid_by_credit=max(invoice.total - invoice.amount_due, 0),
        currency=invoice.currency,
        prorated_at=moment(int(at.timestamp())) or at,
    )


def switch_price(
    *, subscription_id: str, item_id: str, price_id: str, prorated_at: datetime
) -> None:
    """Change the price at once; it takes effect only when what is due was paid.

    What the card refused is given up: left open, it could be collected later, and switch
    then. What the payer has to confirm at the bank stays.
    """
    with translated():
        changed = client().v1.subscriptions.update(
            subscription_id,
            {
                "items": [{"id": item_id, "price": price_id}],
                "proration_behavior": "always_invoice",
                "proration_date": int(prorated_at.timestamp()),
                "payment_behavior": "pending_if_incomplete",
            },
        )
        if changed.pending_update is None:
            return
        invoices = client().v1.invoices
        unpaid = invoices.retrieve(
            id_of(changed.latest_invoice), {"expand": ["payments"]}
        )
        intent_id = payment_intent_id(unpaid)
        if not intent_id or not is_asked_to_confirm(intent_id):
            invoices.void_invoice(id_of(unpaid))


def replace_price(
    subscription_id: str, *, item_id: str, price_id: str, key: str
) -> None:
    """Charge another price from the next renewal on, and nothing before it."""
    with translated():
        client().v1.subscriptions.update(
            subscription_id,
            {
                "items": [{"id": item_id, "price": price_id}],
                "proration_behavior": "none",
            },
            {"idempotency_key": key},
        )


def pause_subscription(subscription_id: str) -> None:
    """Stop service and billing now; the days that are left become a credit."""
    with translated():
        # Invoiced at once, the credit stands on the balance, where the member sees it.
        client().v1.subscriptions.pause(
            subscription_id, {"type": "subscription", "invoicing_behavior": "invoice"}
        )


def resume_subscription(subscription_id: str) -> None:
    """Begin a new period today, less what the pause left as a credit."""
    with translated():
        client().v1.subscriptions.resume(subscription_id)


def refund_payment(payment_intent_id: str, *, key: str) -> None:
    """Send all of a payment back; what was sent back before stays as it is."""
    with translated():
        try:
            client().v1.refunds.create(
                {"payment_intent": payment_intent_id, "reason": "duplicate"},
                {"idempotency_key": key},
            )
        except stripe.InvalidRequestError as error:
            if error.code != "charge_already_refunded":
                raise


def update_email(customer_id: str, *, email: str) -> None:
    with translated():
        client().v1.customers.update(customer_id, {"email": email})
