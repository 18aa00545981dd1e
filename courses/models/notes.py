"""What learners write down in a lesson, and what they ask about it."""

from datetime import date, datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from core.constraints import both_or_neither
from core.models import TimestampedModel
from courses.models.catalog import Lesson
from courses.models.enrollment import Enrollment

SATURDAY = 5
# Notes about the whole lesson come after those about a moment of its video.
_BY_MOMENT = (F("moment_seconds").asc(nulls_last=True), "pk")


class NoteQuerySet(models.QuerySet["Note"]):
    def kept(self) -> Self:
        """Leave out what was deleted and can still be brought back."""
        return self.filter(deleted_at__isnull=True)

    def along_the_video(self) -> Self:
        """Order the notes of one lesson as its video goes."""
        return self.order_by(*_BY_MOMENT)

    def along_the_course(self) -> Self:
        """Order the notes of a course as its lessons go."""
        return self.select_related("lesson__course").order_by(
            *("lesson__module__weight", "lesson__module_id"),
            *("lesson__weight", "lesson_id"),
            *_BY_MOMENT,
        )


class Note(TimestampedModel):
    """What a learner keeps of a lesson; without words it is a bookmark."""

    enrollment = models.ForeignKey(
        Enrollment, on_delete=models.CASCADE, related_name="notes"
    )
    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="+")
    uuid = models.UUIDField(
        help_text="Made where the note is written: sent again, it is the same note."
    )
    text = models.TextField(blank=True)
    moment_seconds = models.PositiveIntegerField(
        null=True, blank=True, help_text="Of the video; empty: the whole lesson."
    )
    written_at = models.DateTimeField(help_text="Last, on any device.")
    deleted_at = models.DateTimeField(
        null=True, blank=True, help_text="It can be brought back for a while."
    )

    objects = NoteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "uuid"],
                name="%(app_label)s_%(class)s_one_per_uuid",
            ),
            models.CheckConstraint(
                condition=~Q(text="") | Q(moment_seconds__isnull=False),
                name="%(app_label)s_%(class)s_has_words_or_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"Note {self.uuid}"


# What waits longest for an answer, then the newest answers.
OPEN_FIRST = [F("answered_at").desc(nulls_first=True), "asked_at", "pk"]


class LessonQuestionQuerySet(models.QuerySet["LessonQuestion"]):
    def in_order(self) -> Self:
        return self.order_by("asked_at", "pk")

    def open(self) -> Self:
        return self.filter(answered_at__isnull=True)


class LessonQuestion(TimestampedModel):
    """What a learner asks about a lesson, and the answer of the staff."""

    enrollment = models.ForeignKey(
        Enrollment, on_delete=models.PROTECT, related_name="questions"
    )
    lesson = models.ForeignKey(
        Lesson, on_delete=models.PROTECT, related_name="asked_questions"
    )
    uuid = models.UUIDField(help_text="Of the form: sent again, it asks once.")
    text = models.TextField("question")
    asked_at = models.DateTimeField()
    answer = models.TextField(
        blank=True, help_text="Emailed once, and shown to the asker on the lesson."
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    is_published = models.BooleanField(
        "show on the lesson",
        default=False,
        help_text="Everybody who opens the lesson reads it; the name is not shown.",
    )
    published_text = models.TextField(
        "question as published",
        blank=True,
        help_text="Leave out what tells who asked, or about which client.",
    )

    objects = LessonQuestionQuerySet.as_manager()

    class Meta:
        verbose_name = "question about a lesson"
        verbose_name_plural = "questions about lessons"
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "uuid"],
                name="%(app_label)s_%(class)s_one_per_uuid",
            ),
            both_or_neither(
                "answered_at",
                "answer",
                name="%(app_label)s_%(class)s_answer_has_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(is_published=False)
                | (~Q(answer="") & ~Q(published_text="")),
                name="%(app_label)s_%(class)s_published_is_answered",
                violation_error_message="Write the answer, and the question as it is "
                "published.",
            ),
        ]

    def __str__(self) -> str:
        return f"Question about {self.lesson}"

    @property
    def due_date(self) -> date:
        """Return the day by which the answer was promised."""
        asked_on = timezone.localdate(self.asked_at)
        return add_working_days(asked_on, settings.ANSWER_WORKING_DAYS)

    def age_days(self, *, at: datetime) -> int:
        """Return the days from the question to its answer, or until now."""
        return ((self.answered_at or at) - self.asked_at).days

    def is_late(self, *, at: datetime) -> bool:
        return self.answered_at is None and timezone.localdate(at) > self.due_date


def add_working_days(day: date, count: int) -> date:
    """Count days from Monday to Friday; holidays differ by country and are not known."""
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < SATURDAY
    return day
