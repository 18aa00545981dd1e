import hashlib
from datetime import datetime
from typing import Any, cast

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.views import ConnectionsView
from allauth.usersessions.models import UserSession
from allauth.usersessions.views import ListUserSessionsView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django.views.generic import CreateView, DeleteView, FormView, UpdateView, View
from django.views.generic.detail import SingleObjectMixin

from accounts import services
from accounts.forms import TIME_ZONES, LicenseForm, ProfileForm, SessionForm
from accounts.models import License, User
from core.http import AuthenticatedHttpRequest, posted_from
from core.ratelimit import hit

THEMES = {"light", "dark"}
ONE_YEAR = 365 * 24 * 60 * 60
CONFIRMATIONS_AN_HOUR = 3


class ProfileUpdate(LoginRequiredMixin, UpdateView[User, ProfileForm]):
    """The person's own profile, with the list of their licenses."""

    request: AuthenticatedHttpRequest
    form_class = ProfileForm
    template_name = "accounts/user_form.html"
    context_object_name = "profile"

    def get_object(self, queryset: QuerySet[User] | None = None) -> User:
        # A copy of its own: a refused form must not change the name in the header.
        return User.objects.get(pk=self.request.user.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            licenses=self.request.user.licenses.select_related(
                "profession", "jurisdiction"
            ).order_by("pk"),
            time_zones=TIME_ZONES,
            **kwargs,
        )

    def form_valid(self, form: ProfileForm) -> HttpResponse:
        services.update_profile(user=self.request.user, profile=form.profile())
        messages.success(self.request, "Your profile is saved.")
        return redirect("accounts:profile-update")


class OwnLicenses(LoginRequiredMixin, SingleObjectMixin[License], View):
    """Reaches the person's own licenses only; a foreign one answers 404."""

    slug_field = slug_url_kwarg = "uuid"

    def get_queryset(self) -> QuerySet[License]:
        user = cast("User", self.request.user)
        return user.licenses.select_related("profession", "jurisdiction")


class LicenseCreate(OwnLicenses, CreateView[License, LicenseForm]):
    request: AuthenticatedHttpRequest
    form_class = LicenseForm
    model = License

    def form_valid(self, form: LicenseForm) -> HttpResponse:
        try:
            services.add_license(user=self.request.user, details=form.details())
        except services.LicenseRefusedError as error:
            form.add_error("number", str(error))
            return self.form_invalid(form)
        messages.success(self.request, "Your license is added.")
        return redirect("accounts:profile-update")


class LicenseUpdate(OwnLicenses, UpdateView[License, LicenseForm]):
    form_class = LicenseForm

    def form_valid(self, form: LicenseForm) -> HttpResponse:
        try:
            services.update_license(license_=self.object, details=form.details())
        except services.LicenseRefusedError as error:
            form.add_error("number", str(error))
            return self.form_invalid(form)
        messages.success(self.request, "Your license is saved.")
        return redirect("accounts:profile-update")


class LicenseDelete(OwnLicenses, DeleteView[License, Any]):
    http_method_names = ("get", "head", "post", "options")

    def form_valid(self, _form: Any) -> HttpResponse:
        services.delete_license(license_=self.object)
        messages.success(self.request, "Your license is removed.")
        return redirect("accounts:profile-update")


class SessionList(ListUserSessionsView):  # type: ignore[misc] # the base is untyped
    """Where the person is logged in; on POST allauth ends the other sessions."""

    request: AuthenticatedHttpRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sessions = live_sessions(self.request.user, at=timezone.now())
        # Past allauth's own, which asks three times for each session.
        return FormView.get_context_data(self, sessions=sessions, **kwargs)


def live_sessions(user: User, *, at: datetime) -> list[UserSession]:
    """Return the sessions that still log the person in, the oldest first."""
    noted = UserSession.objects.filter(user=user).order_by("created_at", "pk")
    stored = Session.objects.filter(
        session_key__in=noted.values("session_key"), expire_date__gt=at
    )
    proof = user.get_session_auth_hash()  # another one after a change of password
    live = {
        session.session_key
        for session in stored
        if session.get_decoded().get(HASH_SESSION_KEY) == proof
    }
    return [session for session in noted if session.session_key in live]


@login_required
@require_POST
def end_session(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Log one other browser of the person out."""
    own = UserSession.objects.filter(user=request.user)
    others = own.exclude(session_key=request.session.session_key)
    form = SessionForm(request.POST, sessions=others)
    if not form.is_valid():
        raise Http404
    services.end_session(session=form.cleaned_data["session"])
    messages.success(request, "That browser is logged out.")
    return redirect("usersessions_list")


class ConnectionList(ConnectionsView):  # type: ignore[misc] # the base is untyped
    """The logins of other sites; no page where none is configured."""

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        if not get_adapter().list_providers(request):
            raise Http404
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response


@posted_from("account_email_verification_sent")
def resend_confirmation(request: HttpRequest) -> HttpResponse:
    """Send the link once more to the address that this visitor has just typed."""
    email = request.session.get(services.UNCONFIRMED, {}).get("email", "")
    digest = hashlib.sha256(email.lower().encode()).hexdigest()
    if email and hit("confirmation", digest, limit=CONFIRMATIONS_AN_HOUR):
        services.resend_confirmation(request=request, email=email)
        messages.success(request, "We have sent it again.")
    elif email:
        messages.error(request, "It was sent several times. Try again in an hour.")
    return redirect("account_email_verification_sent")


@require_POST
def update_theme(request: HttpRequest) -> HttpResponse:
    """Keep the choice of light or dark in a cookie; anything else follows the system."""
    next_url = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(
        next_url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        next_url = reverse("home")
    response = HttpResponseRedirect(next_url)
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        response.set_cookie(
            "theme",
            theme,
            max_age=ONE_YEAR,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response
