"""Who may open a course or a lesson: asked on every request, never remembered."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from billing.access import Access, AccessState, has_entitlement
from courses.models import Course, Lesson

Visitor = User | AnonymousUser


def edits_courses(user: Visitor) -> bool:
    """Tell whether the person is staff who writes courses."""
    return user.is_staff and user.has_perm("courses.change_course")


def unlocks(access: Access, course: Course) -> bool:
    """Tell whether the account or the plan opens every lesson of the course."""
    if course.required_entitlement:
        return course.required_entitlement in access.entitlements
    return access.state != AccessState.ANONYMOUS


def opens(access: Access, lesson: Lesson, *, user: Visitor) -> bool:
    """Tell whether the person sees the lesson itself and not its locked page."""
    return lesson.is_preview or edits_courses(user) or unlocks(access, lesson.course)


def may_study(user: Visitor, course: Course, *, at: datetime) -> bool:
    """Tell what `unlocks` tells, with no query more than the answer needs."""
    if course.required_entitlement:
        return has_entitlement(user, course.required_entitlement, at=at)
    return user.is_authenticated and user.is_active


def may_open(user: Visitor, lesson: Lesson, *, at: datetime) -> bool:
    """Tell what `opens` tells, with no query more than the answer needs."""
    if lesson.is_preview or edits_courses(user):
        return True
    return may_study(user, lesson.course, at=at)
