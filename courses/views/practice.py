"""Questions that are not graded, on the page of a quick check or of a video."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render

from core.errors import DomainError
from core.http import is_script, no_login_page, posted_from, whole_number
from courses import services
from courses.models import Choice, Lesson, PracticeAnswer, Question
from courses.views.visit import Visit, course_page

NOT_STARTED = "Start the course before you answer."


@dataclass(frozen=True)
class Practice:
    """One question with what the learner has answered, if anything."""

    question: Question
    answer: PracticeAnswer | None
    error: str = ""

    @property
    def choices(self) -> list[Choice]:
        return list(self.question.choices.all())

    @property
    def chosen(self) -> set[int]:
        return set(self.answer.choice_ids) if self.answer else set()

    @property
    def right_count(self) -> int:
        return sum(choice.is_correct for choice in self.choices)


def practice_of(visit: Visit, lesson: Lesson) -> list[Practice]:
    """Return what the lesson asks for practice, in order; two or three queries."""
    if lesson.kind not in services.PRACTICE_KINDS:
        return []
    if not getattr(lesson, "question_count", 1):
        return []
    questions = Question.objects.filter(quiz__lesson=lesson).with_choices()
    ordered = list(questions.order_by("moment_seconds", "weight", "pk"))
    answers: dict[int | None, PracticeAnswer] = {}
    if visit.enrollment is not None and ordered:
        mine = visit.enrollment.practice_answers.filter(lesson=lesson)
        answers = {answer.question_id: answer for answer in mine}
    return [Practice(one, answers.get(one.pk)) for one in ordered]


@posted_from("courses:lesson-detail")
@no_login_page
@login_required
@course_page
def practice_answer(visit: Visit, lesson: str) -> HttpResponseBase:
    """Keep the answer, and say whether it is right and why."""
    found = visit.find_lesson(lesson)
    if found.kind not in services.PRACTICE_KINDS:
        raise Http404
    if not visit.opens(found) or visit.waiting_for(found):
        return _closed(visit, found)
    asked = Question.objects.filter(quiz__lesson=found).select_related("quiz__lesson")
    number = whole_number(visit.request.POST.get("question", ""))
    question = get_object_or_404(asked.with_choices(), pk=number)
    if visit.enrollment is None and not visit.may_start:
        return _answered(visit, found, Practice(question, None, NOT_STARTED))
    chosen = [whole_number(one) for one in visit.request.POST.getlist("choice")]
    try:
        visit.enrollment = visit.enrollment or services.enroll(
            user=visit.user, course=visit.course, at=visit.at
        )
        answer = services.answer_practice(
            enrollment=visit.enrollment,
            question=question,
            choice_ids=chosen,
            at=visit.at,
        )
    except DomainError as error:
        return _answered(visit, found, Practice(question, None, str(error)))
    return _answered(visit, found, Practice(question, answer))


def _closed(visit: Visit, lesson: Lesson) -> HttpResponseBase:
    """Lead to the locked page, which gives the reason, and show nothing of the question."""
    if is_script(visit.request):
        return HttpResponse(headers={"HX-Redirect": lesson.get_absolute_url()})
    return redirect(lesson)


def _answered(visit: Visit, lesson: Lesson, practice: Practice) -> HttpResponseBase:
    """Answer a script with the question as it stands now, and others with its page."""
    if is_script(visit.request):
        shown = visit.context(lesson=lesson, practice=practice)
        return render(visit.request, "courses/_practice_question.html", shown)
    if practice.error:
        messages.error(visit.request, practice.error)
        return redirect(lesson)  # the sentence stands at the top of the page
    return redirect(f"{lesson.get_absolute_url()}#question-{practice.question.pk}")
