from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe
from django.views.generic import ListView

from certification import services
from certification.forms import VerifyForm
from certification.models import Certificate
from core import ratelimit
from core.http import AuthenticatedHttpRequest
from core.media import serve_private

MISSES_PER_HOUR = 30


class CertificateList(LoginRequiredMixin, ListView[Certificate]):
    """My certificates, those of lapsed members too."""

    def get_queryset(self) -> QuerySet[Certificate]:
        return Certificate.objects.filter(user=self.request.user.pk).newest_first()


class Transcript(LoginRequiredMixin, ListView[Certificate]):
    """Everything that a member earned, with the hours added up."""

    request: AuthenticatedHttpRequest
    template_name = "certification/transcript_detail.html"

    def get_queryset(self) -> QuerySet[Certificate]:
        return Certificate.objects.filter(user=self.request.user.pk).newest_first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        valid = [row for row in context["object_list"] if row.is_valid]
        context |= {
            "valid": valid,
            "total_hours": sum((row.contact_hours for row in valid), Decimal(0)),
            "licenses": self.request.user.licenses.select_related(
                "profession", "jurisdiction"
            ),
            "provider_address": settings.PROVIDER_ADDRESS,
            "verify_url": settings.SITE_URL + reverse("certification:verify-form"),
            "printed_at": timezone.now(),
        }
        return context


@login_required
@require_safe
def certificate_pdf(request: AuthenticatedHttpRequest, code: str) -> HttpResponseBase:
    """Hand out the stored PDF to its holder, the same bytes every time, while it counts."""
    certificate = get_object_or_404(Certificate, code=code, user=request.user)
    if not certificate.is_valid:
        context = {"certificate": certificate}
        page = "certification/certificate_revoked.html"
        return render(request, page, context, status=410)
    services.provide_pdf(certificate=certificate)
    response = serve_private(
        request,
        certificate.pdf,
        content_type="application/pdf",
        filename=f"{certificate.number}.pdf",
        is_attachment="download" in request.GET,
    )
    patch_cache_control(response, no_store=True)
    return response


@require_safe
def verify_form(request: HttpRequest) -> HttpResponse:
    """Look a certificate up by its code; there is no search by name."""
    if "code" not in request.GET:
        return _verify_page(request, VerifyForm())
    form = VerifyForm(request.GET)
    if form.is_valid() and form.certificate:
        return redirect(form.certificate)
    return _miss(request, form)


@require_safe
def certificate_verify(request: HttpRequest, code: str) -> HttpResponse:
    """Show what anybody may know: never an email address, never a license."""
    form = VerifyForm({"code": code})
    certificate = form.certificate if form.is_valid() else None
    if certificate is None:
        return _miss(request, form, status=404)
    if certificate.code != code:
        return redirect(certificate)  # typed as it is printed, in groups of four
    context = {"certificate": certificate}
    response = render(request, "certification/certificate_verify.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


def _miss(request: HttpRequest, form: VerifyForm, *, status: int = 200) -> HttpResponse:
    """Answer a wrong code, and stop whoever tries one after the other."""
    if not ratelimit.hit("verify", ratelimit.client_ip(request), limit=MISSES_PER_HOUR):
        return render(request, "429.html", status=429)
    return _verify_page(request, form, status=status)


def _verify_page(
    request: HttpRequest, form: VerifyForm, *, status: int = 200
) -> HttpResponse:
    context = {"form": form}
    return render(request, "certification/verify_form.html", context, status=status)
