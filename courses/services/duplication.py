"""Copies of courses: a draft with rows of its own, and the same stored files."""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model

from core.errors import DomainError
from courses.models import (
    Choice,
    Course,
    Lesson,
    LessonFile,
    Module,
    Objective,
    Quiz,
)
from courses.services.streams import queue_streams

Row = TypeVar("Row", bound=Model)


class DuplicationRefusedError(DomainError):
    """Another course has the title or the address of the copy."""


@transaction.atomic
def duplicate_course(*, course: Course, title: str, slug: str) -> Course:
    """Copy the course into a draft; the same copy asked for again is returned.

    Both courses name the same stored files, which no deletion of a row removes.
    """
    locked = Course.objects.select_for_update().get(pk=course.pk)
    drafts = Course.objects.exclude(pk=locked.pk).filter(published_at__isnull=True)
    made = drafts.filter(title=title, slug=slug).first()
    if made is not None:
        return made
    _require_free(title=title, slug=slug)
    copy = _copy(locked, title=title, slug=slug, published_at=None, unpublished_at=None)
    copy.save()
    copy.professions.set(locked.professions.all())
    copy.instructors.set(locked.instructors.all())
    objectives = _copy_all(locked.objectives.all(), course=copy)
    lessons = _copy_outline(locked, copy)
    _copy_questions(locked, copy, objectives=objectives, lessons=lessons)
    queue_streams()
    return copy


def _require_free(*, title: str, slug: str) -> None:
    if Course.objects.filter(title=title).exists():
        raise DuplicationRefusedError(
            f"There is a course “{title}” already. Choose another title."
        )
    if Course.objects.filter(slug=slug).exists():
        raise DuplicationRefusedError(
            f"Another course has the address “{slug}”. Choose another one."
        )


def _copy_outline(course: Course, copy: Course) -> dict[int, Lesson]:
    """Copy modules, lessons and files; return the new lessons by the old ones."""
    modules: dict[int, Module] = _copy_all(course.modules.all(), course=copy)
    lessons = {}
    for lesson in course.lessons.all():
        new = _copy(lesson, course=copy, module=modules[lesson.module_id])
        new.save()
        lessons[lesson.pk] = new
    files = LessonFile.objects.filter(lesson__course=course)
    LessonFile.objects.bulk_create(
        _copy(file, lesson=lessons[file.lesson_id]) for file in files
    )
    return lessons


def _copy_questions(
    course: Course,
    copy: Course,
    *,
    objectives: dict[int, Objective],
    lessons: dict[int, Lesson],
) -> None:
    quizzes = {}
    for quiz in Quiz.objects.filter(lesson__course=course):
        quizzes[quiz.pk] = new = _copy(quiz, lesson=lessons[quiz.lesson_id])
        new.save()
    questions = {}
    for question in course.questions.all():
        questions[question.pk] = new_question = _copy(
            question,
            course=copy,
            quiz=quizzes.get(question.quiz_id or 0),
            objective=objectives.get(question.objective_id or 0),
            review_lesson=lessons.get(question.review_lesson_id or 0),
        )
        new_question.save()
    choices = Choice.objects.filter(question__course=course)
    Choice.objects.bulk_create(
        _copy(choice, question=questions[choice.question_id])
        for choice in choices.order_by("question", "weight", "pk")
    )


def _copy_all(rows: Iterable[Row], **changes: Any) -> dict[int, Row]:
    copies = {}
    for row in rows:
        copies[row.pk] = new = _copy(row, **changes)
        new.save()
    return copies


def _copy(row: Row, **changes: Any) -> Row:
    """Return an unsaved row with the values of another one but for the changes."""
    values = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key and field.name not in changes
    }
    return type(row)(**values, **changes)
