from datetime import datetime

from django.db import transaction

from accounts.models import User
from core.errors import DomainError
from courses import access
from courses.models import (
    Course,
    Disclaimer,
    Enrollment,
    EvaluationReceipt,
    LessonProgress,
)
from courses.services.credit import requires_evaluation
from courses.services.deliveries import welcome
from courses.services.versions import current_version
from courses.signals import course_completed


class EnrollmentRefusedError(DomainError):
    """The course is not open to this person."""


class CompletionRefusedError(DomainError):
    """Something that the completion needs is still missing."""


@transaction.atomic
def enroll(*, user: User, course: Course, at: datetime) -> Enrollment:
    """Open the course to the user; enrolling again returns the same enrollment."""
    if course.publication_status(at=at) != "published":
        raise EnrollmentRefusedError(f"{course} is not open for enrollment.")
    if not access.may_study(user, course, at=at):
        raise EnrollmentRefusedError(
            f"{course} is part of the membership. Start or restart your membership "
            "to study it."
        )

    mine = Enrollment.objects.current().filter(user=user, course=course)
    enrollment = mine.first()
    if enrollment is not None:
        return enrollment
    enrollment, created = Enrollment.objects.current().get_or_create(
        user=user,
        course=course,
        defaults={
            "enrolled_at": at,
            "version": current_version(course=course, at=at),
        },
    )
    if created:
        welcome(enrollment=enrollment, at=at)
    return enrollment


def place_in(*, user: User, course: Course, at: datetime) -> Enrollment:
    """Return the user's place in the course, also after a lapse; the first use opens it."""
    mine = Enrollment.objects.current().filter(user=user, course=course)
    return mine.first() or enroll(user=user, course=course, at=at)


@transaction.atomic
def complete(
    *, enrollment: Enrollment, certificate_name: str, attested: bool, at: datetime
) -> Enrollment:
    """Finish the course under a confirmed name; a second call changes nothing."""
    locked = (
        Enrollment.objects.select_for_update(of=("self",))
        .select_related("course", "user")
        .get(pk=enrollment.pk)
    )
    if locked.status == Enrollment.Status.COMPLETED:
        return locked

    name = " ".join(certificate_name.split())
    _require_completable(locked, name=name, attested=attested, at=at)
    locked.status = Enrollment.Status.COMPLETED
    locked.completed_at = locked.attested_at = at
    locked.confirmed_name = name
    disclaimer = Disclaimer.objects.in_force(at=at)
    locked.disclaimer_version = disclaimer.version if disclaimer else ""
    locked.save(
        update_fields=[
            *("status", "completed_at", "attested_at", "confirmed_name"),
            *("disclaimer_version", "updated_at"),
        ]
    )
    _remember_name(locked.user, name)
    course_completed.send(sender=Enrollment, enrollment=locked, at=at)
    return locked


def _require_completable(
    enrollment: Enrollment, *, name: str, attested: bool, at: datetime
) -> None:
    if enrollment.status == Enrollment.Status.WITHDRAWN:
        raise CompletionRefusedError("You left this course. Enroll again to finish it.")
    if not access.may_study(enrollment.user, enrollment.course, at=at):
        raise CompletionRefusedError(
            "Your membership has ended. Restart it to finish this course; your "
            "progress is safe."
        )
    _require_lessons(enrollment)
    _require_evaluation(enrollment, at=at)
    if not name:
        raise CompletionRefusedError("Enter the name to print on your certificate.")
    if not attested:
        raise CompletionRefusedError("Confirm that you did this course yourself.")


def _require_lessons(enrollment: Enrollment) -> None:
    required = enrollment.course.lessons.filter(is_required=True)
    done = LessonProgress.objects.filter(
        enrollment=enrollment, completed_at__isnull=False
    )
    left = required.exclude(pk__in=done.values("lesson_id")).count()
    if left:
        noun = "lesson" if left == 1 else "lessons"
        raise CompletionRefusedError(
            f"Finish {left} more {noun} before you complete this course."
        )
    if not required.exists():
        raise CompletionRefusedError("This course has no lessons to complete yet.")


def _require_evaluation(enrollment: Enrollment, *, at: datetime) -> None:
    is_missing = not EvaluationReceipt.objects.filter(enrollment=enrollment).exists()
    if is_missing and requires_evaluation(enrollment=enrollment, at=at):
        raise CompletionRefusedError(
            "Tell us what you think of the course first. It takes two minutes."
        )


def _remember_name(user: User, name: str) -> None:
    if not user.certificate_name:
        user.certificate_name = name
        user.save(update_fields=["certificate_name"])
