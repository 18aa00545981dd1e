from django.utils.text import slugify

from courses.models import Lesson
from courses.validators import LESSON_SLUGS_TAKEN


def place_lesson(*, lesson: Lesson) -> Lesson:
    """Put the lesson into its module's course, at an address that no other has."""
    lesson.course = lesson.module.course
    wanted = lesson.slug or slugify(lesson.title)[:40] or "lesson"
    others = Lesson.objects.filter(course=lesson.course).exclude(pk=lesson.pk)
    taken = {*others.values_list("slug", flat=True), *LESSON_SLUGS_TAKEN}
    lesson.slug = wanted
    number = 2
    while lesson.slug in taken:
        lesson.slug = f"{wanted[:46]}-{number}"
        number += 1
    return lesson
