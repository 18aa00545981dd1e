from django import forms


class PreferenceForm(forms.Form):
    """The optional categories, one box each."""

    learning = forms.BooleanField(
        required=False,
        label="Learning",
        help_text="Reminders about a course you have started, at most one a week.",
    )
    news = forms.BooleanField(
        required=False,
        label="News",
        help_text="New articles and courses, about once a week.",
    )
