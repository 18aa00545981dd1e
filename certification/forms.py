import re

from django import forms

from certification.models import Certificate

NUMBER = re.compile(r"NGC[A-Z0-9]{8}")


class VerifyForm(forms.Form):
    """Finds a certificate by its code; spaces, dashes and lower case are fine."""

    code = forms.CharField(
        label="Verification code",
        max_length=80,
        help_text="The long code beside the QR code, also printed on the transcript. "
        "Spaces, dashes and lower case are fine.",
        error_messages={"required": "Enter the verification code."},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters"}
        ),
    )

    certificate: Certificate | None = None

    def clean_code(self) -> str:
        code = re.sub(r"[^A-Za-z0-9]", "", self.cleaned_data["code"]).upper()
        if NUMBER.fullmatch(code):
            raise forms.ValidationError(
                "That is the certificate number. Enter the longer verification code, "
                "printed beside the QR code and on the transcript."
            )
        self.certificate = Certificate.objects.filter(code=code).first()
        if self.certificate is None:
            raise forms.ValidationError(
                "No certificate has that code. Check 8 and B, 5 and S: "
                "the code has no 0, O, 1, I or L."
            )
        return code
