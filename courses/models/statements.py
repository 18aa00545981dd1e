"""What learners state about themselves, and what they say about a course."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from courses.models.catalog import Lesson
from courses.models.enrollment import Enrollment, GivenModel
from courses.models.versions import CourseVersion


class Attestation(models.Model):
    """Who took the final quiz, in the person's own words and with the proof of them."""

    enrollment = models.OneToOneField(
        Enrollment, on_delete=models.PROTECT, related_name="attestation"
    )
    text_version = models.CharField(max_length=20)
    text = models.TextField()
    legal_name = models.CharField(max_length=150)
    licenses = models.JSONField(
        default=list, help_text="As they were at that moment, in words."
    )
    ip_address = models.GenericIPAddressField("address", null=True)
    attested_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(legal_name="") & ~Q(text=""),
                name="%(app_label)s_%(class)s_says_who_and_what",
            )
        ]

    def __str__(self) -> str:
        return f"{self.legal_name}, {self.enrollment}"


class Evaluation(models.Model):
    """What somebody thought of a version of a course; not who."""

    class Scale(models.IntegerChoices):
        NOT_AT_ALL = 1, "Not at all"
        LITTLE = 2, "A little"
        PARTLY = 3, "Partly"
        MOSTLY = 4, "Mostly"
        FULLY = 5, "Fully"

    version = models.ForeignKey(
        CourseVersion, on_delete=models.PROTECT, related_name="evaluations"
    )
    objectives = models.JSONField(help_text="The rating of each objective by its id.")
    overall = models.PositiveSmallIntegerField(choices=Scale)
    instructor = models.PositiveSmallIntegerField(choices=Scale)
    is_current = models.PositiveSmallIntegerField("content is current", choices=Scale)
    is_unbiased = models.PositiveSmallIntegerField("free of bias", choices=Scale)
    minutes = models.PositiveSmallIntegerField(
        "minutes needed",
        validators=[MinValueValidator(1), MaxValueValidator(6000)],
    )
    comment = models.TextField(blank=True)
    submitted_date = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(overall__gte=1, overall__lte=5),
                name="%(app_label)s_%(class)s_overall_is_on_the_scale",
            )
        ]

    def __str__(self) -> str:
        return f"{self.version}, {self.overall} of 5"


class EvaluationReceipt(models.Model):
    """Says that somebody has evaluated the course; what was said stands elsewhere."""

    enrollment = models.OneToOneField(
        Enrollment, on_delete=models.PROTECT, related_name="evaluation_receipt"
    )
    submitted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.enrollment}"


class StaffCompletion(GivenModel):
    """A lesson that staff marked complete for one person."""

    enrollment = models.ForeignKey(
        Enrollment, on_delete=models.PROTECT, related_name="staff_completions"
    )
    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="+")

    class Meta(GivenModel.Meta):
        constraints = [
            *GivenModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["enrollment", "lesson"],
                name="%(app_label)s_%(class)s_once_a_lesson",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lesson} for {self.enrollment.user}"
