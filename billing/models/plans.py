from typing import Self

from django.db import models
from django.db.models import Q

from billing.models.money import display_amount
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
        """Keep what a visitor may buy, cheapest first, with its plan.

        Nobody can pay a price that Stripe does not know yet.
        """
        return (
            self.filter(is_active=True, plan__is_active=True)
            .exclude(stripe_price_id=None)
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
    trial_days = models.PositiveSmallIntegerField(
        default=0, help_text="Free days before the first payment; once a person."
    )
    is_active = models.BooleanField(default=True)
    stripe_price_id = models.CharField(
        max_length=80, unique=True, null=True, blank=True
    )
    difference = models.CharField(
        "differs at Stripe",
        max_length=80,
        blank=True,
        editable=False,
        help_text="How the price at Stripe differs from this one, while on sale.",
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
        return display_amount(self.unit_amount, self.currency)
