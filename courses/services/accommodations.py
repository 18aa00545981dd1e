from datetime import datetime

from django.db import transaction

from accounts.models import User
from courses.models import Accommodation


def accommodation_of(user: User) -> Accommodation | None:
    """Return what is in force for the person, if anything was agreed."""
    return Accommodation.objects.filter(user=user, ended_at__isnull=True).first()


@transaction.atomic
def accommodate(*, given: Accommodation, at: datetime) -> Accommodation:
    """Put what was agreed in force; what was in force before ends, and stays on record."""
    User.objects.select_for_update().get(pk=given.user_id)
    in_force = Accommodation.objects.filter(user=given.user, ended_at__isnull=True)
    in_force.update(ended_at=at, updated_at=at)
    given.save()
    return given


def end_accommodation(*, accommodation: Accommodation, at: datetime) -> bool:
    """End what is in force; again changes nothing."""
    mine = Accommodation.objects.filter(pk=accommodation.pk, ended_at__isnull=True)
    return mine.update(ended_at=at, updated_at=at) > 0
