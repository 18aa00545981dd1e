"""What the pages of the classroom tell by themselves while somebody studies."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django import forms
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.models import User
from core.errors import DomainError
from courses import services
from courses.forms import ProgressForm, SeatTimeForm


def refusal(sentence: str, status: HTTPStatus) -> JsonResponse:
    return JsonResponse({"error": sentence}, status=status)


def _report(
    form_class: type[forms.Form], *, ended: str
) -> Callable[[Callable[[User, Any], dict[str, Any]]], Callable[..., JsonResponse]]:
    """Hand the view who tells it and the form that was read; say why if it is refused."""

    def decorate(
        view: Callable[[User, Any], dict[str, Any]],
    ) -> Callable[..., JsonResponse]:
        @require_POST
        @wraps(view)
        def wrapper(request: HttpRequest) -> JsonResponse:
            if not isinstance(request.user, User):
                return refusal(ended, HTTPStatus.UNAUTHORIZED)
            form = form_class(request.POST)
            if not form.is_valid():
                return refusal("The report could not be read.", HTTPStatus.BAD_REQUEST)
            try:
                return JsonResponse(view(request.user, form))
            except ObjectDoesNotExist:
                return refusal("There is no such lesson.", HTTPStatus.NOT_FOUND)
            except DomainError as error:
                return refusal(str(error), HTTPStatus.FORBIDDEN)

        return wrapper

    return decorate


@_report(ProgressForm, ended="Log in again to save your progress.")
def progress_update(user: User, form: ProgressForm) -> dict[str, Any]:
    """Save what the player reports, and say how much the server counts."""
    progress = services.save_progress(
        user=user,
        course_slug=form.cleaned_data["course"],
        lesson_slug=form.cleaned_data["lesson"],
        report=form.report(),
        at=timezone.now(),
    )
    return {
        "percent": progress.watched_percent,
        "is_complete": progress.completed_at is not None,
    }


@_report(SeatTimeForm, ended="Log in again to save your time.")
def seat_time_update(user: User, form: SeatTimeForm) -> dict[str, Any]:
    """Count the active seconds that a page of the classroom tells."""
    progress = services.note_active(
        user=user,
        course_slug=form.cleaned_data["course"],
        lesson_slug=form.cleaned_data["lesson"],
        seconds=form.cleaned_data["seconds"],
        at=timezone.now(),
    )
    return {"seconds": progress.active_seconds}
