"""One attempt as its pages show it: asked, chosen, and once submitted also marked."""

from dataclasses import dataclass

from courses.models import (
    CourseVersion,
    QuizAnswer,
    QuizAttempt,
    Step,
    VersionChoice,
    VersionQuestion,
)


@dataclass
class Sitting:
    """One attempt with its questions in their stored order and the answers so far."""

    attempt: QuizAttempt
    questions: list[VersionQuestion]
    answers: dict[int, QuizAnswer]

    @property
    def unanswered(self) -> list[int]:
        """Return the numbers of the questions that have no answer yet."""
        return [
            number
            for number, question in enumerate(self.questions, start=1)
            if question.id not in self.answers
        ]


@dataclass(frozen=True)
class Marked:
    """One question of a submitted attempt, with the lesson to look at again."""

    question: VersionQuestion
    chosen: list[VersionChoice]
    is_right: bool
    review: Step | None


@dataclass(frozen=True)
class Reached:
    """How far an attempt that did not pass came towards one objective."""

    objective: str
    right: int
    total: int


def chosen_of(sitting: Sitting, question: VersionQuestion) -> list[VersionChoice]:
    answer = sitting.answers.get(question.id)
    ids = set(answer.choice_ids) if answer else set()
    return [choice for choice in question.choices if choice.id in ids]


def marked(
    sitting: Sitting, question: VersionQuestion, steps: dict[int, Step]
) -> Marked:
    answer = sitting.answers.get(question.id)
    return Marked(
        question=question,
        chosen=chosen_of(sitting, question),
        is_right=answer is not None and bool(answer.is_correct),
        review=steps.get(question.review_lesson_id or 0),
    )


def by_objective(version: CourseVersion, rows: list[Marked]) -> list[Reached]:
    """Count for each objective how much of it was answered right."""
    reached = []
    for objective in version.objectives:
        own = [row for row in rows if row.question.objective_id == objective["id"]]
        if own:
            right = sum(row.is_right for row in own)
            reached.append(Reached(objective["text"], right, len(own)))
    return reached
