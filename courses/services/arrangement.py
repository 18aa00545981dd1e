"""The order of a course: modules, and the lessons within them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from core.errors import DomainError
from courses.models import Course, Lesson, Module


class ArrangementRefusedError(DomainError):
    """The order was made of other modules or lessons than the course has."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a lesson shall stand."""

    module_id: int
    position: int


@transaction.atomic
def arrange(
    *, course: Course, modules: Mapping[int, int], lessons: Mapping[int, Place]
) -> Course:
    """Put modules and lessons in the order of their positions, numbered anew."""
    locked = Course.objects.select_for_update().get(pk=course.pk)
    own_modules = list(locked.modules.order_by("weight", "pk"))
    own_lessons = list(locked.lessons.in_order())
    known = {module.pk for module in own_modules}
    targets = {place.module_id for place in lessons.values()}
    is_same = modules.keys() == known and lessons.keys() == {x.pk for x in own_lessons}
    if not is_same or not targets <= known:
        raise ArrangementRefusedError(
            "Somebody has changed this outline meanwhile. Nothing was moved: look at it "
            "and move again."
        )
    own_modules.sort(key=lambda module: modules[module.pk])
    own_lessons.sort(key=lambda lesson: lessons[lesson.pk].position)
    _number(own_modules)
    for module in own_modules:
        _number([one for one in own_lessons if lessons[one.pk].module_id == module.pk])
    for lesson in own_lessons:
        lesson.module_id = lessons[lesson.pk].module_id
    Module.objects.bulk_update(own_modules, ["weight"])
    Lesson.objects.bulk_update(own_lessons, ["module", "weight"])
    locked.save(update_fields=["updated_at"])
    return locked


@transaction.atomic
def add_module(*, course: Course, title: str) -> Module:
    """Add a module at the end; one of that title is there only once."""
    locked = Course.objects.select_for_update().get(pk=course.pk)
    last = locked.modules.order_by("weight").last()
    module, _created = Module.objects.get_or_create(
        course=locked, title=title, defaults={"weight": last.weight + 1 if last else 0}
    )
    return module


def _number(rows: Sequence[Module] | Sequence[Lesson]) -> None:
    for weight, row in enumerate(rows):
        row.weight = weight
