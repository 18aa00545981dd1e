"""Hears what happens to accounts, and what Stripe must be told about it."""

from typing import Any

from allauth.account.signals import email_changed
from django.db.models.signals import pre_delete  # noqa: TID251 - whoever deletes: the admin, a command
from django.utils import timezone

from accounts.models import User
from accounts.signals import user_deactivated
from billing import services, tasks
from billing.models import OutboxEntry
from billing.signals import outbox_written
from core.tasks import enqueue


def connect() -> None:
    pre_delete.connect(close_account, sender=User)
    user_deactivated.connect(stop_billing)
    email_changed.connect(follow_email)
    outbox_written.connect(tell_stripe)


def close_account(*, instance: User, **_signal: Any) -> None:
    """Order the end of all billing in the transaction that deletes the person."""
    services.close_account(user=instance, at=timezone.now())


def stop_billing(*, user: User, **_signal: Any) -> None:
    services.stop_billing(user=user, at=timezone.now())


def follow_email(*, user: User, **_signal: Any) -> None:
    services.follow_email(user=user, at=timezone.now())


def tell_stripe(*, entry: OutboxEntry, **_signal: Any) -> None:
    """Let a worker hear of the entry at once; the sweep knows it anyway."""
    enqueue(tasks.tell_stripe, entry_id=entry.pk)
