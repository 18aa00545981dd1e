from courses.models import Lesson
from courses.validators import LESSON_SLUGS_TAKEN


def place_lesson(*, lesson: Lesson) -> Lesson:
    """Put the lesson into its module's course; without an address it gets one."""
    lesson.course = lesson.module.course
    lesson.slug = lesson.slug or _free_slug(lesson)
    return lesson


def _free_slug(lesson: Lesson) -> str:
    """Make the address of the title, numbered where another lesson has it."""
    others = Lesson.objects.filter(course=lesson.course).exclude(pk=lesson.pk)
    taken = {*others.values_list("slug", flat=True), *LESSON_SLUGS_TAKEN}
    slug, number = lesson.slug_of_title, 2
    while slug in taken:
        slug, number = f"{lesson.slug_of_title}-{number}", number + 1
    return slug
