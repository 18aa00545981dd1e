from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from core.models import OrderedModel, TimestampedModel
from courses.models.catalog import Lesson
from courses.models.enrollment import Enrollment

PERCENT = [MinValueValidator(1), MaxValueValidator(100)]


class Quiz(TimestampedModel):
    """The questions of a quiz lesson and the score that passes it."""

    lesson = models.OneToOneField(
        Lesson,
        on_delete=models.CASCADE,
        related_name="quiz",
        limit_choices_to={"kind": Lesson.Kind.QUIZ},
    )
    pass_mark = models.PositiveSmallIntegerField(
        default=80,
        validators=PERCENT,
        help_text="Percent of questions to answer right.",
    )

    class Meta:
        verbose_name_plural = "quizzes"
        constraints = [
            models.CheckConstraint(
                condition=Q(pass_mark__gte=1, pass_mark__lte=100),
                name="%(app_label)s_%(class)s_pass_mark_is_percent",
                violation_error_message="The pass mark is a percentage from 1 to 100.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.lesson}"


class QuestionQuerySet(models.QuerySet["Question"]):
    def with_choices(self) -> Self:
        """Load the choices in the order in which they are offered."""
        choices = Choice.objects.order_by("weight", "pk")
        return self.prefetch_related(models.Prefetch("choices", queryset=choices))


class Question(OrderedModel, TimestampedModel):
    """One question of a quiz."""

    class Kind(models.TextChoices):
        SINGLE = "single", "Single choice"
        MULTIPLE = "multiple", "Multiple choice"

    quiz = models.ForeignKey(Quiz, on_delete=models.CASCADE, related_name="questions")
    text = models.CharField(max_length=500)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.SINGLE)
    explanation = models.TextField(help_text="Shown after the attempt is submitted.")
    review_lesson = models.ForeignKey(
        Lesson,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Where to look again after a wrong answer.",
    )

    objects = QuestionQuerySet.as_manager()

    def __str__(self) -> str:
        return self.text


class Choice(OrderedModel):
    """One of the answers that a question offers."""

    question = models.ForeignKey(
        Question, on_delete=models.CASCADE, related_name="choices"
    )
    text = models.CharField(max_length=300)
    is_correct = models.BooleanField("right answer", default=False)

    def __str__(self) -> str:
        return self.text


class QuizAttempt(TimestampedModel):
    """One sitting of a quiz; the server owns its questions, answers and score."""

    enrollment = models.ForeignKey(
        Enrollment, on_delete=models.PROTECT, related_name="attempts"
    )
    quiz = models.ForeignKey(Quiz, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    question_ids = models.JSONField(
        help_text="The questions of this sitting, in their order."
    )
    started_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    score_percent = models.PositiveSmallIntegerField(null=True, blank=True)
    pass_mark = models.PositiveSmallIntegerField(help_text="As it was at the start.")
    passed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "quiz", "number"],
                name="%(app_label)s_%(class)s_one_per_number",
            ),
            models.UniqueConstraint(
                fields=["enrollment", "quiz"],
                condition=Q(submitted_at__isnull=True),
                name="%(app_label)s_%(class)s_one_open_per_quiz",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True, score_percent__isnull=True)
                | Q(
                    submitted_at__isnull=False,
                    score_percent__isnull=False,
                    score_percent__gte=0,
                    score_percent__lte=100,
                ),
                name="%(app_label)s_%(class)s_score_matches_submission",
            ),
            models.CheckConstraint(
                condition=Q(passed=False) | Q(score_percent__gte=models.F("pass_mark")),
                name="%(app_label)s_%(class)s_passed_needs_pass_mark",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quiz}, attempt {self.number}"


class QuizAnswer(TimestampedModel):
    """What a learner chose for one question of one attempt."""

    attempt = models.ForeignKey(
        QuizAttempt, on_delete=models.CASCADE, related_name="answers"
    )
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    choice_ids = models.JSONField(default=list)
    is_correct = models.BooleanField(
        null=True, help_text="Known once the attempt is submitted."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["attempt", "question"],
                name="%(app_label)s_%(class)s_one_per_question",
            )
        ]

    def __str__(self) -> str:
        return f"{self.attempt}: {self.question}"
