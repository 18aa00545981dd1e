"""Quizzes: one question a page, saved on each answer, submitted once."""

from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import escape
from django.views.decorators.http import require_safe

from core.errors import DomainError
from core.http import is_script, no_login_page, posted_from, whole_number
from courses import services
from courses.models import (
    Lesson,
    Quiz,
    QuizAttempt,
    VersionQuestion,
)
from courses.views.sitting import Sitting, by_objective, chosen_of, marked
from courses.views.visit import Visit, course_page, locked_page


@require_safe
@course_page
def quiz_detail(visit: Visit, lesson: str) -> HttpResponseBase:
    """Show what the quiz asks, and start it or go on with it."""
    found = _quiz_lesson(visit, lesson)
    if not visit.opens(found):
        return locked_page(visit, found)
    if reason := visit.waiting_for(found):
        return locked_page(visit, found, waiting_for=reason)
    quiz = get_object_or_404(Quiz, lesson=found)
    step = visit.outline.find(found.pk)
    attempts = QuizAttempt.objects.none()
    if visit.enrollment is not None:
        attempts = QuizAttempt.objects.filter(enrollment=visit.enrollment, quiz=quiz)
    past = list(attempts.order_by("-number"))
    latest = past[0] if past and past[0].submitted_at is None else None
    left = None
    if visit.enrollment is not None:
        left = services.attempts_left(visit.enrollment, quiz=quiz, taken=len(past))
    rules = _rules(visit, quiz)
    return render(
        visit.request,
        "courses/quiz_detail.html",
        visit.context(
            lesson=found,
            quiz=quiz,
            scale=_scale(visit, quiz, latest, rules=rules),
            attempts=quiz.max_attempts if left is None else left + len(past),
            attempts_left=left,
            minutes=_minutes(visit, quiz),
            rules=rules,
            minutes_missing=_minutes_missing(visit, quiz, rules),
            resting_until=services.resting_until(past[::-1], quiz=quiz, at=visit.at),
            step=step,
            before=visit.outline.before(step) if step else None,
            after=visit.outline.after(step) if step else None,
            open_attempt=latest,
            next_number=_next_unanswered(latest) if latest else 1,
            past=[attempt for attempt in past if attempt.submitted_at],
        ),
    )


def _minutes(visit: Visit, quiz: Quiz) -> int | None:
    if visit.enrollment is None:
        return quiz.time_limit_minutes
    return services.minutes_for(quiz, visit.enrollment.user)


def _minutes_missing(visit: Visit, quiz: Quiz, rules: services.CreditRules) -> int:
    if visit.enrollment is None or not quiz.is_final:
        return 0
    return services.minutes_missing(visit.enrollment, rules)


def _rules(visit: Visit, quiz: Quiz) -> services.CreditRules:
    """Return what credit bodies ask of this quiz: nothing unless it is the final one."""
    if visit.enrollment is None or not quiz.is_final:
        return services.CreditRules()
    return services.credit_rules(enrollment=visit.enrollment, at=visit.at)


def _scale(
    visit: Visit,
    quiz: Quiz,
    open_attempt: QuizAttempt | None,
    *,
    rules: services.CreditRules,
) -> services.GradingScale:
    """Return what passes the open sitting, or else the next one."""
    if open_attempt is not None:
        return services.GradingScale(
            pass_mark=open_attempt.pass_mark,
            question_count=len(open_attempt.question_ids),
        )
    test = visit.enrollment.version.quiz(quiz.pk) if visit.enrollment else None
    return services.grading_scale(
        quiz=quiz,
        pass_mark=test.pass_mark if test else quiz.pass_mark,
        question_count=test.question_count if test else quiz.questions.count(),
        rules=rules,
    )


@posted_from("courses:quiz-detail")
@login_required
@course_page
def attempt_create(visit: Visit, lesson: str) -> HttpResponseBase:
    """Start an attempt, or go on with the one that is open."""
    found = _quiz_lesson(visit, lesson)
    quiz = get_object_or_404(Quiz.objects.select_related("lesson"), lesson=found)
    if visit.enrollment is None:
        messages.error(visit.request, "Start the course before you take its quiz.")
        return redirect(found)
    try:
        attempt = services.start_attempt(
            enrollment=visit.enrollment, quiz=quiz, at=visit.at
        )
    except services.UnattestedError:
        return redirect("courses:attestation-create", visit.course.slug, lesson)
    except DomainError as error:
        messages.error(visit.request, str(error))
        return redirect(found)
    return redirect("courses:attempt-detail", visit.course.slug, lesson, attempt.number)


@require_safe
@login_required
@course_page
def attempt_detail(visit: Visit, lesson: str, number: int) -> HttpResponseBase:
    """Show one question of the open attempt: the asked one, or the next without answer."""
    found = _quiz_lesson(visit, lesson)
    sitting = _find_sitting(visit, found, number)
    if not visit.opens(found):
        return locked_page(visit, found)
    if sitting.attempt.submitted_at:
        return redirect("courses:attempt-result", visit.course.slug, lesson, number)
    wanted = visit.request.GET.get("question", "")
    position = whole_number(wanted) or (sitting.unanswered or [0])[0]
    if position == 0:
        return redirect("courses:attempt-review", visit.course.slug, lesson, number)
    return _question_page(visit, found, sitting, position)


@posted_from("courses:attempt-detail")
@no_login_page
@login_required
@course_page
def attempt_answer(visit: Visit, lesson: str, number: int) -> HttpResponseBase:
    """Save the answer to one question and show the next, or just say that it is saved."""
    found = _quiz_lesson(visit, lesson)
    sitting = _find_sitting(visit, found, number)
    if not visit.opens(found) and not is_script(visit.request):
        return locked_page(visit, found)
    position = whole_number(visit.request.POST.get("question", ""))
    question = _question_at(sitting, position)
    try:
        services.save_answer(
            attempt=sitting.attempt,
            question_id=question.id,
            choice_ids=[
                whole_number(value) for value in visit.request.POST.getlist("choice")
            ],
            at=visit.at,
        )
    except DomainError as error:
        return _after_refusal(visit, found, sitting, position, error)
    return _after_saving(visit, found, sitting, position)


def _after_refusal(
    visit: Visit, lesson: Lesson, sitting: Sitting, position: int, error: DomainError
) -> HttpResponseBase:
    if is_script(visit.request):
        return HttpResponse(escape(error), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    if not isinstance(error, services.AttemptClosedError):
        return _question_page(visit, lesson, sitting, position, error=str(error))
    messages.error(visit.request, str(error))
    return redirect("courses:attempt-result", *_address(lesson, sitting))


def _after_saving(
    visit: Visit, lesson: Lesson, sitting: Sitting, position: int
) -> HttpResponseBase:
    total = len(sitting.questions)
    if is_script(visit.request):
        answered = sitting.answers.keys() | {sitting.questions[position - 1].id}
        numbers = {"count": len(answered), "total": total}
        return render(visit.request, "courses/_answers_saved.html", numbers)
    address = _address(lesson, sitting)
    if position == total:
        return redirect("courses:attempt-review", *address)
    url = reverse("courses:attempt-detail", args=address)
    return redirect(f"{url}?question={position + 1}")


def _address(lesson: Lesson, sitting: Sitting) -> tuple[str, str, int]:
    return (lesson.course.slug, lesson.slug, sitting.attempt.number)


@require_safe
@login_required
@course_page
def attempt_review(visit: Visit, lesson: str, number: int) -> HttpResponseBase:
    """List the questions and what has no answer yet, before the attempt is submitted."""
    found = _quiz_lesson(visit, lesson)
    sitting = _find_sitting(visit, found, number)
    if not visit.opens(found):
        return locked_page(visit, found)
    if sitting.attempt.submitted_at:
        return redirect("courses:attempt-result", visit.course.slug, lesson, number)
    rows = [
        (place, question, chosen_of(sitting, question))
        for place, question in enumerate(sitting.questions, start=1)
    ]
    return render(
        visit.request,
        "courses/attempt_review.html",
        visit.context(lesson=found, sitting=sitting, rows=rows),
    )


@posted_from("courses:attempt-review")
@login_required
@course_page
def attempt_submit(visit: Visit, lesson: str, number: int) -> HttpResponseBase:
    """Close the attempt and show its result."""
    found = _quiz_lesson(visit, lesson)
    attempt = _find_attempt(visit, found, number)
    try:
        services.submit_attempt(attempt=attempt, at=visit.at)
    except DomainError as error:
        messages.error(visit.request, str(error))
        return redirect(found)
    url = reverse("courses:attempt-result", args=[visit.course.slug, lesson, number])
    return redirect(f"{url}#result")  # the heading takes the focus


@require_safe
@login_required
@course_page
def attempt_result(visit: Visit, lesson: str, number: int) -> HttpResponseBase:
    """Show the score with an explanation for every question."""
    found = _quiz_lesson(visit, lesson)
    sitting = _find_sitting(visit, found, number)  # also of who has lapsed
    if not sitting.attempt.submitted_at:
        return redirect("courses:attempt-detail", visit.course.slug, lesson, number)
    steps = {step.lesson.pk: step for step in visit.outline.steps}
    rows = [marked(sitting, question, steps) for question in sitting.questions]
    wrong = [row for row in rows if not row.is_right]
    passed = sitting.attempt.passed
    step = visit.outline.find(found.pk)
    return render(
        visit.request,
        "courses/attempt_result.html",
        visit.context(
            lesson=found,
            sitting=sitting,
            attempt=sitting.attempt,
            # Who has not passed learns where to look, and nothing of the key.
            rows=rows if passed else [],
            objectives=[] if passed else by_objective(sitting.attempt.version, rows),
            total=len(rows),
            right_count=len(rows) - len(wrong),
            review=sorted(
                {row.review for row in wrong if row.review}, key=lambda s: s.number
            ),
            after=visit.outline.after(step) if step else None,
        ),
    )


def _quiz_lesson(visit: Visit, slug: str) -> Lesson:
    step = next((s for s in visit.outline.steps if s.lesson.slug == slug), None)
    if step is None or step.lesson.kind != Lesson.Kind.QUIZ:
        raise Http404
    return step.lesson


def _find_attempt(visit: Visit, lesson: Lesson, number: int) -> QuizAttempt:
    """Return the visitor's own attempt; anybody else's does not exist."""
    if visit.enrollment is None:
        raise Http404
    mine = QuizAttempt.objects.filter(enrollment=visit.enrollment, quiz__lesson=lesson)
    return get_object_or_404(mine.select_related("version"), number=number)


def _find_sitting(visit: Visit, lesson: Lesson, number: int) -> Sitting:
    attempt = _find_attempt(visit, lesson, number)
    if not attempt.submitted_at and services.close_overdue(
        attempt=attempt, at=visit.at
    ):
        attempt.refresh_from_db()
    answers = {answer.question_id: answer for answer in attempt.answers.all()}
    return Sitting(attempt=attempt, questions=attempt.questions, answers=answers)


def _question_at(sitting: Sitting, position: int) -> VersionQuestion:
    if not 1 <= position <= len(sitting.questions):
        raise Http404
    return sitting.questions[position - 1]


def _question_page(
    visit: Visit, lesson: Lesson, sitting: Sitting, position: int, *, error: str = ""
) -> HttpResponseBase:
    question = _question_at(sitting, position)
    answer = sitting.answers.get(question.id)
    typed = visit.request.POST.getlist("choice")
    chosen = {whole_number(value) for value in typed}
    return render(
        visit.request,
        "courses/attempt_detail.html",
        visit.context(
            lesson=lesson,
            sitting=sitting,
            attempt=sitting.attempt,
            question=question,
            choices=question.shuffled(str(sitting.attempt.pk)),
            position=position,
            total=len(sitting.questions),
            chosen=chosen or set(answer.choice_ids if answer else []),
            error=error,
        ),
    )


def _next_unanswered(attempt: QuizAttempt) -> int:
    answered = set(attempt.answers.values_list("question_id", flat=True))
    places = enumerate(attempt.question_ids, start=1)
    return next((n for n, pk in places if pk not in answered), len(answered))
