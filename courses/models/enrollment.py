from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.models import TimestampedModel
from courses.models.catalog import Course, Lesson


class EnrollmentQuerySet(models.QuerySet["Enrollment"]):
    def current(self) -> Self:
        """Leave out the enrollments that the learner withdrew from."""
        return self.exclude(status="withdrawn")


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
    status = models.CharField(max_length=16, choices=Status, default=Status.ACTIVE)
    enrolled_at = models.DateTimeField()
    last_lesson = models.ForeignKey(
        Lesson, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    last_studied_at = models.DateTimeField(null=True, blank=True)
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
    opened_at = models.DateTimeField()
    reported_at = models.DateTimeField(
        null=True, blank=True, help_text="When the player last reported."
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
