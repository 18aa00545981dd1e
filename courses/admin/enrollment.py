"""What people have studied: a reading room."""

from django.contrib import admin

from core.admin import ReadOnlyAdmin, ReadOnlyInline
from courses.models import Enrollment, LessonProgress, QuizAnswer, QuizAttempt


class LessonProgressInline(ReadOnlyInline):
    model = LessonProgress
    fields = ["lesson", "watched_seconds", "opened_at", "completed_at"]
    ordering = ["opened_at"]
    related = ["lesson"]


class QuizAttemptInline(ReadOnlyInline):
    model = QuizAttempt
    fields = ["quiz", "number", "started_at", "submitted_at", "score_percent", "passed"]
    ordering = ["started_at"]
    related = ["quiz__lesson"]
    show_change_link = True


class QuizAnswerInline(ReadOnlyInline):
    model = QuizAnswer
    fields = ["question", "choice_ids", "is_correct"]
    related = ["question"]


@admin.register(Enrollment)
class EnrollmentAdmin(ReadOnlyAdmin):
    list_display = ["user", "course", "status", "enrolled_at", "completed_at"]
    list_filter = ["status", "course", "enrolled_at", "completed_at"]
    list_select_related = ["user", "course"]
    search_fields = ["user__email", "user__name", "confirmed_name", "course__title"]
    date_hierarchy = "enrolled_at"
    ordering = ["-enrolled_at"]
    inlines = [LessonProgressInline, QuizAttemptInline]


@admin.register(LessonProgress)
class LessonProgressAdmin(ReadOnlyAdmin):
    list_display = ["user", "lesson", "watched_seconds", "opened_at", "completed_at"]
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
