from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from billing.models.customers import Customer
from billing.models.plans import Price
from core.models import TimestampedModel


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def live(self) -> Self:
        """Keep those that still bill or may bill again: a second one is refused."""
        return self.filter(status__in=Subscription.LIVE)


class Subscription(TimestampedModel):
    """A subscription as Stripe last told it; never edited here, never deleted."""

    class Status(models.TextChoices):
        INCOMPLETE = "incomplete", "Payment incomplete"
        INCOMPLETE_EXPIRED = "incomplete_expired", "Never paid"
        TRIALING = "trialing", "Trial"
        ACTIVE = "active", "Active"
        PAST_DUE = "past_due", "Past due"
        UNPAID = "unpaid", "Unpaid"
        PAUSED = "paused", "Paused"
        CANCELED = "canceled", "Canceled"

    LIVE = (
        Status.INCOMPLETE,
        Status.TRIALING,
        Status.ACTIVE,
        Status.PAST_DUE,
        Status.UNPAID,
        Status.PAUSED,
    )

    stripe_id = models.CharField(max_length=80, unique=True)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="subscriptions"
    )
    status = models.CharField(max_length=24, choices=Status, db_index=True)
    price = models.ForeignKey(
        Price, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    item_id = models.CharField(max_length=80, blank=True)
    quantity = models.PositiveIntegerField(default=1)
    currency = models.CharField(max_length=3, blank=True)
    current_period_start = models.DateTimeField(null=True)
    current_period_end = models.DateTimeField(null=True)
    cancel_at = models.DateTimeField(null=True)
    cancel_at_period_end = models.BooleanField(default=False)
    canceled_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    trial_ends_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    resumes_at = models.DateTimeField(
        null=True, help_text="When we end the pause that the member chose."
    )
    is_surplus = models.BooleanField(
        default=False,
        help_text="A second subscription of the same person: it is canceled and "
        "refunded, and opens nothing.",
    )
    past_due_since = models.DateTimeField(null=True)
    latest_invoice_id = models.CharField(max_length=80, blank=True)
    stripe_created_at = models.DateTimeField(db_index=True)
    raw = models.JSONField("as Stripe told it", default=dict)
    synced_at = models.DateTimeField()

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(
                    is_surplus=False,
                    status__in=[
                        *("incomplete", "trialing", "active"),
                        *("past_due", "unpaid", "paused"),
                    ],
                ),
                name="%(app_label)s_%(class)s_one_live_per_customer",
            )
        ]

    def __str__(self) -> str:
        return f"{self.stripe_id} ({self.get_status_display()})"

    def is_outdated(self, *, at: datetime) -> bool:
        """Say whether the paid period is over and Stripe has not said what follows."""
        is_open = self.status in {self.Status.ACTIVE, self.Status.TRIALING}
        end = self.current_period_end
        return is_open and (end is None or end <= at)

    @property
    def ends_at(self) -> datetime | None:
        """Return the moment of a scheduled cancellation that no renewal comes before."""
        if self.cancel_at and not self.ends_later_at:
            return self.cancel_at
        return self.current_period_end if self.cancel_at_period_end else None

    @property
    def ends_later_at(self) -> datetime | None:
        """Return the moment of a cancellation that renewals still come before."""
        end = self.current_period_end
        is_distant = self.cancel_at and end and self.cancel_at > end
        return self.cancel_at if is_distant else None

    @property
    def ended_unpaid(self) -> bool:
        """Say whether Stripe ended it, or gave it up, because nobody paid."""
        details = self.raw.get("cancellation_details") or {}
        is_given_up = self.status == self.Status.UNPAID
        return is_given_up or details.get("reason") == "payment_failed"

    @property
    def grace_ends_at(self) -> datetime | None:
        """Return until when a payment that is late closes nothing."""
        since = self.past_due_since or self.current_period_start
        return since + timedelta(days=settings.BILLING_GRACE_DAYS) if since else None
