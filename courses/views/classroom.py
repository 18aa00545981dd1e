"""The classroom: the course of one learner, lesson by lesson, to its completion."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import (
    require_http_methods,
    require_safe,
)

from core.embeds import VIMEO_HOST
from core.errors import DomainError
from core.http import posted_from
from core.webvtt import Cue
from courses import services
from courses.forms import CompletionForm
from courses.models import (
    CourseVersion,
    Disclaimer,
    Enrollment,
    Lesson,
    LessonFile,
    Step,
    VideoStream,
)
from courses.views.media import read_cues
from courses.views.notes import notes_of
from courses.views.practice import practice_of
from courses.views.questions import questions_of
from courses.views.visit import Visit, course_page, lesson_page, locked_page


@require_safe
@login_required
@course_page
def classroom_detail(visit: Visit) -> HttpResponse:
    """Show the course home: what is done, what comes next, how it completes."""
    if visit.enrollment is None:
        return redirect(visit.course)
    resume = visit.outline.resume(visit.enrollment)
    newer = services.newer_version(visit.enrollment)
    versions = [visit.enrollment.version, *([newer] if newer else [])]
    rules = services.credit_rules_by_version(
        user=visit.enrollment.user, versions=[one.pk for one in versions], at=visit.at
    )
    own = rules[visit.enrollment.version_id]
    return render(
        visit.request,
        "courses/classroom_detail.html",
        visit.context(
            resume=resume,
            open_module=resume.lesson.module_id if resume else None,
            changes=_changes(visit.enrollment, newer, rules) if newer else [],
            needs=services.needs_of(visit.enrollment, visit.outline, rules=own),
            accommodation=services.accommodation_of(visit.enrollment.user),
        ),
    )


def _changes(
    enrollment: Enrollment,
    newer: CourseVersion,
    rules: dict[int, services.CreditRules],
) -> list[str]:
    """Say what a move to the newer version would change, credit included."""
    return [
        *enrollment.version.differences(newer),
        *services.credit_changes(rules[enrollment.version_id], rules[newer.pk]),
    ]


@posted_from("courses:classroom-detail")
@login_required
@course_page
def version_update(visit: Visit) -> HttpResponseBase:
    """Go on by the newest version of the course, as the learner has chosen."""
    if visit.enrollment is None:
        return redirect(visit.course)
    try:
        services.move_to_current(enrollment=visit.enrollment, at=visit.at)
    except DomainError as error:
        messages.error(visit.request, str(error))
    else:
        messages.success(
            visit.request,
            "You go on by the new version. What you have done stays done.",
        )
    return redirect("courses:classroom-detail", visit.course.slug)


@require_safe
@lesson_page
def lesson_detail(visit: Visit, lesson: str) -> HttpResponseBase:
    """Show the lesson, or its locked page to who may not open it."""
    step = visit.find_step(lesson)
    found = step.lesson
    if not visit.opens(found):
        return locked_page(visit, found)
    if reason := visit.waiting_for(found):
        return locked_page(visit, found, waiting_for=reason)
    if found.kind == Lesson.Kind.QUIZ:
        return redirect("courses:quiz-detail", visit.course.slug, found.slug)
    if visit.enrollment is not None and visit.request.method == "GET":
        services.open_lesson(
            enrollment=visit.enrollment,
            lesson=found,
            at=visit.at,
            is_known=step.progress is not None,
        )
    page = render(
        visit.request, "courses/lesson_detail.html", _lesson_context(visit, step)
    )
    page._csp_update = _policy(found)  # type: ignore[attr-defined] # noqa: SLF001 - read by django-csp
    return page


def _policy(lesson: Lesson) -> dict[str, list[str]]:
    """Let in what plays the video: blobs of a stream and their worker, or the host."""
    if lesson.embed_url:
        return {"frame-src": [VIMEO_HOST]}
    return {"media-src": ["blob:"], "worker-src": ["blob:"]} if lesson.video else {}


def _lesson_context(visit: Visit, step: Step) -> dict[str, Any]:
    lesson = step.lesson
    needs_watching = (
        lesson.kind == Lesson.Kind.VIDEO
        and lesson.is_playable
        and not visit.course.allows_mark_complete
        and not step.is_done
    )
    return visit.context(
        lesson=lesson,
        step=step,
        outline=visit.outline,
        before=visit.outline.before(step),
        after=visit.outline.after(step),
        material=Material(lesson),
        practice=practice_of(visit, lesson),
        needs_watching=needs_watching,
        watched_percent=step.progress.watched_percent if step.progress else 0,
        position=step.progress.position_seconds if step.progress else 0,
        may_save=visit.enrollment is not None or visit.may_start,
        **notes_of(visit, step),
        **questions_of(visit, lesson),
    )


class Material:
    """What stands below the player; read only when no fragment holds it already."""

    def __init__(self, lesson: Lesson) -> None:
        self.lesson = lesson

    @cached_property
    def _stored(self) -> tuple[str, str | None, str | None]:
        """Read in one query what an outline leaves out."""
        rows = Lesson.objects.filter(pk=self.lesson.pk)
        return rows.values_list("body", "stream__status", "stream__source").get()

    @property
    def body(self) -> str:
        return self._stored[0]

    @property
    def has_stream(self) -> bool:
        """Say what `VideoStream.objects.ready` says, with no query of its own."""
        return self._stored[1:] == (VideoStream.Status.READY, self.lesson.video.name)

    @cached_property
    def cues(self) -> list[Cue]:
        return read_cues(self.lesson)

    @cached_property
    def files(self) -> list[LessonFile]:
        return list(self.lesson.files.order_by("weight", "pk"))


@posted_from("courses:lesson-detail")
@login_required
@course_page
def lesson_complete(visit: Visit, lesson: str) -> HttpResponseBase:
    """Mark the lesson complete and go on to the next one."""
    found = visit.find_lesson(lesson)
    try:
        progress = services.complete_lesson(user=visit.user, lesson=found, at=visit.at)
    except DomainError as error:
        messages.error(visit.request, str(error))
        return redirect(found)
    visit.enrollment = progress.enrollment
    step = visit.outline.find(found.pk)
    after = visit.outline.after(step) if step else None
    if step and progress.completed_at == visit.at:
        _offer_undo(visit, step)
    if visit.outline.is_finished:
        return redirect("courses:enrollment-complete", visit.course.slug)
    if after is None:
        return redirect("courses:classroom-detail", visit.course.slug)
    return redirect(after.lesson)


def _offer_undo(visit: Visit, step: Step) -> None:
    """Say what the button did; the address in the message takes it back."""
    undo = reverse("courses:lesson-reopen", args=[visit.course.slug, step.lesson.slug])
    done = f"Lesson {step.number} marked complete."
    messages.success(visit.request, done, extra_tags=undo)


@posted_from("courses:lesson-detail")
@login_required
@course_page
def lesson_reopen(visit: Visit, lesson: str) -> HttpResponseBase:
    """Take back what the button has just marked."""
    found = visit.find_lesson(lesson)
    if visit.enrollment is None:
        return redirect(found)
    try:
        services.reopen_lesson(enrollment=visit.enrollment, lesson=found, at=visit.at)
    except DomainError as error:
        messages.error(visit.request, str(error))
    else:
        messages.info(visit.request, "This lesson is open again.")
    return redirect(found)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@course_page
def enrollment_complete(visit: Visit) -> HttpResponseBase:
    """Confirm the name and the attestation, then show where the certificate is."""
    if visit.enrollment is None:
        return redirect(visit.course)
    if _owes_evaluation(visit, visit.enrollment):
        return redirect("courses:evaluation-create", visit.course.slug)
    user = visit.enrollment.user
    form = CompletionForm(
        visit.request.POST or None, initial={"name": user.certificate_name or user.name}
    )
    if visit.request.method == "POST" and form.is_valid():
        try:
            services.complete(
                enrollment=visit.enrollment,
                certificate_name=form.cleaned_data["name"],
                attested=form.cleaned_data["attested"],
                at=visit.at,
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return redirect("courses:enrollment-complete", visit.course.slug)
    return render(
        visit.request,
        "courses/enrollment_complete.html",
        visit.context(form=form, disclaimer=_disclaimer(visit)),
    )


def _owes_evaluation(visit: Visit, enrollment: Enrollment) -> bool:
    if enrollment.status == Enrollment.Status.COMPLETED:
        return False
    if not visit.outline.is_finished or services.is_evaluated(enrollment):
        return False
    return services.requires_evaluation(enrollment=enrollment, at=visit.at)


def _disclaimer(visit: Visit) -> Disclaimer | None:
    """Return the version to read before confirming; the completion stores which."""
    if visit.outline.is_finished:
        return Disclaimer.objects.in_force(at=visit.at)
    return None
