from datetime import datetime

from django.db import transaction

from accounts.models import User
from billing import sync
from billing.models import AccessHold, Customer
from core.errors import DomainError


class HoldRefusedError(DomainError):
    """The hold cannot be opened or released like this."""


@transaction.atomic
def open_hold(
    *, customer: Customer, reason: str, opened_by: User, at: datetime
) -> AccessHold:
    """Close what the customer has paid for, until somebody releases the hold."""
    if not reason.strip():
        raise HoldRefusedError("Say why: the reason is kept.")
    Customer.objects.select_for_update().get(pk=customer.pk)  # two clicks, one hold
    own = customer.holds.filter(kind=AccessHold.Kind.MANUAL)
    if same := own.open().filter(reason=reason.strip()).first():
        return same
    number = own.count() + 1
    hold = AccessHold.objects.create(
        customer=customer,
        kind=AccessHold.Kind.MANUAL,
        source_id=f"manual-{customer.pk}-{number}",
        reason=reason.strip(),
        opened_at=at,
        opened_by=opened_by,
    )
    sync.close_pages(customer, at=at)
    return hold


def release_hold(
    *, hold: AccessHold, reason: str, released_by: User, at: datetime
) -> None:
    """Open again what the hold closes; what staff released, no reading closes again."""
    if not reason.strip():
        raise HoldRefusedError("Say why: the reason is kept.")
    released = AccessHold.objects.open().filter(pk=hold.pk)
    if not released.update(
        released_at=at, released_by=released_by, released_reason=reason.strip()
    ):
        raise HoldRefusedError("This hold was released before.")
