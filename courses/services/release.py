"""When a lesson opens to somebody who may study the course: its order and its days."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import formats, timezone

from core.errors import DomainError
from courses import access
from courses.models import (
    Course,
    EarlyRelease,
    Enrollment,
    Lesson,
    Outline,
    Step,
    build_outline,
)


class NotReleasedError(DomainError):
    """The lesson opens later, or after another one."""


def waiting_for(
    step: Step, *, enrollment: Enrollment, outline: Outline, at: datetime
) -> str:
    """Say what has to happen before the lesson opens; nothing if it is open."""
    lesson, course = step.lesson, step.lesson.course
    if not is_ordered(lesson) or step.is_done or lesson.is_preview:
        return ""
    first = outline.comes_first(step, course.order)
    opens_at = enrollment.enrolled_at + timedelta(days=lesson.module.opens_after_days)
    if first is None and opens_at <= at:
        return ""
    if _is_released(enrollment, lesson):
        return ""
    if opens_at > at:
        day = formats.date_format(timezone.localtime(opens_at))
        return f"This lesson opens on {day}."
    return (
        f"Finish lesson {first.number}, “{first.lesson.title}”, first." if first else ""
    )


def is_ordered(lesson: Lesson) -> bool:
    """Say whether the lesson can have to wait at all."""
    return (
        lesson.course.order != Course.Order.FREE or lesson.module.opens_after_days > 0
    )


def require_released(enrollment: Enrollment, lesson: Lesson, *, at: datetime) -> None:
    """Refuse what is done in a lesson before its turn."""
    lesson.course = enrollment.course
    if not is_ordered(lesson) or access.edits_courses(enrollment.user):
        return
    outline = build_outline(enrollment.course, enrollment)
    step = outline.find(lesson.pk)
    reason = step and waiting_for(step, enrollment=enrollment, outline=outline, at=at)
    if reason:
        raise NotReleasedError(reason)


def _is_released(enrollment: Enrollment, lesson: Lesson) -> bool:
    # Asked by the row, since who has not started yet has none.
    given = EarlyRelease.objects.filter(enrollment=enrollment.pk)
    return given.filter(Q(lesson=None) | Q(lesson=lesson)).exists()
