"""What a course promised and asked at one time: frozen, because people earn by it."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from random import Random, SystemRandom
from typing import Any

from django.db import models
from django.db.models import Q

from courses.models.catalog import Course

_random = SystemRandom()


def hours_in_words(hours: Decimal) -> str:
    """Write 1 CE hour, 1.5 CE hours, 10 CE hours."""
    return f"{hours.normalize():f} CE hour{'' if hours == 1 else 's'}"


@dataclass(frozen=True, kw_only=True)
class VersionChoice:
    """One of the answers that a question offered."""

    id: int
    text: str
    is_correct: bool


@dataclass(frozen=True, kw_only=True)
class VersionQuestion:
    """A question as it was asked, with its key."""

    id: int
    quiz_id: int | None
    objective_id: int | None
    kind: str
    text: str
    explanation: str
    review_lesson_id: int | None
    keeps_order: bool
    choices: tuple[VersionChoice, ...]

    def __str__(self) -> str:
        return self.text

    @property
    def key(self) -> set[int]:
        """Return the ids of all right answers."""
        return {choice.id for choice in self.choices if choice.is_correct}

    def is_right(self, chosen: Collection[int]) -> bool:
        return set(chosen) == self.key

    def shuffled(self, seed: str) -> "list[VersionChoice]":
        """Return the answers in an order that is always the same for one sitting."""
        choices = list(self.choices)
        if not self.keeps_order:
            Random(f"{seed}-{self.id}").shuffle(choices)  # noqa: S311 - no secret: the key is not in the order
        return choices


@dataclass(frozen=True, kw_only=True)
class VersionQuiz:
    """The test of one quiz lesson: what it asks, and what passes it."""

    id: int
    pass_mark: int
    per_objective: int | None
    questions: tuple[VersionQuestion, ...]

    @property
    def question_count(self) -> int:
        """Return how many questions a sitting asks."""
        if self.per_objective is None:
            return len(self.questions)
        pools = self._by_objective().values()
        return sum(min(self.per_objective, len(pool)) for pool in pools)

    def draw(self, *, asked_before: Collection[int]) -> list[int]:
        """Return the ids of the questions of a new sitting, shuffled.

        From each objective come first those that were not asked before.
        """
        if self.per_objective is None:
            drawn = [question.id for question in self.questions]
        else:
            drawn = []
            for pool in self._by_objective().values():
                _random.shuffle(pool)
                pool.sort(key=lambda question_id: question_id in asked_before)
                drawn += pool[: self.per_objective]
        _random.shuffle(drawn)
        return drawn

    def _by_objective(self) -> dict[int | None, list[int]]:
        pools: dict[int | None, list[int]] = defaultdict(list)
        for question in self.questions:
            pools[question.objective_id].append(question.id)
        return pools


class CourseVersion(models.Model):
    """The title, hours, objectives and test of a course between two changes of them.

    Whoever has enrolled is asked, credited and certified by the version of that day,
    until moving to a newer one by choice.
    """

    course = models.ForeignKey(
        Course, on_delete=models.PROTECT, related_name="versions"
    )
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=150)
    contact_hours = models.DecimalField("CE hours", max_digits=4, decimal_places=2)
    objectives = models.JSONField(
        help_text="Lists id and text of each objective, in order."
    )
    test = models.JSONField(
        help_text="Lists `quizzes` and `questions` with their answers."
    )
    digest = models.CharField(
        max_length=64, help_text="SHA-256 of all that the version says."
    )
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["course", "number"],
                name="%(app_label)s_%(class)s_one_per_number",
            ),
            models.CheckConstraint(
                condition=Q(number__gt=0),
                name="%(app_label)s_%(class)s_number_is_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.number}"

    @cached_property
    def questions(self) -> dict[int, VersionQuestion]:
        return {row["id"]: _question(row) for row in self.test["questions"]}

    def differences(self, newer: "CourseVersion") -> list[str]:
        """Say in words what a newer version changes."""
        told = []
        if newer.title != self.title:
            told.append(f"The title is now “{newer.title}”.")
        if newer.contact_hours != self.contact_hours:
            told.append(
                f"It is worth {hours_in_words(newer.contact_hours)}; "
                f"yours is worth {self.contact_hours.normalize():f}."
            )
        if newer.objectives != self.objectives:
            told.append("Its objectives have changed.")
        if newer.test != self.test:
            told.append("The questions of its quizzes have changed.")
        return told

    def quiz(self, quiz_id: int) -> VersionQuiz | None:
        """Return the test of this quiz; none if the version is older than the quiz."""
        for row in self.test["quizzes"]:
            if row["id"] == quiz_id:
                return self._quiz(row)
        return None

    def _quiz(self, row: dict[str, Any]) -> VersionQuiz:
        # A quiz that draws does so from the bank: from what belongs to no quiz.
        owner = row["id"] if row["per_objective"] is None else None
        pool = (one for one in self.questions.values() if one.quiz_id == owner)
        return VersionQuiz(**row, questions=tuple(pool))


def _question(row: dict[str, Any]) -> VersionQuestion:
    choices = tuple(VersionChoice(**choice) for choice in row["choices"])
    return VersionQuestion(**{**row, "choices": choices})
