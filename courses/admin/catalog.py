"""One page for a whole course: facts, objectives, modules, lessons and their files."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from nested_admin import NestedModelAdmin, NestedStackedInline

from core.admin import PublicationFilter, PublishableAdminMixin, RichTextAdminMixin
from courses import services
from courses.admin.builder import CourseBuilderMixin
from courses.admin.credit import AccreditedCourseMixin
from courses.admin.forms import (
    CourseForm,
    LessonForm,
    ModuleFormSet,
    StudiedFormSet,
    label_lesson,
)
from courses.admin.launch import LaunchAdminMixin, LaunchedAdminMixin
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


ASKING_KINDS = {Lesson.Kind.QUIZ, Lesson.Kind.CHECK, Lesson.Kind.VIDEO}
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
        if lesson.kind not in ASKING_KINDS or not lesson.pk:
            return (
                "Save a quiz, a quick check or a video; then its questions open here."
            )
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
    CourseBuilderMixin,
    LaunchAdminMixin,
    AccreditedCourseMixin,
    VersionedAdminMixin,
    PublishableAdminMixin,
    RichTextAdminMixin,
    NestedModelAdmin,  # type: ignore[misc] # the base is untyped
):
    """Builds a course from its facts down to the files of a lesson."""

    form = CourseForm
    list_display = [
        *("title", "builder_link", "publication", "region", "contact_hours"),
        *("level", "lesson_count", "published_at"),
    ]
    list_filter = [PublicationFilter, "region", "level", "professions"]
    list_select_related = ["region"]
    search_fields = ["title", "slug", "promise"]
    date_hierarchy = "published_at"
    ordering = ["title"]
    prepopulated_fields = {"slug": ["title"]}
    autocomplete_fields = ["instructors"]
    filter_horizontal = ["professions"]
    readonly_fields = ["preview_link", "counted_hours", "accreditations"]
    inlines = [ObjectiveInline, ModuleInline]
    fieldsets = [
        (None, {"fields": ["title", "slug", "promise", "image", "region", "level"]}),
        (
            "Credit and access",
            {
                "fields": [
                    *("contact_hours", "counted_hours", "hours_reason"),
                    *("delivery", "required_entitlement"),
                    *("order", "allows_mark_complete", "minimum_minutes"),
                    "requires_evaluation",
                    "accreditations",
                ]
            },
        ),
        ("People", {"fields": ["professions", "instructors"]}),
        (
            "Texts",
            {
                "fields": [
                    *("description", "audience", "requirements", "prerequisites"),
                    *("safety_note", "references"),
                ]
            },
        ),
        (
            "Before people enroll",
            {
                "fields": [
                    *("scope_note", "disclosure", "refund_note", "accommodations"),
                ]
            },
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

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Lead nobody to a builder that is closed to them."""
        may_build = self.has_change_permission(request)
        return [one for one in self.list_display if may_build or one != "builder_link"]

    @admin.display(description="builder")
    def builder_link(self, course: Course) -> SafeString:
        return format_html('<a href="{}">Build</a>', self.outline_url(course))

    @admin.display(description="hours counted")
    def counted_hours(self, course: Course | None) -> SafeString | str:
        """Show what the calculator proposes, beside what is claimed."""
        if course is None or not course.pk:
            return "Counted from the lessons, once they are saved."
        counts = services.count_hours(services.measure(course.lessons.all()))
        told = "; ".join(f"{one.hours.normalize():f} by {one.name}" for one in counts)
        url = f"{self.outline_url(course)}#hours"
        return format_html('{} (<a href="{}">how they are counted</a>)', told, url)


@admin.register(Lesson)
class LessonAdmin(
    LaunchedAdminMixin,
    LessonPageMixin,
    RichTextAdminMixin,
    NestedModelAdmin,  # type: ignore[misc] # the base is untyped
):
    """One lesson on a page of its own, new ones in a module of the builder."""

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

    def course_of(self, row: Lesson) -> Course:
        return row.course

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Keep the button out of lists: a new lesson is added to a module."""
        is_allowed: bool = super().has_add_permission(request)
        return is_allowed and self._module_of(request) is not None

    def get_form(
        self, request: HttpRequest, obj: Lesson | None = None, **kwargs: Any
    ) -> Any:
        """Place a new lesson at the end of the module that the address names."""
        form = super().get_form(request, obj, **kwargs)
        module = self._module_of(request)
        if obj is not None or module is None:
            return form
        return type(form.__name__, (form,), {"new_in": module})

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Say above the form where the new lesson will stand."""
        module = self._module_of(request)
        place = f"In “{module}” of {module.course}" if module else ""
        context = {**(extra_context or {}), "subtitle": place}
        response: HttpResponse = super().add_view(request, form_url, context)
        return response

    def response_post_save_add(self, _request: HttpRequest, obj: Lesson) -> Any:
        """Lead back to the builder, where the lesson was added."""
        return redirect("admin:courses_course_outline", obj.course_id)

    def _module_of(self, request: HttpRequest) -> Module | None:
        number = request.GET.get("module", "")
        modules = Module.objects.select_related("course")
        return modules.filter(pk=number).first() if number.isdecimal() else None

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
