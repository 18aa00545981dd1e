import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from billing.models.plans import Price
from core.models import TimestampedModel


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
    trial_days = models.PositiveSmallIntegerField(default=0)
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


class RenewalConsent(TimestampedModel):
    """What somebody agreed to beside the button, as the renewal laws want it kept."""

    customer = models.ForeignKey(
        "billing.Customer", on_delete=models.PROTECT, related_name="consents"
    )
    attempt = models.OneToOneField(
        CheckoutAttempt,
        on_delete=models.SET_NULL,
        null=True,
        related_name="consent",
    )
    text_version = models.CharField(max_length=20)
    text = models.TextField(help_text="The words as they stood on the page.")
    currency = models.CharField(max_length=3)
    unit_amount = models.PositiveIntegerField(help_text="In cents.")
    interval = models.CharField(max_length=8)
    agreed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""), name="%(app_label)s_%(class)s_has_its_words"
            )
        ]

    def __str__(self) -> str:
        return f"{self.customer}, {self.agreed_at:%Y-%m-%d}"
