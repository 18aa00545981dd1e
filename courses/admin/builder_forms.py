"""The forms of the builder of a course."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify

from courses import services
from courses.models import Course, Module, Quiz, Syllabus
from courses.services import Place

MOST_POSITION = 10_000
WIDE = {"class": "vTextField"}


class ArrangementForm(forms.Form):
    """A position for each module, and a module and a position for each lesson."""

    def __init__(self, *args: Any, syllabus: Syllabus, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.syllabus = syllabus
        titles = [(module.pk, module.title) for module in syllabus.modules]
        for number, module in enumerate(syllabus.modules):
            self.fields[f"module-{module.pk}"] = _position(
                f"Position of module “{module}”", number
            )
        for module in syllabus.modules:
            for number, lesson in enumerate(syllabus.lessons_of(module)):
                self.fields[f"lesson-{lesson.pk}"] = _position(
                    f"Position of “{lesson}”", number
                )
                self.fields[f"lesson-{lesson.pk}-module"] = forms.TypedChoiceField(
                    label=f"Module of “{lesson}”",
                    choices=titles,
                    coerce=int,
                    initial=module.pk,
                )

    @property
    def modules(self) -> dict[int, int]:
        return {
            module.pk: self.cleaned_data[f"module-{module.pk}"]
            for module in self.syllabus.modules
        }

    @property
    def lessons(self) -> dict[int, Place]:
        return {
            lesson.pk: Place(
                module_id=self.cleaned_data[f"lesson-{lesson.pk}-module"],
                position=self.cleaned_data[f"lesson-{lesson.pk}"],
            )
            for lesson in self.syllabus.lessons
        }


def _position(label: str, number: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=0, max_value=MOST_POSITION, initial=number
    )


class ModuleForm(forms.ModelForm[Module]):
    class Meta:
        model = Module
        fields = ["title"]
        widgets = {"title": forms.TextInput(attrs=WIDE)}
        labels = {"title": "Title of the new module"}


class DuplicateForm(forms.ModelForm[Course]):
    """Asks for the title and the address of the copy; the service sees to the rest."""

    class Meta:
        model = Course
        fields = ["title", "slug"]
        widgets = {
            "title": forms.TextInput(attrs=WIDE),
            "slug": forms.TextInput(attrs=WIDE),
        }
        help_texts = {"slug": "The last part of the page's address."}

    @classmethod
    def of(cls, course: Course, data: Any = None) -> "DuplicateForm":
        title = f"Copy of {course.title}"[:150]
        return cls(data, initial={"title": title, "slug": slugify(title)[:50]})

    def validate_unique(self) -> None:
        """Leave it to the service: the copy that a first press made is no mistake."""


class ImportForm(forms.Form):
    quiz = forms.ModelChoiceField(
        label="Where the questions go",
        queryset=Quiz.objects.none(),
        required=False,
        empty_label="The question bank of the course",
    )
    file = forms.FileField(
        label="CSV file", help_text="UTF-8, at most 1 MB and 500 questions."
    )

    def __init__(self, *args: Any, course: Course, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        quizzes = Quiz.objects.filter(lesson__course=course).select_related("lesson")
        self.fields["quiz"].queryset = quizzes.order_by("pk")  # type: ignore[attr-defined] # a field of models

    def clean_file(self) -> str:
        """Return the text of the file."""
        try:
            return services.decode_csv(self.cleaned_data["file"].read())
        except services.ImportRefusedError as error:
            raise ValidationError(str(error)) from error


class ConfirmedImportForm(ImportForm):
    """Brings back the text that the first step has read."""

    file = None  # type: ignore[assignment] # sent once, in the first step
    text = forms.CharField(widget=forms.HiddenInput, strip=False)
