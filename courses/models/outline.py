"""A course as its learner sees it: chapters of steps, what is done, what comes next."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

from core.prepared import Prepared
from courses.models.catalog import Course, Lesson, Module
from courses.models.enrollment import Enrollment, LessonProgress

# The seconds of each interval stay in the database.
_PROGRESS = Prepared(
    lambda enrollment: LessonProgress.objects.filter(enrollment=enrollment).only(
        "lesson", "watched_seconds", "position_seconds", "completed_at"
    ),
    enrollment=int,
)


@dataclass(frozen=True)
class Step:
    """One lesson in its place, with the learner's progress if there is any."""

    lesson: Lesson
    number: int
    progress: LessonProgress | None = None

    @property
    def is_done(self) -> bool:
        return self.progress is not None and self.progress.completed_at is not None

    @property
    def length(self) -> str:
        """Return the kind of length that helps to plan: questions or minutes."""
        count = getattr(self.lesson, "question_count", 0)
        if self.lesson.kind in {Lesson.Kind.QUIZ, Lesson.Kind.CHECK} and count:
            return f"{count} question{'s' if count > 1 else ''}"
        return f"{self.lesson.minutes} min"


@dataclass(frozen=True)
class Chapter:
    """One module with its steps."""

    number: int
    module: Module
    steps: list[Step]

    def __str__(self) -> str:
        return f"{self.number}. {self.module.title}"

    @property
    def length(self) -> str:
        count = len(self.steps)
        minutes = sum(step.lesson.minutes for step in self.steps)
        return f"{count} lesson{'' if count == 1 else 's'} · {minutes} min"

    def holds(self, lesson: Lesson | None) -> bool:
        """Tell whether the lesson belongs here; without a lesson the first does."""
        if lesson is None:
            return self.number == 1
        return lesson.module_id == self.module.pk


@dataclass(frozen=True)
class Outline:
    """The whole course of one learner, or of a visitor without progress."""

    chapters: list[Chapter]
    steps: list[Step] = field(default_factory=list)

    @cached_property
    def required(self) -> list[Step]:
        return [step for step in self.steps if step.lesson.is_required]

    @cached_property
    def total(self) -> int:
        return len(self.required)

    @cached_property
    def done(self) -> int:
        return sum(step.is_done for step in self.required)

    @property
    def percent(self) -> int:
        return self.done * 100 // self.total if self.total else 0

    @property
    def is_finished(self) -> bool:
        return 0 < self.total == self.done

    @property
    def minutes(self) -> int:
        return sum(step.lesson.minutes for step in self.steps)

    @property
    def preview(self) -> Step | None:
        """Return the first lesson that is open to everybody."""
        return next((step for step in self.steps if step.lesson.is_preview), None)

    def find(self, lesson_id: int | None) -> Step | None:
        return next((step for step in self.steps if step.lesson.pk == lesson_id), None)

    def before(self, step: Step) -> Step | None:
        return self.steps[step.number - 2] if step.number > 1 else None

    def after(self, step: Step) -> Step | None:
        return self.steps[step.number] if step.number < len(self.steps) else None

    def comes_first(self, step: Step, order: str) -> Step | None:
        """Return what has to be finished before the step, if anything has to."""
        if step.is_done or step.lesson.is_preview or order == Course.Order.FREE:
            return None
        earlier = self.steps[: step.number - 1]
        if order == Course.Order.MODULES:
            own = step.lesson.module_id
            earlier = [one for one in earlier if one.lesson.module_id != own]
        left = (one for one in earlier if one.lesson.is_required and not one.is_done)
        return next(left, None)

    def resume(self, enrollment: Enrollment | None) -> Step | None:
        """Return where to go on: the last lesson, or the next that is not done."""
        last = self.find(enrollment.last_lesson_id) if enrollment else None
        if last and not last.is_done:
            return last
        later = self.steps[last.number :] if last else []
        left = (step for step in [*later, *self.required] if not step.is_done)
        step = next(left, last)
        first = step and self.comes_first(step, step.lesson.course.order)
        return first or step


def build_outline(
    course: Course,
    enrollment: Enrollment | None = None,
    *,
    lessons: Iterable[Lesson] | None = None,
) -> Outline:
    """Put the lessons of a course in order, with what the learner has done.

    It reads the lessons that are not given.
    """
    progress = {}
    if enrollment is not None:
        rows = _PROGRESS.rows(enrollment=enrollment.pk)
        progress = {row.lesson_id: row for row in rows}
    if lessons is None:
        lessons = course.lessons.for_outline()
    return _arrange(course, lessons, progress)


def _arrange(
    course: Course, lessons: Iterable[Lesson], progress: dict[int, LessonProgress]
) -> Outline:
    steps = []
    for number, lesson in enumerate(lessons, start=1):
        lesson.course = course
        row = progress.get(lesson.pk)
        if row is not None:
            row.lesson = lesson
        steps.append(Step(lesson=lesson, number=number, progress=row))
    grouped = groupby(steps, key=lambda step: step.lesson.module)
    chapters = [
        Chapter(number=number, module=module, steps=list(group))
        for number, (module, group) in enumerate(grouped, start=1)
    ]
    return Outline(chapters=chapters, steps=steps)
