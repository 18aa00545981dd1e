"""Credit bodies, and what they have approved: for which versions, and until when."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, ForeignKey, Max, Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from courses import services
from courses.models import (
    Accreditation,
    AccreditedVersion,
    Course,
    CourseVersion,
    CreditBody,
)
from courses.models.credit import ALARM_DAYS
from courses.models.versions import hours_in_words


class CreditBodyForm(forms.ModelForm[CreditBody]):
    required_fields = forms.MultipleChoiceField(
        label="Certificate must show",
        choices=CreditBody.CertificateField,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=CreditBody._meta.get_field("required_fields").help_text,
    )
    source_url = forms.URLField(
        label="Source",
        max_length=200,
        assume_scheme="https",
        help_text=CreditBody._meta.get_field("source_url").help_text,
    )


@admin.register(CreditBody)
class CreditBodyAdmin(admin.ModelAdmin[CreditBody]):
    """Who grants credit, and by which rules."""

    form = CreditBodyForm
    list_display = [
        *("name", "unit", "minutes_per_hour", "pass_mark", "requires_evaluation"),
        *("accreditation_count", "checked_date"),
    ]
    list_filter = ["requires_evaluation", "requires_attestation", "checked_date"]
    search_fields = ["name", "short_name"]
    ordering = ["name"]
    prepopulated_fields = {"slug": ["short_name"]}
    fieldsets = [
        (None, {"fields": ["name", "short_name", "slug"]}),
        ("Credit", {"fields": ["unit", "contact_hours_per_unit", "minutes_per_hour"]}),
        (
            "What it asks of learners",
            {
                "fields": [
                    *("pass_mark", "study_minutes_per_hour"),
                    *("requires_attestation", "requires_evaluation"),
                ]
            },
        ),
        (
            "Certificate and records",
            {
                "fields": [
                    *("passed_kind", "attended_kind"),
                    *("required_fields", "retention_years"),
                ]
            },
        ),
        ("Where this is written", {"fields": ["source_url", "checked_date"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CreditBody]:
        return super().get_queryset(request).annotate(total=Count("accreditations"))

    @admin.display(description="accreditations", ordering="total")
    def accreditation_count(self, body: Any) -> int:
        return int(body.total)


class ValidityFilter(admin.SimpleListFilter):
    """Separates what holds today from what has ended or ends soon."""

    title = "validity"
    parameter_name = "validity"

    def lookups(self, request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        soon = [(str(days), f"Expires within {days} days") for days in ALARM_DAYS]
        return [
            *(("valid", "Valid"), *soon),
            *(("expired", "Expired"), ("coming", "Not valid yet")),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> QuerySet[Any] | None:
        on, rows = timezone.localdate(), Accreditation.objects.all()
        kept = {
            "valid": rows.valid(on=on),
            "expired": rows.expired(on=on),
            "coming": rows.filter(valid_from__gt=on),
            **{str(days): rows.expiring(on=on, days=days) for days in ALARM_DAYS},
        }
        wanted = str(self.value())
        return queryset.filter(pk__in=kept[wanted]) if wanted in kept else queryset


def label_version(version: CourseVersion) -> str:
    """Tell what the person who confirms a version compares with the letter."""
    hours = hours_in_words(version.contact_hours)
    day = date_format(timezone.localtime(version.recorded_at))
    return f"Version {version.number}: “{version.title}”, {hours}, of {day}"


class AccreditedVersionInline(admin.TabularInline[AccreditedVersion, Accreditation]):
    """The versions that were compared with the letter; a confirmation stays."""

    model = AccreditedVersion
    verbose_name = "version that is what was filed"
    verbose_name_plural = "versions that are what was filed"
    fields = ["version", "confirmed_by", "confirmed_at"]
    readonly_fields = ["confirmed_by", "confirmed_at"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccreditedVersion]:
        rows = super().get_queryset(request).order_by("version__number")
        return rows.select_related("version", "accreditation__body", "confirmed_by")

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "version":
            number = getattr(request.resolver_match, "kwargs", {}).get("object_id")
            versions = CourseVersion.objects.defer("test").order_by("-number")
            own = versions.filter(course__accreditations=number)
            kwargs["queryset"] = own.exclude(accreditations=number)
        field: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "version":
            field.label_from_instance = label_version
        return field

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Accreditation)
class AccreditationAdmin(admin.ModelAdmin[Accreditation]):
    """What a body has approved; it holds for the versions that are confirmed."""

    list_display = [
        *("approval_number", "valid_until", "state", "body", "course"),
        *("confirmed", "is_newest_confirmed"),
    ]
    list_filter = [
        ValidityFilter,
        "body",
        ("course", admin.RelatedOnlyFieldListFilter),
        "format",
    ]
    list_select_related = ["body", "course"]
    search_fields = ["approval_number", "title", "course__title", "body__name"]
    date_hierarchy = "valid_until"
    ordering = ["valid_until", "pk"]
    autocomplete_fields = ["course", "body", "jurisdictions"]
    filter_horizontal = ["professions"]
    inlines = [AccreditedVersionInline]
    fieldsets = [
        (None, {"fields": ["course", "body"]}),
        (
            "As filed",
            {"fields": ["approval_number", "title", "credit_hours", "format"]},
        ),
        ("Whom it serves", {"fields": ["professions", "jurisdictions"]}),
        ("Validity", {"fields": ["valid_from", "valid_until"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Accreditation]:
        confirmed = AccreditedVersion.objects.select_related("version")
        light = confirmed.defer("version__test", "version__objectives")
        return (
            super()
            .get_queryset(request)
            .annotate(newest=Max("course__versions__number"))
            .prefetch_related(Prefetch("confirmations", light))
        )

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Ask for the versions once it is known which course was approved."""
        return self.inlines if obj else []

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Keep whose approval it is, once somebody has confirmed a version."""
        is_confirmed = obj is not None and obj.confirmations.exists()
        return ["course", "body"] if is_confirmed else []

    def save_formset(
        self, request: HttpRequest, form: Any, formset: Any, change: Any
    ) -> None:
        for row in formset.save(commit=False):
            services.confirm_version(
                accreditation=form.instance,
                version=row.version,
                by=request.user,  # type: ignore[arg-type] # who is in the admin has logged in
                at=timezone.now(),
            )

    def save_related(self, request: HttpRequest, form: Any, *args: Any) -> None:
        super().save_related(request, form, *args)
        if not form.instance.confirmations.exists():
            messages.warning(
                request,
                "It holds for no version yet. Compare the course with the letter, and "
                "add its version below.",
            )

    @admin.display(description="state", ordering="valid_until")
    def state(self, accreditation: Accreditation) -> str:
        return describe(accreditation, on=timezone.localdate())

    @admin.display(description="versions")
    def confirmed(self, accreditation: Accreditation) -> str:
        return ", ".join(map(str, _numbers(accreditation))) or "none"

    @admin.display(description="newest version", boolean=True)
    def is_newest_confirmed(self, accreditation: Any) -> bool:
        return accreditation.newest in _numbers(accreditation)


def _numbers(accreditation: Accreditation) -> list[int]:
    return sorted(row.version.number for row in accreditation.confirmations.all())


def describe(accreditation: Accreditation, *, on: date) -> str:
    """Say whether it is valid, and how many days are left when they are few."""
    state = accreditation.validity(on=on)
    left = (accreditation.valid_until - on).days
    if state != "valid" or left > max(ALARM_DAYS):
        return state
    return f"valid, {left} day{'' if left == 1 else 's'} left"


class AccreditedCourseMixin:
    """Shows on the page of a course what is approved of it."""

    @admin.display(description="accreditations")
    def accreditations(self, course: Course) -> SafeString | str:
        if not course.pk:
            return "Save first; then they are added here."
        on = timezone.localdate()
        rows = course.accreditations.with_body()
        url = reverse("admin:courses_accreditation_add") + f"?course={course.pk}"
        return format_html_join(
            "",
            '<p><a href="{}">{}</a>, until {} ({})</p>',
            (
                (
                    reverse("admin:courses_accreditation_change", args=[row.pk]),
                    row,
                    date_format(row.valid_until),
                    describe(row, on=on),
                )
                for row in rows
            ),
        ) + format_html('<p><a href="{}">Add an accreditation</a></p>', url)
