"""What learners say in public: staff read it, and hide it with a reason."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import User
from core.admin import ReadOnlyMixin, RevocableAdmin
from courses import services
from courses.models import Review


@admin.register(Review)
class ReviewAdmin(ReadOnlyMixin, RevocableAdmin):
    """Nobody edits the words of somebody else; a review is shown or hidden."""

    verb = "hide"
    past = "hidden"
    list_display = [
        *("course", "is_shown", "stars", "writer"),
        *("profession", "written_at", "hidden_reason"),
    ]
    list_filter = [
        *("stars", ("hidden_at", admin.EmptyFieldListFilter)),
        *("course", "profession", "written_at"),
    ]
    list_select_related = ["course", "profession", "enrollment__user"]
    search_fields = ["text", "enrollment__user__email", "course__title"]
    date_hierarchy = "written_at"
    ordering = ["-written_at"]
    actions = ["show_again"]
    change_form_template = "admin/courses/review/change_form.html"
    fields = [
        *("course", "writer", "profession", "stars", "text", "shows_name"),
        *("written_at", "hidden_at", "hidden_by", "hidden_reason"),
    ]
    readonly_fields = ["writer"]

    def revoke(self, row: Review, *, reason: str, by: User, at: datetime) -> str:
        services.hide_review(review=row, reason=reason, by=by, at=at)
        return "The review is hidden, and no longer counted."

    def has_hide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("courses.hide_review")

    @admin.action(description="Show hidden reviews again", permissions=["hide"])
    def show_again(self, request: HttpRequest, reviews: QuerySet[Any]) -> None:
        for review in reviews.filter(hidden_at__isnull=False):
            services.show_review(review=review)
            self.log_change(request, review, f"Shown again: {review.hidden_reason}")
        messages.success(request, "The chosen reviews are shown and counted.")

    @admin.display(description="writer", ordering="enrollment__user__email")
    def writer(self, review: Review) -> str:
        return review.enrollment.user.email

    @admin.display(description="shown", boolean=True, ordering="hidden_at")
    def is_shown(self, review: Review) -> bool:
        return review.hidden_at is None
