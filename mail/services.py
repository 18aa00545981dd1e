import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core.errors import DomainError
from core.tasks import enqueue
from mail import emails, tasks
from mail.models import (
    OPTIONAL_CATEGORIES,
    Category,
    EmailPreference,
    OutgoingEmail,
    Suppression,
)

if TYPE_CHECKING:
    from accounts.models import User

BODIES_KEPT_FOR = timedelta(days=30)
SECRETS_KEPT_FOR = timedelta(days=3)
SWEPT_AT_ONCE = 500


class ResendRefusedError(DomainError):
    """The email cannot be sent again."""


@dataclass(frozen=True, kw_only=True)
class Email:
    """An email that an app composed; queueing it twice stores it once."""

    template: str
    to: str
    category: Category
    dedupe_key: str
    context: Mapping[str, object] = field(default_factory=dict)
    user: "User | None" = None
    is_secret: bool = False

    def queue(self) -> OutgoingEmail:
        """Store the email in the current transaction; it leaves after commit."""
        stored = OutgoingEmail.objects.filter(dedupe_key=self.dedupe_key).first()
        if stored is not None:
            return stored
        rendered = emails.render(
            template=self.template,
            address=self.to,
            category=self.category,
            context=self.context,
            time_zone=self.user.time_zone if self.user else "",
        )
        now = timezone.now()
        email, created = OutgoingEmail.objects.get_or_create(
            dedupe_key=self.dedupe_key,
            defaults={
                "template": self.template,
                "category": self.category,
                "user": self.user,
                "recipient": self.to,
                "subject": rendered.subject,
                "body_text": rendered.body_text,
                "body_html": rendered.body_html,
                "is_secret": self.is_secret,
                "message_id": message_id(self.dedupe_key),
                "queued_at": now,
                "next_attempt_at": now,
            },
        )
        if created:
            enqueue(tasks.deliver, email_id=email.pk)
        return email


def message_id(dedupe_key: str) -> str:
    """Return the same Message-ID for the same key, so that inboxes can drop a repeat."""
    digest = hashlib.sha256(dedupe_key.encode()).hexdigest()[:32]
    return f"<{digest}@{settings.EMAIL_MESSAGE_ID_DOMAIN}>"


@transaction.atomic
def resend(
    *, email: OutgoingEmail, by: AbstractBaseUser, at: datetime
) -> OutgoingEmail:
    """Queue a copy that names the original and who asked for it."""
    original = OutgoingEmail.objects.select_for_update().get(pk=email.pk)
    if original.status in {"queued", "sending"}:
        raise ResendRefusedError("This email is still on its way.")
    if not original.has_body:
        raise ResendRefusedError(
            "The text of this email is no longer kept. Ask the person to request it again."
        )
    number = original.resends.count() + 1
    key = f"resend:{original.pk}:{number}"
    copy = OutgoingEmail.objects.create(
        dedupe_key=key,
        template=original.template,
        category=original.category,
        user_id=original.user_id,
        recipient=original.recipient,
        subject=original.subject,
        body_text=original.body_text,
        body_html=original.body_html,
        is_secret=original.is_secret,
        message_id=message_id(key),
        queued_at=at,
        next_attempt_at=at,
        resend_of=original,
        resent_by_id=by.pk,
    )
    enqueue(tasks.deliver, email_id=copy.pk)
    return copy


def sweep(*, at: datetime) -> int:
    """Hand every due email to the workers again."""
    due = OutgoingEmail.objects.due(at=at).order_by("next_attempt_at")
    email_ids = list(due.values_list("pk", flat=True)[:SWEPT_AT_ONCE])
    for email_id in email_ids:
        enqueue(tasks.deliver, email_id=email_id)
    return len(email_ids)


def purge(*, at: datetime) -> int:
    """Empty the bodies of old emails, and those of secret ones much earlier."""
    finished = OutgoingEmail.objects.exclude(status__in=("queued", "sending"))
    return (
        finished.with_body()
        .filter(
            Q(queued_at__lte=at - BODIES_KEPT_FOR)
            | Q(is_secret=True, queued_at__lte=at - SECRETS_KEPT_FOR)
            | Q(is_secret=True, status__in=("sent", "suppressed"))
        )
        .update(body_text="", body_html="")
    )


def accepts(user: "User", category: Category) -> bool:
    """Tell whether the person wants emails of the category, at an address that works."""
    blocked = Suppression.objects.blocking(address=user.email, category=category)
    choices = EmailPreference.objects.choices_of(user)
    return choices.get(category, True) and not blocked.exists()


@transaction.atomic
def unsubscribe(*, address: str, category: str) -> None:
    """Stop one optional category for an address, and for the account that has it."""
    Suppression.objects.get_or_create(
        address__iexact=address,
        category=category,
        defaults={"address": address, "reason": Suppression.Reason.UNSUBSCRIBED},
    )
    for user in get_user_model().objects.filter(email__iexact=address):
        _choose(user, category=category, is_subscribed=False)


@transaction.atomic
def save_preferences(
    *, user: AbstractBaseUser, address: str, choices: Mapping[str, bool]
) -> None:
    """Store a choice for each optional category; subscribing again lifts an old stop."""
    for category in OPTIONAL_CATEGORIES:
        _choose(user, category=category, is_subscribed=choices[category])
        if choices[category]:
            Suppression.objects.filter(
                address__iexact=address,
                category=category,
                reason=Suppression.Reason.UNSUBSCRIBED,
            ).delete()


def _choose(user: AbstractBaseUser, *, category: str, is_subscribed: bool) -> None:
    EmailPreference.objects.update_or_create(
        user_id=user.pk, category=category, defaults={"is_subscribed": is_subscribed}
    )
