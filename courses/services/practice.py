"""Questions that are not graded: the answer is told at once, and kept."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from core.errors import DomainError
from courses.models import (
    Choice,
    Enrollment,
    Lesson,
    LessonProgress,
    PracticeAnswer,
    Question,
)
from courses.services import progress
from courses.services.release import require_released

PRACTICE_KINDS = frozenset({Lesson.Kind.CHECK, Lesson.Kind.VIDEO})


class PracticeRefusedError(DomainError):
    """The question is not asked here, or the answer does not fit it."""


@transaction.atomic
def answer_practice(
    *,
    enrollment: Enrollment,
    question: Question,
    choice_ids: Collection[int],
    at: datetime,
) -> PracticeAnswer:
    """Keep what was chosen; a quick check is complete when each question has an answer."""
    lesson = _lesson_of(question)
    progress.require_open(enrollment, lesson, at=at)
    require_released(enrollment, lesson, at=at)
    chosen = _chosen(question, choice_ids)
    is_right = {choice.pk for choice in chosen} == {
        choice.pk for choice in question.choices.all() if choice.is_correct
    }
    told = {
        "choice_ids": [choice.pk for choice in chosen],
        "choice_texts": [choice.text for choice in chosen],
        "is_correct": is_right,
    }
    answer, _created = PracticeAnswer.objects.update_or_create(
        enrollment=enrollment,
        question=question,
        defaults=told,
        create_defaults={
            **told,
            "lesson": lesson,
            "question_text": question.text,
            "was_correct_at_first": is_right,
            "answered_at": at,
        },
    )
    if lesson.kind == Lesson.Kind.CHECK:
        _finish_check(enrollment, lesson, at=at)
    return answer


def _lesson_of(question: Question) -> Lesson:
    lesson = question.quiz.lesson if question.quiz else None
    if lesson is None or lesson.kind not in PRACTICE_KINDS:
        raise PracticeRefusedError("This question is not asked for practice.")
    return lesson


def _chosen(question: Question, choice_ids: Collection[int]) -> list[Choice]:
    offered = {choice.pk: choice for choice in question.choices.all()}
    wanted = set(choice_ids)
    if not wanted or not wanted <= offered.keys():
        raise PracticeRefusedError("Choose an answer.")
    if question.kind != Question.Kind.MULTIPLE and len(wanted) > 1:
        raise PracticeRefusedError("Choose one answer.")
    return [offered[number] for number in sorted(wanted)]


def _finish_check(enrollment: Enrollment, lesson: Lesson, *, at: datetime) -> None:
    if not progress.is_answered(enrollment, lesson):
        return
    row, _created = LessonProgress.objects.get_or_create(
        enrollment=enrollment, lesson=lesson, defaults={"opened_at": at}
    )
    progress.finish(row, at=at)
