"""Holds the publication of a course until nothing is missing."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from courses import services
from courses.models import Course

PUBLICATION = ("published_at", "unpublished_at")


def change_url(row: Model, field: str = "") -> str:
    opts = row._meta
    page = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])
    return f"{page}#{field}" if field else page


def told_gaps(gaps: Any) -> SafeString:
    """Link each thing that is missing to where it is added."""
    return format_html_join(
        "",
        '<li><a href="{}">{}</a></li>',
        ((change_url(gap.row, gap.field), gap.text) for gap in gaps),
    )


def tell_refusal(request: HttpRequest, gaps: Any) -> None:
    messages.error(
        request,
        format_html(
            'Not published: this is missing. <ul class="campus-gaps">{}</ul>',
            told_gaps(gaps),
        ),
    )


class LaunchAdminMixin:
    """Saves a course first, and publishes it only if what was saved is complete."""

    def save_model(
        self, request: HttpRequest, obj: Course, form: Any, change: Any
    ) -> None:
        """Keep the wanted publication aside, unless the course is live already."""
        at = timezone.now()
        before = Course(**{name: form.initial.get(name) for name in PUBLICATION})
        status = before.publication_status(at=at)
        is_wanted = obj.publication_status(at=at) in {"published", "scheduled"}
        if is_wanted and status != "published":
            form.wanted = {name: getattr(obj, name) for name in PUBLICATION}
            kept = before if status == "unpublished" else Course()
            for name in PUBLICATION:
                setattr(obj, name, getattr(kept, name))
        super().save_model(request, obj, form, change)  # type: ignore[misc] # a mixin of ModelAdmin

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Any, change: Any
    ) -> None:
        super().save_related(request, form, formsets, change)  # type: ignore[misc] # a mixin of ModelAdmin
        course, at = form.instance, timezone.now()
        if wanted := getattr(form, "wanted", None):
            self._publish(request, course, wanted=wanted, at=at)
        else:
            warn_of_gaps(request, course, at=at)

    def _publish(
        self,
        request: HttpRequest,
        course: Course,
        *,
        wanted: dict[str, datetime | None],
        at: datetime,
    ) -> None:
        try:
            services.publish(course=course, at=at, **wanted)
        except services.LaunchRefusedError as error:
            tell_refusal(request, error.gaps)


class LaunchedAdminMixin:
    """Tells what a course lacks after one of its parts was saved or deleted alone."""

    def course_of(self, row: Any) -> Course:
        raise NotImplementedError

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Any, change: Any
    ) -> None:
        super().save_related(request, form, formsets, change)  # type: ignore[misc] # a mixin of ModelAdmin
        warn_of_gaps(request, self.course_of(form.instance), at=timezone.now())

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        course = self.course_of(obj)
        super().delete_model(request, obj)  # type: ignore[misc] # a mixin of ModelAdmin
        warn_of_gaps(request, course, at=timezone.now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        courses = {self.course_of(row) for row in queryset}
        super().delete_queryset(request, queryset)  # type: ignore[misc] # a mixin of ModelAdmin
        for course in courses:
            warn_of_gaps(request, course, at=timezone.now())


def warn_of_gaps(request: HttpRequest, course: Course, *, at: datetime) -> None:
    """Tell what a course lacks that visitors see, or will see on a day."""
    status = course.publication_status(at=at)
    if status not in {"published", "scheduled"}:
        return
    gaps = services.unschedule_incomplete(course=course, at=at)
    if not gaps:
        return
    told = (
        f"{course} stays published, but lacks something."
        if status == "published"
        else f"{course} is a draft again: it was to be published, and lacks something."
    )
    messages.warning(
        request,
        format_html('{} <ul class="campus-gaps">{}</ul>', told, told_gaps(gaps)),
    )
