from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django.views.generic import CreateView, DeleteView, UpdateView, View
from django.views.generic.detail import SingleObjectMixin

from accounts import services
from accounts.forms import TIME_ZONES, LicenseForm, ProfileForm
from accounts.models import License, User
from core.http import AuthenticatedHttpRequest

THEMES = {"light", "dark"}
ONE_YEAR = 365 * 24 * 60 * 60


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
