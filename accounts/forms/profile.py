from zoneinfo import available_timezones

from django import forms

from accounts import services
from accounts.forms.signup import professions
from accounts.models import Jurisdiction, License, Profession, User

TIME_ZONES = sorted(
    zone
    for zone in available_timezones()
    if zone.split("/")[0]
    in {
        *("Africa", "America", "Antarctica", "Asia", "Atlantic"),
        *("Australia", "Europe", "Indian", "Pacific", "UTC"),
    }
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
        help_text="Type a city, such as Chicago, or choose from the list.",
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
        """Accept "America/New York" as people write it, and a city that is the only one."""
        typed = "_".join(str(self.cleaned_data["time_zone"]).split())
        wanted = typed.casefold()
        found = [
            zone
            for zone in TIME_ZONES
            if wanted in {zone.casefold(), zone.rpartition("/")[2].casefold()}
        ]
        return found[0] if len(found) == 1 else typed

    def profile(self) -> services.Profile:
        return services.Profile(**self.cleaned_data)


class LicenseForm(forms.ModelForm[License]):
    profession = forms.ModelChoiceField(
        Profession.objects.order_by("weight", "name"),
        empty_label="Choose a profession",
        error_messages={"required": "Choose a profession."},
    )
    jurisdiction = forms.ModelChoiceField(
        Jurisdiction.objects.order_by("name", "country"),
        label="State or country",
        empty_label="Choose a state or country",
        error_messages={"required": "Choose a state or country."},
    )

    class Meta:
        model = License
        fields = ("profession", "jurisdiction", "number", "expires_date")
        error_messages = {
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
