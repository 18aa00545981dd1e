"""Brings the rows of one customer to what Stripe says now.

Webhooks, the page after paying and buttons are only reasons to call this. One reader
at a time, and it claims the customer before it reads: an older answer can therefore
never overwrite a newer one, whatever the order in which events arrive.
"""

import time
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max, Q

from billing.models import Customer, StripeEvent
from billing.sync.catalog import CATALOG_TYPES, check_prices
from billing.sync.holds import (
    FRAUD_WARNING,
    cancel_all,
    close_pages,
    hold_for_fraud,
    settle_holds,
)
from billing.sync.notices import announce
from billing.sync.picture import Picture, take_picture
from billing.sync.rows import settle_attempt, write_rows
from core.errors import DomainError

__all__ = [
    "CATALOG_TYPES",
    "FRAUD_WARNING",
    "SyncBusyError",
    "cancel_all",
    "check_prices",
    "close_pages",
    "hold_for_fraud",
    "settle_attempt",
    "sync_customer",
    "sync_in_turn",
]

ABANDONED_AFTER = timedelta(minutes=2)
POLL_SECONDS = 0.1


class SyncBusyError(DomainError):
    """Somebody else reads this customer right now."""


def sync_in_turn(*, customer: Customer, at: datetime, seconds: float) -> None:
    """Wait for the reader before us: what it read may be older than our reason."""
    began = time.monotonic()
    while True:
        waited = time.monotonic() - began
        try:
            sync_customer(customer=customer, at=at + timedelta(seconds=waited))
        except SyncBusyError:
            if waited >= seconds:
                raise
            time.sleep(POLL_SECONDS)
        else:
            return


def sync_customer(*, customer: Customer, at: datetime) -> None:
    """Claim the customer, then read Stripe, then write what it said."""
    _claim(customer, at=at)
    try:
        # By number, not by the clock: the machines that store events have their own.
        known = StripeEvent.objects.aggregate(newest=Max("pk"))["newest"]
        picture = take_picture(customer)
        _write(customer, picture, known_event_id=known or 0, at=at)
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


@transaction.atomic
def _write(
    customer: Customer, picture: Picture, *, known_event_id: int, at: datetime
) -> None:
    locked = (
        Customer.objects.select_for_update()
        .filter(pk=customer.pk, sync_claimed_at=at)
        .first()
    )
    if locked is None:
        raise SyncBusyError("Somebody else took over.")
    locked.known_event_id = known_event_id
    changes = write_rows(locked, picture, at=at)
    settle_holds(locked, picture, at=at)
    announce(locked, changes)
