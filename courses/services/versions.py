"""Versions: what people earn by is recorded when it changes, and never changed."""

import hashlib
import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q

from core.errors import DomainError
from courses.models import Course, CourseVersion, Enrollment, Question, Quiz

CENTS = Decimal("0.01")


class MoveRefusedError(DomainError):
    """This person cannot change the version of the course now."""


def current_version(*, course: Course, at: datetime) -> CourseVersion:
    """Return the version that says what the course says now; record it if none does."""
    said = _said(course)
    newest = _newest(course)
    if newest is not None and newest.digest == said["digest"]:
        return newest
    with transaction.atomic():
        Course.objects.select_for_update().get(pk=course.pk)
        newest = _newest(course)
        if newest is not None and newest.digest == said["digest"]:
            return newest
        number = newest.number + 1 if newest else 1
        return CourseVersion.objects.create(
            course=course, number=number, recorded_at=at, **said
        )


@transaction.atomic
def move_to_current(*, enrollment: Enrollment, at: datetime) -> Enrollment:
    """Let a learner go on by the newest version; what was done stays done."""
    locked = (
        Enrollment.objects.select_for_update(of=("self",))
        .select_related("course")
        .get(pk=enrollment.pk)
    )
    if locked.status != Enrollment.Status.ACTIVE:
        raise MoveRefusedError("You have finished this course. Your record stays.")
    locked.version = current_version(course=locked.course, at=at)
    locked.save(update_fields=["version", "updated_at"])
    return locked


def newer_version(enrollment: Enrollment) -> CourseVersion | None:
    """Return the version that the learner may move to, if there is one."""
    if enrollment.status != Enrollment.Status.ACTIVE:
        return None
    newest = _newest(enrollment.course)
    is_newer = newest is not None and newest.number > enrollment.version.number
    return newest if is_newer else None


def _newest(course: Course) -> CourseVersion | None:
    return course.versions.order_by("-number").first()


def _said(course: Course) -> dict[str, Any]:
    """Return what the rows of the course say now, with its digest."""
    said = {
        "title": course.title,
        "contact_hours": Decimal(course.contact_hours).quantize(CENTS),
        "objectives": list(
            course.objectives.order_by("weight", "pk").values("id", "text")
        ),
        "test": {"quizzes": _quizzes(course), "questions": _questions(course)},
    }
    content = json.dumps(said, sort_keys=True, default=str).encode()
    return {**said, "digest": hashlib.sha256(content).hexdigest()}


def _quizzes(course: Course) -> list[dict[str, Any]]:
    """Return the quizzes that are graded; practice may change at any time."""
    found = Quiz.objects.filter(lesson__course=course, lesson__kind="quiz")
    found = found.order_by("pk")
    return [dict(row) for row in found.values("id", "pass_mark", "per_objective")]


def _questions(course: Course) -> list[dict[str, Any]]:
    graded = Q(quiz=None) | Q(quiz__lesson__kind="quiz")
    found = course.questions.filter(graded).order_by("quiz_id", "weight", "pk")
    found = found.with_choices()
    return [_row(question) for question in found]


def _row(question: Question) -> dict[str, Any]:
    names = ("id", "quiz_id", "objective_id", "kind", "text", "explanation")
    return {
        **{name: getattr(question, name) for name in names},
        "review_lesson_id": question.review_lesson_id,
        "keeps_order": question.keeps_order,
        "choices": [
            {"id": one.pk, "text": one.text, "is_correct": one.is_correct}
            for one in question.choices.all()
        ],
    }
