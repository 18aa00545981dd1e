from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone

from certification import services
from certification.forms import RevocationForm
from certification.models import Certificate, Signatory
from core.admin import ReadOnlyAdmin
from core.errors import DomainError


@admin.register(Signatory)
class SignatoryAdmin(admin.ModelAdmin[Signatory]):
    list_display = ["name", "title", "valid_from"]
    list_filter = ["valid_from"]
    search_fields = ["name", "title"]
    ordering = ["-valid_from"]


@admin.register(Certificate)
class CertificateAdmin(ReadOnlyAdmin):
    """A reading room: proof is issued, revoked and never edited."""

    list_display = [
        "number",
        "holder_name",
        "course_title",
        "completed_date",
        "is_valid_mark",
    ]
    list_filter = ["kind", "completed_date", ("revoked_at", admin.EmptyFieldListFilter)]
    search_fields = ["number", "code", "holder_name", "course_title", "user__email"]
    date_hierarchy = "completed_date"
    ordering = ["-completed_date", "-pk"]
    change_form_template = "admin/certification/certificate/change_form.html"
    view_on_site = False  # its page has a link of its own

    def get_urls(self) -> list[URLPattern]:
        revoke = path(
            "<int:pk>/revoke/",
            self.admin_site.admin_view(self.revoke),
            name="certification_certificate_revoke",
        )
        return [revoke, *super().get_urls()]

    def revoke(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for the reason, then revoke; there is no way back."""
        if not request.user.has_perm("certification.revoke_certificate"):
            raise PermissionDenied
        certificate = get_object_or_404(Certificate, pk=pk)
        form = RevocationForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            return self._revoke(request, certificate, form.cleaned_data["reason"])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": certificate,
            "title": f"Revoke {certificate.number}",
            "form": form,
        }
        return render(request, "admin/certification/certificate/revoke.html", context)

    def _revoke(
        self, request: HttpRequest, certificate: Certificate, reason: str
    ) -> HttpResponse:
        try:
            services.revoke(certificate=certificate, reason=reason, at=timezone.now())
        except DomainError as error:
            messages.error(request, str(error))
        else:
            self.log_change(request, certificate, f"Revoked: {reason}")
            messages.success(request, f"{certificate.number} is revoked.")
        return redirect("admin:certification_certificate_change", certificate.pk)

    @admin.display(description="valid", boolean=True)
    def is_valid_mark(self, certificate: Certificate) -> bool:
        return certificate.is_valid
