"""Connects allauth with our outbox, our words and our user model."""

from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.account.utils import user_email
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import emails, services
from accounts.models import User
from core.http import local_path

NO_MATCH = "That email and password do not match. Try again or reset your password."


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # the base is untyped
    """Sends allauth's emails through the outbox and speaks in our words."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": NO_MATCH,
        "invalid_login": NO_MATCH,
        "too_many_login_attempts": "Too many tries. Wait 5 minutes or reset your password.",
        "rate_limited": "Too many tries. Wait a minute and try again.",
        "incorrect_code": "That code does not match. Type the newest code we sent.",
        "incorrect_password": "That password does not match. Try again.",
        "enter_current_password": "That password does not match. Type your current password.",
        "email_taken": "An account with this email address exists.",
        "same_as_current": "Enter an address that differs from the current one.",
    }

    def is_safe_url(self, url: str | None) -> bool:
        """Accept paths of this site alone, so that no login leads anywhere else."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def respond_email_verification_sent(
        self, request: HttpRequest, user: User | None
    ) -> HttpResponseBase:
        """Remember whom the link went to; sign-up remembers it for known addresses."""
        if user:
            services.remember_unconfirmed(request=request, email=user.email)
        response: HttpResponseBase = super().respond_email_verification_sent(
            request, user
        )
        return response

    @transaction.atomic
    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Change the address together with all that hears of it, or not at all."""
        return bool(super().confirm_email(request, email_address))

    def get_email_confirmation_url(
        self, request: HttpRequest, emailconfirmation: Any
    ) -> str:
        """Let the link lead on to what the person signed up for, in any browser."""
        url: str = super().get_email_confirmation_url(request, emailconfirmation)
        asked = request.session.get(services.UNCONFIRMED, {}).get("next", "")
        wanted = local_path(request.POST.get("next", asked))
        if request.user.is_authenticated or not wanted:
            return url
        login = f"{reverse('account_login')}?{urlencode({'next': wanted})}"
        return f"{url}?{urlencode({'next': login})}"

    def send_mail(
        self, template_prefix: str, email: str, context: dict[str, Any]
    ) -> None:
        """Store the email in the outbox, in the transaction of what it tells."""
        name = template_prefix.rpartition("/")[2]
        emails.account_email(name=name, address=email, context=context).queue()


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc] # the base is untyped
    """Says what to do about a code that does not match."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "That code does not match. Type the newest code of your app.",
    }

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002 - the name in allauth
        """Suggest a name for a new passkey; the person may type a better one."""
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return "My passkey" if number == 1 else f"My passkey {number}"


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc] # the base is untyped
    """Takes the name over from the provider; never links an account by its email."""

    def get_app(
        self, request: HttpRequest, provider: str, client_id: str | None = None
    ) -> SocialApp:
        """Answer 404 where nobody has configured the provider."""
        try:
            return super().get_app(request, provider, client_id)
        except SocialApp.DoesNotExist as error:
            raise Http404 from error

    def populate_user(
        self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]
    ) -> User:
        user: User = sociallogin.user
        user_email(user, (data.get("email") or "").lower())
        parts = (data.get("first_name"), data.get("last_name"))
        user.name = data.get("name") or " ".join(part for part in parts if part)
        return user
