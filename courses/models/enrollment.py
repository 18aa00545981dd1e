from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from core.models import TimestampedModel
from courses.models.catalog import Course, Lesson
from courses.models.versions import CourseVersion


class EnrollmentQuerySet(models.QuerySet["Enrollment"]):
    def current(self) -> Self:
        """Leave out the enrollments that the learner withdrew from."""
        return self.exclude(status="withdrawn")

    def recent_first(self) -> Self:
        """Order by the last study; what was never opened comes by its enrollment."""
        return self.order_by(
            Coalesce("last_studied_at", "enrolled_at").desc(), "-pk"
        ).select_related("course__region")

    def with_progress(self) -> Self:
        """Add the numbers of required lessons and of those that are complete."""
        required = Lesson.objects.filter(course=OuterRef("course"), is_required=True)
        done = LessonProgress.objects.filter(
            enrollment=OuterRef("pk"),
            lesson__is_required=True,
            completed_at__isnull=False,
        )
        return self.annotate(
            lesson_total=_count(required, by="course"),
            lesson_done=_count(done, by="enrollment"),
        )


def _count(rows: models.QuerySet[Any], *, by: str) -> Coalesce:
    counted = rows.order_by().values(by).annotate(count=Count("pk"))
    return Coalesce(Subquery(counted.values("count")), 0)


class Enrollment(TimestampedModel):
    """One user's place in one course, from the first lesson to completion."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        COMPLETED = "completed", "Completed"
        WITHDRAWN = "withdrawn", "Withdrawn"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="enrollments"
    )
    course = models.ForeignKey(
        Course, on_delete=models.PROTECT, related_name="enrollments"
    )
    version = models.ForeignKey(
        CourseVersion,
        on_delete=models.PROTECT,
        related_name="enrollments",
        help_text="By which title, hours, objectives and test the person earns.",
    )
    status = models.CharField(max_length=16, choices=Status, default=Status.ACTIVE)
    enrolled_at = models.DateTimeField()
    last_lesson = models.ForeignKey(
        Lesson, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    last_studied_at = models.DateTimeField(null=True, blank=True)
    active_until_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="The moment up to which active seconds have been counted.",
    )
    completed_at = models.DateTimeField(null=True, blank=True)
    confirmed_name = models.CharField(
        "name confirmed for the certificate", max_length=150, blank=True
    )
    attested_at = models.DateTimeField(null=True, blank=True)
    disclaimer_version = models.CharField(max_length=20, blank=True)

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "course"],
                condition=~Q(status="withdrawn"),
                name="%(app_label)s_%(class)s_one_per_user_and_course",
            ),
            models.CheckConstraint(
                condition=Q(status="completed", completed_at__isnull=False)
                | (~Q(status="completed") & Q(completed_at__isnull=True)),
                name="%(app_label)s_%(class)s_completed_at_matches_status",
            ),
            models.CheckConstraint(
                condition=~Q(status="completed")
                | (~Q(confirmed_name="") & Q(attested_at__isnull=False)),
                name="%(app_label)s_%(class)s_completed_is_attested",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.course}"

    @property
    def is_ready(self) -> bool:
        """Tell whether only the confirmation is left; needs `with_progress`."""
        total: int = getattr(self, "lesson_total", 0)
        is_active = self.status == self.Status.ACTIVE
        return is_active and 0 < total == getattr(self, "lesson_done", 0)

    @property
    def percent(self) -> int:
        """Return the share of required lessons done; needs `with_progress`."""
        total: int = getattr(self, "lesson_total", 0)
        done: int = getattr(self, "lesson_done", 0)
        return done * 100 // total if total else 0


class GivenModel(TimestampedModel):
    """What staff gave one person, with the reason and their name."""

    reason = models.CharField(max_length=200)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason=""), name="%(app_label)s_%(class)s_has_a_reason"
            )
        ]


class EarlyRelease(GivenModel):
    """Opens the lessons of a course to one person before their turn, with the reason."""

    enrollment = models.ForeignKey(
        Enrollment, on_delete=models.PROTECT, related_name="early_releases"
    )
    lesson = models.ForeignKey(
        Lesson,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty: every lesson of the course.",
    )

    def __str__(self) -> str:
        return f"{self.lesson or 'All lessons'} for {self.enrollment.user}"


class LessonProgress(TimestampedModel):
    """What one learner has watched and finished of one lesson."""

    enrollment = models.ForeignKey(
        Enrollment, on_delete=models.PROTECT, related_name="progress"
    )
    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="+")
    position_seconds = models.PositiveIntegerField(default=0)
    watched_intervals = models.JSONField(
        default=list, help_text="Merged [from, to] seconds, ascending."
    )
    watched_seconds = models.PositiveIntegerField(
        default=0, help_text="Distinct seconds played."
    )
    active_seconds = models.PositiveIntegerField(
        default=0, help_text="With the page in view, and played or touched."
    )
    opened_at = models.DateTimeField()
    reported_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="The moment up to which playing has been credited.",
    )
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "lesson progress"
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "lesson"],
                name="%(app_label)s_%(class)s_one_per_lesson",
            )
        ]

    def __str__(self) -> str:
        return f"{self.enrollment}: {self.lesson}"

    @property
    def watched_percent(self) -> int:
        """Return the share of distinct seconds played, rounded down."""
        duration = self.lesson.duration_seconds
        return min(self.watched_seconds * 100 // duration, 100) if duration else 0
