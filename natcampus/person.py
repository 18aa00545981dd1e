"""What the administration says about one person: the state, and where to read on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from allauth.account.models import EmailAddress
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from billing.access import AccessState, access_for
from billing.models import AccessGrant, AccessHold, Customer, Subscription
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
    found = Subscription.objects.live().filter(customer__user=person, is_surplus=False)
    billed = found.select_related("price").first()
    state = _state(person, billed, at=at)
    yield Fact("Membership", state, Subscription, {"q": person.email})
    pays = f"{billed.price or 'An unknown price'}" if billed else "Nothing now"
    yield Fact("Pays", pays, Customer, {"q": person.email})
    own = {"user__id__exact": str(person.pk)}
    valid = AccessGrant.objects.valid(at=at).filter(user=person)
    yield Fact("Complimentary access", f"{valid.count()} valid", AccessGrant, own)


def _state(person: User, billed: Subscription | None, *, at: datetime) -> str:
    """Say what the staff must know: a member reads other words about the same."""
    at_stripe = f"subscription {billed.status} at Stripe" if billed else ""
    if not person.is_active:
        still = at_stripe.replace("subscription", "subscription still", 1)
        return "; ".join(filter(None, ("Deactivated", still)))
    access = access_for(person, at=at)
    held = _held(person)
    parts = [str(access.state.label)]
    if held and not access.entitlements:
        parts = [held, at_stripe]
    elif held:
        parts.append(f"what is paid is {held.lower()}")
    elif access.is_paused:
        parts = ["Paused"]
    elif access.state == AccessState.LAPSED:
        parts.append(at_stripe)
    dates = {"until": access.ends_at, "renews on": access.renews_at}
    if access.is_paused:
        dates["resumes on"] = access.resumes_at
    told = [f"{verb} {_day(moment)}" for verb, moment in dates.items() if moment]
    if told:
        told[-1] += f" ({timezone.get_current_timezone_name()})"
    return ", ".join(filter(None, [*parts, *told]))


def _held(person: User) -> str:
    holds = AccessHold.objects.open().filter(customer__user=person)
    kinds = [hold.get_kind_display().lower() for hold in holds.order_by("opened_at")]
    return f"On hold: {' and '.join(kinds)}" if kinds else ""


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment))


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
