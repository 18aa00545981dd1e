"""Works through stored events: each asks Stripe for the truth and writes it down."""

import logging
import time
from datetime import datetime, timedelta

from celery import shared_task
from django.db.models import F, Q
from django.utils import timezone

from billing import gateway, sync
from billing.models import Customer, StripeEvent

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 10
LEASE = timedelta(minutes=10)
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=6)
POLL_SECONDS = 0.1
PATIENCE_SECONDS = 10.0
BUSY_PAUSE = timedelta(seconds=5)


@shared_task(acks_late=True)
def process_event(*, event_id: int) -> None:
    """Bring the event's customer up to date; a second delivery finds nothing to do."""
    now = timezone.now()
    event = _claim(event_id, at=now)
    if event is None:
        return
    try:
        customer = _customer_of(event)
        if customer is None:
            _finish(event, status="ignored", last_error="No customer here has this id.")
            return
        if not _is_known(event, customer):
            _sync_in_turn(customer)
    except sync.SyncBusyError as error:
        # Waiting in line is no failed try.
        _postpone(event, str(error), attempts=event.attempts - 1, pause=BUSY_PAUSE)
    except gateway.GatewayError as error:
        pause = min(FIRST_PAUSE * 2**event.attempts, LONGEST_PAUSE)
        _postpone(event, str(error), attempts=event.attempts, pause=pause)
    else:
        _finish(event, status="processed", last_error="")


def _customer_of(event: StripeEvent) -> Customer | None:
    stripe_id = event.stripe_customer_id
    if not stripe_id and event.charge_id:
        stripe_id = gateway.customer_of_charge(event.charge_id)
    return Customer.objects.filter(stripe_id=stripe_id or None).first()


def _is_known(event: StripeEvent, customer: Customer) -> bool:
    """Tell whether Stripe was read after the event had come: it holds nothing new."""
    return customer.synced_at is not None and customer.synced_at > event.received_at


def _claim(event_id: int, *, at: datetime) -> StripeEvent | None:
    due = Q(status="received") | Q(status="processing", next_attempt_at__lte=at)
    claimed = StripeEvent.objects.filter(due, pk=event_id).update(
        status="processing", attempts=F("attempts") + 1, next_attempt_at=at + LEASE
    )
    if not claimed:
        return None
    event = StripeEvent.objects.get(pk=event_id)
    if event.attempts <= MAX_ATTEMPTS:
        return event
    # A worker that dies at every try never gets to park the event itself.
    _park(event, event.last_error or "Every worker stopped before it finished.")
    return None


def _sync_in_turn(customer: Customer) -> None:
    """Wait for the reader before us: what it read may be older than this event."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            sync.sync_customer(customer=customer, at=timezone.now())
        except sync.SyncBusyError:
            if time.monotonic() >= give_up_at:
                raise
            time.sleep(POLL_SECONDS)
        else:
            return


def _postpone(
    event: StripeEvent, reason: str, *, attempts: int, pause: timedelta
) -> None:
    if attempts >= MAX_ATTEMPTS:
        _park(event, reason)
        return
    _save(
        event,
        status="received",
        attempts=attempts,
        last_error=reason,
        next_attempt_at=timezone.now() + pause,
    )


def _park(event: StripeEvent, reason: str) -> None:
    _save(event, status="failed", last_error=reason)
    logger.error("stripe event %s is parked as failed", event.event_id)


def _finish(event: StripeEvent, *, status: str, last_error: str) -> None:
    _save(event, status=status, last_error=last_error, processed_at=timezone.now())


def _save(event: StripeEvent, **values: object) -> None:
    # Only our own claim: a worker whose time ran out must not write over the next one.
    StripeEvent.objects.filter(
        pk=event.pk, status="processing", next_attempt_at=event.next_attempt_at
    ).update(**values)
