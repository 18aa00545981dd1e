from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from core.models import TimestampedModel

STALLED_AFTER = timedelta(minutes=10)


class Category(models.TextChoices):
    """What an email is for; learning and news can be unsubscribed."""

    SERVICE = "service", "Service"
    BILLING = "billing", "Billing"
    LEARNING = "learning", "Learning"
    NEWS = "news", "News"


OPTIONAL_CATEGORIES = (Category.LEARNING, Category.NEWS)


class OutgoingEmailQuerySet(models.QuerySet["OutgoingEmail"]):
    def due(self, *, at: datetime) -> Self:
        """Keep what should be sent now, and what a killed worker left half done."""
        return self.filter(
            Q(status="queued", next_attempt_at__lte=at)
            | Q(status="sending", claimed_at__lte=at - STALLED_AFTER)
        )


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
    status = models.CharField(
        max_length=16, choices=Status, default=Status.QUEUED, db_index=True
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    objects = OutgoingEmailQuerySet.as_manager()

    class Meta:
        verbose_name = "email"
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
        ]
        indexes = [models.Index(fields=["status", "next_attempt_at"])]

    def __str__(self) -> str:
        return f"{self.subject} ({self.recipient})"


class EmailPreference(TimestampedModel):
    """One person's choice about one optional category; no row means the default."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="email_preferences",
    )
    category = models.CharField(max_length=16, choices=Category)
    is_subscribed = models.BooleanField()

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

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("address"),
                "category",
                name="%(app_label)s_%(class)s_one_per_address_and_category",
            )
        ]

    def __str__(self) -> str:
        return f"{self.address} ({self.get_reason_display()})"
