import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from billing import gateway, sync, tasks
from billing.models import EventListing, StripeEvent
from core.errors import DomainError
from core.tasks import enqueue

logger = logging.getLogger(__name__)

# The first try is enqueued at once; the sweep looks only at what stays behind.
HEAD_START = timedelta(minutes=1)
SWEPT_AT_ONCE = 500
OVERLAP = timedelta(hours=1)  # for events that come late, and clocks that differ
EMPTIED_AT_ONCE = 1000  # the database ends a statement that takes long
REMEMBERED = timedelta(days=30)  # Stripe lists no older events
HANDLED = frozenset(
    {
        "charge.dispute.closed",
        "charge.dispute.created",
        "charge.dispute.funds_reinstated",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.updated",
        "charge.refunded",
        "checkout.session.async_payment_failed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.completed",
        "checkout.session.expired",
        "customer.deleted",
        "customer.subscription.created",
        "customer.subscription.deleted",
        "customer.subscription.paused",
        "customer.subscription.pending_update_applied",
        "customer.subscription.pending_update_expired",
        "customer.subscription.resumed",
        "customer.subscription.trial_will_end",
        "customer.subscription.updated",
        "customer.updated",
        "invoice.finalization_failed",
        "invoice.finalized",
        "invoice.marked_uncollectible",
        "invoice.paid",
        "invoice.payment_action_required",
        "invoice.payment_failed",
        "invoice.upcoming",
        "invoice.updated",
        "invoice.voided",
        "payment_method.automatically_updated",
        "payment_method.detached",
        *sync.CATALOG_TYPES,
        sync.FRAUD_WARNING,
        "refund.created",
        "refund.failed",
        "refund.updated",
    }
)


class EventRefusedError(DomainError):
    """Stripe did not send this, or not to this site."""


def receive_event(*, payload: bytes, signature: str, at: datetime) -> StripeEvent:
    """Store a signed event once, however often it comes, and hand it to a worker."""
    try:
        remote = gateway.verify_event(payload, signature=signature, at=at)
    except gateway.UnverifiedError as error:
        raise EventRefusedError(str(error)) from error
    if remote.is_live != settings.STRIPE_IS_LIVE:
        raise EventRefusedError("The event is of the other mode, live or test.")
    event, is_new = _store(remote, at=at)
    if not is_new:
        _count_delivery(event, at=at)
    return event


def backfill_events(*, at: datetime) -> int:
    """Store the events that were never delivered here; say how many there were."""
    if not gateway.is_configured():
        return 0
    since = _listed_until(at=at) - OVERLAP
    known = set(
        StripeEvent.objects.filter(
            stripe_created_at__gte=since.replace(microsecond=0)
        ).values_list("event_id", flat=True)
    )
    missing = (
        remote
        for remote in gateway.list_events(types=HANDLED, since=since)
        if remote.id not in known and remote.is_live == settings.STRIPE_IS_LIVE
    )
    stored = sum(_store(remote, at=at)[1] for remote in missing)
    # Only now, after the last page: what broke off is listed again from its beginning.
    EventListing.objects.filter(listed_until_at__lt=at).update(listed_until_at=at)
    return stored


def _listed_until(*, at: datetime) -> datetime:
    """Return up to when all was listed; what webhooks bring closes no gap before it."""
    oldest = at - REMEMBERED
    listing, _is_first = EventListing.objects.get_or_create(
        pk=1, defaults={"listed_until_at": oldest}
    )
    if listing.listed_until_at < oldest:
        logger.error(
            "stripe lists no events from %s to %s any more: compare all rows with it",
            *(listing.listed_until_at, oldest),
        )
    return max(listing.listed_until_at, oldest + OVERLAP)


def _store(remote: gateway.RemoteEvent, *, at: datetime) -> tuple[StripeEvent, bool]:
    """Store an event once, and hand a new one to a worker."""
    is_about_us = remote.type in sync.CATALOG_TYPES or bool(
        remote.customer_id or remote.charge_id
    )
    is_handled = remote.type in HANDLED and is_about_us
    event, is_new = StripeEvent.objects.get_or_create(
        event_id=remote.id,
        defaults={
            "type": remote.type,
            "api_version": remote.api_version,
            "stripe_created_at": remote.created_at,
            "stripe_customer_id": remote.customer_id,
            "object_id": remote.object_id,
            "charge_id": remote.charge_id,
            "body": remote.body,
            "status": "received" if is_handled else "ignored",
            "received_at": at,
            "next_attempt_at": at + HEAD_START,
        },
    )
    if is_new and is_handled:
        enqueue(tasks.process_event, event_id=event.pk)
    return event, is_new


def _count_delivery(event: StripeEvent, *, at: datetime) -> None:
    StripeEvent.objects.filter(pk=event.pk).update(deliveries=F("deliveries") + 1)
    if event.status == StripeEvent.Status.FAILED:
        replay_event(event=event, at=at)
    elif event.status == StripeEvent.Status.RECEIVED:
        enqueue(tasks.process_event, event_id=event.pk)


@transaction.atomic
def replay_event(*, event: StripeEvent, at: datetime) -> None:
    """Process a stored event once more, from its first try on."""
    StripeEvent.objects.filter(pk=event.pk).update(
        status="received", attempts=0, next_attempt_at=at + HEAD_START, last_error=""
    )
    enqueue(tasks.process_event, event_id=event.pk)


def purge_event_bodies(*, at: datetime) -> int:
    """Empty what Stripe sent a while ago: it names people, and the ids tell the rest."""
    old = StripeEvent.objects.filter(
        received_at__lte=at - timedelta(days=settings.STRIPE_EVENT_BODY_DAYS),
        status__in=("processed", "ignored", "failed"),
    )
    full = old.exclude(body="").order_by("pk").values_list("pk", flat=True)
    emptied, last = 0, 0
    while event_ids := list(full.filter(pk__gt=last)[:EMPTIED_AT_ONCE]):
        emptied += StripeEvent.objects.filter(pk__in=event_ids).update(body="")
        last = event_ids[-1]
    return emptied


def sweep_events(*, at: datetime) -> int:
    """Enqueue every event whose next try is due; the broker may have lost them all."""
    due = StripeEvent.objects.due(at=at).order_by("next_attempt_at")
    event_ids = list(due.values_list("pk", flat=True)[:SWEPT_AT_ONCE])
    for event_id in event_ids:
        enqueue(tasks.process_event, event_id=event_id)
    return len(event_ids)
