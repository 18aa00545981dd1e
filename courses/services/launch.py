"""What a course needs before visitors may see it, and its publication."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q
from django.utils import timezone
from django.utils.html import strip_tags

from core.errors import DomainError
from courses.models import (
    Accreditation,
    Course,
    CourseVersion,
    Lesson,
    Question,
    Quiz,
    Syllabus,
)
from courses.models.versions import hours_in_words
from courses.services.hours import measure, most_hours
from courses.services.versions import current_version

FEWEST_OBJECTIVES = 3
FEWEST_REFERENCES = 3
FEWEST_QUESTIONS = 3  # of fewer, a pass mark says little
FEWEST_CHOICES = 2


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Something that is missing, and the row, perhaps its field, where it is added."""

    text: str
    row: Model
    field: str = ""


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """One line of the launch checklist."""

    title: str
    gaps: tuple[Gap, ...]

    @property
    def is_met(self) -> bool:
        return not self.gaps


class LaunchRefusedError(DomainError):
    """The course lacks something that a published one has."""

    def __init__(self, gaps: Sequence[Gap]) -> None:
        self.gaps = gaps
        told = " ".join(gap.text for gap in gaps)
        super().__init__(f"The course is not ready to be published. {told}")


def launch_checklist(syllabus: Syllabus, *, at: datetime) -> list[Requirement]:
    """Return what a published course has, each with what this one lacks of it."""
    approved = _approved(syllabus.course, at=at)
    checks: dict[str, Iterator[Gap]] = {
        "Three objectives, each tested by a question": _objectives(syllabus),
        "No empty lesson, and one that is required": _lessons(syllabus),
        "Captions on each video, which its transcript is made of": _captions(syllabus),
        "Enough questions in each quiz, each with its right answer": _quizzes(syllabus),
        "An instructor with a biography": _instructors(syllabus),
        "Three references": _references(syllabus),
        "Hours that the lessons prove": _hours(syllabus),
        "A final quiz where minutes of study come before it": _study(
            syllabus, approved
        ),
        "An evaluation where credit bodies ask for one": _evaluation(
            syllabus, approved
        ),
        "Scope of practice and financial interests where a body approved it": _notes(
            syllabus, approved
        ),
        "Approvals that are confirmed for the newest version": _approvals(approved),
    }
    return [
        Requirement(title=title, gaps=tuple(gaps)) for title, gaps in checks.items()
    ]


def launch_gaps(course: Course, *, at: datetime) -> list[Gap]:
    checklist = launch_checklist(Syllabus(course), at=at)
    return [gap for one in checklist for gap in one.gaps]


@transaction.atomic
def publish(
    *,
    course: Course,
    at: datetime,
    published_at: datetime | None = None,
    unpublished_at: datetime | None = None,
) -> Course:
    """Publish a complete course now or from a moment; one that is live stays as it is."""
    locked = Course.objects.select_for_update().get(pk=course.pk)
    if locked.publication_status(at=at) == "published":
        return locked
    if gaps := launch_gaps(locked, at=at):
        raise LaunchRefusedError(gaps)
    locked.published_at = published_at or at
    locked.unpublished_at = unpublished_at
    locked.save(update_fields=["published_at", "unpublished_at", "updated_at"])
    if locked.publication_status(at=at) == "published":
        current_version(course=locked, at=at)
    return locked


@transaction.atomic
def unschedule_incomplete(*, course: Course, at: datetime) -> list[Gap]:
    """Return what the course lacks; one that waits for its day becomes a draft again."""
    locked = Course.objects.select_for_update().get(pk=course.pk)
    gaps = launch_gaps(locked, at=at)
    if gaps and locked.publication_status(at=at) == "scheduled":
        locked.published_at = locked.unpublished_at = None
        locked.save(update_fields=["published_at", "unpublished_at", "updated_at"])
    return gaps


def _objectives(syllabus: Syllabus) -> Iterator[Gap]:
    course, count = syllabus.course, len(syllabus.objectives)
    if count < FEWEST_OBJECTIVES:
        yield Gap(
            text=f"Write at least {FEWEST_OBJECTIVES} objectives; there "
            f"{'is' if count == 1 else 'are'} {count or 'none'}.",
            row=course,
            field="objectives-group",
        )
    tested = {question.objective_id for question in syllabus.asked}
    own = [quiz for quiz in syllabus.quizzes if quiz.per_objective is None]
    for objective in syllabus.objectives:
        if objective.pk not in tested:
            yield Gap(
                text=f"No quiz asks a question about “{objective}”.",
                row=own[-1] if own else course,
            )


def _lessons(syllabus: Syllabus) -> Iterator[Gap]:
    if not any(lesson.is_required for lesson in syllabus.lessons):
        yield Gap(text="Add a required lesson.", row=syllabus.course)
    for lesson in syllabus.lessons:
        if wanted := _wanted(lesson, syllabus):
            yield Gap(text=f"“{lesson}” has no {wanted}.", row=lesson)


def _wanted(lesson: Any, syllabus: Syllabus) -> str:
    """Name what a lesson of this kind has to hold, if it does not."""
    kinds = Lesson.Kind
    holds = {
        kinds.VIDEO: ("video", lesson.is_playable),
        kinds.READING: ("text", bool(strip_tags(lesson.body).strip())),
        kinds.DOWNLOAD: ("file", lesson.file_count > 0),
        kinds.CHECK: ("question", syllabus.quiz_of(lesson) is not None),
        kinds.QUIZ: ("quiz", syllabus.quiz_of(lesson) is not None),
    }
    noun, is_there = holds[kinds(lesson.kind)]
    return "" if is_there else noun


def _captions(syllabus: Syllabus) -> Iterator[Gap]:
    for lesson in syllabus.lessons:
        if lesson.is_playable and not lesson.captions:
            yield Gap(
                text=f"The video of “{lesson}” has no captions.",
                row=lesson,
                field="id_captions",
            )


def _quizzes(syllabus: Syllabus) -> Iterator[Gap]:
    for quiz in syllabus.quizzes:
        yield from _too_few(quiz, syllabus)
    # Of practice too, which is asked without being graded.
    owned = [one for one in syllabus.questions if one.quiz_id is not None]
    for question in {one.pk: one for one in [*syllabus.asked, *owned]}.values():
        if fault := _fault(question):
            yield Gap(text=f"“{question}” {fault}.", row=question)


def _too_few(quiz: Quiz, syllabus: Syllabus) -> Iterator[Gap]:
    asked = syllabus.asked_by(quiz)
    if quiz.per_objective is None:
        if len(asked) < FEWEST_QUESTIONS:
            yield Gap(
                text=f"“{quiz}” has {len(asked) or 'no'} "
                f"question{'' if len(asked) == 1 else 's'}; write at least "
                f"{FEWEST_QUESTIONS}.",
                row=quiz,
            )
        return
    for objective in syllabus.objectives:
        held = sum(one.objective_id == objective.pk for one in asked)
        if held < quiz.per_objective:
            yield Gap(
                text=f"“{quiz}” draws {quiz.per_objective} questions about "
                f"“{objective}”; the question bank holds {held or 'none'}.",
                row=syllabus.course,
            )


def _fault(question: Any) -> str:
    if question.choice_count < FEWEST_CHOICES:
        return "offers fewer than two answers"
    if question.right_count == 0:
        return "has no right answer"
    if question.right_count > 1 and question.kind != Question.Kind.MULTIPLE:
        return "has several right answers, but is no multiple choice"
    return ""


def _instructors(syllabus: Syllabus) -> Iterator[Gap]:
    people = syllabus.instructors
    if not people:
        yield Gap(
            text="Choose an instructor.", row=syllabus.course, field="id_instructors"
        )
    elif not any(strip_tags(person.bio).strip() for person in people):
        yield Gap(text=f"Write the biography of {people[0].name}.", row=people[0])


def _references(syllabus: Syllabus) -> Iterator[Gap]:
    count = len(syllabus.course.reference_list)
    if count < FEWEST_REFERENCES:
        yield Gap(
            text=f"Name at least {FEWEST_REFERENCES} references; there "
            f"{'is' if count == 1 else 'are'} {count or 'none'}.",
            row=syllabus.course,
            field="id_references",
        )


def _hours(syllabus: Syllabus) -> Iterator[Gap]:
    course = syllabus.course
    counted = most_hours(measure(syllabus.lessons))
    if course.contact_hours > counted and not course.hours_reason.strip():
        yield Gap(
            text=f"The course claims {hours_in_words(course.contact_hours)}; its "
            f"required lessons add up to {counted.normalize():f}. Lower the hours, or "
            "write the reason.",
            row=course,
            field="id_hours_reason",
        )


def _approved(course: Course, *, at: datetime) -> list[Accreditation]:
    """Return what bodies have approved, and has not ended."""
    on = timezone.localdate(at)
    lasting = course.accreditations.filter(valid_until__gte=on).with_body()
    # A course that was never live has no version yet: there is nothing to confirm.
    is_confirmed = Q(pk__in=Accreditation.objects.of_newest().values("pk")) | ~Exists(
        CourseVersion.objects.filter(course=OuterRef("course"))
    )
    return list(lasting.annotate(is_confirmed=is_confirmed))


def _study(syllabus: Syllabus, approved: Sequence[Accreditation]) -> Iterator[Gap]:
    # The minutes hold back final quizzes only: without one, nobody counts them.
    course = syllabus.course
    asked = {str(one): one.study_minutes for one in approved if one.study_minutes}
    if course.minimum_minutes:
        asked["The course"] = course.minimum_minutes
    if any(quiz.is_final for quiz in syllabus.quizzes):
        return
    for who, minutes in asked.items():
        yield Gap(
            text=f"{who} asks for {minutes} minutes of study before the final quiz, and "
            "no quiz is final.",
            row=syllabus.quizzes[-1] if syllabus.quizzes else course,
            field="id_is_final" if syllabus.quizzes else "",
        )


def _evaluation(syllabus: Syllabus, approved: Sequence[Accreditation]) -> Iterator[Gap]:
    if syllabus.course.requires_evaluation:
        return
    asking = [one for one in approved if one.body.requires_evaluation]
    # A final quiz is taken for credit, and who grants that asks for evaluations.
    is_final = any(quiz.is_final for quiz in syllabus.quizzes)
    reason = (
        f"{asking[0].body} asks for an evaluation"
        if asking
        else "The course ends in a final quiz for credit"
    )
    if asking or is_final:
        yield Gap(
            text=f"{reason}: ask for the evaluation before the certificate.",
            row=syllabus.course,
            field="id_requires_evaluation",
        )


def _notes(syllabus: Syllabus, approved: Sequence[Accreditation]) -> Iterator[Gap]:
    course = syllabus.course
    wanted = {
        "scope_note": "what passing does not entitle to",
        "disclosure": "the financial interests, also that there are none",
    }
    for field, words in wanted.items() if approved else ():
        if not strip_tags(getattr(course, field)).strip():
            yield Gap(text=f"Write {words}.", row=course, field=f"id_{field}")


def _approvals(approved: Sequence[Accreditation]) -> Iterator[Gap]:
    for one in approved:
        if not one.is_confirmed:  # type: ignore[attr-defined] # annotated
            yield Gap(
                text=f"{one} is not confirmed for the newest version: whoever starts now "
                "earns nothing by it.",
                row=one,
                field="confirmations-group",
            )
