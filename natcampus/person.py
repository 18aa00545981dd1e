"""What the administration says about one person: the state, and where to read on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from allauth.account.models import EmailAddress
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.formats import date_format

from accounts.models import User
from billing.access import access_for
from billing.models import AccessGrant, Subscription
from certification.models import Certificate
from courses.models import Enrollment
from mail.models import OutgoingEmail


@dataclass(frozen=True)
class Fact:
    """One line about a person, and the rows behind it."""

    label: str
    text: str
    model: type[Model]
    filters: dict[str, str]

    @property
    def url(self) -> str:
        opts = self.model._meta
        base = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
        return f"{base}?{urlencode(self.filters)}"

    def is_for(self, viewer: User) -> bool:
        opts = self.model._meta
        return viewer.has_perm(f"{opts.app_label}.view_{opts.model_name}")


def facts_about(
    person: User, *, viewer: AbstractBaseUser | AnonymousUser, at: datetime
) -> list[Fact]:
    """Return the lines that the viewer may read."""
    if not isinstance(viewer, User):
        return []
    facts = [*_membership(person, at=at), *_learning(person), *_mail(person)]
    return [fact for fact in facts if fact.is_for(viewer)]


def _membership(person: User, *, at: datetime) -> Iterator[Fact]:
    access = access_for(person, at=at)
    state = str(access.state.label)
    if access.ends_at:
        state += f", until {date_format(access.ends_at)}"
    if access.renews_at:
        state += f", renews on {date_format(access.renews_at)}"
    yield Fact("Membership", state, Subscription, {"q": person.email})
    own = {"user__id__exact": str(person.pk)}
    valid = AccessGrant.objects.valid(at=at).filter(user=person)
    yield Fact("Complimentary access", f"{valid.count()} valid", AccessGrant, own)


def _learning(person: User) -> Iterator[Fact]:
    own = {"user__id__exact": str(person.pk)}
    courses = Enrollment.objects.filter(user=person)
    studied = f"{_in(courses, 'active')} active, {_in(courses, 'completed')} completed"
    yield Fact("Courses and progress", studied, Enrollment, own)
    proof = Certificate.objects.filter(user=person)
    revoked = proof.filter(revoked_at__isnull=False).count()
    issued = f"{proof.count() - revoked} valid, {revoked} revoked"
    yield Fact("Certificates", issued, Certificate, own)


def _mail(person: User) -> Iterator[Fact]:
    own = {"user__id__exact": str(person.pk)}
    emails = OutgoingEmail.objects.filter(user=person)
    sent = f"{emails.count()} in all, {_in(emails, 'failed')} failed"
    yield Fact("Emails", sent, OutgoingEmail, own)
    addresses = EmailAddress.objects.filter(user=person)
    confirmed = addresses.filter(email=person.email, verified=True).exists()
    text = "Confirmed" if confirmed else "Not confirmed yet"
    yield Fact("Email address", text, EmailAddress, own)


def _in(rows: QuerySet, status: str) -> int:  # type: ignore[type-arg] # of any model
    return rows.filter(status=status).count()
