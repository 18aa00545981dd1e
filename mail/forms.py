from django import forms


class PreferenceForm(forms.Form):
    """The optional categories, one box each."""

    learning = forms.BooleanField(
        required=False,
        label="Learning",
        help_text="Help to start and finish a course, such as where to find its first lesson.",
    )
    news = forms.BooleanField(
        required=False,
        label="News",
        help_text="New articles and courses.",
    )
