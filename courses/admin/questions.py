"""What learners ask about lessons: the staff answer here."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import truncatechars
from django.utils import timezone
from django.utils.formats import date_format

from courses import services
from courses.models import LessonQuestion
from courses.models.notes import OPEN_FIRST

SHOWN_CHARACTERS = 80


class AnswerForm(forms.ModelForm[LessonQuestion]):
    """Asks for an answer, and for the words of a question that is published."""

    answer = forms.CharField(
        widget=AdminTextareaWidget,
        help_text=LessonQuestion._meta.get_field("answer").help_text,
        error_messages={"required": "Write the answer."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.published_text:
            self.initial["published_text"] = self.instance.text

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("is_published") and not cleaned.get("published_text"):
            self.add_error("published_text", "Write the question as it is published.")
        return cleaned


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, _request: HttpRequest, _admin: Any) -> list[tuple[str, str]]:
        return [("open", "Open"), ("answered", "Answered")]

    def queryset(self, _request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return rows
        return rows.filter(answered_at__isnull=self.value() == "open")


@admin.register(LessonQuestion)
class LessonQuestionAdmin(admin.ModelAdmin[LessonQuestion]):
    """Those that wait for an answer come first, the oldest at the top."""

    form = AnswerForm
    fields = [
        *("lesson", "course", "asker", "asked_at", "promised"),
        *("text", "answer", "is_published", "published_text"),
        *("answered_at", "answered_by"),
    ]
    readonly_fields = [
        *("lesson", "course", "asker", "asked_at", "promised"),
        *("text", "answered_at", "answered_by"),
    ]
    list_display = [
        *("asked", "lesson", "course", "asker"),
        *("age", "promised", "is_published"),
    ]
    list_display_links = ["asked", "lesson"]
    ordering = OPEN_FIRST  # type: ignore[assignment] # the stubs know no expressions
    list_filter = [StateFilter, "is_published", "lesson__course"]
    list_select_related = ["lesson__course", "enrollment__user"]
    search_fields = ["text", "answer", "lesson__title", "enrollment__user__email"]

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _row: Any = None) -> bool:
        return False

    @admin.display(description="question", ordering="text")
    def asked(self, question: LessonQuestion) -> str:
        return truncatechars(question.text, SHOWN_CHARACTERS)

    @admin.display(ordering="lesson__course__title")
    def course(self, question: LessonQuestion) -> str:
        return str(question.lesson.course)

    @admin.display(ordering="enrollment__user__email")
    def asker(self, question: LessonQuestion) -> str:
        return str(question.enrollment.user)

    @admin.display(description="age in days", ordering="asked_at")
    def age(self, question: LessonQuestion) -> int:
        return question.age_days(at=timezone.now())

    @admin.display(description="answer promised by", ordering="asked_at")
    def promised(self, question: LessonQuestion) -> str:
        """Say the day, and what has become of the promise."""
        day = date_format(question.due_date)
        if question.answered_at:
            return f"Answered {date_format(timezone.localtime(question.answered_at))}"
        return f"Late: {day}" if question.is_late(at=timezone.now()) else day

    def save_model(
        self, request: HttpRequest, obj: LessonQuestion, *_args: Any, **_kwargs: Any
    ) -> None:
        services.answer_question(
            question=obj,
            answer=services.Answer(
                text=obj.answer,
                is_published=obj.is_published,
                published_text=obj.published_text,
            ),
            by=request.user,  # type: ignore[arg-type] # the admin lets in nobody else
            at=timezone.now(),
        )
