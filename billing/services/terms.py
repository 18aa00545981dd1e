"""The words beside the pay button: what is paid when, and how it ends."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef
from django.utils import formats, timezone

from accounts.models import User
from billing.models import AccessHold, Customer, Price, Subscription

VERSION = "2026-11"
CONSENT = "I agree that my membership renews on these terms until I cancel."


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What one price means for one person who agrees today."""

    price: Price
    trial_days: int
    text: str

    @property
    def agreement(self) -> str:
        """Return all words that stand beside the box which is ticked."""
        return f"{self.text} {CONSENT}"


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What a person may agree to now, unless the account is on hold."""

    terms: list[Terms]
    is_on_hold: bool = False

    @property
    def digest(self) -> str:
        """Return what changes when any word of the terms does."""
        words = "\n".join([VERSION, *(terms.agreement for terms in self.terms)])
        return hashlib.sha256(words.encode()).hexdigest()[:16]


def offer_for(
    user: User | AnonymousUser, *, prices: Iterable[Price], at: datetime
) -> Offer:
    """Return the terms of each price; the free days are for who never had any."""
    may_try, is_held = _standing(user)
    terms = [
        terms_of(price, trial_days=price.trial_days if may_try else 0, at=at)
        for price in prices
    ]
    return Offer(terms=terms, is_on_hold=is_held)


def _standing(user: User | AnonymousUser) -> tuple[bool, bool]:
    """Say whether the person may still try, and whether the account is on hold."""
    if not user.is_authenticated:
        return True, False
    found = (
        Customer.objects.filter(user=user)
        .annotate(
            has_subscribed=Exists(Subscription.objects.filter(customer=OuterRef("pk"))),
            is_held=Exists(
                AccessHold.objects.blocking().filter(customer=OuterRef("pk"))
            ),
        )
        .values_list("trial_used_at", "has_subscribed", "is_held")
        .first()
    )
    if found is None:
        return True, False
    trial_used_at, has_subscribed, is_held = found
    return trial_used_at is None and not has_subscribed, is_held


def terms_of(price: Price, *, trial_days: int, at: datetime) -> Terms:
    return Terms(
        price=price, trial_days=trial_days, text=_words(price, trial_days, at=at)
    )


def _words(price: Price, trial_days: int, *, at: datetime) -> str:
    amount, interval = price.display_amount, price.interval
    renewal = f"renews at {amount} every {interval} until you cancel"
    way_out = "Cancel online at any time in Account, Billing"
    if not trial_days:
        return (
            f"You pay {amount} today, plus tax where it applies. Your membership then "
            f"{renewal}. {way_out}; you keep access to the end of the paid {interval}."
        )
    first = timezone.localtime(at) + timedelta(days=trial_days)
    return (
        f"Your first {trial_days} days are free. You pay {amount}, plus tax where it "
        f"applies, on {formats.date_format(first)}. Your membership then {renewal}. "
        f"{way_out}; cancel before that day and you pay nothing."
    )
