from datetime import datetime
from typing import Any

from django import forms

from articles.models import Article, Block, Technique
from core.admin import sent_rows


class GuideRequestForm(forms.Form):
    """Where to send a guide; the newsletter is a separate choice, never made for you."""

    email = forms.EmailField(
        label="Email address",
        max_length=254,
        help_text="We send the download link here.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": "Enter your email address.",
            "invalid": "Enter an email address with an @, like name@example.com.",
            "max_length": "Enter an email address of at most 254 characters.",
        },
    )
    wants_news = forms.BooleanField(
        label="Also send me news of articles and courses. You can stop any time.",
        required=False,
    )
    website = forms.CharField(
        label="Leave this field empty",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    article = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "guide-%s")
        super().__init__(*args, **kwargs)

    @property
    def is_from_a_robot(self) -> bool:
        """Tell whether the field was filled that people neither see nor reach."""
        return bool(self.cleaned_data["website"])


class ArticleForm(forms.ModelForm[Article]):
    """Refuses to publish nothing, and a review without its reviewer or its day."""

    def clean_published_at(self) -> datetime | None:
        moment: datetime | None = self.cleaned_data["published_at"]
        rows = sent_rows(self.data, "blocks")
        if moment and not any(self.data.get(f"{row}-heading") for row in rows):
            raise forms.ValidationError(
                "A published article has a section. Add one below, or leave this "
                "empty: the article stays a draft."
            )
        return moment

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        review = {name: cleaned.get(name) for name in ("reviewer", "reviewed_date")}
        for name, value in review.items():
            if any(review.values()) and not value and name not in self.errors:
                self.add_error(name, "Enter both the reviewer and the review date.")
        return cleaned


class BlockForm(forms.ModelForm[Block]):
    class Meta:
        model = Block
        fields = ["kind", "heading", "body", "items", "weight"]
        widgets = {"items": forms.Textarea(attrs={"rows": 3, "cols": 80})}


class TechniqueForm(forms.ModelForm[Technique]):
    class Meta:
        model = Technique
        fields = ["title", "lead", "steps", "doses", "image", "image_alt", "weight"]
        widgets = {
            "steps": forms.Textarea(attrs={"rows": 4, "cols": 80}),
            "doses": forms.Textarea(attrs={"rows": 2, "cols": 80}),
        }
