"""Works through stored events, and through what Stripe must be told.

An event asks Stripe for the truth and writes it down; an entry of the outbox changes
something there first.
"""

import logging
from datetime import datetime, timedelta

from celery import shared_task
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from billing import gateway, sync
from billing.models import Customer, OutboxEntry, StripeEvent

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 10
MAX_TELLINGS = 20
LEASE = timedelta(minutes=10)
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=6)
PATIENCE_SECONDS = 10.0
BUSY_PAUSE = timedelta(seconds=5)


@shared_task(acks_late=True)
def process_event(*, event_id: int) -> None:
    """Bring what the event is about up to date; a second delivery finds nothing to do."""
    now = timezone.now()
    event = _claim(event_id, at=now)
    if event is None:
        return
    try:
        is_ours = _follow(event)
    except sync.SyncBusyError as error:
        # Waiting in line is no failed try.
        _postpone(event, str(error), attempts=event.attempts - 1, pause=BUSY_PAUSE)
    except gateway.GatewayError as error:
        pause = min(FIRST_PAUSE * 2**event.attempts, LONGEST_PAUSE)
        _postpone(event, str(error), attempts=event.attempts, pause=pause)
    else:
        if is_ours:
            _finish(event, status="processed", last_error="")
        else:
            _finish(event, status="ignored", last_error="No customer here has this id.")


def _follow(event: StripeEvent) -> bool:
    """Ask Stripe about what the event is about; say whether that is ours at all."""
    if event.type in sync.CATALOG_TYPES:
        sync.check_prices()
        return True
    customer = _customer_of(event)
    if customer is None:
        return False
    if not _is_known(event, customer):
        _read_in_turn(customer)
    if event.type == sync.FRAUD_WARNING and gateway.is_to_be_acted_on(event.object_id):
        # The only one that no reading finds: Stripe lists warnings of no customer.
        sync.hold_for_fraud(customer, charge_id=event.charge_id, at=timezone.now())
        sync.close_pages(customer, at=timezone.now())
    return True


def _customer_of(event: StripeEvent) -> Customer | None:
    stripe_id = event.stripe_customer_id
    if not stripe_id and event.charge_id:
        stripe_id = gateway.customer_of_charge(event.charge_id)
    if not stripe_id:  # a guest, and no customer here who has no id yet
        return None
    return Customer.objects.filter(stripe_id=stripe_id).first()


def _is_known(event: StripeEvent, customer: Customer) -> bool:
    """Tell whether Stripe was read after the event had come: it holds nothing new."""
    return event.pk <= customer.known_event_id


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


def _read_in_turn(customer: Customer) -> None:
    sync.sync_in_turn(customer=customer, at=timezone.now(), seconds=PATIENCE_SECONDS)


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


@shared_task(acks_late=True)
def tell_stripe(*, entry_id: int) -> None:
    """Do one entry of the outbox; a second delivery of the task finds it done."""
    work_entry(entry_id, at=timezone.now())


def work_entry(entry_id: int, *, at: datetime) -> bool:
    """Do what the entry says and read the customer again; say whether it is done."""
    entry = OutboxEntry.objects.claim(entry_id, at=at, until=at + LEASE)
    if entry is None:
        return False
    if entry.attempts > MAX_TELLINGS:
        # Every worker died at it, and none got to say so.
        _park_entry(entry, entry.last_error or "Every worker stopped at it.", at=at)
        return False
    try:
        _tell(entry)
    except sync.SyncBusyError as error:
        _delay_entry(
            entry, str(error), attempts=entry.attempts - 1, until=BUSY_PAUSE + at
        )
    except gateway.GatewayError as error:
        if entry.attempts == MAX_TELLINGS:
            _park_entry(entry, str(error), at=at)
            return False
        pause = min(FIRST_PAUSE * 2 ** (entry.attempts - 1), LONGEST_PAUSE)
        _delay_entry(entry, str(error), attempts=entry.attempts, until=at + pause)
    else:
        return OutboxEntry.objects.settle(entry, done_at=at, last_error="")
    return False


def _tell(entry: OutboxEntry) -> None:
    """Change it at Stripe, in a way that bears being done again."""
    kind, customer = entry.kind, entry.customer
    if kind == OutboxEntry.Kind.CANCEL_SURPLUS and not _is_wanted(entry):
        return
    if kind in {OutboxEntry.Kind.CANCEL, OutboxEntry.Kind.CANCEL_SURPLUS}:
        gateway.cancel_now(entry.subject_id)
    if kind == OutboxEntry.Kind.CANCEL_SURPLUS:
        gateway.refund_since(
            entry.subject_id, last_invoice_id=entry.last_invoice_id, key=entry.key
        )
    if kind == OutboxEntry.Kind.CLOSE and customer.stripe_id:
        gateway.close_customer(customer.stripe_id)
    if kind == OutboxEntry.Kind.EXPIRE:
        gateway.close_page(entry.subject_id)
    if kind == OutboxEntry.Kind.EMAIL:
        _update_email(customer)
    _read_in_turn(customer)
    if kind == OutboxEntry.Kind.CLOSE:
        _forget(customer)


def _is_wanted(entry: OutboxEntry) -> bool:
    """Read first: the reader withdraws the order once the other one has ended."""
    _read_in_turn(entry.customer)
    return OutboxEntry.objects.filter(pk=entry.pk).exists()


def _update_email(customer: Customer) -> None:
    """Send the address of now, again if it has changed meanwhile."""
    told = ""
    while (email := _email_of(customer)) != told:
        gateway.update_email(customer.stripe_id or "", email=email)
        told = email


def _email_of(customer: Customer) -> str:
    """Return the person's address; nothing once the account or the customer is gone."""
    there = Customer.objects.filter(
        pk=customer.pk, stripe_id__isnull=False, deleted_at__isnull=True
    )
    return there.values_list("user__email", flat=True).first() or ""


def _forget(customer: Customer) -> None:
    """Close the row: nothing is billed through it any more."""
    Customer.objects.filter(pk=customer.pk, user__isnull=True).update(
        deleted_at=Coalesce("deleted_at", Value(timezone.now())),
        card_brand="",
        card_last4="",
        card_expiry_date=None,
    )


def _delay_entry(
    entry: OutboxEntry, reason: str, *, attempts: int, until: datetime
) -> None:
    OutboxEntry.objects.settle(
        entry, attempts=attempts, next_attempt_at=until, last_error=reason
    )


def _park_entry(entry: OutboxEntry, reason: str, *, at: datetime) -> None:
    if OutboxEntry.objects.settle(entry, parked_at=at, last_error=reason):
        logger.error("outbox entry %s is parked: %s", entry.key, entry)
