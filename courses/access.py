"""Who may open a course or a lesson: asked on every request, never remembered."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from billing.access import has_entitlement
from courses.models import Course, Lesson

Visitor = User | AnonymousUser


def edits_courses(user: Visitor) -> bool:
    """Tell whether the person is staff who writes courses."""
    return user.is_staff and user.has_perm("courses.change_course")


def may_study(user: Visitor, course: Course, *, at: datetime) -> bool:
    """Tell whether the person's account or plan opens every lesson of the course."""
    if not isinstance(user, User):
        return False
    required = course.required_entitlement
    return not required or has_entitlement(user, required, at=at)


def may_open(user: Visitor, lesson: Lesson, *, at: datetime) -> bool:
    """Tell whether the person sees the lesson itself and not its locked page."""
    return (
        lesson.is_preview
        or edits_courses(user)
        or may_study(user, lesson.course, at=at)
    )
