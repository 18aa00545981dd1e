"""Quizzes: the server starts, stores, grades and closes every attempt."""

import math
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Sum

from accounts.models import User
from core.errors import DomainError
from courses import access
from courses.models import (
    Attestation,
    CourseVersion,
    Enrollment,
    LessonProgress,
    Question,
    Quiz,
    QuizAnswer,
    QuizAttempt,
    VersionQuestion,
    VersionQuiz,
)
from courses.services import credit, progress
from courses.services.accommodations import accommodation_of
from courses.services.release import require_released
from courses.services.seat_time import minutes_missing
from courses.services.versions import current_version

FAILURES_IN_A_ROW = 3
# An answer that was chosen in time may arrive a moment later.
LATE_ANSWER = timedelta(seconds=15)


class AttemptRefusedError(DomainError):
    """The quiz cannot be taken now."""


class UnattestedError(AttemptRefusedError):
    """The learner has not yet said who takes the quiz."""


class AttemptClosedError(DomainError):
    """The attempt was submitted; its answers stay as they are."""


class AnswerRefusedError(DomainError):
    """The answer does not fit the question."""


@transaction.atomic
def start_attempt(*, enrollment: Enrollment, quiz: Quiz, at: datetime) -> QuizAttempt:
    """Open a sitting with its own questions, or return the one left open."""
    locked = (
        Enrollment.objects.select_for_update(of=("self",))
        .select_related("course", "user", "version")
        .get(pk=enrollment.pk)
    )
    if quiz.lesson.course_id != locked.course_id:
        raise AttemptRefusedError("This quiz is not part of the course.")
    _require_open(locked, quiz, at=at)
    require_released(locked, quiz.lesson, at=at)
    past = list(locked.attempts.filter(quiz=quiz).order_by("number"))
    if past and past[-1].submitted_at is None:
        return past[-1]

    rules = credit.credit_rules(enrollment=locked, at=at)
    _require_attestation(locked, quiz, rules)
    if resting_until(past, quiz=quiz, at=at):
        raise AttemptRefusedError(
            "Three attempts did not pass. Look at the lessons again first; the next "
            "attempt opens a little later."
        )
    if attempts_left(locked, quiz=quiz, taken=len(past)) == 0:
        raise AttemptRefusedError(
            "You have no attempt left. Contact us to ask for another one."
        )
    if quiz.is_final and (missing := minutes_missing(locked, rules)):
        raise AttemptRefusedError(
            f"Study {missing} more minute{'' if missing == 1 else 's'} before the final "
            "quiz opens: the lessons count the time while you read, watch or practice."
        )
    version, test = _test_of(locked, quiz, at=at)
    progress.open_lesson(enrollment=locked, lesson=quiz.lesson, at=at)
    return QuizAttempt.objects.create(
        enrollment=locked,
        quiz=quiz,
        version=version,
        number=past[-1].number + 1 if past else 1,
        question_ids=test.draw(
            asked_before={asked for sitting in past for asked in sitting.question_ids}
        ),
        started_at=at,
        closes_at=_closing_time(quiz, locked.user, at=at),
        pass_mark=rules.raise_mark(test.pass_mark, is_final=quiz.is_final),
    )


def minutes_for(quiz: Quiz, user: User) -> int | None:
    """Return the minutes that this person has for an attempt; None without a limit."""
    if quiz.time_limit_minutes is None:
        return None
    given = accommodation_of(user)
    multiplier = given.time_multiplier if given else 1
    return math.ceil(quiz.time_limit_minutes * multiplier)


def _closing_time(quiz: Quiz, user: User, *, at: datetime) -> datetime | None:
    minutes = minutes_for(quiz, user)
    return at + timedelta(minutes=minutes) if minutes else None


def _require_attestation(
    enrollment: Enrollment, quiz: Quiz, rules: credit.CreditRules
) -> None:
    if not credit.requires_attestation(quiz=quiz, rules=rules):
        return
    if not Attestation.objects.filter(enrollment=enrollment).exists():
        raise UnattestedError("Confirm who you are before you start the quiz.")


def resting_until(
    past: Sequence[QuizAttempt], *, quiz: Quiz, at: datetime
) -> datetime | None:
    """Return when the next attempt may start, if the learner has to rest before it."""
    failed = [one for one in past if one.submitted_at and not one.passed]
    if not failed or len(failed) % FAILURES_IN_A_ROW:
        return None
    latest = failed[-1].submitted_at or at
    until = latest + timedelta(hours=quiz.rest_hours)
    return until if at < until else None


def attempts_left(enrollment: Enrollment, *, quiz: Quiz, taken: int) -> int | None:
    """Return how many attempts remain; None where there is no limit."""
    if quiz.max_attempts is None:
        return None
    extra = enrollment.extra_attempts.filter(quiz=quiz).aggregate(sum=Sum("count"))
    return max(quiz.max_attempts + (extra["sum"] or 0) - taken, 0)


def _test_of(
    enrollment: Enrollment, quiz: Quiz, *, at: datetime
) -> tuple[CourseVersion, VersionQuiz]:
    """Return what the person is asked: a quiz newer than their version as it is now."""
    version = enrollment.version
    test = version.quiz(quiz.pk)
    if test is None:
        version = current_version(course=enrollment.course, at=at)
        test = version.quiz(quiz.pk)
    if test is None or not test.questions:
        raise AttemptRefusedError("This quiz has no questions yet.")
    return version, test


def save_answer(
    *,
    attempt: QuizAttempt,
    question_id: int,
    choice_ids: Collection[int],
    at: datetime,
) -> QuizAnswer:
    """Store what the learner chose; the same answer twice is one answer."""
    if close_overdue(attempt=attempt, at=at):
        raise AttemptClosedError(
            "The time of this attempt is over. The answers that were saved in time "
            "are submitted."
        )
    return _save_answer(attempt, question_id, choice_ids, at=at)


@transaction.atomic
def _save_answer(
    attempt: QuizAttempt, question_id: int, choice_ids: Collection[int], *, at: datetime
) -> QuizAnswer:
    locked = _lock(attempt)
    if locked.submitted_at:
        raise AttemptClosedError(
            "This attempt was submitted. Its answers cannot be changed."
        )
    _require_open(locked.enrollment, locked.quiz, at=at)
    if question_id not in locked.question_ids:
        raise AnswerRefusedError("That question is not part of this attempt.")
    chosen = sorted(set(choice_ids))
    _require_fitting(locked.version.questions[question_id], chosen)
    answer, _created = QuizAnswer.objects.update_or_create(
        attempt=locked, question_id=question_id, defaults={"choice_ids": chosen}
    )
    return answer


@transaction.atomic
def submit_attempt(*, attempt: QuizAttempt, at: datetime) -> QuizAttempt:
    """Close and grade the sitting once; a second submit returns the same result.

    What comes after the time is over is the submit that the end of the time was.
    """
    if close_overdue(attempt=attempt, at=at):
        return QuizAttempt.objects.get(pk=attempt.pk)
    locked = _lock(attempt)
    if locked.submitted_at:
        return locked
    _require_open(locked.enrollment, locked.quiz, at=at)
    return _submit(locked, at=at)


@transaction.atomic
def close_overdue(*, attempt: QuizAttempt, at: datetime) -> bool:
    """Submit what was saved of an attempt whose time is over, also after a lapse."""
    if attempt.closes_at is None or at < attempt.closes_at + LATE_ANSWER:
        return False
    locked = _lock(attempt)
    if not locked.submitted_at:
        _submit(locked, at=attempt.closes_at)
    return True


def close_all_overdue(*, at: datetime) -> int:
    """Submit the attempts that were left lying until their time was over."""
    overdue = QuizAttempt.objects.filter(
        submitted_at__isnull=True, closes_at__lte=at - LATE_ANSWER
    )
    return sum(close_overdue(attempt=attempt, at=at) for attempt in overdue.iterator())


def _submit(locked: QuizAttempt, *, at: datetime) -> QuizAttempt:
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
        .select_related(
            *("enrollment__user", "enrollment__course", "quiz__lesson", "version")
        )
        .get(pk=attempt.pk)
    )


def _require_open(enrollment: Enrollment, quiz: Quiz, *, at: datetime) -> None:
    quiz.lesson.course = enrollment.course
    if not access.may_open(enrollment.user, quiz.lesson, at=at):
        raise AttemptRefusedError(
            "This quiz is part of the membership. Your answers are safe."
        )


def _require_fitting(question: VersionQuestion, chosen: list[int]) -> None:
    if not chosen:
        raise AnswerRefusedError("Choose an answer.")
    if question.kind != Question.Kind.MULTIPLE and len(chosen) > 1:
        raise AnswerRefusedError("Choose one answer.")
    wanted = len(question.key)
    if len(chosen) > wanted:
        raise AnswerRefusedError(f"Choose {wanted} answers, not {len(chosen)}.")
    offered = {choice.id for choice in question.choices}
    if not offered.issuperset(chosen):
        raise AnswerRefusedError("Choose one of the answers of this question.")


def _grade(attempt: QuizAttempt) -> tuple[int, int]:
    """Mark every stored answer by exact match; what has no answer is wrong."""
    answers = list(attempt.answers.all())
    for answer in answers:
        question = attempt.version.questions[answer.question_id]
        answer.is_correct = question.is_right(answer.choice_ids)
    QuizAnswer.objects.bulk_update(answers, ["is_correct"])
    return sum(bool(one.is_correct) for one in answers), len(attempt.question_ids)
