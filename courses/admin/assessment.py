from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import CharField, Count, ForeignKey, Q, QuerySet, TextField
from django.forms import Textarea, TextInput
from django.http import HttpRequest
from nested_admin import NestedModelAdmin, NestedStackedInline
from nested_admin.formsets import NestedInlineFormSet

from courses.admin.forms import QuestionForm, QuizForm, StudiedFormSet, label_lesson
from courses.admin.launch import LaunchedAdminMixin
from courses.admin.versions import VersionedAdminMixin
from courses.models import Choice, Course, Lesson, Objective, Question, Quiz

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
        if right > 1 and self.instance.kind != Question.Kind.MULTIPLE:
            raise ValidationError(
                "This question has one right answer. Unmark the others, or "
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
    """Offers lessons and objectives by their words and their course."""

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.related_model is Lesson:
            kwargs["queryset"] = Lesson.objects.select_related("course")
        if db_field.related_model is Objective:
            kwargs["queryset"] = self._objectives(request)
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc] # a mixin of admins
        if db_field.related_model is Lesson:
            field.label_from_instance = label_lesson
        return field

    def _objectives(self, request: HttpRequest) -> QuerySet[Objective]:
        """Offer those of the course on the page, or all where none is there yet."""
        found = Objective.objects.order_by("course", "weight", "pk")
        number = getattr(request.resolver_match, "kwargs", {}).get("object_id")
        own = found.filter(self._of_page(number)) if number else found.none()
        return own if own.exists() else found

    def _of_page(self, number: str) -> Q:
        return Q(course__lessons__quiz=number)


class QuestionInline(LessonChoiceMixin, NestedStackedInline):  # type: ignore[misc] # the base is untyped
    model = Question
    form = QuestionForm
    formset = StudiedFormSet
    extra = 0
    ordering = ["weight", "pk"]
    sortable_field_name = "weight"
    autocomplete_fields = ["review_lesson"]
    fields = [
        *("text", ("kind", "keeps_order", "moment_seconds"), "objective"),
        *("explanation", "review_lesson", "weight"),
    ]
    formfield_overrides = {
        CharField: {"widget": Textarea(attrs={"rows": 2, "cols": 80})},
        TextField: {"widget": Textarea(attrs={"rows": 4, "cols": 80})},
    }
    inlines = [ChoiceInline]


@admin.register(Quiz)
class QuizAdmin(
    LaunchedAdminMixin,
    VersionedAdminMixin,
    LessonChoiceMixin,
    NestedModelAdmin,  # type: ignore[misc] # the base is untyped
):
    """The questions of one quiz lesson with their answers."""

    form = QuizForm
    list_display = ["lesson", "course", "pass_mark", "per_objective", "question_count"]
    list_filter = ["lesson__course"]
    list_select_related = ["lesson__course"]
    search_fields = ["lesson__title", "lesson__course__title", "questions__text"]
    ordering = ["lesson__course", "pk"]
    autocomplete_fields = ["lesson"]
    inlines = [QuestionInline]

    def course_of(self, row: Quiz) -> Course:
        return row.lesson.course

    def get_queryset(self, request: HttpRequest) -> QuerySet[Quiz]:
        quizzes: QuerySet[Quiz] = super().get_queryset(request)
        return quizzes.annotate(total=Count("questions", distinct=True))

    @admin.display(description="course", ordering="lesson__course")
    def course(self, quiz: Quiz) -> str:
        return str(quiz.lesson.course)

    @admin.display(description="questions", ordering="total")
    def question_count(self, quiz: Any) -> int:
        return int(quiz.total)


@admin.register(Question)
class QuestionAdmin(
    LaunchedAdminMixin,
    VersionedAdminMixin,
    LessonChoiceMixin,
    NestedModelAdmin,  # type: ignore[misc] # the base is untyped
):
    """The question banks: what the quizzes of a course draw from."""

    form = QuestionForm
    list_display = ["text", "course", "objective", "kind", "is_in_bank"]
    list_filter = [("quiz", admin.EmptyFieldListFilter), "kind", "course"]
    list_select_related = ["course", "objective"]
    search_fields = ["text", "course__title", "objective__text"]
    ordering = ["course", "objective", "weight", "pk"]
    autocomplete_fields = ["course", "review_lesson"]
    fields = [
        *("course", "objective", "text", ("kind", "keeps_order")),
        *("explanation", "review_lesson"),
    ]
    formfield_overrides = QuestionInline.formfield_overrides
    inlines = [ChoiceInline]

    def course_of(self, row: Question) -> Course:
        return row.course

    def _of_page(self, number: str) -> Q:
        return Q(course__questions=number)

    @admin.display(description="in the bank", boolean=True, ordering="quiz")
    def is_in_bank(self, question: Question) -> bool:
        return question.quiz_id is None
