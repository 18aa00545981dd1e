"""What a course promised and asked at one time."""

from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from core.admin import ReadOnlyAdmin
from courses import services
from courses.models import Course, CourseVersion


class VersionedAdminMixin:
    """Records a new version when a published course asks or promises something else."""

    def course_of(self, row: Any) -> Course:
        raise NotImplementedError

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Any, change: Any
    ) -> None:
        super().save_related(request, form, formsets, change)  # type: ignore[misc] # a mixin of admins
        course, at = self.course_of(form.instance), timezone.now()
        if course.publication_status(at=at) != "published":
            return
        version = services.current_version(course=course, at=at)
        if version.recorded_at == at and version.number > 1:
            messages.info(
                request,
                f"Version {version.number} of {course} begins: whoever starts now earns "
                "by it. Who is in the middle keeps the version before, and may move.",
            )
            _warn_of_credit(request, course, version, on=timezone.localdate(at))


def _warn_of_credit(
    request: HttpRequest, course: Course, version: CourseVersion, *, on: date
) -> None:
    """Name what was approved of the course: a new version inherits none of it."""
    valid = course.accreditations.valid(on=on).with_body()
    names = ", ".join(str(row) for row in valid)
    if names:
        messages.warning(
            request,
            f"Version {version.number} earns no credit until somebody confirms that it "
            f"is what was filed, on the page of the accreditation: {names}.",
        )


@admin.register(CourseVersion)
class CourseVersionAdmin(ReadOnlyAdmin):
    list_display = ["title", "number", "contact_hours", "recorded_at", "learners"]
    list_filter = ["course", "recorded_at"]
    search_fields = ["title", "course__title"]
    ordering = ["course", "-number"]
    fields = [
        "course",
        "number",
        "title",
        "contact_hours",
        "recorded_at",
        "goals",
        "asked",
    ]
    readonly_fields = ["goals", "asked"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        total = Count("enrollments")
        versions: QuerySet[Any] = super().get_queryset(request).annotate(total=total)
        return versions

    @admin.display(description="learners", ordering="total")
    def learners(self, version: Any) -> int:
        return int(version.total)

    @admin.display(description="objectives")
    def goals(self, version: CourseVersion) -> SafeString:
        rows = ((row["text"],) for row in version.objectives)
        return format_html_join("", "<p>{}</p>", rows)

    @admin.display(description="questions, with the right answers")
    def asked(self, version: CourseVersion) -> SafeString:
        rows = (
            (
                question,
                "; ".join(one.text for one in question.choices if one.is_correct),
            )
            for question in version.questions.values()
        )
        return format_html_join("", "<p>{}<br><strong>{}</strong></p>", rows)
