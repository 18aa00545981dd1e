"""Seat time: seconds with a lesson in view, and played or touched, by our own clock."""

import math
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Sum

from accounts.models import User
from courses.models import Course, Enrollment, LessonProgress
from courses.services.credit import CreditRules
from courses.services.progress import require_open
from courses.services.release import require_released

# A page tells every half minute; what waited for the network counts up to this.
MOST_AT_ONCE = timedelta(hours=2)


@transaction.atomic
def note_active(
    *, user: User, course_slug: str, lesson_slug: str, seconds: float, at: datetime
) -> LessonProgress:
    """Add active seconds, as far as the clock allows: two pages count once.

    The page was opened before, which made the row; LessonProgress.DoesNotExist if not.
    """
    rows = LessonProgress.objects.exclude(enrollment__status="withdrawn")
    progress = (
        rows.select_for_update(of=("self",))
        .select_related("lesson__module")
        .get(
            enrollment__user=user,
            enrollment__course__slug=course_slug,
            lesson__slug=lesson_slug,
        )
    )
    locked = (
        Enrollment.objects.select_for_update(of=("self",))
        .select_related("course", "user")
        .get(pk=progress.enrollment_id)
    )
    require_open(locked, progress.lesson, at=at)
    require_released(locked, progress.lesson, at=at)
    counted_until = max(locked.active_until_at or progress.opened_at, at - MOST_AT_ONCE)
    elapsed = max((at - counted_until).total_seconds(), 0)
    credit = math.floor(min(max(seconds, 0), elapsed))
    if credit:
        progress.active_seconds += credit
        progress.save(update_fields=["active_seconds", "updated_at"])
        # What the clock cut off is no whole second yet: it counts with the next report.
        rest = elapsed - credit if elapsed - credit < 1 else 0
        locked.active_until_at = at - timedelta(seconds=rest)
        locked.save(update_fields=["active_until_at", "updated_at"])
    return progress


def active_minutes(enrollment: Enrollment) -> int:
    """Return the whole minutes that were counted in all lessons of the course."""
    counted = enrollment.progress.aggregate(sum=Sum("active_seconds"))
    return int(counted["sum"] or 0) // 60


def minutes_needed(course: Course, rules: CreditRules) -> int:
    """Return the minutes of study before the final quiz: what asks for most decides."""
    return max(course.minimum_minutes, rules.study_minutes)


def minutes_missing(enrollment: Enrollment, rules: CreditRules) -> int:
    """Return how many minutes of study are left before the final quiz opens."""
    needed = minutes_needed(enrollment.course, rules)
    return max(needed - active_minutes(enrollment), 0) if needed else 0
