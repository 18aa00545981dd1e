import uuid

from django.conf import settings
from django.db import models

from billing.models.money import display_amount
from core.models import TimestampedModel


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
    known_event_id = models.PositiveBigIntegerField(
        default=0,
        help_text="The newest event stored before the last reading began: "
        "up to it, no event holds anything new.",
    )
    currency = models.CharField(
        max_length=3, blank=True, help_text="Fixed at Stripe by the first subscription."
    )
    balance = models.IntegerField(
        default=0,
        help_text="What the next invoices ask in addition, in the smallest unit of the "
        "currency; less than nothing is a credit, which pays them first.",
    )
    card_brand = models.CharField(max_length=20, blank=True)
    card_last4 = models.CharField("last digits of the card", max_length=4, blank=True)
    card_expiry_date = models.DateField(
        null=True, help_text="The last day on which the card is valid."
    )
    trial_used_at = models.DateTimeField(
        null=True, help_text="One trial a person, of whatever plan."
    )
    deleted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.stripe_id or f"customer {self.pk}"

    @property
    def exists_at_stripe(self) -> bool:
        return bool(self.stripe_id) and self.deleted_at is None

    @property
    def credit(self) -> int:
        return max(-self.balance, 0)

    @property
    def credit_words(self) -> str:
        """Name the credit that waits, or nothing."""
        if not self.credit:
            return ""
        amount = display_amount(self.credit, self.currency, is_long=True)
        return f"You have a credit of {amount}: it pays your next invoices first."
