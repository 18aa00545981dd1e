from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import CharField, Count, ForeignKey, QuerySet, TextField
from django.forms import Textarea, TextInput
from django.http import HttpRequest
from nested_admin import NestedModelAdmin, NestedStackedInline
from nested_admin.formsets import NestedInlineFormSet

from courses.admin.forms import QuestionForm, QuizForm, StudiedFormSet, label_lesson
from courses.models import Choice, Lesson, Question, Quiz

FEWEST_CHOICES = 2


class ChoiceFormSet(NestedInlineFormSet):  # type: ignore[misc] # the base is untyped
    """Refuses a question that nobody can answer right."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors) or not self._is_asked():
            return
        kept = [
            form.cleaned_data
            for form in self.forms
            if form.cleaned_data.get("text") and not form.cleaned_data.get("DELETE")
        ]
        right = sum(bool(data.get("is_correct")) for data in kept)
        if len(kept) < FEWEST_CHOICES:
            raise ValidationError("Offer at least two answers.")
        if right == 0:
            raise ValidationError("Mark the right answer of this question.")
        if right > 1 and self.instance.kind == Question.Kind.SINGLE:
            raise ValidationError(
                "A single choice question has one right answer. Unmark the others, or "
                "make it multiple choice."
            )

    def _is_asked(self) -> bool:
        """Tell whether the question stays; an untouched empty form is none."""
        form = self.parent_form
        data = getattr(form, "cleaned_data", {})
        return bool(data) and not data.get("DELETE")


class ChoiceInline(NestedStackedInline):  # type: ignore[misc] # the base is untyped
    model = Choice
    formset = ChoiceFormSet
    extra = 0
    ordering = ["weight", "pk"]
    sortable_field_name = "weight"
    fields = [("text", "is_correct"), "weight"]
    formfield_overrides = {CharField: {"widget": TextInput(attrs={"size": 80})}}
    verbose_name = "answer"


class LessonChoiceMixin:
    """Offers lessons by their title and their course."""

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.related_model is Lesson:
            kwargs["queryset"] = Lesson.objects.select_related("course")
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc] # a mixin of admins
        if db_field.related_model is Lesson:
            field.label_from_instance = label_lesson
        return field


class QuestionInline(LessonChoiceMixin, NestedStackedInline):  # type: ignore[misc] # the base is untyped
    model = Question
    form = QuestionForm
    formset = StudiedFormSet
    extra = 0
    ordering = ["weight", "pk"]
    sortable_field_name = "weight"
    autocomplete_fields = ["review_lesson"]
    fields = ["text", "kind", "explanation", "review_lesson", "weight"]
    formfield_overrides = {
        CharField: {"widget": Textarea(attrs={"rows": 2, "cols": 80})},
        TextField: {"widget": Textarea(attrs={"rows": 4, "cols": 80})},
    }
    inlines = [ChoiceInline]


@admin.register(Quiz)
class QuizAdmin(LessonChoiceMixin, NestedModelAdmin):  # type: ignore[misc] # the base is untyped
    """The questions of one quiz lesson with their answers."""

    form = QuizForm
    list_display = ["lesson", "course", "pass_mark", "question_count"]
    list_filter = ["lesson__course"]
    list_select_related = ["lesson__course"]
    search_fields = ["lesson__title", "lesson__course__title", "questions__text"]
    ordering = ["lesson__course", "pk"]
    autocomplete_fields = ["lesson"]
    inlines = [QuestionInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Quiz]:
        quizzes: QuerySet[Quiz] = super().get_queryset(request)
        return quizzes.annotate(total=Count("questions", distinct=True))

    @admin.display(description="course", ordering="lesson__course")
    def course(self, quiz: Quiz) -> str:
        return str(quiz.lesson.course)

    @admin.display(description="questions", ordering="total")
    def question_count(self, quiz: Any) -> int:
        return int(quiz.total)
