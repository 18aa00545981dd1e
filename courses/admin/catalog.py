"""One page for a whole course: facts, objectives, modules, lessons and their files."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from nested_admin import NestedModelAdmin, NestedStackedInline

from core.admin import PublicationFilter, PublishableAdminMixin, RichTextAdminMixin
from courses import services
from courses.admin.credit import AccreditedCourseMixin
from courses.admin.forms import (
    CourseForm,
    LessonForm,
    ModuleFormSet,
    StudiedFormSet,
    label_lesson,
)
from courses.admin.streams import StreamedMixin
from courses.admin.versions import VersionedAdminMixin
from courses.models import (
    Course,
    Disclaimer,
    Instructor,
    Lesson,
    LessonFile,
    Module,
    Objective,
    Quiz,
    Region,
)


class LessonFileInline(NestedStackedInline):  # type: ignore[misc] # the base is untyped
    model = LessonFile
    fields = ["title", "file", "weight"]
    extra = 0
    ordering = ["weight", "pk"]
    sortable_field_name = "weight"
    verbose_name = "file"


LESSON_FIELDS = [
    *("title", "kind", "summary"),
    "body",
    ("minutes", "is_required", "is_preview"),
    ("video", "stream_state"),
    ("embed_url", "duration_seconds"),
    ("captions", "poster"),
    "quiz_link",
    "slug",
    "weight",
]


class LessonPageMixin(StreamedMixin):
    """The form of a lesson, within its course and on a page of its own."""

    form = LessonForm
    fields = LESSON_FIELDS
    readonly_fields = ["quiz_link", "stream_state"]
    inlines = [LessonFileInline]

    def get_view_on_site_url(self, obj: Lesson | None = None) -> str | None:
        """Lead to the lesson while its course has a page."""
        at = timezone.now()
        if obj is None or obj.module.course.publication_status(at=at) != "published":
            return None
        return obj.get_absolute_url()

    @admin.display(description="quiz")
    def quiz_link(self, lesson: Lesson) -> SafeString | str:
        """Lead to the questions of a quiz lesson, or to the form that starts them."""
        if lesson.kind != Lesson.Kind.QUIZ or not lesson.pk:
            return "Save a lesson of the kind “Quiz”; then its questions open here."
        quiz = Quiz.objects.filter(lesson=lesson).first()
        if quiz is None:
            url = reverse("admin:courses_quiz_add") + f"?lesson={lesson.pk}"
            return format_html('<a href="{}">Write the questions</a>', url)
        url = reverse("admin:courses_quiz_change", args=[quiz.pk])
        return format_html('<a href="{}">Edit the questions</a>', url)


class LessonInline(LessonPageMixin, NestedStackedInline):  # type: ignore[misc] # the base is untyped
    model = Lesson
    formset = StudiedFormSet
    extra = 0
    ordering = ["weight", "pk"]
    sortable_field_name = "weight"


class ModuleInline(NestedStackedInline):  # type: ignore[misc] # the base is untyped
    model = Module
    formset = ModuleFormSet
    fields = [("title", "opens_after_days"), "summary", "weight"]
    extra = 0
    ordering = ["weight", "pk"]
    sortable_field_name = "weight"
    inlines = [LessonInline]


class ObjectiveInline(NestedStackedInline):  # type: ignore[misc] # the base is untyped
    model = Objective
    fields = ["text", "weight"]
    extra = 0
    ordering = ["weight", "pk"]
    sortable_field_name = "weight"


@admin.register(Course)
class CourseAdmin(
    AccreditedCourseMixin,
    VersionedAdminMixin,
    PublishableAdminMixin,
    RichTextAdminMixin,
    NestedModelAdmin,  # type: ignore[misc] # the base is untyped
):
    """Builds a course from its facts down to the files of a lesson."""

    form = CourseForm
    list_display = [
        *("title", "publication", "region", "contact_hours", "level"),
        *("lesson_count", "published_at"),
    ]
    list_filter = [PublicationFilter, "region", "level", "professions"]
    list_select_related = ["region"]
    search_fields = ["title", "slug", "promise"]
    date_hierarchy = "published_at"
    ordering = ["title"]
    prepopulated_fields = {"slug": ["title"]}
    autocomplete_fields = ["instructors"]
    filter_horizontal = ["professions"]
    readonly_fields = ["preview_link", "accreditations"]
    inlines = [ObjectiveInline, ModuleInline]
    fieldsets = [
        (None, {"fields": ["title", "slug", "promise", "image", "region", "level"]}),
        (
            "Credit and access",
            {
                "fields": [
                    *("contact_hours", "delivery", "required_entitlement"),
                    *("order", "allows_mark_complete", "requires_evaluation"),
                    "accreditations",
                ]
            },
        ),
        ("People", {"fields": ["professions", "instructors"]}),
        (
            "Texts",
            {"fields": ["description", "audience", "requirements", "safety_note"]},
        ),
        (
            "Publication",
            {"fields": ["published_at", "unpublished_at", "preview_link"]},
        ),
    ]

    def course_of(self, row: Course) -> Course:
        return row

    def save_related(self, *args: Any) -> None:
        super().save_related(*args)
        services.queue_streams()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Course]:
        courses: QuerySet[Course] = super().get_queryset(request)
        return courses.annotate(lesson_total=Count("lessons"))

    @admin.display(description="lessons", ordering="lesson_total")
    def lesson_count(self, course: Any) -> int:
        return int(course.lesson_total)


@admin.register(Lesson)
class LessonAdmin(LessonPageMixin, RichTextAdminMixin, NestedModelAdmin):  # type: ignore[misc] # the base is untyped
    """One lesson on a page of its own; new ones are added in their course."""

    list_display = ["title", "course", "module", "kind", "minutes", "is_required"]
    list_filter = [
        "kind",
        "is_preview",
        "is_required",
        ("captions", admin.EmptyFieldListFilter),
        "course",
    ]
    search_fields = ["title", "slug", "course__title"]
    ordering = ["course", "module__weight", "weight"]
    autocomplete_label = staticmethod(label_lesson)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Lesson]:
        lessons: QuerySet[Lesson] = super().get_queryset(request)
        return lessons.select_related("course", "module")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_related(self, *args: Any) -> None:
        super().save_related(*args)
        services.queue_streams()


@admin.register(Instructor)
class InstructorAdmin(RichTextAdminMixin, admin.ModelAdmin[Instructor]):
    list_display = ["name", "credentials", "course_count"]
    list_filter = [("courses", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["name", "credentials"]
    ordering = ["name"]
    prepopulated_fields = {"slug": ["name"]}
    fields = ["name", "slug", "credentials", "bio"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Instructor]:
        return super().get_queryset(request).annotate(total=Count("courses"))

    @admin.display(description="courses", ordering="total")
    def course_count(self, instructor: Any) -> int:
        return int(instructor.total)


@admin.register(Region)
class RegionAdmin(admin.ModelAdmin[Region]):
    list_display = ["name", "slug", "weight"]
    list_filter = [("courses", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["name"]
    ordering = ["weight", "name"]
    prepopulated_fields = {"slug": ["name"]}
    fields = ["name", "slug", "summary", "weight"]


@admin.register(Disclaimer)
class DisclaimerAdmin(admin.ModelAdmin[Disclaimer]):
    """Versions of the disclaimer; one that has been in force stays as people saw it."""

    list_display = ["version", "in_force_from"]
    list_filter = ["in_force_from"]
    search_fields = ["version", "text"]
    ordering = ["-in_force_from"]

    def has_change_permission(
        self, request: HttpRequest, obj: Disclaimer | None = None
    ) -> bool:
        is_open = obj is None or obj.in_force_from > timezone.now()
        return is_open and super().has_change_permission(request, obj)

    def has_delete_permission(
        self, request: HttpRequest, obj: Disclaimer | None = None
    ) -> bool:
        is_open = obj is not None and obj.in_force_from > timezone.now()
        return is_open and super().has_delete_permission(request, obj)
