"""Records the first version of each course that people study."""

import hashlib
import json

from django.db import migrations
from django.utils import timezone


def record(apps, _schema_editor):
    question, enrollment, attempt = (
        apps.get_model("courses", name)
        for name in ("Question", "Enrollment", "QuizAttempt")
    )
    for row in question.objects.select_related("quiz__lesson"):
        question.objects.filter(pk=row.pk).update(course=row.quiz.lesson.course_id)
    for course in apps.get_model("courses", "Course").objects.all():
        enrollments = enrollment.objects.filter(course=course)
        if not enrollments.exists():
            continue
        version = record_version(apps, course)
        enrollments.update(version=version)
        known = {row["id"] for row in version.test["questions"]}
        for sitting in attempt.objects.filter(enrollment__course=course):
            sitting.version = version
            sitting.question_ids = [pk for pk in sitting.question_ids if pk in known]
            sitting.save()


def record_version(apps, course):
    said = {
        "title": course.title,
        "contact_hours": f"{course.contact_hours:.2f}",
        "objectives": list(
            course.objectives.order_by("weight", "pk").values("id", "text")
        ),
        "test": {"quizzes": quizzes(apps, course), "questions": questions(course)},
    }
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    return apps.get_model("courses", "CourseVersion").objects.create(
        course=course, number=1, digest=digest, recorded_at=timezone.now(), **said
    )


def quizzes(apps, course):
    found = apps.get_model("courses", "Quiz").objects.filter(lesson__course=course)
    return list(found.order_by("pk").values("id", "pass_mark", "per_objective"))


def questions(course):
    return [
        {
            "id": row.pk,
            "quiz_id": row.quiz_id,
            "objective_id": row.objective_id,
            "kind": row.kind,
            "text": row.text,
            "explanation": row.explanation,
            "review_lesson_id": row.review_lesson_id,
            "keeps_order": row.keeps_order,
            "choices": list(
                row.choices.order_by("weight", "pk").values("id", "text", "is_correct")
            ),
        }
        for row in course.questions.order_by("quiz_id", "weight", "pk")
    ]


class Migration(migrations.Migration):
    dependencies = [("courses", "0004_versions")]

    operations = [migrations.RunPython(record, migrations.RunPython.noop)]
