"""Attestations before a final quiz, evaluations before a certificate."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from core.errors import DomainError
from courses.models import (
    Attestation,
    CourseVersion,
    Enrollment,
    Evaluation,
    EvaluationReceipt,
    LessonProgress,
    StaffCompletion,
)
from courses.services import progress

STATEMENT_VERSION = "2026-11"
STATEMENT = (
    "I am the person named here, these are my licenses, and I do this course and its "
    "final quiz myself, without help."
)


class StatementRefusedError(DomainError):
    """The statement lacks something, or comes at the wrong moment."""


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """What somebody thinks of a course, each on the scale of `Evaluation`."""

    objectives: Mapping[int, int]
    overall: int
    instructor: int
    is_current: int
    is_unbiased: int
    minutes: int
    comment: str


def attest(
    *, enrollment: Enrollment, legal_name: str, ip_address: str, at: datetime
) -> Attestation:
    """Keep who takes the final quiz; the first statement of an enrollment stays."""
    name = " ".join(legal_name.split())
    if not name:
        raise StatementRefusedError("Enter your name as it stands on your license.")
    licenses = enrollment.user.licenses.select_related("profession", "jurisdiction")
    attestation, _created = Attestation.objects.get_or_create(
        enrollment=enrollment,
        defaults={
            "text_version": STATEMENT_VERSION,
            "text": STATEMENT,
            "legal_name": name,
            "licenses": [str(one) for one in licenses.order_by("pk")],
            "ip_address": ip_address or None,
            "attested_at": at,
        },
    )
    return attestation


@transaction.atomic
def evaluate(*, enrollment: Enrollment, opinion: Opinion, at: datetime) -> None:
    """Store what was said apart from who said it; a second time changes nothing."""
    _receipt, is_new = EvaluationReceipt.objects.get_or_create(
        enrollment=enrollment, defaults={"submitted_at": at}
    )
    if not is_new:
        return
    version = CourseVersion.objects.get(pk=enrollment.version_id)
    known = {row["id"] for row in version.objectives}
    Evaluation.objects.create(
        version=version,
        objectives={
            str(key): rating
            for key, rating in opinion.objectives.items()
            if key in known
        },
        overall=opinion.overall,
        instructor=opinion.instructor,
        is_current=opinion.is_current,
        is_unbiased=opinion.is_unbiased,
        minutes=opinion.minutes,
        comment=opinion.comment,
        submitted_date=timezone.localdate(at),
    )


def is_evaluated(enrollment: Enrollment) -> bool:
    return EvaluationReceipt.objects.filter(enrollment=enrollment).exists()


@transaction.atomic
def complete_by_staff(*, given: StaffCompletion, at: datetime) -> LessonProgress:
    """Mark a lesson complete for one person, with the reason on record."""
    if given.lesson.course_id != given.enrollment.course_id:
        raise StatementRefusedError("This lesson is not part of the course.")
    given.save()
    row, _created = LessonProgress.objects.get_or_create(
        enrollment=given.enrollment, lesson=given.lesson, defaults={"opened_at": at}
    )
    return progress.finish(row, at=at)
