"""Which bodies grant credit to a learner on a day, and what they ask for it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from core.errors import DomainError
from courses.models import (
    Accreditation,
    AccreditedVersion,
    Course,
    CourseVersion,
    CreditBody,
    Enrollment,
    Quiz,
)


class AccreditationRefusedError(DomainError):
    """The version cannot be confirmed for this accreditation."""


@dataclass(frozen=True, kw_only=True)
class CreditRules:
    """What the bodies that somebody earns by ask for, all taken together."""

    accreditations: Sequence[Accreditation] = ()

    @property
    def strictest(self) -> CreditBody | None:
        """Return the body with the highest pass mark, if any has one."""
        bodies = [one.body for one in self.accreditations if one.body.pass_mark]
        return max(bodies, key=lambda body: body.pass_mark or 0, default=None)

    @property
    def evaluators(self) -> list[CreditBody]:
        return [one.body for one in self.accreditations if one.body.requires_evaluation]

    @property
    def attestors(self) -> list[CreditBody]:
        return [
            one.body for one in self.accreditations if one.body.requires_attestation
        ]

    def raise_mark(self, pass_mark: int, *, is_final: bool) -> int:
        """Return the pass mark of a quiz: only final ones are raised, none is lowered."""
        strictest = self.strictest
        asked = strictest.pass_mark if strictest and is_final else None
        return max(pass_mark, asked or 0)

    @property
    def slowest(self) -> Accreditation | None:
        """Return what asks for the longest study before a final quiz, if anything does."""
        timed = [one for one in self.accreditations if one.study_minutes]
        return max(timed, key=lambda one: one.study_minutes, default=None)

    @property
    def study_minutes(self) -> int:
        return self.slowest.study_minutes if self.slowest else 0


@dataclass(frozen=True, kw_only=True)
class GradingScale:
    """What passes a sitting, in the words that come before its start."""

    pass_mark: int
    question_count: int
    raised_by: CreditBody | None = None

    @property
    def right_answers(self) -> int:
        """Return how many right answers pass; a share of one counts as a whole one."""
        return -(-self.pass_mark * self.question_count // 100)


@dataclass(frozen=True, kw_only=True)
class CreditTable:
    """What the page of a course says about credit: what is valid, and what no longer."""

    valid: list[Accreditation]
    expired: list[Accreditation]


@transaction.atomic
def confirm_version(
    *, accreditation: Accreditation, version: CourseVersion, by: User, at: datetime
) -> AccreditedVersion:
    """Let an accreditation hold for a version that was compared; again changes nothing."""
    if version.course_id != accreditation.course_id:
        raise AccreditationRefusedError(
            "This version belongs to another course. Choose one of this course."
        )
    confirmation, _created = AccreditedVersion.objects.get_or_create(
        accreditation=accreditation,
        version=version,
        defaults={"confirmed_by": by, "confirmed_at": at},
    )
    return confirmation


def credit_rules(*, enrollment: Enrollment, at: datetime) -> CreditRules:
    """Return the rules of the bodies that the learner earns by on that day."""
    version = enrollment.version_id
    return credit_rules_by_version(user=enrollment.user, versions=[version], at=at)[
        version
    ]


def credit_rules_by_version(
    *, user: User, versions: Collection[int], at: datetime
) -> dict[int, CreditRules]:
    """Return the rules that the person has, or would have, by each of the versions."""
    valid = Accreditation.objects.valid(on=timezone.localdate(at)).earned_by(user)
    confirmed = valid.annotate(version_id=F("confirmations__version"))
    rows: list[Any] = list(confirmed.filter(version_id__in=versions).with_body())
    return {
        version: CreditRules(
            accreditations=[row for row in rows if row.version_id == version]
        )
        for version in versions
    }


def credit_table(
    *, course: Course, enrollment: Enrollment | None, at: datetime
) -> CreditTable:
    """Return the accreditations of the own version, or else of the newest."""
    on = timezone.localdate(at)
    begun = Accreditation.objects.begun(on=on).with_body()
    if enrollment is None:
        rows = list(begun.of_newest().filter(course=course))
    else:
        rows = list(begun.of_version(enrollment.version_id))
    valid = [row for row in rows if row.valid_until >= on]
    renewed = {row.body_id for row in valid}
    return CreditTable(
        valid=valid,
        expired=[
            row for row in rows if row.valid_until < on and row.body_id not in renewed
        ],
    )


def credit_changes(own: CreditRules, newer: CreditRules) -> list[str]:
    """Say in words which bodies do not grant the same credit by the newer version."""
    had, has = ({one.body for one in rules.accreditations} for rules in (own, newer))
    lost, won = sorted(map(str, had - has)), sorted(map(str, has - had))
    return [
        *(f"{body} has not approved it: it earns no credit there." for body in lost),
        *(f"{body} has approved it." for body in won),
    ]


def grading_scale(
    *, quiz: Quiz, pass_mark: int, question_count: int, rules: CreditRules
) -> GradingScale:
    """Return what passes the quiz; the strictest body may raise it in a final one."""
    raised = rules.raise_mark(pass_mark, is_final=quiz.is_final)
    return GradingScale(
        pass_mark=raised,
        question_count=question_count,
        raised_by=rules.strictest if raised > pass_mark else None,
    )


def requires_attestation(*, quiz: Quiz, rules: CreditRules) -> bool:
    """Tell whether the learner confirms who sits the quiz before it starts."""
    return quiz.is_final or bool(rules.attestors)


def requires_evaluation(*, enrollment: Enrollment, at: datetime) -> bool:
    """Tell whether the course or a body asks for an evaluation before the certificate."""
    if enrollment.course.requires_evaluation:
        return True
    return bool(credit_rules(enrollment=enrollment, at=at).evaluators)
