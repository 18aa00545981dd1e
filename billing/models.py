import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.constraints import both_or_neither
from core.models import TimestampedModel


class Plan(TimestampedModel):
    """What a person can subscribe to, and the entitlement that it unlocks."""

    slug = models.SlugField(
        "short name", unique=True, help_text="The plan's product at Stripe is named so."
    )
    name = models.CharField(max_length=80)
    entitlement = models.SlugField(help_text="The key that courses ask for.")
    is_active = models.BooleanField(default=True)
    weight = models.PositiveSmallIntegerField(
        "position", default=0, help_text="Lower comes first."
    )
    stripe_product_id = models.CharField(max_length=80, blank=True)

    class Meta:
        permissions = [
            ("preview_plan", "Can open what the plan unlocks, to preview it")
        ]

    def __str__(self) -> str:
        return self.name


class PriceQuerySet(models.QuerySet["Price"]):
    def on_sale(self) -> Self:
        """Keep what a visitor may buy, cheapest first, with its plan."""
        return (
            self.filter(is_active=True, plan__is_active=True)
            .select_related("plan")
            .order_by("plan__weight", "unit_amount")
        )


class Price(TimestampedModel):
    """One amount and interval of a plan; an old price stays for who has it."""

    class Interval(models.TextChoices):
        MONTH = "month", "Month"
        YEAR = "year", "Year"

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="prices")
    slug = models.SlugField(
        "short name",
        unique=True,
        help_text="Such as membership-monthly; Stripe knows the price by it.",
    )
    currency = models.CharField(max_length=3, default="usd")
    unit_amount = models.PositiveIntegerField(help_text="In cents: 1995 is $19.95.")
    interval = models.CharField(max_length=8, choices=Interval)
    is_active = models.BooleanField(default=True)
    stripe_price_id = models.CharField(
        max_length=80, unique=True, null=True, blank=True
    )

    objects = PriceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "currency", "interval"],
                condition=Q(is_active=True),
                name="%(app_label)s_%(class)s_one_active_per_interval",
                violation_error_message="The plan has an active price of this interval.",
            ),
            models.CheckConstraint(
                condition=Q(unit_amount__gt=0),
                name="%(app_label)s_%(class)s_amount_is_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.display_amount} a {self.interval}"

    @property
    def display_amount(self) -> str:
        """Return the amount as people write it: $19.95, $199."""
        dollars, cents = divmod(self.unit_amount, 100)
        return f"${dollars:,}.{cents:02d}" if cents else f"${dollars:,}"


class Customer(TimestampedModel):
    """The one Stripe customer of a user; it outlives the account."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="billing_customer",
    )
    stripe_id = models.CharField(max_length=80, unique=True, null=True, blank=True)
    creation_key = models.UUIDField(
        default=uuid.uuid4,
        editable=False,
        help_text="The idempotency key of the customer's creation at Stripe.",
    )
    sync_claimed_at = models.DateTimeField(
        null=True, help_text="Set while somebody reads this customer at Stripe."
    )
    synced_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.stripe_id or f"customer {self.pk}"

    @property
    def exists_at_stripe(self) -> bool:
        return bool(self.stripe_id) and self.deleted_at is None


class CheckoutAttempt(TimestampedModel):
    """One try to subscribe; its id is the idempotency key at Stripe."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        COMPLETED = "completed", "Completed"
        EXPIRED = "expired", "Expired"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="checkout_attempts",
    )
    price = models.ForeignKey(Price, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=16, choices=Status, default=Status.OPEN)
    stripe_session_id = models.CharField(
        max_length=100, unique=True, null=True, blank=True
    )
    url = models.TextField(blank=True)
    return_path = models.CharField(
        max_length=300, blank=True, help_text="The lesson to come back to after paying."
    )
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(status="open"),
                name="%(app_label)s_%(class)s_one_open_per_user",
            )
        ]

    def __str__(self) -> str:
        return f"{self.price} ({self.status})"


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
    current_period_start = models.DateTimeField(null=True)
    current_period_end = models.DateTimeField(null=True)
    cancel_at = models.DateTimeField(null=True)
    cancel_at_period_end = models.BooleanField(default=False)
    canceled_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    past_due_since = models.DateTimeField(null=True)
    latest_invoice_id = models.CharField(max_length=80, blank=True)
    stripe_created_at = models.DateTimeField()
    synced_at = models.DateTimeField()

    objects = SubscriptionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.stripe_id} ({self.get_status_display()})"

    def is_outdated(self, *, at: datetime) -> bool:
        """Say whether the paid period is over and Stripe has not said what follows."""
        is_open = self.status in {self.Status.ACTIVE, self.Status.TRIALING}
        end = self.current_period_end
        return is_open and (end is None or end <= at)

    @property
    def ends_at(self) -> datetime | None:
        """Return the moment of a scheduled cancellation, however it was scheduled."""
        if self.cancel_at:
            return self.cancel_at
        return self.current_period_end if self.cancel_at_period_end else None


class AccessGrantQuerySet(models.QuerySet["AccessGrant"]):
    def valid(self, *, at: datetime) -> Self:
        """Keep the grants that open something at the given moment."""
        return self.filter(
            Q(valid_until__isnull=True) | Q(valid_until__gt=at),
            valid_from__lte=at,
            revoked_at__isnull=True,
        )


class AccessGrant(TimestampedModel):
    """Complimentary access that staff gave, with who, why and until when."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="access_grants"
    )
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(
        null=True, blank=True, help_text="Empty: without end."
    )
    reason = models.CharField(max_length=200)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=200, blank=True)

    objects = AccessGrantQuerySet.as_manager()

    class Meta:
        permissions = [("revoke_accessgrant", "Can revoke access grant")]
        constraints = [
            both_or_neither(
                "revoked_at",
                "revoked_reason",
                name="%(app_label)s_%(class)s_revoked_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True)
                | Q(valid_until__gt=models.F("valid_from")),
                name="%(app_label)s_%(class)s_ends_after_start",
                violation_error_message="The grant must end after it starts.",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="%(app_label)s_%(class)s_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} for {self.user}"


class StripeEventQuerySet(models.QuerySet["StripeEvent"]):
    def due(self, *, at: datetime) -> Self:
        """Keep the events that a worker should take up again."""
        return self.filter(
            status__in=("received", "processing"), next_attempt_at__lte=at
        )


class StripeEvent(models.Model):
    """A webhook delivery, stored before anything is done about it."""

    class Status(models.TextChoices):
        RECEIVED = "received", "Received"
        PROCESSING = "processing", "Processing"
        PROCESSED = "processed", "Processed"
        IGNORED = "ignored", "Ignored"
        FAILED = "failed", "Failed"

    event_id = models.CharField(max_length=80, unique=True)
    type = models.CharField(max_length=80)
    api_version = models.CharField(max_length=40, blank=True)
    stripe_created_at = models.DateTimeField()
    stripe_customer_id = models.CharField(max_length=80, blank=True, db_index=True)
    object_id = models.CharField(max_length=120, blank=True)
    body = models.TextField()
    status = models.CharField(max_length=16, choices=Status, db_index=True)
    deliveries = models.PositiveIntegerField(default=1)
    attempts = models.PositiveSmallIntegerField(default=0)
    received_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    objects = StripeEventQuerySet.as_manager()

    class Meta:
        permissions = [("replay_stripeevent", "Can process stripe event again")]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"
