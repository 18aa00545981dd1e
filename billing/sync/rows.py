"""Writes what Stripe said into the rows of one customer, and tells what is new."""

import logging
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from billing import gateway
from billing.models import (
    CheckoutAttempt,
    Customer,
    Dispute,
    Invoice,
    OutboxEntry,
    Price,
    Refund,
    Subscription,
)
from billing.sync.picture import Picture

logger = logging.getLogger(__name__)

ATTEMPT_STATUSES = {
    "complete": CheckoutAttempt.Status.COMPLETED,
    "expired": CheckoutAttempt.Status.EXPIRED,
}
OF_SUBSCRIPTION = (
    *("status", "item_id", "quantity", "currency"),
    *("current_period_start", "current_period_end", "trial_ends_at", "paused_at"),
    *("cancel_at", "cancel_at_period_end", "canceled_at", "ended_at"),
    *("latest_invoice_id", "raw"),
)
OF_INVOICE = (
    *("number", "status", "billing_reason", "currency"),
    *("subtotal", "tax", "total", "amount_due", "amount_paid", "amount_remaining"),
    *("period_start", "period_end", "paid_at"),
    *("attempt_count", "next_payment_attempt_at", "needs_confirmation"),
    *("payment_intent_id", "hosted_invoice_url", "invoice_pdf", "raw"),
)
OF_MOVEMENT = (
    *("charge_id", "payment_intent_id"),
    *("currency", "amount", "status", "reason"),
)


Movement = TypeVar("Movement", Refund, Dispute)
Remote = gateway.RemoteSubscription | gateway.RemoteInvoice | gateway.RemoteMovement
Mirrored = TypeVar("Mirrored", Invoice, Refund, Dispute)
Row = TypeVar("Row", Subscription, Invoice, Refund, Dispute)


@dataclass(kw_only=True)
class Changes:
    """The rows that Stripe told about, each after the row that it was before."""

    subscriptions: list[tuple[Subscription | None, Subscription]] = field(
        default_factory=list
    )
    invoices: list[tuple[Invoice | None, Invoice]] = field(default_factory=list)
    refunds: list[tuple[Refund | None, Refund]] = field(default_factory=list)
    disputes: list[tuple[Dispute | None, Dispute]] = field(default_factory=list)


def write_rows(customer: Customer, picture: Picture, *, at: datetime) -> Changes:
    changes = Changes()
    changes.subscriptions = _write_subscriptions(customer, picture, at=at)
    changes.invoices = _write_invoices(customer, picture, changes, at=at)
    changes.refunds = _write_movements(
        Refund, customer, picture.payments.refunds, at=at
    )
    changes.disputes = _write_movements(
        Dispute, customer, picture.payments.disputes, at=at
    )
    for session in picture.sessions:
        settle_attempt(session)
    _write_customer(customer, picture, at=at)
    return changes


def settle_attempt(session: gateway.RemoteSession) -> None:
    """Close the open attempt of a payment page that was paid or has expired."""
    if session.status in ATTEMPT_STATUSES:
        CheckoutAttempt.objects.filter(
            stripe_session_id=session.id, status="open"
        ).update(status=ATTEMPT_STATUSES[session.status])


def _write_customer(customer: Customer, picture: Picture, *, at: datetime) -> None:
    found = picture.customer
    if found.is_gone:
        # Deleting a customer at Stripe cancels all that it had.
        customer.deleted_at = customer.deleted_at or at
        customer.subscriptions.live().update(
            status=Subscription.Status.CANCELED,
            canceled_at=at,
            ended_at=at,
            synced_at=at,
        )
    elif customer.user_id:
        # It was missed under another key of Stripe; who closed an account stays away.
        customer.deleted_at = None
    trials = [remote for remote in picture.subscriptions if remote.trial_ends_at]
    if trials and customer.trial_used_at is None:
        customer.trial_used_at = min(remote.created_at for remote in trials)
    customer.currency = found.currency or customer.currency
    customer.balance = found.balance
    # Closing an account makes events that are read for: its card stays forgotten.
    card = _card(picture) if customer.user_id else gateway.RemoteCustomer()
    customer.card_brand = card.card_brand
    customer.card_last4 = card.card_last4
    customer.card_expiry_date = card.card_expiry_date
    customer.synced_at = at
    customer.save()


def _card(picture: Picture) -> gateway.RemoteCustomer:
    """Return the card that pays: the subscription's own, or else the customer's."""
    own = (
        remote.card
        for remote in picture.subscriptions
        if remote.status in Subscription.LIVE and remote.card.card_last4
    )
    return next(own, picture.customer)


def _write_subscriptions(
    customer: Customer, picture: Picture, *, at: datetime
) -> list[tuple[Subscription | None, Subscription]]:
    """Write the one that stays last: no other one may be live and no surplus by then."""
    known = {row.stripe_id: row for row in customer.subscriptions.all()}
    prices = _ours({remote.price_id for remote in picture.subscriptions})
    if picture.is_complete:
        _end_forgotten(customer, picture, at=at)
    kept = _kept(picture.subscriptions, known, customer=customer)
    written = []
    ordered = sorted(
        picture.subscriptions,
        key=lambda remote: (remote.status in Subscription.LIVE, remote.id == kept),
    )
    for remote in ordered:
        before = known.get(remote.id)
        is_live = remote.status in Subscription.LIVE
        was_surplus = before is not None and before.is_surplus
        row = _copy(before) or Subscription(stripe_id=remote.id)
        _fill(row, remote, OF_SUBSCRIPTION, customer=customer)
        row.price = prices.get(remote.price_id)
        row.is_surplus = remote.id != kept and (is_live or was_surplus)
        _write_subscription(row, remote, at=at)
        if row.is_surplus and is_live:
            _refuse_surplus(row, at=at)
        elif was_surplus and is_live:
            _withdraw_refusal(row)
        written.append((before, row))
    return written


def _end_forgotten(customer: Customer, picture: Picture, *, at: datetime) -> None:
    """End the rows that Stripe does not name: it lists what has ended for good, too."""
    named = [remote.id for remote in picture.subscriptions]
    customer.subscriptions.live().exclude(stripe_id__in=named).update(
        status=Subscription.Status.CANCELED,
        canceled_at=at,
        ended_at=at,
        synced_at=at,
    )


def _kept(
    remotes: Iterable[gateway.RemoteSubscription],
    known: dict[str, Subscription],
    *,
    customer: Customer,
) -> str:
    """Return the id of the one live subscription that this person is meant to have.

    A second one takes the place of the first, but not where that was taken away.
    """
    live = [remote for remote in remotes if remote.status in Subscription.LIVE]
    ours = [
        remote
        for remote in live
        if remote.id not in known or not known[remote.id].is_surplus
    ]
    is_open = customer.user is not None and customer.user.is_active
    candidates = ours or (live if is_open else [])
    if not candidates:
        return ""
    paid = {Subscription.Status.ACTIVE, Subscription.Status.TRIALING}
    best = min(
        candidates,
        key=lambda remote: (
            remote.status not in paid,
            remote.created_at,
            remote.id not in known,
        ),
    )
    return best.id


def _write_subscription(
    row: Subscription, remote: gateway.RemoteSubscription, *, at: datetime
) -> None:
    row.past_due_since = _past_due_since(row, remote, at=at)
    if remote.status != Subscription.Status.PAUSED:
        row.resumes_at = None
    if row.customer.user_id is None:
        row.raw = {**row.raw, "default_payment_method": None}
    row.synced_at = at
    row.save()
    if row.price is None:
        logger.error("subscription %s has a price that is not ours", remote.id)


def _past_due_since(
    row: Subscription, remote: gateway.RemoteSubscription, *, at: datetime
) -> datetime | None:
    if remote.status != Subscription.Status.PAST_DUE:
        return None
    return row.past_due_since or remote.unpaid_since or at


def _refuse_surplus(row: Subscription, *, at: datetime) -> None:
    """Give the money of a second subscription back: nobody is charged twice."""
    logger.error("subscription %s is a second one of its customer", row.stripe_id)
    entry = OutboxEntry.objects.write(
        OutboxEntry.Kind.CANCEL_SURPLUS,
        customer=row.customer,
        key=f"surplus-{row.stripe_id}",
        subject_id=row.stripe_id,
        last_invoice_id=row.latest_invoice_id,
        at=at,
    )
    OutboxEntry.objects.insist(entry, at=at)  # it still takes money


def _withdraw_refusal(row: Subscription) -> None:
    """Leave the second subscription alone that has become the only one."""
    OutboxEntry.objects.filter(
        kind=OutboxEntry.Kind.CANCEL_SURPLUS,
        subject_id=row.stripe_id,
        done_at__isnull=True,
    ).delete()


def _write_invoices(
    customer: Customer, picture: Picture, changes: Changes, *, at: datetime
) -> list[tuple[Invoice | None, Invoice]]:
    subscriptions = {row.stripe_id: row for _before, row in changes.subscriptions}
    prices = _ours({remote.price_id for remote in picture.invoices})
    ids = [remote.id for remote in picture.invoices]
    known = {row.stripe_id: row for row in customer.invoices.filter(stripe_id__in=ids)}
    written = []
    for remote in picture.invoices:
        before = known.get(remote.id)
        row = _copy(before) or Invoice(stripe_id=remote.id)
        _fill(row, remote, OF_INVOICE, customer=customer)
        row.subscription = subscriptions.get(remote.subscription_id)
        row.price = prices.get(remote.price_id)
        written.append((before, row))
    _save_changed(Invoice, written, at=at)
    _withdraw_dead(customer, [row for _before, row in written], at=at)
    return written


def _ours(price_ids: set[str]) -> dict[str, Price]:
    """Return the prices of ours by their ids at Stripe."""
    found = Price.objects.filter(stripe_price_id__in=price_ids)
    return {price.stripe_price_id or "": price for price in found}


def _withdraw_dead(
    customer: Customer, rows: Iterable[Invoice], *, at: datetime
) -> None:
    """Let nobody pay what is still open of a subscription that has ended."""
    dead = [row for row in rows if row.status == Invoice.Status.OPEN and row.is_dead]
    for row in dead:
        OutboxEntry.objects.write(
            OutboxEntry.Kind.CANCEL,
            customer=customer,
            key=f"dead-{row.stripe_id}",
            subject_id=row.subscription.stripe_id if row.subscription else "",
            at=at,
        )


def _write_movements(
    model: type[Movement],
    customer: Customer,
    remotes: list[gateway.RemoteMovement],
    *,
    at: datetime,
) -> list[tuple[Movement | None, Movement]]:
    if not remotes:
        return []
    intents = {remote.payment_intent_id for remote in remotes}
    paid = {
        invoice.payment_intent_id: invoice
        for invoice in customer.invoices.filter(payment_intent_id__in=intents)
        if invoice.payment_intent_id
    }
    ids = [remote.id for remote in remotes]
    known = {row.stripe_id: row for row in model.objects.filter(stripe_id__in=ids)}
    written = []
    for remote in remotes:
        before = known.get(remote.id)
        row = _copy(before) or model(stripe_id=remote.id)
        _fill(row, remote, OF_MOVEMENT, customer=customer)
        if isinstance(row, Dispute):
            row.evidence_due_at = remote.evidence_due_at
        row.invoice = paid.get(remote.payment_intent_id)
        written.append((before, row))
    _save_changed(model, written, at=at)
    return written


def _save_changed(
    model: type[Mirrored],
    written: list[tuple[Mirrored | None, Mirrored]],
    *,
    at: datetime,
) -> None:
    """Save what differs; the rest was looked at, and a member has years of invoices."""
    same = []
    for before, row in written:
        if before is not None and _values(before) == _values(row):
            same.append(row.pk)
        else:
            row.synced_at = at
            row.save()
    model.objects.filter(pk__in=same).update(synced_at=at)


def _values(row: Mirrored) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.fields}


def _fill(
    row: Row, remote: Remote, names: Iterable[str], *, customer: Customer
) -> None:
    for name in names:
        setattr(row, name, getattr(remote, name))
    row.customer = customer
    row.stripe_created_at = remote.created_at


def _copy(row: Row | None) -> Row | None:
    """Return the row to write into, so that the one that was read still tells before."""
    return None if row is None else copy(row)
