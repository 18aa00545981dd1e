"""What is asked without a grade: quick checks, and questions within a video."""

from django.db import models

from core.models import TimestampedModel
from courses.models.assessment import Question
from courses.models.catalog import Lesson
from courses.models.enrollment import Enrollment


class PracticeAnswer(TimestampedModel):
    """What a learner answered to a question that is not graded, from the first try on.

    The words stay, also when the question is changed or deleted: it is proof of attention.
    """

    enrollment = models.ForeignKey(
        Enrollment, on_delete=models.PROTECT, related_name="practice_answers"
    )
    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="+")
    question = models.ForeignKey(
        Question, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    question_text = models.CharField("question", max_length=500)
    choice_ids = models.JSONField(default=list)
    choice_texts = models.JSONField("answer", default=list)
    is_correct = models.BooleanField("right")
    was_correct_at_first = models.BooleanField("right at the first try")
    answered_at = models.DateTimeField(help_text="The first time.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "question"],
                name="%(app_label)s_%(class)s_one_per_question",
            )
        ]

    def __str__(self) -> str:
        return f"{self.question_text}: {'right' if self.is_correct else 'wrong'}"
