from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.urls import reverse

from core.models import TimestampedModel

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

STALLED_AFTER = timedelta(minutes=10)
UNSUBSCRIBE_SALT = "mail.unsubscribe"
BACKOFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)


class Category(models.TextChoices):
    """What an email is for; learning and news can be unsubscribed."""

    SERVICE = "service", "Service"
    BILLING = "billing", "Billing"
    LEARNING = "learning", "Learning"
    NEWS = "news", "News"


OPTIONAL_CATEGORIES = (Category.LEARNING, Category.NEWS)
SUBSCRIBED_BY_DEFAULT = {Category.LEARNING: True, Category.NEWS: False}


class OutgoingEmailQuerySet(models.QuerySet["OutgoingEmail"]):
    def due(self, *, at: datetime) -> Self:
        """Keep what should be sent now, and what a killed worker left half done."""
        return self.filter(
            Q(status="queued", next_attempt_at__lte=at)
            | Q(status="sending", claimed_at__lte=at - STALLED_AFTER)
        )

    def claim(self, email_id: int, *, at: datetime) -> OutgoingEmail | None:
        """Take one due email for this worker; of two workers, one gets nothing."""
        claimed = (
            self.due(at=at)
            .filter(pk=email_id)
            .update(
                status="sending",
                claimed_at=at,
                attempts=F("attempts") + 1,
                updated_at=at,
            )
        )
        return self.select_related("user").get(pk=email_id) if claimed else None

    def settle(self, email: OutgoingEmail, **changes: Any) -> bool:
        """Store how an attempt ended, unless another worker has taken it over."""
        held = self.filter(
            pk=email.pk, status="sending", claimed_at=email.claimed_at
        ).update(**changes)
        return bool(held)

    def with_body(self) -> Self:
        return self.exclude(body_text="", body_html="")


class OutgoingEmail(TimestampedModel):
    """One email to one person: written with its fact, delivered after commit."""

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        SENDING = "sending", "Sending"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        SUPPRESSED = "suppressed", "Suppressed"

    dedupe_key = models.CharField(
        max_length=200,
        unique=True,
        help_text="Kind, object and period: the same email is never stored twice.",
    )
    template = models.CharField(max_length=80)
    category = models.CharField(max_length=16, choices=Category)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    recipient = models.EmailField()
    subject = models.CharField(max_length=200)
    body_text = models.TextField()
    body_html = models.TextField()
    is_secret = models.BooleanField(
        default=False,
        help_text="The body carries a sign-in link or code; staff never see it.",
    )
    message_id = models.CharField(max_length=200, unique=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    resend_of = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="resends",
        help_text="The email that this one repeats, at the request of staff.",
    )
    resent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = OutgoingEmailQuerySet.as_manager()

    class Meta:
        verbose_name = "email"
        permissions = [("resend_outgoingemail", "Can send an email again")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="sent", sent_at__isnull=False)
                | (~Q(status="sent") & Q(sent_at__isnull=True)),
                name="%(app_label)s_%(class)s_sent_at_matches_status",
            ),
            models.CheckConstraint(
                condition=~Q(status="sending") | Q(claimed_at__isnull=False),
                name="%(app_label)s_%(class)s_sending_is_claimed",
            ),
            models.CheckConstraint(
                condition=Q(resent_by__isnull=True) | Q(resend_of__isnull=False),
                name="%(app_label)s_%(class)s_resent_by_names_a_resend",
            ),
        ]
        indexes = [models.Index(fields=["status", "next_attempt_at"])]

    def __str__(self) -> str:
        return f"{self.subject} ({self.recipient})"

    @property
    def is_given_up(self) -> bool:
        """Tell whether a worker has died at each try and never ended the email."""
        return self.attempts > len(BACKOFF) + 1

    @property
    def has_body(self) -> bool:
        return bool(self.body_text or self.body_html)

    def next_retry_at(self, *, at: datetime) -> datetime | None:
        """Return when to try once more, or None when it was the last attempt."""
        if self.attempts > len(BACKOFF):
            return None
        return at + BACKOFF[max(self.attempts, 1) - 1]


class EmailPreferenceQuerySet(models.QuerySet["EmailPreference"]):
    def choices_of(self, user: AbstractBaseUser) -> dict[str, bool]:
        """Return each optional category with the person's choice or the default."""
        stored = self.filter(user_id=user.pk).values_list("category", "is_subscribed")
        return {
            **{category.value: on for category, on in SUBSCRIBED_BY_DEFAULT.items()},
            **dict(stored),
        }


class EmailPreference(TimestampedModel):
    """One person's choice about one optional category; no row means the default."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="email_preferences",
    )
    category = models.CharField(max_length=16, choices=Category)
    is_subscribed = models.BooleanField()

    objects = EmailPreferenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "category"],
                name="%(app_label)s_%(class)s_one_per_user_and_category",
            ),
            models.CheckConstraint(
                condition=Q(category__in=("learning", "news")),
                name="%(app_label)s_%(class)s_only_optional_categories",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category}: {self.is_subscribed}"


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def blocking(self, *, address: str, category: str) -> Self:
        """Keep the rows that forbid an email of this category to this address."""
        return self.filter(address__iexact=address, category__in=("", category))


class Suppression(TimestampedModel):
    """An address that gets no email of a category, or none at all after a bounce."""

    class Reason(models.TextChoices):
        BOUNCE = "bounce", "Bounce"
        COMPLAINT = "complaint", "Complaint"
        UNSUBSCRIBED = "unsubscribed", "Unsubscribed"
        STAFF = "staff", "By staff"

    address = models.EmailField()
    category = models.CharField(
        max_length=16, choices=Category, blank=True, help_text="Empty: every category."
    )
    reason = models.CharField(max_length=16, choices=Reason)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Upper("address"),  # what PostgreSQL looks up for `iexact`
                "category",
                name="%(app_label)s_%(class)s_one_per_address_and_category",
            )
        ]

    def __str__(self) -> str:
        return f"{self.address} ({self.get_reason_display()})"


def unsubscribe_url(*, address: str, category: str) -> str:
    """Return the link that unsubscribes this address; empty when it cannot."""
    if category not in OPTIONAL_CATEGORIES:
        return ""
    token = signing.Signer(salt=UNSUBSCRIBE_SALT).sign_object([address, category])
    return settings.SITE_URL + reverse("mail:unsubscribe", args=[token])


def read_unsubscribe_token(token: str) -> tuple[str, str] | None:
    """Return the address and category that a token names; None when it is not ours."""
    try:
        value = signing.Signer(salt=UNSUBSCRIBE_SALT).unsign_object(token)
    except (signing.BadSignature, ValueError):
        return None
    address, category = value
    return address, category
