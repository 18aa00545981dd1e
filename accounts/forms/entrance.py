"""allauth's forms in our words: what to do, beside each field."""

import struct
from typing import Any

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as passkeys
from django import forms
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from accounts import services
from accounts.models import User

AN_EMAIL = "Enter an email address with an @, like name@example.com."
REQUIRED = {
    "email": "Enter your email address.",
    "login": "Enter your email address.",
    "password": "Enter your password.",
    "oldpassword": "Enter your current password.",
    "password1": "Enter a password.",
    "password2": "Enter the new password again.",
    "code": "Enter the code.",
}
LABELS = {
    "email": "Email address",
    "login": "Email address",
    "oldpassword": "Current password",
    "password2": "New password again",
}
NO_PASSKEY = "That passkey does not work here. Try again, or use another one."
PASSWORD_RULES = "At least 8 characters. Not a common password, and not only numbers."  # noqa: S105 - a sentence


class OurWords(forms.Form):
    """Replaces the labels and messages of the fields it finds."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = LABELS.get(name, field.label)
            if name in REQUIRED:
                field.error_messages["required"] = REQUIRED[name]
            if isinstance(field, forms.EmailField):
                field.error_messages["invalid"] = AN_EMAIL
            if name == "password1":
                field.label = str(field.label).capitalize()
                field.help_text = PASSWORD_RULES


class FromAnAuthenticator(forms.Form):
    """Refuses in words what no authenticator sends and its library does not expect."""

    def full_clean(self) -> None:
        try:
            super().full_clean()
        except (LookupError, RecursionError, TypeError, ValueError, struct.error):
            self.add_error("credential", NO_PASSKEY)
            # The page would try to read it once more.
            self.data = {**self.data, "credential": "null"}

    def add_error(self, field: str | None, error: Any) -> None:
        """Speak of the passkey where allauth speaks of a code."""
        if getattr(error, "code", "") == "incorrect_code":
            error = ValidationError(NO_PASSKEY)
        super().add_error(field, error)


def _in_our_words(form: Any) -> type[forms.Form]:
    return type(form.__name__, (OurWords, form), {})


AddEmailForm = _in_our_words(account.AddEmailForm)
ChangePasswordForm = _in_our_words(account.ChangePasswordForm)
ConfirmLoginCodeForm = _in_our_words(account.ConfirmLoginCodeForm)
LoginForm = _in_our_words(account.LoginForm)
ReauthenticateForm = _in_our_words(account.ReauthenticateForm)
RequestLoginCodeForm = _in_our_words(account.RequestLoginCodeForm)
ResetPasswordForm = _in_our_words(account.ResetPasswordForm)
ResetPasswordKeyForm = _in_our_words(account.ResetPasswordKeyForm)
SetPasswordForm = _in_our_words(account.SetPasswordForm)


class SignupForm(OurWords, account.SignupForm):  # type: ignore[misc] # the base is untyped
    """Answers alike, and as slowly, whether the address has an account or not."""

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        email = self.cleaned_data["email"]
        services.remember_unconfirmed(request=request, email=email)
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])  # as for a new account
        try:
            with transaction.atomic():
                user, response = super().try_save(request)
        except IntegrityError:
            # The form was sent twice at once, and the first one made the account.
            return None, get_adapter().respond_email_verification_sent(request, None)
        return user, response


ActivateTOTPForm = _in_our_words(totp.ActivateTOTPForm)
MFAReauthenticateForm = _in_our_words(mfa.ReauthenticateForm)


class AuthenticateForm(OurWords, mfa.AuthenticateForm):  # type: ignore[misc] # the base is untyped
    """Asks for a code that this person has."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        factors = Authenticator.objects.filter(user=self.user)
        self.factors = set(factors.values_list("type", flat=True))
        if "totp" not in self.factors:
            self.fields["code"].label = "Recovery code"


def _refusing(form: Any) -> type[forms.Form]:
    return type(form.__name__, (FromAnAuthenticator, form), {})


class AddWebAuthnForm(OurWords, FromAnAuthenticator, passkeys.AddWebAuthnForm):  # type: ignore[misc] # the base is untyped
    """Makes a passkey that logs in by itself, unless the person wants only a key."""

    passwordless = forms.BooleanField(
        label="Log in with it, without a password",
        required=False,
        initial=True,
        help_text=(
            "Your device asks for your fingerprint, your face or a PIN. "
            "Untick this for a security key that only follows your password."
        ),
    )


AuthenticateWebAuthnForm = _refusing(passkeys.AuthenticateWebAuthnForm)
LoginWebAuthnForm = _refusing(passkeys.LoginWebAuthnForm)
ReauthenticateWebAuthnForm = _refusing(passkeys.ReauthenticateWebAuthnForm)
