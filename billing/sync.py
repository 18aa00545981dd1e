"""Brings the rows of one customer to what Stripe says now.

Webhooks, the page after paying and buttons are only reasons to call this. One reader
at a time, and it claims the customer before it reads: an older answer can therefore
never overwrite a newer one, whatever the order in which events arrive.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from billing import emails, gateway
from billing.models import CheckoutAttempt, Customer, Price, Subscription
from core.errors import DomainError

logger = logging.getLogger(__name__)

ABANDONED_AFTER = timedelta(minutes=2)
ATTEMPT_STATUSES = {
    "complete": CheckoutAttempt.Status.COMPLETED,
    "expired": CheckoutAttempt.Status.EXPIRED,
}
MIRRORED = (
    "status",
    "item_id",
    "current_period_start",
    "current_period_end",
    "cancel_at",
    "cancel_at_period_end",
    "canceled_at",
    "ended_at",
    "latest_invoice_id",
)


class SyncBusyError(DomainError):
    """Somebody else reads this customer right now."""


@dataclass(frozen=True, kw_only=True)
class _Picture:
    """What Stripe said about one customer."""

    is_deleted: bool
    subscriptions: list[gateway.RemoteSubscription]
    sessions: list[gateway.RemoteSession]


def sync_customer(*, customer: Customer, at: datetime) -> None:
    """Claim the customer, then read Stripe, then write what it said."""
    _claim(customer, at=at)
    try:
        _write(customer, _read(customer), at=at)
    finally:
        Customer.objects.filter(pk=customer.pk, sync_claimed_at=at).update(
            sync_claimed_at=None
        )


def _claim(customer: Customer, *, at: datetime) -> None:
    free = Q(sync_claimed_at__isnull=True) | Q(
        sync_claimed_at__lte=at - ABANDONED_AFTER
    )
    claimed = Customer.objects.filter(free, pk=customer.pk).update(sync_claimed_at=at)
    if not claimed:
        raise SyncBusyError("We are reading your subscription at this moment.")


def _read(customer: Customer) -> _Picture:
    stripe_id = customer.stripe_id
    if stripe_id is None:
        return _Picture(is_deleted=False, subscriptions=[], sessions=[])
    return _Picture(
        is_deleted=not gateway.has_customer(stripe_id),
        subscriptions=_read_subscriptions(stripe_id),
        sessions=_read_sessions(customer),
    )


def _read_subscriptions(stripe_id: str) -> list[gateway.RemoteSubscription]:
    try:
        return gateway.list_subscriptions(stripe_id)
    except gateway.MissingError:
        return []


def _read_sessions(customer: Customer) -> list[gateway.RemoteSession]:
    """Ask about the pages that are open here; one that Stripe forgot says nothing."""
    open_attempts = CheckoutAttempt.objects.filter(
        user__billing_customer=customer, status="open", stripe_session_id__isnull=False
    )
    sessions = []
    for session_id in open_attempts.values_list("stripe_session_id", flat=True):
        try:
            sessions.append(gateway.retrieve_session(session_id or ""))
        except gateway.MissingError:
            continue
    return sessions


@transaction.atomic
def _write(customer: Customer, picture: _Picture, *, at: datetime) -> None:
    locked = (
        Customer.objects.select_for_update()
        .filter(pk=customer.pk, sync_claimed_at=at)
        .first()
    )
    if locked is None:
        raise SyncBusyError("Somebody else took over.")
    for remote in picture.subscriptions:
        _upsert(locked, remote, at=at)
    if picture.is_deleted:
        _end_everything(locked, at=at)
    for session in picture.sessions:
        settle_attempt(session)
    locked.synced_at = at
    locked.save(update_fields=["synced_at", "deleted_at", "updated_at"])


def _end_everything(customer: Customer, *, at: datetime) -> None:
    # Deleting a customer at Stripe cancels all that it had.
    customer.deleted_at = customer.deleted_at or at
    customer.subscriptions.live().update(
        status=Subscription.Status.CANCELED, canceled_at=at, ended_at=at, synced_at=at
    )


def _upsert(
    customer: Customer, remote: gateway.RemoteSubscription, *, at: datetime
) -> None:
    known = Subscription.objects.filter(stripe_id=remote.id).first()
    subscription = known or Subscription(stripe_id=remote.id)
    before = known.status if known else ""
    for name in MIRRORED:
        setattr(subscription, name, getattr(remote, name))
    subscription.customer = customer
    subscription.price = Price.objects.filter(stripe_price_id=remote.price_id).first()
    subscription.past_due_since = _past_due_since(subscription, remote, at=at)
    subscription.stripe_created_at = remote.created_at
    subscription.synced_at = at
    subscription.save()
    if subscription.price is None:
        logger.error("subscription %s has a price that is not ours", remote.id)
    _announce(subscription, before=before)


def _past_due_since(
    subscription: Subscription, remote: gateway.RemoteSubscription, *, at: datetime
) -> datetime | None:
    if remote.status != Subscription.Status.PAST_DUE:
        return None
    return subscription.past_due_since or remote.unpaid_since or at


def _announce(subscription: Subscription, *, before: str) -> None:
    """Derive notices from the change of state, never from the kind of an event."""
    user = subscription.customer.user
    opening = {Subscription.Status.ACTIVE, Subscription.Status.TRIALING}
    is_new = before in {"", Subscription.Status.INCOMPLETE}
    if is_new and subscription.status in opening and subscription.price and user:
        emails.started(subscription, user=user).queue()


def settle_attempt(session: gateway.RemoteSession) -> None:
    """Close the open attempt of a payment page that was paid or has expired."""
    if session.status in ATTEMPT_STATUSES:
        CheckoutAttempt.objects.filter(
            stripe_session_id=session.id, status="open"
        ).update(status=ATTEMPT_STATUSES[session.status])
