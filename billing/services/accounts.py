"""What Stripe must hear when an account changes or ends."""

import uuid
from datetime import datetime

from django.db import transaction

from accounts.models import User
from billing import sync
from billing.models import Customer, OutboxEntry
from billing.services.outbox import retry_entry


@transaction.atomic
def close_account(*, user: User, at: datetime) -> None:
    """Order the end of all that the person pays for; what was paid stays on record."""
    # Locked: who creates the customer at Stripe now sees the end when it is stored.
    customer = Customer.objects.select_for_update().filter(user=user).first()
    if customer is not None and customer.exists_at_stripe:
        order_closing(customer=customer, at=at)


@transaction.atomic
def stop_billing(*, user: User, at: datetime) -> None:
    """Cancel what somebody pays for who cannot log in any more; nothing goes back."""
    customer = Customer.objects.select_for_update().filter(user=user).first()
    if customer is not None and customer.exists_at_stripe:
        sync.cancel_all(customer, at=at)


@transaction.atomic
def order_closing(*, customer: Customer, at: datetime) -> OutboxEntry:
    """Order it once, and once more when something lived on or it was given up."""
    times = OutboxEntry.objects.filter(
        customer=customer, kind=OutboxEntry.Kind.CLOSE, done_at__isnull=False
    ).count()
    entry = OutboxEntry.objects.write(
        OutboxEntry.Kind.CLOSE,
        customer=customer,
        key=f"close-{customer.creation_key}-{times}",
        at=at,
    )
    if entry.parked_at:
        retry_entry(entry=entry, at=at)
    return entry


@transaction.atomic
def follow_email(*, user: User, at: datetime) -> None:
    """Have Stripe write to the address that the person has now."""
    customer = Customer.objects.filter(user=user).first()
    if customer is not None and customer.exists_at_stripe:
        OutboxEntry.objects.write(
            OutboxEntry.Kind.EMAIL,
            customer=customer,
            key=f"email-{uuid.uuid4()}",
            at=at,
        )
