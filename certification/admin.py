from datetime import datetime

from django.contrib import admin

from accounts.models import User
from certification import services
from certification.models import Certificate, Signatory
from core.admin import ReadOnlyMixin, RevocableAdmin


@admin.register(Signatory)
class SignatoryAdmin(admin.ModelAdmin[Signatory]):
    list_display = ["name", "title", "valid_from"]
    list_filter = ["valid_from"]
    search_fields = ["name", "title"]
    ordering = ["-valid_from"]


@admin.register(Certificate)
class CertificateAdmin(ReadOnlyMixin, RevocableAdmin):
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

    def revoke(self, row: Certificate, *, reason: str, by: User, at: datetime) -> str:
        services.revoke(certificate=row, reason=reason, at=at)
        return f"{row.number} is revoked."

    @admin.display(description="valid", boolean=True)
    def is_valid_mark(self, certificate: Certificate) -> bool:
        return certificate.is_valid
