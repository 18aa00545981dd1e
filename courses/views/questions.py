"""What learners ask the instructor, on the page of the lesson."""

from http import HTTPStatus
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import SimpleLazyObject

from core.errors import DomainError
from core.fragments import kept
from core.http import posted_from
from core.ratelimit import hit
from courses import services
from courses.forms import AskForm
from courses.models import Lesson, LessonQuestion
from courses.views.visit import Visit, course_page

IDS = "question_%s"
AN_HOUR = 10


class Questions:
    """The questions of a lesson that this visitor sees: published ones and own ones."""

    def __init__(self, visit: Visit, lesson: Lesson) -> None:
        asked = LessonQuestion.objects.filter(lesson=lesson).in_order()
        # Staff publish in the admin, and any edit there ends what is kept.
        self.published = kept(
            f"questions-{visit.version}-{lesson.pk}",
            lambda: list(asked.filter(is_published=True)),
        )
        self.own: list[LessonQuestion] = []
        if visit.enrollment and visit.enrollment.has_questions:  # type: ignore[attr-defined] # annotated
            self.own = list(asked.filter(enrollment=visit.enrollment))


def questions_of(visit: Visit, lesson: Lesson) -> dict[str, Any]:
    """Return what the lesson's page shows of questions."""
    return {
        "ask_form": SimpleLazyObject(lambda: AskForm(auto_id=IDS)),
        "ask_uuid": uuid4(),
        "answer_days": settings.ANSWER_WORKING_DAYS,
        "questions": Questions(visit, lesson),
    }


@posted_from("courses:lesson-detail")
@login_required
@course_page
def question_create(visit: Visit, lesson: str) -> HttpResponseBase:
    """Put a question to the instructor."""
    found = visit.find_lesson(lesson)
    form = AskForm(visit.request.POST, auto_id=IDS)
    if not form.is_valid():
        return _form_page(visit, found, form)
    if not hit("question", str(visit.user.pk), limit=AN_HOUR):
        form.add_error(None, "You have asked several questions. Wait an hour.")
        return _form_page(visit, found, form, status=HTTPStatus.TOO_MANY_REQUESTS)
    try:
        services.ask(
            user=visit.user,
            lesson=found,
            uuid=form.cleaned_data["uuid"],
            text=form.cleaned_data["text"],
            at=visit.at,
        )
    except DomainError as error:
        form.add_error(None, str(error))
        return _form_page(visit, found, form)
    days = settings.ANSWER_WORKING_DAYS
    messages.success(
        visit.request,
        f"Your question is sent. You get the answer by email within {days} working days.",
    )
    return redirect(f"{found.get_absolute_url()}#questions")


def _form_page(
    visit: Visit, lesson: Lesson, form: AskForm, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    context = visit.context(lesson=lesson, form=form)
    return render(visit.request, "courses/question_form.html", context, status=status)
