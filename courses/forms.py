import math
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from courses.services import WatchReport


class IntervalsField(forms.JSONField):
    """JSON that is refused in words, however deep it nests or long its numbers are."""

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except (RecursionError, ValueError) as error:
            raise ValidationError("Not a list of intervals.") from error


class ProgressForm(forms.Form):
    """What a player sends: the lesson, where it stands and what it played."""

    course = forms.SlugField()
    lesson = forms.SlugField()
    position = forms.FloatField(min_value=0)
    intervals = IntervalsField(required=False)  # a list may be empty, never absent

    def clean_position(self) -> float:
        position: float = self.cleaned_data["position"]
        if not math.isfinite(position):
            raise ValidationError("Not a moment of the video.")
        return position

    def clean_intervals(self) -> list[tuple[float, float]]:
        claimed: Any = self.cleaned_data["intervals"]
        if not isinstance(claimed, list):
            raise ValidationError("Not a list of intervals.")
        return [_interval(pair) for pair in claimed]

    def report(self) -> WatchReport:
        return WatchReport(
            position=self.cleaned_data["position"],
            intervals=self.cleaned_data["intervals"],
        )


def _interval(pair: Any) -> tuple[float, float]:
    if not isinstance(pair, list) or len(pair) != 2:  # noqa: PLR2004 - from and to
        raise ValidationError("Not an interval.")
    if not all(_is_moment(moment) for moment in pair):
        raise ValidationError("Not an interval.")
    return (float(pair[0]), float(pair[1]))


def _is_moment(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and abs(value) < 1e9 and math.isfinite(value)  # noqa: PLR2004 - beyond any video


class CompletionForm(forms.Form):
    """The name to print, confirmed once, and the word that the work is one's own."""

    name = forms.CharField(
        label="Name on certificate",
        max_length=150,
        help_text="As it appears on your license. It is printed exactly like this.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Enter the name to print on your certificate"},
    )
    attested = forms.BooleanField(
        label="I am the person named above, I did this course and its quizzes myself, and I have read the medical disclaimer.",
        error_messages={"required": "Confirm that you did this course yourself"},
    )
