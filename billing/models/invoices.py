from datetime import UTC, datetime
from typing import Self

from django.db import models

from billing.models.customers import Customer
from billing.models.plans import Price
from billing.models.subscriptions import Subscription
from core.models import TimestampedModel


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    def due(self) -> Self:
        """Keep what a bank has refused or wants to have confirmed, newest first."""
        settled = (
            Subscription.Status.ACTIVE,
            Subscription.Status.CANCELED,
            Subscription.Status.INCOMPLETE_EXPIRED,
        )
        return (
            self.filter(status=Invoice.Status.OPEN, subscription__is_surplus=False)
            .exclude(subscription__status__in=settled)
            .defer("raw")
            .order_by("-stripe_created_at")
        )


class Invoice(TimestampedModel):
    """An invoice as Stripe last told it; amounts in the smallest unit of the currency."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        OPEN = "open", "Open"
        PAID = "paid", "Paid"
        UNCOLLECTIBLE = "uncollectible", "Uncollectible"
        VOID = "void", "Void"

    stripe_id = models.CharField(max_length=80, unique=True)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="invoices"
    )
    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, null=True, related_name="invoices"
    )
    price = models.ForeignKey(
        Price,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="What the subscription cost from then on.",
    )
    number = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=16, choices=Status, db_index=True)
    billing_reason = models.CharField(max_length=40, blank=True)
    currency = models.CharField(max_length=3)
    subtotal = models.IntegerField()
    tax = models.IntegerField(default=0)
    total = models.IntegerField()
    amount_due = models.IntegerField()
    amount_paid = models.IntegerField()
    amount_remaining = models.IntegerField()
    period_start = models.DateTimeField(null=True)
    period_end = models.DateTimeField(null=True)
    stripe_created_at = models.DateTimeField(db_index=True)
    paid_at = models.DateTimeField(null=True, db_index=True)
    attempt_count = models.PositiveSmallIntegerField(default=0)
    next_payment_attempt_at = models.DateTimeField(null=True)
    needs_confirmation = models.BooleanField(
        default=False, help_text="The bank asks the member to confirm the payment."
    )
    payment_intent_id = models.CharField(max_length=80, blank=True, db_index=True)
    hosted_invoice_url = models.TextField(blank=True)
    invoice_pdf = models.TextField(blank=True)
    raw = models.JSONField("as Stripe told it", default=dict)
    synced_at = models.DateTimeField()

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        permissions = [("export_invoice", "Can see and export the money of the months")]
        indexes = [models.Index(fields=["customer", "-stripe_created_at"])]

    def __str__(self) -> str:
        return self.number or self.stripe_id

    @property
    def is_dead(self) -> bool:
        """Say whether its subscription has ended, so that paying it opens nothing."""
        found = self.subscription
        return found is not None and found.status not in Subscription.LIVE

    @property
    def paid_by_credit(self) -> int:
        """Return the part of the total that the customer's balance paid."""
        return max(self.total - self.amount_due, 0)

    @property
    def is_paid_by_credit(self) -> bool:
        """Say whether the balance paid all of it, so that no money moved."""
        is_whole = self.status == self.Status.PAID and self.amount_paid == 0
        return is_whole and self.paid_by_credit > 0

    def tried_again_at(self, *, at: datetime) -> datetime | None:
        """Return when the card is charged again; a moment that is over says nothing."""
        planned = self.next_payment_attempt_at
        return planned if planned and planned > at else None

    @property
    def covered_from(self) -> datetime | None:
        """Return the start of what was bought: the invoice's own dates lie before it."""
        starts = [period["start"] for period in self._periods]
        return datetime.fromtimestamp(min(starts), UTC) if starts else self.period_start

    @property
    def covered_until(self) -> datetime | None:
        """Return the end of what was bought."""
        ends = [period["end"] for period in self._periods]
        return datetime.fromtimestamp(max(ends), UTC) if ends else self.period_end

    @property
    def _periods(self) -> list[dict[str, int]]:
        lines = (self.raw.get("lines") or {}).get("data") or []
        return [line["period"] for line in lines if line.get("period")]


class Refund(TimestampedModel):
    """Money that went back, as Stripe last told it."""

    class Status(models.TextChoices):
        PENDING = "pending", "Pending"
        REQUIRES_ACTION = "requires_action", "Requires action"
        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"
        CANCELED = "canceled", "Canceled"

    GIVEN_BACK = (Status.PENDING, Status.SUCCEEDED)

    stripe_id = models.CharField(max_length=80, unique=True)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="refunds"
    )
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, null=True, related_name="refunds"
    )
    charge_id = models.CharField(max_length=80)
    payment_intent_id = models.CharField(max_length=80, blank=True, db_index=True)
    currency = models.CharField(max_length=3)
    amount = models.PositiveIntegerField()
    status = models.CharField(max_length=16, choices=Status, db_index=True)
    reason = models.CharField(max_length=60, blank=True)
    stripe_created_at = models.DateTimeField(db_index=True)
    synced_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.stripe_id


class Dispute(TimestampedModel):
    """A payment that the cardholder contests, as Stripe last told it."""

    TO_ANSWER = ("needs_response", "warning_needs_response")

    stripe_id = models.CharField(max_length=80, unique=True)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="disputes"
    )
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, null=True, related_name="disputes"
    )
    charge_id = models.CharField(max_length=80)
    payment_intent_id = models.CharField(max_length=80, blank=True, db_index=True)
    currency = models.CharField(max_length=3)
    amount = models.PositiveIntegerField()
    # Stripe adds words to this list: an unknown one is kept, and opens no hold.
    status = models.CharField(max_length=32, db_index=True)
    reason = models.CharField(max_length=60, blank=True)
    evidence_due_at = models.DateTimeField(
        null=True, help_text="Until then the bank takes our answer."
    )
    stripe_created_at = models.DateTimeField(db_index=True)
    synced_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.stripe_id

    @property
    def is_to_answer(self) -> bool:
        return self.status in self.TO_ANSWER

    def days_left(self, *, at: datetime) -> int | None:
        """Return the whole days that are left to answer in, if an answer is awaited."""
        if self.evidence_due_at is None or not self.is_to_answer:
            return None
        return max((self.evidence_due_at - at).days, 0)
