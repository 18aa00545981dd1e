from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.http import HttpRequest

from accounts import services
from accounts.models import License, Profession, User

TIME_ZONES = sorted(
    zone
    for zone in available_timezones()
    if zone.split("/")[0]
    in {
        *("Africa", "America", "Antarctica", "Asia", "Atlantic"),
        *("Australia", "Europe", "Indian", "Pacific", "UTC"),
    }
)


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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "email" in self.fields:
            self.fields["email"].error_messages["required"] = (
                "Enter your email address."
            )

    def signup(self, _request: HttpRequest, user: User) -> None:
        """Store what allauth's own form does not know."""
        services.introduce(
            user=user,
            name=self.cleaned_data["name"],
            profession=self.cleaned_data["profession"],
        )


class ProfileForm(forms.ModelForm[User]):
    name = forms.CharField(
        max_length=150,
        help_text="How we greet you.",
        error_messages={"required": "Enter your name."},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    profession = professions()
    time_zone = forms.CharField(
        max_length=64,
        help_text="Type a city, such as Chicago, and choose from the list.",
        error_messages={"required": "Choose a time zone from the list."},
        widget=forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off"}),
    )

    class Meta:
        model = User
        fields = ("name", "certificate_name", "profession", "time_zone")
        widgets = {"certificate_name": forms.TextInput(attrs={"autocomplete": "name"})}
        help_texts = {
            "certificate_name": "As it appears on your license. Empty: your name."
        }

    def clean_time_zone(self) -> str:
        """Accept "America/New York", as people write it."""
        return "_".join(str(self.cleaned_data["time_zone"]).split())

    def profile(self) -> services.Profile:
        return services.Profile(**self.cleaned_data)


class LicenseForm(forms.ModelForm[License]):
    class Meta:
        model = License
        fields = ("profession", "jurisdiction", "number", "expires_date")
        labels = {"jurisdiction": "State or country"}
        error_messages = {
            "profession": {"required": "Choose a profession."},
            "jurisdiction": {"required": "Choose a state or country."},
            "number": {"required": "Enter the license number."},
            "expires_date": {"invalid": "Enter a date, such as 2027-03-31."},
        }
        widgets = {
            "number": forms.TextInput(attrs={"autocomplete": "off"}),
            "expires_date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def clean_number(self) -> str:
        return " ".join(str(self.cleaned_data["number"]).split())

    def details(self) -> services.LicenseDetails:
        return services.LicenseDetails(**self.cleaned_data)
