"""The notes and bookmarks of a learner, on their lesson and all on one page."""

from http import HTTPStatus
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.models import User
from core.errors import DomainError
from core.http import HttpResponseSeeOther, local_path, posted_from
from courses import services
from courses.forms import LessonAddressForm, NoteForm
from courses.models import Lesson, Note, Step
from courses.views.reports import refusal
from courses.views.visit import Visit, course_page, enrolled_page

IDS = "note_%s"
BLANK = Note(uuid=UUID(int=0), moment_seconds=0)


def notes_of(visit: Visit, step: Step) -> dict[str, Any]:
    """Return what the lesson's page shows of notes."""
    return {
        "note_form": SimpleLazyObject(
            lambda: NoteForm(lesson=step.lesson, auto_id=IDS)
        ),
        "note_uuid": uuid4(),
        "note_blank": BLANK,
        "notes": _notes(visit, step),
    }


def _notes(visit: Visit, step: Step) -> QuerySet[Note] | list[Note]:
    if visit.enrollment is None or not visit.enrollment.has_notes:  # type: ignore[attr-defined] # annotated
        return []
    notes = Note.objects.kept().filter(enrollment=visit.enrollment, lesson=step.lesson)
    return notes.along_the_video()


@require_POST
def note_save(request: HttpRequest) -> JsonResponse:
    """Save what the page sends while somebody types."""
    if not isinstance(request.user, User):
        return refusal("Log in again to save your notes.", HTTPStatus.UNAUTHORIZED)
    lesson = _find_lesson(request)
    if lesson is None:
        return refusal("There is no such lesson.", HTTPStatus.NOT_FOUND)
    form = NoteForm(request.POST, lesson=lesson)
    if not form.is_valid():
        sentence = next(iter(form.errors.values()))[0]
        return refusal(f"{sentence}.", HTTPStatus.BAD_REQUEST)
    try:
        _save(request.user, lesson, form)
    except DomainError as error:
        return refusal(str(error), HTTPStatus.CONFLICT)
    return JsonResponse({})


def _find_lesson(request: HttpRequest) -> Lesson | None:
    form = LessonAddressForm(request.POST)
    if not form.is_valid():
        return None
    lessons = Lesson.objects.select_related("course").defer("body", "summary")
    address = form.cleaned_data
    return lessons.filter(
        course__slug=address["course"], slug=address["lesson"]
    ).first()


def _save(user: User, lesson: Lesson, form: NoteForm) -> Note:
    return services.save_note(
        user=user,
        lesson=lesson,
        uuid=form.cleaned_data["uuid"],
        text=form.cleaned_data["text"],
        moment=form.cleaned_data.get("moment"),
        at=timezone.now(),
    )


@posted_from("courses:lesson-detail")
@login_required
@course_page
def note_create(visit: Visit, lesson: str) -> HttpResponseBase:
    """Save a note without the help of a script."""
    found = visit.find_lesson(lesson)
    form = NoteForm(visit.request.POST, lesson=found, auto_id=IDS)
    if _is_saved(visit, found, form):
        return redirect(f"{found.get_absolute_url()}#notes")
    return _form_page(visit, found, form)


def _is_saved(visit: Visit, lesson: Lesson, form: NoteForm) -> bool:
    """Save what is valid; otherwise the form says what to change."""
    if not form.is_valid():
        return False
    try:
        _save(visit.user, lesson, form)
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    messages.success(visit.request, "Your note is saved.")
    return True


def _form_page(visit: Visit, lesson: Lesson, form: NoteForm) -> HttpResponse:
    context = visit.context(lesson=lesson, form=form, next=_next(visit))
    return render(visit.request, "courses/note_form.html", context)


def _next(visit: Visit) -> str:
    """Return the page to go back to: the one that sent the form, or all notes."""
    request = visit.request
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return local_path(wanted) or reverse("courses:note-list", args=[visit.course.slug])


@require_safe
@login_required
@enrolled_page
def note_list(visit: Visit) -> HttpResponse:
    """Show all notes of the course, also to who has no access now."""
    context = visit.context(lessons=_by_lesson(visit))
    return render(visit.request, "courses/note_list.html", context)


@require_safe
@login_required
@enrolled_page
def note_export(visit: Visit) -> HttpResponse:
    """Hand out the same as a text file."""
    context = visit.context(lessons=_by_lesson(visit))
    text = render_to_string("courses/notes.txt", context).strip()
    response = HttpResponse(f"{text}\n", content_type="text/plain; charset=utf-8")
    filename = f"{visit.course.slug}-notes.txt"
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def _by_lesson(visit: Visit) -> list[tuple[Lesson, list[Note]]]:
    notes = Note.objects.kept().filter(enrollment=visit.enrollment)
    grouped = groupby(notes.along_the_course(), key=attrgetter("lesson"))
    return [(lesson, list(group)) for lesson, group in grouped]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@enrolled_page
def note_update(visit: Visit, uuid: UUID) -> HttpResponseBase:
    """Change a note."""
    note = _find(visit, uuid, Note.objects.kept())
    data = None
    if visit.request.method == "POST":
        data = visit.request.POST.copy()
        data["uuid"] = str(uuid)
    initial = {"uuid": uuid, "text": note.text, "moment": note.moment_seconds}
    form = NoteForm(data, lesson=note.lesson, initial=initial, auto_id=IDS)
    if data is not None and _is_saved(visit, note.lesson, form):
        return redirect(_next(visit))
    return _form_page(visit, note.lesson, form)


def _find(visit: Visit, uuid: UUID, notes: QuerySet[Note]) -> Note:
    mine = notes.filter(enrollment=visit.enrollment).select_related("lesson__course")
    return get_object_or_404(mine, uuid=uuid)


@posted_from("courses:note-update")
@login_required
@enrolled_page
def note_delete(visit: Visit, uuid: UUID) -> HttpResponseBase:
    """Delete a note; for a day it can be brought back."""
    note = _find(visit, uuid, Note.objects.all())
    services.delete_note(note=note, at=visit.at)
    if _asks_for_json(visit):
        return JsonResponse({})
    undo = reverse("courses:note-restore", args=[visit.course.slug, uuid])
    messages.success(visit.request, "The note is deleted.", extra_tags=undo)
    return HttpResponseSeeOther(_next(visit))


@posted_from("courses:note-update")
@login_required
@enrolled_page
def note_restore(visit: Visit, uuid: UUID) -> HttpResponseBase:
    """Bring back a note that was deleted."""
    note = _find(visit, uuid, Note.objects.all())
    services.restore_note(note=note)
    if _asks_for_json(visit):
        return JsonResponse({})
    messages.info(visit.request, "The note is back.")
    return HttpResponseSeeOther(_next(visit))


def _asks_for_json(visit: Visit) -> bool:
    kinds = ["text/html", "application/json"]
    return visit.request.get_preferred_type(kinds) == "application/json"
