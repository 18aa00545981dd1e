from django import forms


class SampleForm(forms.Form):
    """The form of the style guide: one field of every kind."""

    name = forms.CharField(
        label="Name on certificate",
        help_text="As it appears on your license.",
        error_messages={"required": "Enter the name to print on your certificate"},
    )
    email = forms.EmailField(
        label="Email address",
        error_messages={
            "invalid": "Enter an email address with an @, like name@example.com"
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(label="Password", widget=forms.PasswordInput)
    profession = forms.ChoiceField(
        choices=[("", "Choose one"), ("massage", "Massage therapist")], required=False
    )
    reply = forms.ChoiceField(
        label="How should we reply?",
        choices=[("email", "By email"), ("phone", "By phone")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose an answer"},
    )
    message = forms.CharField(widget=forms.Textarea, required=False)
    news = forms.BooleanField(
        label="Send me one article a week",
        help_text="You can stop any time.",
        required=False,
    )
