import math
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core.templatetags.components import duration
from courses.models import CourseVersion, Evaluation, Lesson, Review
from courses.services import STATEMENT, Opinion, Verdict, WatchReport


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


class SeatTimeForm(forms.Form):
    """What a page of the classroom counts: seconds in view, and played or touched."""

    course = forms.SlugField()
    lesson = forms.SlugField()
    seconds = forms.IntegerField(min_value=0, max_value=86400)


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


class AttestationForm(forms.Form):
    """Who takes the final quiz, in the person's own words."""

    name = forms.CharField(
        label="Legal name",
        max_length=150,
        help_text="As it stands on your license.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Enter your name as it stands on your license"},
    )
    attested = forms.BooleanField(
        label=STATEMENT,
        error_messages={"required": "Confirm that you do this course yourself"},
    )


def _rating(label: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        coerce=int,
        choices=Evaluation.Scale.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the five"},
    )


class EvaluationForm(forms.Form):
    """What somebody thinks of a course: each objective, the whole, and words."""

    overall = _rating("The course was worth my time")
    instructor = _rating("The instructor taught clearly")
    is_current = _rating("The content is up to date")
    is_unbiased = _rating("The content is free of advertising")
    minutes = forms.IntegerField(
        label="Minutes you needed for the whole course",
        min_value=1,
        max_value=6000,
        error_messages={"required": "Estimate how many minutes you needed"},
    )
    comment = forms.CharField(
        label="What should we know?",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, version: CourseVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.of_objectives = {
            f"objective-{row['id']}": row["id"] for row in version.objectives
        }
        rated = {
            f"objective-{row['id']}": _rating(f"I can now: {row['text']}")
            for row in version.objectives
        }
        self.fields = {**rated, **self.fields}

    def opinion(self) -> Opinion:
        said = self.cleaned_data
        return Opinion(
            objectives={key: said[name] for name, key in self.of_objectives.items()},
            overall=said["overall"],
            instructor=said["instructor"],
            is_current=said["is_current"],
            is_unbiased=said["is_unbiased"],
            minutes=said["minutes"],
            comment=said["comment"],
        )


class ReviewForm(forms.Form):
    """What somebody who completed a course tells others."""

    stars = forms.TypedChoiceField(
        coerce=int,
        choices=Review.Stars.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose from one to five stars"},
    )
    text = forms.CharField(
        label="What would you tell a colleague?",
        max_length=2000,
        required=False,
        help_text="Leave out what could identify a client.",
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    shows_name = forms.BooleanField(
        label="Show my first name beside my profession", required=False
    )

    def verdict(self) -> Verdict:
        return Verdict(
            stars=self.cleaned_data["stars"],
            text=self.cleaned_data["text"],
            shows_name=self.cleaned_data["shows_name"],
        )


class LinesField(forms.CharField):
    """Words on several lines, whose ends count once as in the browser."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


class NoteField(LinesField):
    """Words for which a moment may stand: the form says when both are missing."""

    def validate(self, value: Any) -> None:
        """Let empty words pass."""


class MomentField(forms.Field):
    """A moment of a video, typed as 12:34 and kept in seconds."""

    written = re.compile(r"(?:(?:(\d{1,2}):)?(\d{1,3}):)?(\d{1,6})")

    def to_python(self, value: Any) -> int | None:
        text = str(value or "").strip()
        found = self.written.fullmatch(text)
        if found is None:
            if text:
                raise ValidationError("Enter the moment like 12:34")
            return None
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return hours * 3600 + minutes * 60 + seconds

    def prepare_value(self, value: Any) -> Any:
        return duration(value) if isinstance(value, int) else value


class LessonAddressForm(forms.Form):
    """The lesson that a page means."""

    course = forms.SlugField()
    lesson = forms.SlugField()


class OwnTextForm(forms.Form):
    """What a learner writes in a lesson; its number tells a second try from a second one."""

    uuid = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={
            "required": "Open the lesson again and send it once more",
            "invalid": "Open the lesson again and send it once more",
        },
    )


class NoteForm(OwnTextForm):
    """A note, or a bookmark if it has a moment alone."""

    use_required_attribute = False
    text = NoteField(
        label="Note",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    moment = MomentField(
        label="Moment of the video",
        help_text="Such as 12:34. With a moment and no words it is a bookmark.",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": 9}),
    )

    def __init__(self, *args: Any, lesson: Lesson, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lesson = lesson
        if not lesson.is_playable:
            del self.fields["moment"]

    def clean_moment(self) -> int | None:
        moment: int | None = self.cleaned_data["moment"]
        length = self.lesson.duration_seconds or 0
        if moment and moment > length:
            raise ValidationError(f"The video ends at {duration(length)}")
        return moment

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        is_empty = not cleaned.get("text") and cleaned.get("moment") is None
        if is_empty and not self.errors:
            or_moment = ", or a moment to bookmark" if "moment" in self.fields else ""
            self.add_error("text", f"Write a note{or_moment}")
        return cleaned


class AskForm(OwnTextForm):
    """A question to the instructor."""

    text = LinesField(
        label="Your question",
        help_text="Leave out names and anything else that tells who a client is.",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write your question"},
    )
