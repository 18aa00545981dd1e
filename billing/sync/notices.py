"""Derives notices from what has changed, never from the kind of an event.

A row that was there before tells its news by the difference. One that is read for the
first time is news only while it is fresh: a backfill sends no old receipts.
"""

from datetime import datetime, timedelta

from accounts.models import User
from billing import emails
from billing.models import (
    AccessHold,
    Customer,
    Dispute,
    Invoice,
    Refund,
    RenewalConsent,
    Subscription,
)
from billing.sync.dunning import tell_of_late_payment
from billing.sync.rows import Changes

FRESH = timedelta(days=3)
CONSENT_BEFORE_START = timedelta(days=2)  # a payment page stays open for one day
Status = Subscription.Status
OPENING = {Status.ACTIVE, Status.TRIALING}
RUNNING = {*OPENING, Status.PAST_DUE}
OVER = {Status.CANCELED, Status.UNPAID}


def announce(customer: Customer, changes: Changes) -> None:
    """Queue each notice once: the outbox knows what it has sent before."""
    user, at = customer.user, customer.synced_at
    if at is None:
        return
    # The bank wants an answer, also when the account is closed.
    _tell_the_office(changes, at=at)
    if user is not None and user.is_active:
        _tell_the_member(changes, user=user, at=at)


def _tell_the_office(changes: Changes, *, at: datetime) -> None:
    for before, dispute in changes.disputes:
        if dispute.is_to_answer and _is_news(before, dispute, at=at):
            emails.dispute_opened(dispute, at=at).queue()


def _tell_the_member(changes: Changes, *, user: User, at: datetime) -> None:
    for before, row in changes.subscriptions:
        if not row.is_surplus and _is_news(before, row, at=at):
            _about_subscription(before, row, user=user, at=at)
    for earlier, invoice in changes.invoices:
        if not _is_surplus(invoice) and _is_news(earlier, invoice, at=at):
            _about_invoice(earlier, invoice, user=user, at=at)
    for known, refund in changes.refunds:
        if _is_news(known, refund, at=at):
            _about_refund(known, refund, user=user)


def _is_news(
    before: object, row: Subscription | Invoice | Refund | Dispute, *, at: datetime
) -> bool:
    return before is not None or row.stripe_created_at > at - FRESH


def _is_surplus(invoice: Invoice) -> bool:
    return invoice.subscription is not None and invoice.subscription.is_surplus


def _about_subscription(
    before: Subscription | None, row: Subscription, *, user: User, at: datetime
) -> None:
    is_new = before is None or before.status == Status.INCOMPLETE
    if is_new and row.status in OPENING and row.price:
        _started(row, user=user)
    if before is not None:
        _about_change(before, row, user=user, at=at)
    known_end = before.ends_at if before else None
    if row.status in RUNNING and row.ends_at and row.ends_at != known_end:
        is_held = row.customer.holds.open().exists()
        emails.canceled(row, user=user, is_held=is_held).queue()


def _started(row: Subscription, *, user: User) -> None:
    paid = row.invoices.filter(status=Invoice.Status.PAID, amount_paid__gt=0)
    consents = RenewalConsent.objects.filter(
        customer=row.customer,
        agreed_at__gte=row.stripe_created_at - CONSENT_BEFORE_START,
    )
    emails.started(
        row,
        user=user,
        paid=paid.order_by("stripe_created_at").first(),
        consent=consents.order_by("-agreed_at").first(),
    ).queue()


def _about_change(
    before: Subscription, row: Subscription, *, user: User, at: datetime
) -> None:
    had_it = before.status in {*RUNNING, Status.PAUSED}
    if had_it and row.status in OVER and (row.ended_at or at) > at - FRESH:
        is_disputed = row.customer.holds.disputed().exists()
        emails.ended(row, user=user, is_disputed=is_disputed).queue()
    if had_it and before.status != row.status == Status.PAUSED:
        emails.paused(row, user=user).queue()
    if before.status == Status.PAUSED and row.status in OPENING:
        emails.resumed(row, user=user).queue()
    if _is_kept(before, row):
        is_held = row.customer.holds.open().exists()
        emails.kept(row, before=before, user=user, is_held=is_held).queue()
    if before.price_id != row.price_id and row.status in RUNNING:
        _price_changed(before, row, user=user)


def _is_kept(before: Subscription, row: Subscription) -> bool:
    is_running = before.status in RUNNING and row.status in RUNNING
    goes_on = row.ends_at is None and row.ends_later_at is None
    return is_running and before.ends_at is not None and goes_on


def _price_changed(before: Subscription, row: Subscription, *, user: User) -> None:
    # Who was told in advance needs no second word.
    announced = row.price_change_notices.filter(
        change__to_price=row.price_id, change__from_price=before.price_id
    )
    if before.price and row.price and not announced.exists():
        emails.price_changed(
            row, before=before.price, after=row.price, user=user
        ).queue()


def _about_invoice(
    before: Invoice | None, row: Invoice, *, user: User, at: datetime
) -> None:
    if row.status == Invoice.Status.PAID:
        if before is None or before.status != row.status:
            _paid(row, user=user, at=at)
    elif row.status == Invoice.Status.OPEN and row.subscription:
        if _asks_the_bank(row, row.subscription):
            emails.confirm_payment(row, user=user).queue()
        tell_of_late_payment(row, subscription=row.subscription, user=user, at=at)


def _paid(row: Invoice, *, user: User, at: datetime) -> None:
    # The first payment of a subscription stands in the email about its start.
    is_first = row.billing_reason == "subscription_create"
    is_fresh = (row.paid_at or at) > at - FRESH
    if row.amount_paid > 0 and is_fresh and not is_first:
        emails.receipt(row, user=user).queue()


def _asks_the_bank(row: Invoice, subscription: Subscription) -> bool:
    is_waited_for = (
        subscription.status == Status.INCOMPLETE
        and subscription.latest_invoice_id == row.stripe_id
    )
    return row.needs_confirmation or is_waited_for


def _about_refund(before: Refund | None, row: Refund, *, user: User) -> None:
    succeeded = Refund.Status.SUCCEEDED
    if row.status != succeeded or (before and before.status == succeeded):
        return
    subscription = row.invoice.subscription if row.invoice else None
    if subscription and subscription.is_surplus:
        emails.charged_twice(row, subscription=subscription, user=user).queue()
        return
    held = AccessHold.objects.open().filter(
        kind=AccessHold.Kind.REFUND,
        source_id=row.invoice.stripe_id if row.invoice else "",
    )
    emails.refunded(row, user=user, is_closed=held.exists()).queue()
