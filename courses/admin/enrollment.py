"""What people have studied: a reading room."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from core.admin import ReadOnlyAdmin, ReadOnlyInline
from courses import services
from courses.models import (
    Accommodation,
    Attestation,
    EarlyRelease,
    Enrollment,
    Evaluation,
    ExtraAttempts,
    LessonProgress,
    PracticeAnswer,
    QuizAnswer,
    QuizAttempt,
    StaffCompletion,
)


class LessonProgressInline(ReadOnlyInline):
    model = LessonProgress
    fields = [
        *("lesson", "watched_seconds", "active_seconds", "opened_at", "completed_at")
    ]
    ordering = ["opened_at"]
    related = ["lesson"]


class QuizAttemptInline(ReadOnlyInline):
    model = QuizAttempt
    fields = ["quiz", "number", "started_at", "submitted_at", "score_percent", "passed"]
    ordering = ["started_at"]
    related = ["quiz__lesson"]
    show_change_link = True


class ExtraAttemptsInline(ReadOnlyInline):
    model = ExtraAttempts
    fields = ["quiz", "count", "reason", "given_by"]
    related = ["quiz__lesson", "given_by"]


class QuizAnswerInline(ReadOnlyInline):
    model = QuizAnswer
    fields = ["asked", "chosen", "is_correct"]
    readonly_fields = ["asked", "chosen"]
    related = ["attempt__version"]

    @admin.display(description="question")
    def asked(self, answer: QuizAnswer) -> str:
        return str(answer.question)

    @admin.display(description="answer")
    def chosen(self, answer: QuizAnswer) -> str:
        chosen = set(answer.choice_ids)
        return "; ".join(
            one.text for one in answer.question.choices if one.id in chosen
        )


@admin.register(Enrollment)
class EnrollmentAdmin(ReadOnlyAdmin):
    list_display = ["user", "course", "status", "enrolled_at", "completed_at"]
    list_filter = ["status", "course", "enrolled_at", "completed_at"]
    list_select_related = ["user", "course"]
    search_fields = ["user__email", "user__name", "confirmed_name", "course__title"]
    date_hierarchy = "enrolled_at"
    ordering = ["-enrolled_at"]
    inlines = [LessonProgressInline, QuizAttemptInline, ExtraAttemptsInline]


@admin.register(LessonProgress)
class LessonProgressAdmin(ReadOnlyAdmin):
    list_display = [
        *("user", "lesson", "watched_seconds", "active_seconds"),
        *("opened_at", "completed_at"),
    ]
    list_filter = ["enrollment__course", "lesson__kind", "completed_at"]
    list_select_related = ["enrollment__user", "lesson"]
    search_fields = ["enrollment__user__email", "lesson__title"]
    ordering = ["-opened_at"]

    @admin.display(description="user", ordering="enrollment__user__email")
    def user(self, progress: LessonProgress) -> str:
        return str(progress.enrollment.user)


@admin.register(QuizAttempt)
class QuizAttemptAdmin(ReadOnlyAdmin):
    list_display = [
        *("user", "quiz", "number", "started_at", "submitted_at"),
        *("score_percent", "passed"),
    ]
    list_filter = ["passed", "quiz__lesson__course", "submitted_at"]
    list_select_related = ["enrollment__user", "quiz__lesson"]
    search_fields = ["enrollment__user__email", "quiz__lesson__title"]
    date_hierarchy = "started_at"
    ordering = ["-started_at"]
    inlines = [QuizAnswerInline]

    @admin.display(description="user", ordering="enrollment__user__email")
    def user(self, attempt: QuizAttempt) -> str:
        return str(attempt.enrollment.user)


class GivenAdmin(admin.ModelAdmin[Any]):
    """What staff give one person: with a reason and their name, and for good."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: Any, *args: Any, **kwargs: Any
    ) -> None:
        obj.given_by = request.user
        super().save_model(request, obj, *args, **kwargs)


@admin.register(ExtraAttempts)
class ExtraAttemptsAdmin(GivenAdmin):
    """More attempts for one person."""

    fields = ["enrollment", "quiz", "count", "reason"]
    list_display = ["enrollment", "quiz", "count", "reason", "given_by", "created_at"]
    list_filter = ["quiz__lesson__course", "created_at"]
    list_select_related = ["enrollment__user", "enrollment__course", "quiz__lesson"]
    search_fields = ["enrollment__user__email", "enrollment__user__name", "reason"]
    ordering = ["-created_at"]
    autocomplete_fields = ["enrollment", "quiz"]


@admin.register(EarlyRelease)
class EarlyReleaseAdmin(GivenAdmin):
    """Lessons that are open to one person before their turn."""

    fields = ["enrollment", "lesson", "reason"]
    list_display = ["enrollment", "lesson", "reason", "given_by", "created_at"]
    list_filter = ["enrollment__course", "created_at"]
    list_select_related = ["enrollment__user", "enrollment__course", "lesson"]
    search_fields = ["enrollment__user__email", "enrollment__user__name", "reason"]
    ordering = ["-created_at"]
    autocomplete_fields = ["enrollment", "lesson"]


class StaffCompletionForm(forms.ModelForm[StaffCompletion]):
    """Takes a lesson of the course that the person studies."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        enrollment, lesson = cleaned.get("enrollment"), cleaned.get("lesson")
        if enrollment and lesson and lesson.course_id != enrollment.course_id:
            self.add_error("lesson", "This lesson is not part of the course.")
        return cleaned


@admin.register(StaffCompletion)
class StaffCompletionAdmin(GivenAdmin):
    """Lessons that count as complete for one person, because staff say so."""

    form = StaffCompletionForm
    fields = ["enrollment", "lesson", "reason"]
    list_display = ["enrollment", "lesson", "reason", "given_by", "created_at"]
    list_filter = ["enrollment__course", "created_at"]
    list_select_related = ["enrollment__user", "enrollment__course", "lesson"]
    search_fields = ["enrollment__user__email", "enrollment__user__name", "reason"]
    ordering = ["-created_at"]
    autocomplete_fields = ["enrollment", "lesson"]

    def save_model(
        self, request: HttpRequest, obj: Any, *_args: Any, **_kwargs: Any
    ) -> None:
        obj.given_by = request.user
        services.complete_by_staff(given=obj, at=timezone.now())


@admin.register(PracticeAnswer)
class PracticeAnswerAdmin(ReadOnlyAdmin):
    """What was answered within videos and quick checks: proof of attention."""

    list_display = [
        *("user", "lesson", "question_text", "is_correct", "was_correct_at_first"),
        "answered_at",
    ]
    list_filter = ["lesson__course", "was_correct_at_first", "answered_at"]
    list_select_related = ["enrollment__user", "lesson"]
    search_fields = ["enrollment__user__email", "lesson__title", "question_text"]
    date_hierarchy = "answered_at"
    ordering = ["-answered_at"]

    @admin.display(description="user", ordering="enrollment__user__email")
    def user(self, answer: PracticeAnswer) -> str:
        return str(answer.enrollment.user)


@admin.register(Accommodation)
class AccommodationAdmin(GivenAdmin):
    """More time or another format for one person; a new one replaces the one before."""

    fields = ["user", "time_multiplier", "alternative_format", "reason"]
    list_display = [
        *("user", "time_multiplier", "alternative_format", "reason"),
        *("given_by", "created_at", "ended_at"),
    ]
    list_filter = [("ended_at", admin.EmptyFieldListFilter), "created_at"]
    list_select_related = ["user", "given_by"]
    search_fields = ["user__email", "user__name", "reason"]
    ordering = ["-created_at"]
    autocomplete_fields = ["user"]
    actions = ["end"]

    def save_model(
        self, request: HttpRequest, obj: Any, *_args: Any, **_kwargs: Any
    ) -> None:
        obj.given_by = request.user
        services.accommodate(given=obj, at=timezone.now())

    @admin.action(description="End what was agreed", permissions=["add"])
    def end(self, request: HttpRequest, rows: QuerySet[Accommodation]) -> None:
        now = timezone.now()
        ended = [
            one for one in rows if services.end_accommodation(accommodation=one, at=now)
        ]
        for one in ended:
            self.log_change(request, one, "Ended.")
        self.message_user(request, f"Ended: {len(ended)}. The record stays.")


@admin.register(Attestation)
class AttestationAdmin(ReadOnlyAdmin):
    list_display = ["legal_name", "enrollment", "text_version", "attested_at"]
    list_filter = ["enrollment__course", "text_version", "attested_at"]
    list_select_related = ["enrollment__user", "enrollment__course"]
    search_fields = ["legal_name", "enrollment__user__email"]
    date_hierarchy = "attested_at"
    ordering = ["-attested_at"]


@admin.register(Evaluation)
class EvaluationAdmin(ReadOnlyAdmin):
    """What learners think, without who they are."""

    list_display = ["version", "overall", "instructor", "minutes", "submitted_date"]
    list_filter = ["version__course", "overall", "submitted_date"]
    list_select_related = ["version"]
    search_fields = ["comment", "version__title"]
    date_hierarchy = "submitted_date"
    ordering = ["-submitted_date"]
