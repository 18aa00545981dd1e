from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from billing.models.customers import Customer
from billing.models.plans import Plan
from core.constraints import both_or_neither
from core.models import TimestampedModel


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
        null=True, blank=True, help_text="Access ends at this moment."
    )
    is_lifetime = models.BooleanField(
        "for life", default=False, help_text="Without an end, in place of a moment."
    )
    reason = models.CharField(max_length=200)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
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
                condition=Q(is_lifetime=True, valid_until__isnull=True)
                | Q(is_lifetime=False, valid_until__isnull=False),
                name="%(app_label)s_%(class)s_ends_or_is_for_life",
                violation_error_message="Choose an end, or tick For life.",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="%(app_label)s_%(class)s_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} for {self.user}"


class AccessHoldQuerySet(models.QuerySet["AccessHold"]):
    def open(self) -> Self:
        """Keep the holds that close what subscriptions open."""
        return self.filter(released_at__isnull=True)

    def disputed(self) -> Self:
        """Keep the open holds of a payment that its bank was asked to take back."""
        return self.open().filter(kind=AccessHold.Kind.DISPUTE)

    def blocking(self) -> Self:
        """Keep the open holds that refuse any payment.

        A full refund closes the old period and nothing else: who wants may pay again.
        """
        kind = AccessHold.Kind
        return self.open().filter(kind__in=(kind.DISPUTE, kind.FRAUD, kind.MANUAL))


class AccessHold(TimestampedModel):
    """What keeps a paid subscription closed: a dispute, a full refund, a fraud."""

    class Kind(models.TextChoices):
        DISPUTE = "dispute", "Dispute"
        REFUND = "refund", "Full refund"
        FRAUD = "fraud", "Fraud warning"
        MANUAL = "manual", "By staff"

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="holds"
    )
    kind = models.CharField(max_length=16, choices=Kind)
    source_id = models.CharField(
        max_length=80, help_text="The dispute, refund or charge that it is about."
    )
    reason = models.CharField(max_length=200)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    released_at = models.DateTimeField(null=True, blank=True)
    # The readers know by it that staff decided: without it they would hold again.
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    released_reason = models.CharField(max_length=200, blank=True)

    objects = AccessHoldQuerySet.as_manager()

    class Meta:
        permissions = [("release_accesshold", "Can release access hold")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "source_id"],
                name="%(app_label)s_%(class)s_one_per_source",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""), name="%(app_label)s_%(class)s_has_reason"
            ),
            both_or_neither(
                "released_at",
                "released_reason",
                name="%(app_label)s_%(class)s_released_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.source_id}"
