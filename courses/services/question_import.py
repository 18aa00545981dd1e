"""Questions from a spreadsheet: read and checked as a whole before any is stored."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from courses.models import Choice, Course, Lesson, Objective, Question, Quiz
from courses.services.question_file import (
    CHOICES,
    LETTERS,
    ImportRefusedError,
    read_cells,
)
from courses.services.versions import current_version

YES = {"yes", "y", "true", "1", "x"}
NO = {"", "no", "n", "false", "0"}
TRUE_FALSE = ("True", "False")
FEWEST_CHOICES = 2


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is wrong in one cell."""

    line: int
    column: str
    text: str

    def __str__(self) -> str:
        return f"Line {self.line}, {self.column}: {self.text}"


@dataclass(kw_only=True)
class ImportRow:
    """One question of the file as it would be stored, with what is wrong with it."""

    line: int
    text: str = ""
    kind: str = Question.Kind.SINGLE
    objective: Objective | None = None
    choices: list[tuple[str, bool]] = field(default_factory=list)
    explanation: str = ""
    review_lesson: Lesson | None = None
    keeps_order: bool = False
    is_known: bool = False
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class ImportPlan:
    """What an import would do."""

    rows: list[ImportRow]

    @property
    def faults(self) -> list[Fault]:
        return [fault for row in self.rows for fault in row.faults]

    @property
    def new(self) -> list[ImportRow]:
        return [row for row in self.rows if not row.is_known]

    @property
    def known(self) -> list[ImportRow]:
        return [row for row in self.rows if row.is_known]


def plan_import(*, course: Course, quiz: Quiz | None, text: str) -> ImportPlan:
    """Read the questions of the file for the quiz, or for the course's bank."""
    reader = _Reader(course, quiz)
    rows = [reader.read(line, cells) for line, cells in read_cells(text)]
    if not rows:
        raise ImportRefusedError("The file holds no question below its first line.")
    return ImportPlan(rows=rows)


@transaction.atomic
def import_questions(
    *, course: Course, quiz: Quiz | None, text: str, at: datetime
) -> ImportPlan:
    """Store all questions of a file without a fault; those that are there stay."""
    locked = Course.objects.select_for_update().get(pk=course.pk)
    plan = plan_import(course=locked, quiz=quiz, text=text)
    if plan.faults:
        raise ImportRefusedError("Nothing was imported. Correct the file first.")
    beside = locked.questions.filter(quiz=quiz).aggregate(last=Max("weight"))
    first = 0 if beside["last"] is None else beside["last"] + 1
    questions = Question.objects.bulk_create(
        Question(
            course=locked,
            quiz=quiz,
            weight=weight,
            text=row.text,
            kind=row.kind,
            objective=row.objective,
            explanation=row.explanation,
            review_lesson=row.review_lesson,
            keeps_order=row.keeps_order,
        )
        for weight, row in enumerate(plan.new, start=first)
    )
    Choice.objects.bulk_create(
        Choice(question=question, text=text_, is_correct=is_correct, weight=weight)
        for question, row in zip(questions, plan.new, strict=True)
        for weight, (text_, is_correct) in enumerate(row.choices)
    )
    if plan.new and locked.publication_status(at=at) == "published":
        current_version(course=locked, at=at)
    return plan


def _key(text: str) -> str:
    """Return what two spellings of one question share."""
    return " ".join(text.split()).casefold()


class _Reader:
    """Turns the cells of a row into a question of one course."""

    def __init__(self, course: Course, quiz: Quiz | None) -> None:
        self.objectives = list(course.objectives.order_by("weight", "pk"))
        self.lessons = {lesson.slug: lesson for lesson in course.lessons.all()}
        there = course.questions.filter(quiz=quiz).values_list("text", flat=True)
        self.known = {_key(text) for text in there}
        self.lines: dict[str, int] = {}

    def read(self, line: int, cells: dict[str, str]) -> ImportRow:
        row = ImportRow(line=line)

        def complain(column: str, text: str) -> None:
            row.faults.append(Fault(line=line, column=column, text=text))

        for column, found in (
            ("question", self._read_text(row, cells["question"])),
            ("kind", self._read_kind(row, cells["kind"])),
            ("objective", self._read_objective(row, cells["objective"])),
            ("explanation", self._read_explanation(row, cells["explanation"])),
            ("review lesson", self._read_lesson(row, cells["review lesson"])),
            ("keeps order", self._read_order(row, cells["keeps order"])),
        ):
            if found:
                complain(column, found)
        for column, text in _read_choices(row, cells):
            complain(column, text)
        return row

    def _read_text(self, row: ImportRow, cell: str) -> str:
        row.text, key = " ".join(cell.split()), _key(cell)
        if not cell:
            return "Write the question."
        if len(row.text) > _longest(Question, "text"):
            return f"At most {_longest(Question, 'text')} characters."
        if key in self.lines:
            return f"The same question stands in line {self.lines[key]}."
        self.lines[key] = row.line
        row.is_known = key in self.known
        return ""

    def _read_kind(self, row: ImportRow, cell: str) -> str:
        wanted = cell.lower().replace(" ", "_").replace("/", "_") or row.kind
        if wanted not in Question.Kind.values:
            return f"“{cell}” is none of {', '.join(Question.Kind.values)}."
        row.kind = wanted
        return ""

    def _read_objective(self, row: ImportRow, cell: str) -> str:
        if not cell:
            return ""
        numbered = {str(n): one for n, one in enumerate(self.objectives, start=1)}
        named = {_key(one.text): one for one in self.objectives}
        row.objective = numbered.get(cell) or named.get(_key(cell))
        if row.objective is None:
            return f"The course has no objective “{cell}”."
        return ""

    def _read_explanation(self, row: ImportRow, cell: str) -> str:
        row.explanation = cell
        return "" if cell else "Explain the right answer."

    def _read_lesson(self, row: ImportRow, cell: str) -> str:
        row.review_lesson = self.lessons.get(cell)
        if cell and row.review_lesson is None:
            return f"The course has no lesson with the address “{cell}”."
        return ""

    def _read_order(self, row: ImportRow, cell: str) -> str:
        row.keeps_order = cell.lower() in YES
        return "" if cell.lower() in YES | NO else "Write yes or no."


def _longest(model: type[Question | Choice], name: str) -> int:
    field: Any = model._meta.get_field(name)
    return int(field.max_length)


def _read_choices(row: ImportRow, cells: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Set the answers of the row; give the columns in which something is wrong."""
    texts = [cells[name] for name in CHOICES]
    if row.kind == Question.Kind.TRUE_FALSE and not any(texts):
        texts[: len(TRUE_FALSE)] = TRUE_FALSE
    while texts and not texts[-1]:
        texts.pop()
    right, wrong = _letters(cells["right"], texts)
    row.choices = [
        (text, letter in right) for letter, text in zip(LETTERS, texts, strict=False)
    ]
    if len(texts) < FEWEST_CHOICES:
        yield "choice 2", "Offer at least two answers."
    if row.kind == Question.Kind.TRUE_FALSE and len(texts) > len(TRUE_FALSE):
        yield "choice 3", "True or false has two answers."
    yield from _check_texts(texts)
    yield from _check_key(row, right=right, wrong=wrong)


def _check_texts(texts: list[str]) -> Iterator[tuple[str, str]]:
    keys = [_key(text) for text in texts]
    longest = _longest(Choice, "text")
    for name, text in zip(CHOICES, texts, strict=False):
        if not text:
            yield name, "This answer is empty, and another follows it."
        elif len(text) > longest:
            yield name, f"At most {longest} characters."
        elif keys.count(_key(text)) > 1:
            yield name, "This answer stands twice."


def _check_key(
    row: ImportRow, *, right: set[str], wrong: list[str]
) -> Iterator[tuple[str, str]]:
    if wrong:
        yield "right", f"There is no answer {', '.join(wrong)}."
    elif not right:
        yield "right", "Name the right answer by its letter, such as A."
    elif len(right) > 1 and row.kind != Question.Kind.MULTIPLE:
        yield "right", "Only multiple choice has several right answers."


def _letters(cell: str, texts: list[str]) -> tuple[set[str], list[str]]:
    """Return the letters of the right answers, and what names no answer."""
    offered = LETTERS[: len(texts)]
    words = {_key(text): letter for letter, text in zip(offered, texts, strict=True)}
    parts = cell.upper().replace(";", ",").split(",")
    named = [part.strip() for part in parts if part.strip()]
    if cell and _key(cell) in words and cell.upper() not in tuple(offered):
        named = [words[_key(cell)]]
    wrong = [one for one in named if one not in tuple(offered)]
    return set(named) - set(wrong), wrong
