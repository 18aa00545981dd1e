"""Composes the emails of allauth in our own words."""

from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

from django.conf import settings

from accounts.models import User
from mail.models import Category
from mail.services import Email

SECRET = {
    "email_confirmation",
    "email_confirmation_signup",
    "login_code",
    "password_reset_code",
    "password_reset_key",
}
_OF_THE_REQUEST = {"request", "current_site"}


def account_email(*, name: str, address: str, context: Mapping[str, object]) -> Email:
    """Compose one email about an account; each request for it is an email of its own."""
    values = {
        key: _at_our_address(value) if key.endswith("_url") else value
        for key, value in context.items()
        if key not in _OF_THE_REQUEST
    }
    return Email(
        template=f"account/{name}",
        to=address,
        user=User.objects.filter(email__iexact=address).first(),
        category=Category.SERVICE,
        dedupe_key=f"account:{name}:{uuid4().hex}",
        context={"email": address, **values},
        is_secret=name in SECRET,
    )


def _at_our_address(url: object) -> str:
    """Point a link at SITE_URL: the host of a request is whatever its sender wrote."""
    ours = urlsplit(settings.SITE_URL)
    return urlunsplit(
        urlsplit(str(url))._replace(scheme=ours.scheme, netloc=ours.netloc)
    )
