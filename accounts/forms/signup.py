from django import forms
from django.http import HttpRequest

from accounts import services
from accounts.models import Profession, User


def professions() -> "forms.ModelChoiceField[Profession]":
    return forms.ModelChoiceField(
        Profession.objects.order_by("weight", "name"),
        required=False,
        empty_label="Choose a profession",
    )


class SignupForm(forms.Form):
    """What we ask at sign-up beside allauth's own email and password."""

    field_order = ("email", "password1", "name", "profession")

    name = forms.CharField(
        max_length=150,
        label="Your name",
        error_messages={"required": "Enter your name."},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    profession = professions()

    def signup(self, _request: HttpRequest, user: User) -> None:
        """Store what allauth's own form does not know."""
        services.introduce(
            user=user,
            name=self.cleaned_data["name"],
            profession=self.cleaned_data["profession"],
        )
