"""What is refused in the forms of a course, its lessons and its quizzes, in words."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from nested_admin.formsets import NestedInlineFormSet

from billing.models import Plan
from core.admin import sent_rows
from core.mp4 import read_duration
from courses import services
from courses.models import Course, Lesson, Module, Question, Quiz

EVERY_COURSE = "all-courses"
SLUG_IS_TAKEN = "Another lesson of this course has this address. Choose another one."


def label_lesson(lesson: Lesson) -> str:
    """Name the course too: lessons of two courses may have one title."""
    return f"{lesson} ({lesson.course})"


def entitlements() -> list[tuple[str, str]]:
    """Return the keys that open courses, told by the plans that hold them."""
    used = Course.objects.values_list("required_entitlement", flat=True)
    names: dict[str, list[str]] = {key: [] for key in (EVERY_COURSE, *used.distinct())}
    for plan in Plan.objects.order_by("weight", "name"):
        names.setdefault(plan.entitlement, []).append(plan.name)
    names.pop("", None)
    plans = [(key, ", ".join(held) or key) for key, held in names.items()]
    return [("", "Every account, without a membership"), *plans]


class CourseForm(forms.ModelForm[Course]):
    """Offers the plans by name: a mistyped key would close the course to everybody."""

    required_entitlement = forms.ChoiceField(
        label="Open to", choices=entitlements, required=False, initial=EVERY_COURSE
    )

    def clean_minimum_minutes(self) -> int:
        return self.cleaned_data["minimum_minutes"] or 0

    def clean_published_at(self) -> datetime | None:
        """Keep a course that nobody could complete a draft."""
        moment: datetime | None = self.cleaned_data["published_at"]
        if moment and not any(self._required_lessons()):
            raise ValidationError(
                "A published course has a required lesson. Add one below, or leave "
                "this empty: the course stays a draft."
            )
        return moment

    def _required_lessons(self) -> Iterator[str]:
        for module in sent_rows(self.data, "modules"):
            for lesson in sent_rows(self.data, f"{module}-lessons"):
                title = self.data.get(f"{lesson}-title")
                if title and self.data.get(f"{lesson}-is_required"):
                    yield title


class LessonForm(forms.ModelForm[Lesson]):
    """Puts a lesson into the course of its module, at an address of its own."""

    new_in: Module | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.new_in is not None:
            last = self.new_in.lessons.order_by("weight").last()
            self.instance.module = self.new_in
            self.initial.setdefault("weight", last.weight + 1 if last else 0)

    def clean_kind(self) -> str:
        """Keep the kind of a lesson whose questions are written."""
        kind: str = self.cleaned_data["kind"]
        is_changed = "kind" in self.changed_data and kind != Lesson.Kind.QUIZ
        if is_changed and Quiz.objects.filter(lesson=self.instance.pk).exists():
            raise ValidationError(
                "This lesson has a quiz. Keep the kind “Quiz”, or delete its quiz first."
            )
        return kind

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        course = Course.objects.filter(modules=self.instance.module_id)
        same = Lesson.objects.filter(course__in=course, slug=slug)
        is_typed = slug and "slug" in self.changed_data
        if is_typed and same.exclude(pk=self.instance.pk).exists():
            raise ValidationError(SLUG_IS_TAKEN)
        return slug

    def clean(self) -> dict[str, Any]:
        """Take the length of a new video from the file, unless one was typed."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        video = cleaned.get("video")
        is_typed = "duration_seconds" in self.changed_data
        if video is False:  # cleared
            cleaned["duration_seconds"] = None
        elif video and "video" in self.changed_data and not is_typed:
            seconds = read_duration(video)
            if seconds:
                cleaned["duration_seconds"] = max(round(seconds), 1)
        return cleaned

    def save(self, commit: bool = True) -> Lesson:  # noqa: FBT001, FBT002 - Django's signature
        services.place_lesson(lesson=self.instance)
        return super().save(commit)


class QuizForm(forms.ModelForm[Quiz]):
    class Meta:
        model = Quiz
        fields = [
            *("lesson", "is_final", "pass_mark"),
            *("per_objective", "time_limit_minutes"),
            *("max_attempts", "rest_hours"),
        ]
        error_messages = {
            "lesson": {"invalid_choice": "Choose a quiz, a quick check or a video."}
        }


class QuestionForm(forms.ModelForm[Question]):
    """Ties a question to an objective and a lesson of the course that it is about."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        own = _course_of(cleaned.get("quiz")) or cleaned.get("course")
        for name in ("review_lesson", "objective"):
            chosen = cleaned.get(name)
            if own and chosen and chosen.course_id != own.pk:
                noun = "lesson" if name == "review_lesson" else "objective"
                self.add_error(
                    name,
                    f"This {noun} belongs to another course. Choose one of the same "
                    "course.",
                )
        return cleaned

    def save(self, commit: bool = True) -> Question:  # noqa: FBT001, FBT002 - Django's signature
        if self.instance.quiz is not None:
            self.instance.course = self.instance.quiz.lesson.course
        return super().save(commit)


def _course_of(quiz: Quiz | None) -> Course | None:
    """Return the course of a quiz; a new one may have no lesson yet."""
    return quiz.lesson.course if quiz and quiz.lesson_id else None


class StudiedFormSet(NestedInlineFormSet):  # type: ignore[misc] # the base is untyped
    """Keeps the rows that people have studied, and says what to do instead."""

    def clean(self) -> None:
        try:
            super().clean()
        except ValidationError as error:
            if error.code != "deleting_protected":
                raise
            raise ValidationError(
                "People have studied “%(instance)s”; it stays. Set “Unpublish at” of "
                "the course instead.",
                params=error.params,
            ) from error


class ModuleFormSet(StudiedFormSet):
    """Refuses an address that is asked for by two lessons of the course."""

    def clean(self) -> None:
        super().clean()
        wanted = [
            (form, form.instance.slug or form.instance.slug_of_title)
            for form in self._lesson_forms()
            if form.instance.title
        ]
        count = Counter(slug for _form, slug in wanted)
        for form, slug in wanted:
            is_typed = "slug" in form.changed_data and form.instance.slug
            if is_typed and count[slug] > 1:
                form.add_error("slug", SLUG_IS_TAKEN)

    def _lesson_forms(self) -> Iterator[forms.ModelForm[Lesson]]:
        for module in filter(_stays, self.forms):
            for lessons in getattr(module, "nested_formsets", []):
                yield from filter(_stays, lessons.forms)


def _stays(form: forms.ModelForm[Any]) -> bool:
    """Tell whether a row of an inline is without a mistake and is not deleted."""
    return not form.errors and not form.cleaned_data.get("DELETE")
