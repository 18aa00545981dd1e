"""The emails that follow learners through a course: their words, and who got them."""

from typing import Any, cast

from csp.constants import SELF
from csp.decorators import csp_update
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from accounts.models import User
from core.admin import ReadOnlyAdmin
from core.http import sandboxed_html
from courses import services
from courses.models import CourseEmail, EmailDelivery


@admin.register(CourseEmail)
class CourseEmailAdmin(admin.ModelAdmin[CourseEmail]):
    """The steps are fixed; their words, their days and whether they leave are not."""

    change_form_template = "admin/courses/courseemail/change_form.html"
    list_display = ["__str__", "subject", "days", "is_on"]
    list_filter = ["is_on"]
    search_fields = ["subject", "text"]
    ordering = ["pk"]
    fields = ["kind", "is_on", "days", "subject", "text"]
    readonly_fields = ["kind"]

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _row: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "<int:step_id>/preview/",
                view(self.preview_view),
                name="courses_courseemail_preview",
            ),
            path(
                "<int:step_id>/test/",
                view(require_POST(self.test_view)),
                name="courses_courseemail_test",
            ),
            *super().get_urls(),
        ]

    @method_decorator(csp_update({"frame-src": [SELF]}))
    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        return super().change_view(request, object_id, *args, **kwargs)

    def preview_view(self, request: HttpRequest, step_id: int) -> HttpResponse:
        """Show the email as it is saved, where none of its scripts can run."""
        step = get_object_or_404(CourseEmail, pk=step_id)
        if not self.has_view_permission(request, step):
            raise PermissionDenied
        rendered = services.preview_of(
            step=step, user=cast("User", request.user), at=timezone.now()
        )
        return sandboxed_html(rendered.body_html)

    def test_view(self, request: HttpRequest, step_id: int) -> HttpResponse:
        """Send the email as it is saved to whoever asks, and to nobody else."""
        step = get_object_or_404(CourseEmail, pk=step_id)
        if not self.has_change_permission(request, step):
            raise PermissionDenied
        user = cast("User", request.user)
        services.send_test(step=step, user=user, at=timezone.now())
        messages.success(request, f"A test is on its way to {user.email}.")
        return redirect("admin:courses_courseemail_change", step.pk)


@admin.register(EmailDelivery)
class EmailDeliveryAdmin(ReadOnlyAdmin):
    """What is due, what was queued, and why something was dropped."""

    list_display = ["step", "user", "status", "due_at", "reason"]
    list_filter = ["status", "step"]
    list_select_related = ["step", "user"]
    search_fields = ["user__email"]
    date_hierarchy = "due_at"
    ordering = ["-due_at"]
    fields = [
        *("step", "user", "enrollment", "quiz", "week_date"),
        *("status", "reason", "due_at", "email"),
    ]
