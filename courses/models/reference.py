"""What courses and articles refer to: regions of the body, instructors, the disclaimer."""

from datetime import datetime

from django.db import models

from core.models import TimestampedModel
from core.richtext import RichTextField


class Region(models.Model):
    """A region of the body that courses and articles are about."""

    slug = models.SlugField(
        "address",
        unique=True,
        help_text="The last part of the page's address; links break when it changes.",
    )
    name = models.CharField(max_length=80)
    summary = models.TextField(blank=True)
    weight = models.PositiveSmallIntegerField(
        "position", default=0, help_text="Lower comes first."
    )

    def __str__(self) -> str:
        return self.name


class Instructor(TimestampedModel):
    """A person who teaches, writes or reviews."""

    slug = models.SlugField(
        "short name", unique=True, help_text="Imports of courses and articles use it."
    )
    name = models.CharField(max_length=120)
    credentials = models.CharField(max_length=120, blank=True)
    bio = RichTextField(blank=True)

    def __str__(self) -> str:
        return f"{self.name}, {self.credentials}" if self.credentials else self.name


class DisclaimerQuerySet(models.QuerySet["Disclaimer"]):
    def in_force(self, *, at: datetime) -> "Disclaimer | None":
        """Return the version that applies at the moment; none before the first."""
        begun = self.filter(in_force_from__lte=at)
        return begun.order_by("-in_force_from", "-pk").first()


class Disclaimer(TimestampedModel):
    """One version of the medical disclaimer; the newest in force is shown."""

    version = models.CharField(
        max_length=20,
        unique=True,
        help_text="Such as 2026-11; a completed course keeps which version was read.",
    )
    text = models.TextField(
        help_text="Shown below articles, in emails with a guide, and before a course "
        "is completed."
    )
    in_force_from = models.DateTimeField(
        help_text="From this moment the text is shown and locked, as people read it. "
        "A change is a new version."
    )

    objects = DisclaimerQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Medical disclaimer {self.version}"
