from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from billing.models.customers import Customer
from billing.signals import outbox_written


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
    stripe_created_at = models.DateTimeField(db_index=True)
    stripe_customer_id = models.CharField(max_length=80, blank=True, db_index=True)
    object_id = models.CharField(max_length=120, blank=True)
    charge_id = models.CharField(
        max_length=80,
        blank=True,
        help_text="Of a refund or dispute: it names no customer.",
    )
    body = models.TextField(
        blank=True, help_text="Emptied after a while: it names people."
    )
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
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        *("received", "processing", "processed", "ignored", "failed")
                    ]
                ),
                name="%(app_label)s_%(class)s_status_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(status="processed") | Q(processed_at__isnull=False),
                name="%(app_label)s_%(class)s_processed_at_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(deliveries__gte=1),
                name="%(app_label)s_%(class)s_was_delivered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"


class EventListing(models.Model):
    """How far the events of Stripe were fetched without a gap; there is one row."""

    listed_until_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(pk=1), name="%(app_label)s_%(class)s_is_one_row"
            )
        ]

    def __str__(self) -> str:
        return f"Events until {self.listed_until_at:%Y-%m-%d %H:%M}"


class OutboxEntryQuerySet(models.QuerySet["OutboxEntry"]):
    def due(self, *, at: datetime) -> Self:
        """Keep what Stripe still has to be told, and may be told now."""
        return self.filter(
            done_at__isnull=True, parked_at__isnull=True, next_attempt_at__lte=at
        )

    def write(
        self,
        kind: OutboxEntry.Kind,
        *,
        customer: Customer,
        key: str,
        at: datetime,
        subject_id: str = "",
        last_invoice_id: str = "",
    ) -> OutboxEntry:
        """Store once what Stripe must be told; a worker hears of it after commit."""
        entry, is_new = self.get_or_create(
            key=key,
            defaults={
                "kind": kind,
                "customer": customer,
                "subject_id": subject_id,
                "last_invoice_id": last_invoice_id,
                "next_attempt_at": at,
            },
        )
        if is_new:
            outbox_written.send(sender=OutboxEntry, entry=entry)
        return entry

    def insist(self, entry: OutboxEntry, *, at: datetime) -> None:
        """Begin again what was given up: its cause is still there."""
        self.filter(pk=entry.pk, parked_at__isnull=False).update(
            parked_at=None, attempts=0, next_attempt_at=at
        )

    def claim(
        self, entry_id: int, *, at: datetime, until: datetime
    ) -> OutboxEntry | None:
        """Take one due entry for this worker; of two workers, one gets nothing."""
        claimed = (
            self.due(at=at)
            .filter(pk=entry_id)
            .update(attempts=F("attempts") + 1, next_attempt_at=until)
        )
        return self.select_related("customer").get(pk=entry_id) if claimed else None

    def settle(self, entry: OutboxEntry, **changes: Any) -> bool:
        """Store how a try ended, unless another worker has taken the entry over."""
        held = self.filter(
            pk=entry.pk, done_at__isnull=True, next_attempt_at=entry.next_attempt_at
        ).update(**changes)
        return bool(held)


class OutboxEntry(models.Model):
    """Something that Stripe must be told, stored with the change that wants it."""

    class Kind(models.TextChoices):
        CANCEL = "cancel", "Cancel a subscription now"
        CANCEL_SURPLUS = "cancel_surplus", "Cancel and refund a second subscription"
        CLOSE = "close", "Close the customer of a deleted account"
        EXPIRE = "expire", "Close a payment page"
        EMAIL = "email", "Bring the email address up to date"

    kind = models.CharField(max_length=20, choices=Kind)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="outbox_entries"
    )
    subject_id = models.CharField(
        max_length=80, blank=True, help_text="The object at Stripe that it is about."
    )
    last_invoice_id = models.CharField(
        max_length=80,
        blank=True,
        help_text="Of a second subscription: its newest invoice when it was refused.",
    )
    key = models.CharField(
        max_length=120, unique=True, help_text="The idempotency key at Stripe."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    objects = OutboxEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "outbox entries"
        permissions = [("retry_outboxentry", "Can try outbox entry again")]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=[*("cancel", "cancel_surplus", "close", "expire", "email")]
                ),
                name="%(app_label)s_%(class)s_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(parked_at__isnull=True),
                name="%(app_label)s_%(class)s_done_or_parked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subject_id or self.customer}"


class ReconcileRun(models.Model):
    """One comparison of all rows with Stripe, and what it changed."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    is_dry_run = models.BooleanField("dry run", default=False)
    was_stopped = models.BooleanField(
        "stopped by the brake",
        default=False,
        help_text="Too many people would have lost access: nothing was changed.",
    )
    checked = models.PositiveIntegerField(default=0)
    differing = models.PositiveIntegerField(default=0)
    repaired = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    losing_access = models.PositiveIntegerField(default=0)
    differences = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True)
                | Q(finished_at__gte=models.F("started_at")),
                name="%(app_label)s_%(class)s_ends_after_start",
            )
        ]

    def __str__(self) -> str:
        started_at = timezone.localtime(self.started_at)  # as its moments are shown
        return f"Run of {started_at:%Y-%m-%d %H:%M}"
