"""What a learner has opened, watched and finished; the server does the counting.

Who locks both locks the progress of the lesson first, and its enrollment after it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from core.errors import DomainError
from core.prepared import Prepared
from courses import access
from courses.models import Enrollment, Lesson, LessonProgress, Question
from courses.services.enrollment import place_in
from courses.services.release import require_released

Intervals = list[list[int]]

FASTEST_PLAYBACK = 2
TOLERANCE_SECONDS = 4
MAX_INTERVALS = 500
STUDY_IS_NOTED_EVERY = timedelta(minutes=1)
UNDO_WITHIN = timedelta(minutes=5)
# What a report of the player changes.
REPORTED = (
    *("watched_intervals", "watched_seconds", "position_seconds"),
    *("reported_at", "completed_at"),
)


def _played(user: Any, course: Any, lesson: Any) -> QuerySet[LessonProgress]:
    """Find the progress of a lesson, with no more of its course than a save needs."""
    return (
        LessonProgress.objects.select_related("enrollment__course", "lesson__module")
        .only(
            *("watched_intervals", "watched_seconds", "position_seconds"),
            *("opened_at", "reported_at", "completed_at", "updated_at"),
            *("enrollment__last_lesson", "enrollment__last_studied_at"),
            "enrollment__course__published_at",
            "enrollment__course__unpublished_at",
            *("enrollment__course__required_entitlement", "enrollment__course__order"),
            "enrollment__enrolled_at",
            *("lesson__course", "lesson__kind", "lesson__is_preview"),
            "lesson__module__opens_after_days",
            "lesson__duration_seconds",
        )
        .exclude(enrollment__status="withdrawn")
        .filter(enrollment__user=user)
        .filter(enrollment__course__slug=course, lesson__slug=lesson)
    )


def _played_and_locked(**place: Any) -> QuerySet[LessonProgress]:
    return _played(**place).select_for_update(of=("self",))


# Players report every few seconds.
_PLAYED = Prepared(_played, user=int, course=str, lesson=str)
_PLAYED_AND_LOCKED = Prepared(_played_and_locked, user=int, course=str, lesson=str)


class LessonClosedError(DomainError):
    """The lesson is not open to this person, or not part of the course."""


class LessonUnfinishedError(DomainError):
    """The lesson needs more than a press of the button."""


class ReopeningRefusedError(DomainError):
    """The lesson was earned, or its course is finished: it stays complete."""


@dataclass(frozen=True)
class WatchReport:
    """What a player claims: where it stands and the seconds it has played."""

    position: float
    intervals: Sequence[tuple[float, float]]


def open_lesson(
    *, enrollment: Enrollment, lesson: Lesson, at: datetime, is_known: bool = False
) -> None:
    """Remember where to resume; it credits nothing, so the page checks the access."""
    if lesson.course_id != enrollment.course_id:
        raise LessonClosedError("This lesson is not part of the course.")
    if _is_noted(enrollment, lesson, at=at):
        return
    # Each write stands alone and may be repeated: a page that only reads stays cheap.
    if not is_known:
        opened = LessonProgress(enrollment=enrollment, lesson=lesson, opened_at=at)
        LessonProgress.objects.bulk_create([opened], ignore_conflicts=True)
    _note_study(enrollment, lesson, at=at)


def save_progress(
    *, user: User, course_slug: str, lesson_slug: str, report: WatchReport, at: datetime
) -> LessonProgress:
    """Add what was played since the last report; progress only ever grows.

    Two reports about one lesson seldom meet: the first try locks nothing, and writes
    unless the row has changed since it was read. The second waits for its turn.
    """
    place: dict[str, Any] = {"user": user, "course": course_slug, "lesson": lesson_slug}
    progress = _find(_PLAYED, **place)
    if progress is None:
        _begin(user, course_slug=course_slug, lesson_slug=lesson_slug, at=at)
        progress = _require(_PLAYED, **place)
    _add(report, progress, at=at)
    if not _write_unless_changed(progress):
        with transaction.atomic():
            progress = _require(_PLAYED_AND_LOCKED, **place)
            _add(report, progress, at=at)
            progress.save(update_fields=[*REPORTED, "updated_at"])
    _note_study(progress.enrollment, progress.lesson, at=at)
    return progress


def _add(report: WatchReport, progress: LessonProgress, *, at: datetime) -> None:
    """Credit what the report claims, as far as the clock and the rules allow."""
    require_open(progress.enrollment, progress.lesson, at=at)
    require_released(progress.enrollment, progress.lesson, at=at)
    if progress.enrollment.course.publication_status(at=at) != "published":
        raise LessonClosedError("This course is not open now. Your progress is safe.")
    duration = progress.lesson.duration_seconds or 0
    played = _clean(report.intervals, duration=duration)
    fresh = _subtract(played, progress.watched_intervals)
    anchor = progress.reported_at or progress.opened_at
    clock = max((at - anchor).total_seconds(), -TOLERANCE_SECONDS)
    credit = max(int(clock * FASTEST_PLAYBACK) + TOLERANCE_SECONDS, 0)
    granted = _first_seconds(fresh, credit)

    progress.watched_intervals = _merge([*progress.watched_intervals, *granted])
    progress.watched_seconds = _length(progress.watched_intervals)
    progress.position_seconds = round(min(max(report.position, 0), duration))
    spent = timedelta(seconds=_length(granted) / FASTEST_PLAYBACK)
    progress.reported_at = max(at, anchor + spent)
    if _is_watched(progress):
        progress.completed_at = progress.completed_at or at


def _write_unless_changed(progress: LessonProgress) -> bool:
    unchanged = LessonProgress.objects.filter(
        pk=progress.pk, updated_at=progress.updated_at
    )
    reported = {name: getattr(progress, name) for name in REPORTED}
    return bool(unchanged.update(**reported, updated_at=timezone.now()))


@transaction.atomic
def complete_lesson(*, user: User, lesson: Lesson, at: datetime) -> LessonProgress:
    """Mark the lesson complete where its kind and its course allow the button."""
    enrollment = place_in(user=user, course=lesson.course, at=at)
    require_open(enrollment, lesson, at=at)
    require_released(enrollment, lesson, at=at)
    progress, _created = LessonProgress.objects.get_or_create(
        enrollment=enrollment, lesson=lesson, defaults={"opened_at": at}
    )
    if progress.completed_at:
        return progress
    if lesson.kind == Lesson.Kind.QUIZ:
        raise LessonUnfinishedError("Pass the quiz to complete this lesson.")
    if lesson.kind == Lesson.Kind.CHECK and not is_answered(enrollment, lesson):
        raise LessonUnfinishedError("Answer each question to complete this lesson.")
    needs_watching = lesson.kind == Lesson.Kind.VIDEO and lesson.is_playable
    if needs_watching and not lesson.course.allows_mark_complete:
        percent = progress.watched_percent
        raise LessonUnfinishedError(f"Watch to the end to complete ({percent}%).")
    finish(progress, at=at)
    _note_study(enrollment, lesson, at=at)
    return progress


@transaction.atomic
def reopen_lesson(*, enrollment: Enrollment, lesson: Lesson, at: datetime) -> None:
    """Take back a press of the button, for a few minutes; again changes nothing."""
    mine = LessonProgress.objects.filter(enrollment=enrollment, lesson=lesson)
    progress = mine.select_for_update().first()
    if progress is None or progress.completed_at is None:
        return
    locked = Enrollment.objects.select_for_update().get(pk=enrollment.pk)
    progress.lesson = lesson
    is_earned = lesson.kind == Lesson.Kind.QUIZ or _is_watched(progress)
    is_over = locked.status != Enrollment.Status.ACTIVE
    if is_earned or is_over or at - progress.completed_at > UNDO_WITHIN:
        raise ReopeningRefusedError("This lesson stays complete.")
    progress.completed_at = None
    progress.save(update_fields=["completed_at", "updated_at"])


def finish(progress: LessonProgress, *, at: datetime) -> LessonProgress:
    """Store that the lesson is complete; the first moment stays."""
    if progress.completed_at is None:
        progress.completed_at = at
        progress.save(update_fields=["completed_at", "updated_at"])
    return progress


def is_answered(enrollment: Enrollment, lesson: Lesson) -> bool:
    """Tell whether each question that the lesson asks for practice has an answer."""
    # An answer outlives its question; NOT IN a list with a NULL finds nothing.
    mine = enrollment.practice_answers.filter(lesson=lesson)
    answered = mine.exclude(question=None)
    asked = Question.objects.filter(quiz__lesson=lesson)
    return not asked.exclude(pk__in=answered.values("question")).exists()


def _find(
    asked: Prepared[LessonProgress], *, user: User, course: str, lesson: str
) -> LessonProgress | None:
    found = asked.rows(user=user.pk, course=course, lesson=lesson)
    for progress in found:  # one at most
        progress.enrollment.user = user
        return progress
    return None


def _require(asked: Prepared[LessonProgress], **place: Any) -> LessonProgress:
    progress = _find(asked, **place)
    if progress is None:
        raise LessonProgress.DoesNotExist
    return progress


def _begin(user: User, *, course_slug: str, lesson_slug: str, at: datetime) -> None:
    """Enroll who plays a lesson before having started its course."""
    lessons = Lesson.objects.select_related("course")
    lesson = lessons.get(course__slug=course_slug, slug=lesson_slug)
    enrollment = place_in(user=user, course=lesson.course, at=at)
    open_lesson(enrollment=enrollment, lesson=lesson, at=at)


def _is_noted(enrollment: Enrollment, lesson: Lesson, *, at: datetime) -> bool:
    noted_at = enrollment.last_studied_at
    is_recent = noted_at is not None and at - noted_at < STUDY_IS_NOTED_EVERY
    return is_recent and enrollment.last_lesson_id == lesson.pk


def _note_study(enrollment: Enrollment, lesson: Lesson, *, at: datetime) -> None:
    if _is_noted(enrollment, lesson, at=at):
        return
    enrollment.last_lesson = lesson
    enrollment.last_studied_at = at
    enrollment.save(update_fields=["last_lesson", "last_studied_at", "updated_at"])


def require_open(enrollment: Enrollment, lesson: Lesson, *, at: datetime) -> None:
    """Refuse what is done in a lesson that is not open to the person."""
    if lesson.course_id != enrollment.course_id:
        raise LessonClosedError("This lesson is not part of the course.")
    lesson.course = enrollment.course
    if not access.may_open(enrollment.user, lesson, at=at):
        raise LessonClosedError(
            "This lesson is part of the membership. Your progress is safe."
        )


def _is_watched(progress: LessonProgress) -> bool:
    duration = progress.lesson.duration_seconds or 0
    is_video = progress.lesson.kind == Lesson.Kind.VIDEO
    return is_video and 0 < duration * 9 <= progress.watched_seconds * 10


def _clean(claimed: Sequence[tuple[float, float]], *, duration: int) -> Intervals:
    clipped = [
        [max(round(start), 0), min(round(end), duration)]
        for start, end in claimed[:MAX_INTERVALS]
        if start < end and end > 0 and start < duration
    ]
    return _merge([pair for pair in clipped if pair[0] < pair[1]])


def _merge(intervals: Intervals) -> Intervals:
    merged: Intervals = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return merged


def _subtract(intervals: Intervals, known: Intervals) -> Intervals:
    """Return the parts of the merged intervals that are not known yet."""
    fresh: Intervals = []
    for start, end in intervals:
        cursor = start
        for known_start, known_end in known:
            if known_end <= cursor or known_start >= end:
                continue
            if known_start > cursor:
                fresh.append([cursor, known_start])
            cursor = max(cursor, known_end)
        if cursor < end:
            fresh.append([cursor, end])
    return fresh


def _first_seconds(intervals: Intervals, limit: int) -> Intervals:
    kept: Intervals = []
    for start, end in intervals:
        if limit <= 0:
            break
        end = min(end, start + limit)  # noqa: PLW2901 - clipped on purpose
        limit -= end - start
        kept.append([start, end])
    return kept


def _length(intervals: Intervals) -> int:
    return sum(end - start for start, end in intervals)
