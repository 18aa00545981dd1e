from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from django.views.generic import FormView, TemplateView

from core.http import AuthenticatedHttpRequest, sandboxed_html
from mail import gateway, services
from mail.forms import PreferenceForm
from mail.models import (
    OPTIONAL_CATEGORIES,
    Category,
    EmailPreference,
    read_unsubscribe_token,
)


@csrf_exempt  # the mail program posts from outside; the signed token is the proof
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask on GET, since link scanners open every link; unsubscribe on POST."""
    target = read_unsubscribe_token(token)
    if target is None or target[1] not in OPTIONAL_CATEGORIES:
        return render(request, "mail/unsubscribe_unknown.html", status=404)
    address, category = target
    if request.method == "POST":
        services.unsubscribe(address=address, category=category)
    return render(
        request,
        "mail/unsubscribe.html",
        {
            "address": address,
            "category": Category(category).label,
            "is_done": request.method == "POST",
        },
    )


class PreferenceUpdate(LoginRequiredMixin, FormView[PreferenceForm]):
    """The person's own email settings."""

    request: AuthenticatedHttpRequest
    form_class = PreferenceForm
    template_name = "mail/emailpreference_form.html"
    success_url = reverse_lazy("mail:preference-update")

    def get_initial(self) -> dict[str, Any]:
        return EmailPreference.objects.choices_of(self.request.user)

    def form_valid(self, form: PreferenceForm) -> HttpResponse:
        services.save_preferences(
            user=self.request.user,
            address=self.request.user.email,
            choices=form.cleaned_data,
        )
        messages.success(self.request, "Your email settings are saved.")
        return super().form_valid(form)


class OnlyInDebug(TemplateView):
    """Answers 404 outside development."""

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        if not settings.DEBUG:
            raise Http404
        return super().dispatch(request, *args, **kwargs)


class Inbox(OnlyInDebug):
    """The emails that this machine has written to files, newest first."""

    template_name = "mail/inbox.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(inbox=gateway.stored_messages(), **kwargs)


@method_decorator(csp_update({"frame-src": [SELF]}), name="dispatch")
class InboxDetail(OnlyInDebug):
    template_name = "mail/inbox_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(message=_stored(kwargs["key"]), **kwargs)


def inbox_html(_request: HttpRequest, key: str) -> HttpResponse:
    """Serve the HTML twin where no script of it can run."""
    if not settings.DEBUG:
        raise Http404
    return sandboxed_html(_stored(key).html)


def _stored(key: str) -> gateway.StoredMessage:
    for message in gateway.stored_messages():
        if message.key == key:
            return message
    raise Http404
