from dataclasses import dataclass
from datetime import date

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from accounts.models import Jurisdiction, License, Profession, User
from accounts.signals import user_deactivated
from core.errors import DomainError
from core.http import local_path

UNCONFIRMED = "unconfirmed"


class LicenseRefusedError(DomainError):
    """The license cannot be stored."""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What a person tells about themselves."""

    name: str
    certificate_name: str
    profession: Profession | None
    time_zone: str


@dataclass(frozen=True, kw_only=True)
class LicenseDetails:
    profession: Profession
    jurisdiction: Jurisdiction
    number: str
    expires_date: date | None


def remember_unconfirmed(*, request: HttpRequest, email: str) -> None:
    """Keep in this visitor's session which address waits, and where the person goes on."""
    wanted = local_path(request.POST.get("next", ""))
    request.session[UNCONFIRMED] = {"email": email, "next": wanted}


@transaction.atomic
def resend_confirmation(*, request: HttpRequest, email: str) -> None:
    """Mail the link once more; as at sign-up, an address with an account is told so."""
    addresses = EmailAddress.objects.filter(email__iexact=email)
    if waiting := addresses.filter(verified=False).first():
        waiting.send_confirmation(request, signup=True)
    elif addresses.exists():
        get_adapter(request).send_account_already_exists_mail(email)


@transaction.atomic
def deactivate(*, user: User) -> None:
    """Let nobody log in to the account; what it still costs ends with it."""
    user.is_active = False
    user.save(update_fields=["is_active"])
    user_deactivated.send(sender=User, user=user)


@transaction.atomic
def introduce(*, user: User, name: str, profession: Profession | None) -> None:
    """Store what a person told when they signed up."""
    user.name = name
    user.profession = profession
    user.save(update_fields=["name", "profession"])


@transaction.atomic
def update_profile(*, user: User, profile: Profile) -> User:
    """Store the profile; certificates that were issued keep the name they carry."""
    changed = User.objects.select_for_update().get(pk=user.pk)
    changed.name = profile.name
    changed.certificate_name = profile.certificate_name
    changed.profession = profile.profession
    changed.time_zone = profile.time_zone
    changed.save(update_fields=["name", "certificate_name", "profession", "time_zone"])
    return changed


def add_license(*, user: User, details: LicenseDetails) -> License:
    return _store(License(user=user), details)


def update_license(*, license_: License, details: LicenseDetails) -> License:
    return _store(license_, details)


@transaction.atomic
def delete_license(*, license_: License) -> None:
    license_.delete()


@transaction.atomic
def end_session(*, session: UserSession) -> None:
    """Log one browser out, at once."""
    session.end()


def _store(license_: License, details: LicenseDetails) -> License:
    license_.profession = details.profession
    license_.jurisdiction = details.jurisdiction
    license_.number = details.number
    license_.expires_date = details.expires_date
    try:
        with transaction.atomic():
            license_.save()
    except IntegrityError as error:
        raise LicenseRefusedError("This license is already on your list.") from error
    return license_
