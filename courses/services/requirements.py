"""What a learner still needs to complete a course, and how much of it is done."""

from dataclasses import dataclass

from django.db.models import OuterRef, Subquery
from django.urls import reverse

from courses.models import (
    Enrollment,
    EvaluationReceipt,
    Lesson,
    Outline,
    Quiz,
    QuizAttempt,
    Step,
)
from courses.services.credit import CreditRules
from courses.services.seat_time import active_minutes, minutes_needed


@dataclass(frozen=True, kw_only=True)
class Need:
    """One line of the list: what is needed, how far it is, and where it is done."""

    title: str
    state: str
    is_done: bool
    url: str = ""


def needs_of(
    enrollment: Enrollment, outline: Outline, *, rules: CreditRules
) -> list[Need]:
    """Return what the course needs, first the lessons in their order.

    `outline` holds the learner's progress; two queries more at most.
    """
    marks = _Marks(enrollment, rules)
    needs = [_of_lesson(step, marks) for step in outline.required]
    if minutes := minutes_needed(enrollment.course, rules):
        studied = active_minutes(enrollment)
        needs.append(
            Need(
                title="Study time before the final quiz",
                state=f"{min(studied, minutes)} of {minutes} min",
                is_done=studied >= minutes,
            )
        )
    if enrollment.course.requires_evaluation or rules.evaluators:
        needs.append(_of_evaluation(enrollment, outline))
    return needs


def _of_evaluation(enrollment: Enrollment, outline: Outline) -> Need:
    receipts = EvaluationReceipt.objects.filter(enrollment=enrollment)
    if receipts.exists():
        return Need(title="Evaluation", state="Done", is_done=True)
    if not outline.is_finished:
        return Need(title="Evaluation", state="Open, after the lessons", is_done=False)
    url = reverse("courses:evaluation-create", args=[enrollment.course.slug])
    return Need(title="Evaluation", state="Open", is_done=False, url=url)


class _Marks:
    """The pass marks of the person's version, and the best scores so far."""

    def __init__(self, enrollment: Enrollment, rules: CreditRules) -> None:
        submitted = QuizAttempt.objects.filter(
            enrollment=enrollment, quiz=OuterRef("pk"), submitted_at__isnull=False
        )
        best = submitted.order_by("-score_percent").values("score_percent")[:1]
        quizzes = Quiz.objects.filter(
            lesson__course=enrollment.course_id, lesson__kind=Lesson.Kind.QUIZ
        ).annotate(best=Subquery(best))
        tests = enrollment.version.test["quizzes"]
        pinned = {row["id"]: row["pass_mark"] for row in tests}
        self.needed: dict[int, int] = {}
        self.best: dict[int, int | None] = {}
        for quiz in quizzes:
            mark = pinned.get(quiz.pk, quiz.pass_mark)
            raised = rules.raise_mark(mark, is_final=quiz.is_final)
            self.needed[quiz.lesson_id] = raised
            self.best[quiz.lesson_id] = quiz.best


def _of_lesson(step: Step, marks: _Marks) -> Need:
    return Need(
        title=step.lesson.title,
        state="Done" if step.is_done else _state(step, marks),
        is_done=step.is_done,
        url=step.lesson.get_absolute_url(),
    )


def _state(step: Step, marks: _Marks) -> str:
    lesson = step.lesson
    if lesson.kind == Lesson.Kind.VIDEO and lesson.is_playable:
        percent = step.progress.watched_percent if step.progress else 0
        return f"{percent} of 90% watched"
    if lesson.kind == Lesson.Kind.QUIZ:
        needed = marks.needed.get(lesson.pk)
        told = f"{needed}% needed" if needed else "Open"
        best = marks.best.get(lesson.pk)
        return told if best is None else f"{told}, best so far {best}%"
    return "Open"
