"""A course as its editors see it: all of its rows, whether learners meet them or not."""

from functools import cached_property
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from courses.models.assessment import Quiz
from courses.models.catalog import Course, Lesson, LessonFile, Module
from courses.models.reference import Instructor


class Syllabus:
    """The rows of one course, each kind read once and only when it is asked for."""

    def __init__(self, course: Course) -> None:
        self.course = course

    @cached_property
    def objectives(self) -> list[Any]:
        return list(self.course.objectives.order_by("weight", "pk"))

    @cached_property
    def instructors(self) -> list[Instructor]:
        return list(self.course.instructors.order_by("name"))

    @cached_property
    def modules(self) -> list[Module]:
        return list(self.course.modules.order_by("weight", "pk"))

    @cached_property
    def lessons(self) -> list[Any]:
        """Return the lessons in order, each with its quiz and its number of files."""
        files = LessonFile.objects.filter(lesson=OuterRef("pk")).order_by()
        counted = files.values("lesson").annotate(count=Count("pk")).values("count")
        lessons = self.course.lessons.in_order().select_related("quiz")
        found = list(lessons.annotate(file_count=Coalesce(Subquery(counted), 0)))
        for lesson in found:
            lesson.course = self.course
        return found

    @cached_property
    def questions(self) -> list[Any]:
        """Return all questions, each with the numbers of its answers and right ones."""
        return list(
            self.course.questions.annotate(
                choice_count=Count("choices"),
                right_count=Count("choices", filter=Q(choices__is_correct=True)),
            ).order_by("quiz_id", "weight", "pk")
        )

    @cached_property
    def quizzes(self) -> list[Quiz]:
        """Return the quizzes that are graded."""
        graded = (one for one in self.lessons if one.kind == Lesson.Kind.QUIZ)
        found = (self.quiz_of(lesson) for lesson in graded)
        return [quiz for quiz in found if quiz is not None]

    def quiz_of(self, lesson: Lesson) -> Quiz | None:
        quiz: Quiz | None = getattr(lesson, "quiz", None)
        if quiz is not None:
            quiz.lesson = lesson
        return quiz

    def lessons_of(self, module: Module) -> list[Any]:
        return [lesson for lesson in self.lessons if lesson.module_id == module.pk]

    def asked_by(self, quiz: Quiz) -> list[Any]:
        """Return what the quiz may ask: its own questions, or those of the bank."""
        owner = quiz.pk if quiz.per_objective is None else None
        return [one for one in self.questions if one.quiz_id == owner]

    @cached_property
    def asked(self) -> list[Any]:
        """Return what any quiz of the course may ask."""
        return [one for quiz in self.quizzes for one in self.asked_by(quiz)]
