"""The emails that follow a learner through a course, and who gets one when."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import connection, models
from django.db.models import Q

from core.models import TimestampedModel
from courses.models.assessment import Quiz
from courses.models.enrollment import Enrollment
from courses.validators import validate_email_words
from mail.models import OutgoingEmail


class CourseEmail(TimestampedModel):
    """One step of the sequence: editors change its words, its day, and turn it off."""

    class Kind(models.TextChoices):
        WELCOME = "welcome", "Welcome, with the first lesson"
        STALLED = "stalled", "Stalled in a course"
        ONE_QUIZ_LEFT = "one_quiz_left", "One quiz left"
        LOOK_AGAIN = "look_again", "Where to look again after two failed quizzes"
        NEW_COURSES = "new_courses", "New courses of the week"

    kind = models.CharField(max_length=16, choices=Kind, editable=False)
    subject = models.CharField(
        max_length=120,
        validators=[validate_email_words],
        help_text="{course} becomes the title of the course, {name} the person's name.",
    )
    text = models.TextField(
        validators=[validate_email_words],
        help_text="Comes after the greeting, before what is left and the link to it. "
        "{course} and {name} work here too. Leave a line empty between paragraphs.",
    )
    days = models.PositiveSmallIntegerField(
        default=0,
        validators=[MaxValueValidator(365)],
        help_text="After the last study, or the failed quiz. The welcome and the new "
        "courses of the week do not wait.",
    )
    is_on = models.BooleanField(
        "on", default=True, help_text="Off: nobody gets it, and what waits is dropped."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "days"],
                name="%(app_label)s_%(class)s_one_per_kind_and_days",
                violation_error_message="Another email of this kind has this day.",
            ),
        ]

    def __str__(self) -> str:
        name = self.get_kind_display()
        return f"{name}, {self.days} days" if self.kind == self.Kind.STALLED else name


class EmailDeliveryQuerySet(models.QuerySet["EmailDelivery"]):
    def due(self, *, at: datetime) -> Self:
        """Keep what waits and whose turn has come, or whose worker was killed."""
        return self.filter(status="waiting", due_at__lte=at)

    def locked(self) -> Self:
        """Lock the rows; what another scan holds is left to it."""
        skips = connection.features.has_select_for_update_skip_locked
        return self.select_for_update(of=("self",), skip_locked=skips)


class EmailDelivery(TimestampedModel):
    """One step for one person: due, queued in the outbox, or dropped with the reason."""

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        QUEUED = "queued", "Queued"
        DROPPED = "dropped", "Dropped"

    key = models.CharField(
        max_length=120,
        unique=True,
        help_text="Step and occasion: the same email is never due twice.",
    )
    step = models.ForeignKey(
        CourseEmail, on_delete=models.PROTECT, related_name="deliveries"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    enrollment = models.ForeignKey(
        Enrollment, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    quiz = models.ForeignKey(
        Quiz, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    week_date = models.DateField(
        null=True, blank=True, help_text="The Monday after the week of the new courses."
    )
    status = models.CharField(max_length=16, choices=Status, default=Status.WAITING)
    due_at = models.DateTimeField(
        help_text="A worker that takes it moves it ahead: killed, it is due again."
    )
    reason = models.CharField(max_length=100, blank=True)
    email = models.ForeignKey(
        OutgoingEmail,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = EmailDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "email deliveries"
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(status="waiting"),
                name="courses_delivery_waiting",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="dropped") | ~Q(reason=""),
                name="%(app_label)s_%(class)s_dropped_with_reason",
            )
        ]

    def __str__(self) -> str:
        return f"{self.step} for {self.user}"
