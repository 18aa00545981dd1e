"""Abstract models that every app builds on; core has no tables of its own."""

from datetime import datetime
from typing import Self, TypeVar

from django.db import models
from django.db.models import F, Q

Row = TypeVar("Row", bound=models.Model)


class TimestampedModel(models.Model):
    """Creation and change moments, for audit and never for rules."""

    created_at = models.DateTimeField(auto_now_add=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True, editable=False)

    class Meta:
        abstract = True


class OrderedModel(models.Model):
    """A row with a place among its neighbors, which editors drag or type."""

    weight = models.PositiveSmallIntegerField(
        "position",
        default=0,
        help_text="Lower comes first; dragging a title bar numbers anew.",
    )

    class Meta:
        abstract = True


class PublishableQuerySet(models.QuerySet[Row]):
    def published(self, *, at: datetime) -> Self:
        """Keep the rows a visitor may see at the given moment."""
        return self.filter(
            Q(unpublished_at__isnull=True) | Q(unpublished_at__gt=at),
            published_at__lte=at,
        )


class PublishableModel(TimestampedModel):
    """A page that is a draft, scheduled, published or unpublished."""

    published_at = models.DateTimeField(
        "publish at",
        null=True,
        blank=True,
        help_text="Empty: a draft. In the future: scheduled. In the past: published.",
    )
    unpublished_at = models.DateTimeField(
        "unpublish at",
        null=True,
        blank=True,
        help_text="From this moment the page answers “no longer available”.",
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(unpublished_at__isnull=True)
                | Q(unpublished_at__gt=F("published_at")),
                name="%(app_label)s_%(class)s_unpublished_after_published",
                violation_error_message="Unpublish the page after it was published.",
            )
        ]

    def publication_status(self, *, at: datetime) -> str:
        """Return "draft", "scheduled", "published" or "unpublished"."""
        if self.published_at is None:
            return "draft"
        if self.published_at > at:
            return "scheduled"
        if self.unpublished_at is not None and self.unpublished_at <= at:
            return "unpublished"
        return "published"
