"""Quizzes: the server starts, stores, grades and closes every attempt."""

from collections.abc import Collection
from datetime import datetime
from random import SystemRandom

from django.db import transaction

from core.errors import DomainError
from courses import access
from courses.models import (
    Choice,
    Enrollment,
    LessonProgress,
    Question,
    Quiz,
    QuizAnswer,
    QuizAttempt,
)
from courses.services import progress

_random = SystemRandom()


class AttemptRefusedError(DomainError):
    """The quiz cannot be taken now."""


class AttemptClosedError(DomainError):
    """The attempt was submitted; its answers stay as they are."""


class AnswerRefusedError(DomainError):
    """The answer does not fit the question."""


@transaction.atomic
def start_attempt(*, enrollment: Enrollment, quiz: Quiz, at: datetime) -> QuizAttempt:
    """Open a sitting with its own question order, or return the one left open."""
    locked = (
        Enrollment.objects.select_for_update(of=("self",))
        .select_related("course", "user")
        .get(pk=enrollment.pk)
    )
    if quiz.lesson.course_id != locked.course_id:
        raise AttemptRefusedError("This quiz is not part of the course.")
    _require_open(locked, quiz, at=at)
    attempts = QuizAttempt.objects.filter(enrollment=locked, quiz=quiz)
    latest = attempts.order_by("-number").first()
    if latest and latest.submitted_at is None:
        return latest

    question_ids = list(quiz.questions.values_list("pk", flat=True))
    if not question_ids:
        raise AttemptRefusedError("This quiz has no questions yet.")
    _random.shuffle(question_ids)
    progress.open_lesson(enrollment=locked, lesson=quiz.lesson, at=at)
    return attempts.create(
        enrollment=locked,
        quiz=quiz,
        number=latest.number + 1 if latest else 1,
        question_ids=question_ids,
        started_at=at,
        pass_mark=quiz.pass_mark,
    )


@transaction.atomic
def save_answer(
    *,
    attempt: QuizAttempt,
    question: Question,
    choice_ids: Collection[int],
    at: datetime,
) -> QuizAnswer:
    """Store what the learner chose; the same answer twice is one answer."""
    locked = _lock(attempt)
    if locked.submitted_at:
        raise AttemptClosedError(
            "This attempt was submitted. Its answers cannot be changed."
        )
    _require_open(locked.enrollment, locked.quiz, at=at)
    if question.pk not in locked.question_ids:
        raise AnswerRefusedError("That question is not part of this attempt.")
    chosen = sorted(set(choice_ids))
    _require_fitting(question, chosen)
    answer, _created = QuizAnswer.objects.update_or_create(
        attempt=locked, question=question, defaults={"choice_ids": chosen}
    )
    return answer


@transaction.atomic
def submit_attempt(*, attempt: QuizAttempt, at: datetime) -> QuizAttempt:
    """Close and grade the sitting once; a second submit returns the same result."""
    locked = _lock(attempt)
    if locked.submitted_at:
        return locked
    _require_open(locked.enrollment, locked.quiz, at=at)
    right, total = _grade(locked)
    locked.submitted_at = at
    locked.score_percent = right * 100 // total
    locked.passed = locked.score_percent >= locked.pass_mark
    locked.save(update_fields=["submitted_at", "score_percent", "passed", "updated_at"])
    if locked.passed:
        row, _created = LessonProgress.objects.get_or_create(
            enrollment=locked.enrollment,
            lesson=locked.quiz.lesson,
            defaults={"opened_at": locked.started_at},
        )
        progress.finish(row, at=at)
    return locked


def _lock(attempt: QuizAttempt) -> QuizAttempt:
    return (
        QuizAttempt.objects.select_for_update(of=("self",))
        .select_related("enrollment__user", "enrollment__course", "quiz__lesson")
        .get(pk=attempt.pk)
    )


def _require_open(enrollment: Enrollment, quiz: Quiz, *, at: datetime) -> None:
    quiz.lesson.course = enrollment.course
    if not access.may_open(enrollment.user, quiz.lesson, at=at):
        raise AttemptRefusedError(
            "This quiz is part of the membership. Your answers are safe."
        )


def _require_fitting(question: Question, chosen: list[int]) -> None:
    if not chosen:
        raise AnswerRefusedError("Choose an answer.")
    if question.kind == Question.Kind.SINGLE and len(chosen) > 1:
        raise AnswerRefusedError("Choose one answer.")
    offered = set(question.choices.values_list("pk", flat=True))
    if not offered.issuperset(chosen):
        raise AnswerRefusedError("Choose one of the answers of this question.")


def _grade(attempt: QuizAttempt) -> tuple[int, int]:
    """Mark every stored answer by exact match; what has no answer is wrong."""
    keys: dict[int, set[int]] = {
        pk: set()
        for pk in Question.objects.filter(pk__in=attempt.question_ids).values_list(
            "pk", flat=True
        )
    }
    right_choices = Choice.objects.filter(question__in=keys, is_correct=True)
    for question_id, choice_id in right_choices.values_list("question_id", "pk"):
        keys[question_id].add(choice_id)

    answers = list(attempt.answers.all())
    for answer in answers:
        key = keys.get(answer.question_id)
        answer.is_correct = bool(key) and set(answer.choice_ids) == key
    QuizAnswer.objects.bulk_update(answers, ["is_correct"])
    return sum(bool(answer.is_correct) for answer in answers), max(len(keys), 1)
