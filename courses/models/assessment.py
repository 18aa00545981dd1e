from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from core.models import OrderedModel, TimestampedModel
from courses.models.catalog import Course, Lesson, Objective
from courses.models.enrollment import Enrollment, GivenModel
from courses.models.versions import CourseVersion, VersionQuestion

PERCENT = [MinValueValidator(1), MaxValueValidator(100)]


class Quiz(TimestampedModel):
    """The questions of a lesson; of a quiz lesson also the score that passes it.

    A quick check and a video ask theirs for practice: nothing is graded.
    """

    lesson = models.OneToOneField(
        Lesson,
        on_delete=models.CASCADE,
        related_name="quiz",
        limit_choices_to={"kind__in": ["quiz", "check", "video"]},
    )
    pass_mark = models.PositiveSmallIntegerField(
        default=80,
        validators=PERCENT,
        help_text="Percent of questions to answer right.",
    )
    is_final = models.BooleanField(
        "final quiz",
        default=False,
        help_text="Before it starts, learners confirm their name and their licenses, "
        "and that they do the course themselves. Credit bodies may raise its pass mark.",
    )
    per_objective = models.PositiveSmallIntegerField(
        "questions for each objective",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="So many are drawn from the course's question bank for each of its "
        "objectives, others each time. Empty: the quiz asks the questions below.",
    )
    max_attempts = models.PositiveSmallIntegerField(
        "most attempts",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Empty: learners may try as often as they like.",
    )
    time_limit_minutes = models.PositiveSmallIntegerField(
        "time limit in minutes",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Empty: as much time as a learner likes. Accommodations make it "
        "longer.",
    )
    rest_hours = models.PositiveSmallIntegerField(
        "hours of rest",
        default=1,
        help_text="After every third attempt that failed. 0: no rest.",
    )

    class Meta:
        verbose_name_plural = "quizzes"
        constraints = [
            models.CheckConstraint(
                condition=Q(pass_mark__gte=1, pass_mark__lte=100),
                name="%(app_label)s_%(class)s_pass_mark_is_percent",
                violation_error_message="The pass mark is a percentage from 1 to 100.",
            ),
            models.CheckConstraint(
                condition=Q(per_objective__isnull=True) | Q(per_objective__gt=0),
                name="%(app_label)s_%(class)s_draws_some",
                violation_error_message="Draw at least one question, or leave it empty.",
            ),
            models.CheckConstraint(
                condition=Q(max_attempts__isnull=True) | Q(max_attempts__gt=0),
                name="%(app_label)s_%(class)s_allows_an_attempt",
                violation_error_message="Allow at least one attempt, or leave it empty.",
            ),
            models.CheckConstraint(
                condition=Q(time_limit_minutes__isnull=True)
                | Q(time_limit_minutes__gt=0),
                name="%(app_label)s_%(class)s_gives_time",
                violation_error_message="Give at least a minute, or leave it empty.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lesson}"


class QuestionQuerySet(models.QuerySet["Question"]):
    def with_choices(self) -> Self:
        """Load the choices in the order in which they are offered."""
        choices = Choice.objects.order_by("weight", "pk")
        return self.prefetch_related(models.Prefetch("choices", queryset=choices))


class Question(OrderedModel, TimestampedModel):
    """One question of a course: of one quiz alone, or of the bank that quizzes draw from.

    People are asked its copy in a version of the course; see `CourseVersion`.
    """

    class Kind(models.TextChoices):
        SINGLE = "single", "Single choice"
        MULTIPLE = "multiple", "Multiple choice"
        TRUE_FALSE = "true_false", "True or false"

    course = models.ForeignKey(
        Course, on_delete=models.CASCADE, related_name="questions"
    )
    quiz = models.ForeignKey(
        Quiz,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="questions",
        help_text="The one quiz that asks it. Empty: the question bank of the course.",
    )
    objective = models.ForeignKey(
        Objective,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="questions",
        help_text="What a right answer shows that the learner can do.",
    )
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
    moment_seconds = models.PositiveIntegerField(
        "second of the video",
        null=True,
        blank=True,
        help_text="When a video asks it. Empty, in a video: at its end.",
    )
    keeps_order = models.BooleanField(
        "answers keep their order",
        default=False,
        help_text="For answers such as “Both of these”. Otherwise they are shuffled.",
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
    version = models.ForeignKey(
        CourseVersion,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Where the questions are kept as they were asked.",
    )
    number = models.PositiveSmallIntegerField()
    question_ids = models.JSONField(
        help_text="The questions of this sitting, in their order."
    )
    started_at = models.DateTimeField()
    closes_at = models.DateTimeField(
        null=True, blank=True, help_text="Where the quiz has a time limit."
    )
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

    @property
    def questions(self) -> list[VersionQuestion]:
        """Return what this sitting asks, in its order."""
        return [self.version.questions[number] for number in self.question_ids]


class ExtraAttempts(GivenModel):
    """Attempts that staff have added for one person."""

    enrollment = models.ForeignKey(
        Enrollment, on_delete=models.PROTECT, related_name="extra_attempts"
    )
    quiz = models.ForeignKey(Quiz, on_delete=models.PROTECT, related_name="+")
    count = models.PositiveSmallIntegerField(
        "attempts", default=1, validators=[MinValueValidator(1)]
    )

    class Meta(GivenModel.Meta):
        verbose_name_plural = "extra attempts"
        constraints = [
            *GivenModel.Meta.constraints,
            models.CheckConstraint(
                condition=Q(count__gt=0), name="%(app_label)s_%(class)s_gives_some"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.count} more for {self.enrollment.user}"


class QuizAnswer(TimestampedModel):
    """What a learner chose for one question of one attempt."""

    attempt = models.ForeignKey(
        QuizAttempt, on_delete=models.CASCADE, related_name="answers"
    )
    question_id = models.PositiveBigIntegerField(
        help_text="Of the question in the version of the attempt."
    )
    choice_ids = models.JSONField(default=list)
    is_correct = models.BooleanField(
        null=True, help_text="Known once the attempt is submitted."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["attempt", "question_id"],
                name="%(app_label)s_%(class)s_one_per_question",
            )
        ]

    def __str__(self) -> str:
        return f"{self.attempt}: question {self.question_id}"

    @property
    def question(self) -> VersionQuestion:
        """Return the question as it was asked."""
        return self.attempt.version.questions[self.question_id]
