from typing import Any, cast

from csp.constants import SELF
from csp.decorators import csp_update
from django.contrib import admin, messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from core.admin import ReadOnlyAdmin
from core.http import sandboxed_html
from mail import services
from mail.models import OutgoingEmail, Suppression

HIDDEN = "Hidden: it carried a link or code to log in."
PURGED = "No longer kept."


@admin.register(OutgoingEmail)
class OutgoingEmailAdmin(ReadOnlyAdmin):
    """Every email of the site: to read, and to send again."""

    change_form_template = "mail/admin_outgoingemail_form.html"
    list_display = (
        *("subject", "recipient", "category", "status"),
        *("queued_at", "sent_at"),
    )
    list_filter = ("status", "category", "template")
    search_fields = ("recipient", "subject", "dedupe_key", "message_id", "user__email")
    date_hierarchy = "queued_at"
    ordering = ("-queued_at", "-pk")
    actions = ("send_again",)
    fieldsets = (
        (None, {"fields": ("subject", "recipient", "user", "category", "status")}),
        ("Text", {"fields": ("text",)}),
        (
            "Delivery",
            {
                "fields": (
                    *("queued_at", "sent_at", "attempts", "next_attempt_at"),
                    *("last_error", "resend_of", "resent_by"),
                )
            },
        ),
        ("Identity", {"fields": ("template", "dedupe_key", "message_id")}),
    )

    @admin.display(description="text")
    def text(self, email: OutgoingEmail) -> str:
        if email.is_secret:
            return HIDDEN
        return email.body_text or PURGED

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("mail.resend_outgoingemail")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "<int:email_id>/html/",
                view(self.html_view),
                name="mail_outgoingemail_html",
            ),
            path(
                "<int:email_id>/resend/",
                view(require_POST(self.resend_view)),
                name="mail_outgoingemail_resend",
            ),
            *super().get_urls(),
        ]

    @method_decorator(csp_update({"frame-src": [SELF]}))
    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        return super().change_view(request, object_id, *args, **kwargs)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        email: OutgoingEmail | None = context.get("original")
        context["may_resend"] = bool(email) and self.has_resend_permission(request)
        context["shows_html"] = bool(email and email.body_html and not email.is_secret)
        return super().render_change_form(request, context, *args, **kwargs)

    def html_view(self, request: HttpRequest, email_id: int) -> HttpResponse:
        """Show the HTML body where none of its scripts can run."""
        email = get_object_or_404(OutgoingEmail, pk=email_id)
        if not self.has_view_permission(request, email) or email.is_secret:
            raise PermissionDenied
        return sandboxed_html(email.body_html)

    def resend_view(self, request: HttpRequest, email_id: int) -> HttpResponse:
        email = get_object_or_404(OutgoingEmail, pk=email_id)
        if not self.has_resend_permission(request):
            raise PermissionDenied
        copy = self._resend(request, email)
        return redirect(
            reverse(
                f"{self.admin_site.name}:mail_outgoingemail_change",
                args=[(copy or email).pk],
            )
        )

    @admin.action(description="Send again", permissions=["resend"])
    def send_again(
        self, request: HttpRequest, queryset: QuerySet[OutgoingEmail]
    ) -> None:
        for email in queryset:
            self._resend(request, email)

    def _resend(
        self, request: HttpRequest, email: OutgoingEmail
    ) -> OutgoingEmail | None:
        try:
            copy = services.resend(
                email=email,
                by=cast("AbstractBaseUser", request.user),
                at=timezone.now(),
            )
        except services.ResendRefusedError as error:
            self.message_user(request, f"{email}: {error}", messages.ERROR)
            return None
        self.log_change(request, email, f"Sent again as email {copy.pk}.")
        self.message_user(request, f"{email}: on its way again.", messages.SUCCESS)
        return copy


@admin.register(Suppression)
class SuppressionAdmin(admin.ModelAdmin[Suppression]):
    """Addresses that get no email; staff add and lift them by hand."""

    list_display = ("address", "category", "reason", "created_at")
    list_filter = ("reason", "category")
    search_fields = ("address",)
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
