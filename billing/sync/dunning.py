"""Tells of a payment that is late: on the first days that count, and at the last try."""

from datetime import datetime, timedelta

from django.conf import settings

from accounts.models import User
from billing import emails
from billing.models import Invoice, Subscription

DAY = timedelta(days=1)
REMINDED_FOR = timedelta(days=3)  # a reminder that is later than this is not sent
GIVEN_UP_AFTER = timedelta(days=31)


def tell_of_late_payment(
    invoice: Invoice, *, subscription: Subscription, user: User, at: datetime
) -> None:
    """Queue what is due by now; a payment that came in ends it all."""
    since = subscription.past_due_since
    if since is None or not _is_late(invoice, subscription):
        return
    if invoice.needs_confirmation and at < since + REMINDED_FOR:
        return  # the email about the bank says it
    day = max((days for days in _days() if since + days * DAY <= at), default=0)
    due_at = since + day * DAY
    if _is_last_try(invoice) and at < since + GIVEN_UP_AFTER:
        told = emails.payment_failed(
            invoice, subscription=subscription, user=user, step="last", at=at
        ).queue()
        if told.queued_at > due_at - DAY:
            return
    if at < due_at + REMINDED_FOR:
        emails.payment_failed(
            invoice, subscription=subscription, user=user, step=str(day), at=at
        ).queue()


def _is_late(invoice: Invoice, subscription: Subscription) -> bool:
    return (
        subscription.status == Subscription.Status.PAST_DUE
        and not subscription.is_surplus
        and invoice.status == Invoice.Status.OPEN
        and invoice.attempt_count > 0
        and invoice.stripe_id == subscription.latest_invoice_id
    )


def _is_last_try(invoice: Invoice) -> bool:
    return invoice.next_payment_attempt_at is None


def _days() -> set[int]:
    """Return the days of the reminders; one of them is the day on which access ends."""
    return {0, 3, 7, settings.BILLING_GRACE_DAYS}
