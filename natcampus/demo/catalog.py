"""Courses with their modules, lessons, files and quizzes."""

import re
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from accounts.models import Profession
from courses import services
from courses.models import (
    Choice,
    Course,
    Instructor,
    Lesson,
    LessonFile,
    Module,
    Objective,
    Question,
    Quiz,
    Region,
)
from natcampus.demo import sources
from natcampus.demo.sources import Table

LAST_CUE = re.compile(r"--> (?:(\d+):)?(\d+):(\d+)\.(\d+)")


def load(*, at: datetime) -> None:
    for number, row in enumerate(sources.read_all("courses")):
        if not Course.objects.filter(slug=row["slug"]).exists():
            load_course(row, published_at=at - timedelta(days=30 + number))


@transaction.atomic
def load_course(row: Table, *, published_at: datetime) -> None:
    course = Course(
        slug=row["slug"],
        title=row["title"],
        promise=row["promise"],
        level=row["level"],
        contact_hours=Decimal(row["contact_hours"]),
        region=Region.objects.get(slug=row["region"]),
        requires_evaluation=row.get("requires_evaluation", False),
        description=row["description"],
        audience=row["audience"],
        requirements=row["requirements"],
        prerequisites=row["prerequisites"],
        safety_note=row["safety_note"],
        scope_note=row["scope_note"],
        disclosure=row["disclosure"],
        refund_note=row["refund_note"],
        accommodations=row["accommodations"],
        references="\n".join(row["references"]),
        hours_reason=row["hours_reason"],
    )
    sources.store(course.image, sources.image(row["image"]))
    course.save()
    course.professions.set(Profession.objects.filter(slug__in=row["professions"]))
    course.instructors.set(Instructor.objects.filter(slug__in=row["instructors"]))
    Objective.objects.bulk_create(
        Objective(course=course, text=text, weight=weight)
        for weight, text in enumerate(row["objectives"])
    )
    for weight, module_row in enumerate(row["modules"]):
        load_module(course, module_row, weight=weight)
    load_quizzes(course, row)
    services.publish(course=course, at=published_at)


def load_module(course: Course, row: Table, *, weight: int) -> None:
    module = Module.objects.create(
        course=course,
        title=row["title"],
        summary=row.get("summary", ""),
        weight=weight,
    )
    for lesson_weight, lesson_row in enumerate(row["lessons"]):
        load_lesson(module, lesson_row, weight=lesson_weight)


def load_lesson(module: Module, row: Table, *, weight: int) -> None:
    lesson = Lesson(
        course=module.course,
        module=module,
        slug=row["slug"],
        title=row["title"],
        kind=row["kind"],
        summary=row["summary"],
        body=row["body"],
        minutes=row["minutes"],
        is_preview=row.get("is_preview", False),
        is_required=row.get("is_required", True),
        weight=weight,
    )
    if lesson.kind == Lesson.Kind.VIDEO:
        add_clip(lesson)
    lesson.save()
    for file_weight, file_row in enumerate(row.get("files", [])):
        file = LessonFile(lesson=lesson, title=file_row["title"], weight=file_weight)
        sources.store_bytes(
            file.file, file_row["filename"], file_row["text"].strip().encode()
        )
        file.save()


def add_clip(lesson: Lesson) -> None:
    """Attach the shipped clip, its captions and poster."""
    stem = sources.MEDIA / "lessons" / f"{lesson.course.slug}-{lesson.slug}"
    sources.store(lesson.video, stem.with_suffix(".mp4"))
    sources.store(lesson.captions, stem.with_suffix(".vtt"))
    sources.store(lesson.poster, stem.with_suffix(".webp"))
    hours, minutes, seconds, _ms = LAST_CUE.findall(
        stem.with_suffix(".vtt").read_text()
    )[-1]
    lesson.duration_seconds = (
        int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + 1
    )


def load_quizzes(course: Course, row: Table) -> None:
    """Add the questions once all lessons stand, since they point back at lessons."""
    lessons = {lesson.slug: lesson for lesson in course.lessons.all()}
    objectives = list(course.objectives.order_by("weight"))
    for module_row in row["modules"]:
        for lesson_row in module_row["lessons"]:
            if "quiz" in lesson_row:
                quiz_lesson = lessons[lesson_row["slug"]]
                load_quiz(quiz_lesson, lesson_row["quiz"], lessons, objectives)


def load_quiz(
    lesson: Lesson,
    row: Table,
    lessons: dict[str, Lesson],
    objectives: list[Objective],
) -> None:
    quiz = Quiz.objects.create(
        lesson=lesson,
        pass_mark=row.get("pass_mark", 80),
        is_final=row.get("is_final", False),
    )
    for weight, question_row in enumerate(row["questions"]):
        question = Question.objects.create(
            course=lesson.course,
            quiz=quiz,
            text=question_row["text"],
            kind=question_row["kind"],
            moment_seconds=question_row.get("moment_seconds"),
            objective=objectives[question_row["objective"] - 1],
            explanation=question_row["explanation"],
            review_lesson=lessons[question_row["review_lesson"]],
            weight=weight,
        )
        Choice.objects.bulk_create(
            Choice(
                question=question,
                text=choice["text"],
                is_correct=choice["is_correct"],
                weight=number,
            )
            for number, choice in enumerate(question_row["choices"])
        )
