"""The one question that other apps ask: may this person open it?"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from django.contrib.auth.models import AnonymousUser, Permission
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.models import User
from billing.models import AccessGrant, AccessHold, Plan, Subscription
from core.prepared import Prepared

LATE_WEBHOOK = timedelta(hours=72)
FOREVER = datetime.max.replace(tzinfo=UTC)


class AccessState(models.TextChoices):
    """What a person has paid for, as the pages tell it."""

    ANONYMOUS = "anonymous", "Not logged in"
    FREE = "free", "Free account"
    INCOMPLETE = "incomplete", "Payment incomplete"
    ACTIVE = "active", "Active"
    PAST_DUE = "past_due", "Past due"
    CANCELING = "canceling", "Canceled, period running"
    LAPSED = "lapsed", "Lapsed"
    COMP = "comp", "Complimentary"
    STAFF = "staff", "Staff"


_GRANTS = AccessGrant.objects.select_related("plan").only(
    "valid_until", "plan__entitlement"
)
_SUBSCRIPTIONS = (
    Subscription.objects.filter(is_surplus=False)
    .only(
        *("status", "current_period_start", "current_period_end"),
        *("cancel_at", "cancel_at_period_end", "past_due_since"),
        "resumes_at",
    )
    .annotate(
        entitlement=F("price__plan__entitlement"),
        next_payment=F("price__unit_amount") + F("customer__balance"),
        # Of several holds a refund speaks last: it closes the old period, no more.
        hold=Subquery(
            AccessHold.objects.open()
            .filter(customer=OuterRef("customer"))
            .alias(is_refund=Q(kind=AccessHold.Kind.REFUND))
            .order_by("is_refund")
            .values("kind")[:1]
        ),
    )
)
_OF = Prepared(lambda user: _SUBSCRIPTIONS.filter(customer__user=user), user=int)
# Who asks for everything saves a query by knowing that every grant is over.
_LAST_GRANT = (
    AccessGrant.objects.filter(user=OuterRef("customer__user"), revoked_at=None)
    .annotate(end=Coalesce("valid_until", Value(FOREVER)))
    .order_by("-end")
)
_WITH_GRANTS_OF = Prepared(
    lambda user: _SUBSCRIPTIONS.filter(customer__user=user).annotate(
        granted_until=Subquery(_LAST_GRANT.values("end")[:1])
    ),
    user=int,
)

# Of several grants and subscriptions the last one in this list speaks.
_RANKS = [
    AccessState.FREE,
    AccessState.LAPSED,
    AccessState.INCOMPLETE,
    AccessState.PAST_DUE,
    AccessState.CANCELING,
    AccessState.ACTIVE,
    AccessState.COMP,
]


@dataclass(frozen=True, kw_only=True)
class Access:
    """What a person may open, why, and until when."""

    state: AccessState
    entitlements: frozenset[str] = frozenset()
    ends_at: datetime | None = None
    renews_at: datetime | None = None
    is_billed: bool = False  # a subscription lives: pay it, never start a second one
    is_held: bool = False  # paid, and closed by a dispute, a refund or a fraud
    is_disputed: bool = False  # held because a bank was asked to take a payment back
    is_refunded: bool = False  # held by nothing but a refund of the last payment
    is_paused: bool = False
    resumes_at: datetime | None = None  # when the pause that the member chose ends


def has_entitlement(user: User | AnonymousUser, key: str, *, at: datetime) -> bool:
    """Say whether something that the person holds unlocks this key.

    It asks no further once something does.
    """
    if not user.is_authenticated or not user.is_active:
        return False
    if user.is_staff:
        return key in access_for(user, at=at).entitlements
    sources = chain(
        _subscribed(_OF.rows(user=user.pk), at=at),
        _granted(user, at=at),
    )
    return any(key in source.entitlements for source in sources)


def access_for(user: User | AnonymousUser, *, at: datetime) -> Access:
    """Compute access from the rows of this moment; nothing is remembered or asked."""
    if not user.is_authenticated or not user.is_active:
        return Access(state=AccessState.ANONYMOUS)
    own = _sources(user, at=at)
    if user.is_staff:
        plans = _plans_for_staff(user, at=at)
        previewed = frozenset(plan.entitlement for plan in plans if plan.is_previewed)
        if previewed:
            return Access(state=AccessState.STAFF, entitlements=previewed)
        own = chain(_subscribed(_OF.rows(user=user.pk), at=at), _given(plans))

    sources = [Access(state=AccessState.FREE), *own]
    best = max(
        sources,
        key=lambda source: (
            _RANKS.index(source.state),
            source.ends_at or FOREVER,
            source.is_billed,  # a pause can be ended, what is over cannot
        ),
    )
    everything = frozenset[str]().union(*(source.entitlements for source in sources))
    is_billed = any(source.is_billed for source in sources)
    # A gift over a subscription that renews does not stop the card being charged.
    renewals = [source.renews_at for source in sources if source.renews_at]
    return replace(
        best,
        entitlements=everything,
        is_billed=is_billed,
        renews_at=best.renews_at or min(renewals, default=None),
    )


def would_open(subscription: Subscription, *, is_held: bool, at: datetime) -> bool:
    """Say whether a subscription opens anything once its row is like this one."""
    price = subscription.price
    opened = price.plan.entitlement if price else None
    subscription.entitlement = opened  # type: ignore[attr-defined] # as annotated
    held = AccessHold.Kind.MANUAL if is_held else None
    subscription.hold = held  # type: ignore[attr-defined] # as annotated
    return bool(_access_of(subscription, at=at).entitlements)


def _sources(user: User, *, at: datetime) -> Iterator[Access]:
    rows = _WITH_GRANTS_OF.rows(user=user.pk)
    yield from _subscribed(rows, at=at)
    last = rows[0].granted_until if rows else FOREVER  # type: ignore[attr-defined] # annotated
    if last and last > at:
        yield from _granted(user, at=at)


def _subscribed(
    subscriptions: Iterable[Subscription], *, at: datetime
) -> Iterator[Access]:
    for subscription in subscriptions:
        is_billed = subscription.status in Subscription.LIVE
        yield replace(_access_of(subscription, at=at), is_billed=is_billed)


def _granted(user: User, *, at: datetime) -> Iterator[Access]:
    for grant in _GRANTS.valid(at=at).filter(user=user):
        yield Access(
            state=AccessState.COMP,
            entitlements=frozenset({grant.plan.entitlement}),
            ends_at=grant.valid_until,
        )


def _plans_for_staff(user: User, *, at: datetime) -> list[Any]:
    """Read with one query what staff may preview, and what was given to them."""
    permitted = Permission.objects.filter(
        Q(user=user) | Q(group__user=user),
        content_type__app_label="billing",
        codename="preview_plan",
    )
    given = AccessGrant.objects.valid(at=at).filter(user=user, plan=OuterRef("pk"))
    ends = given.annotate(end=Coalesce("valid_until", Value(FOREVER))).order_by("-end")
    plans = Plan.objects.annotate(
        is_previewed=Value(value=True) if user.is_superuser else Exists(permitted),
        given_until=Subquery(ends.values("end")[:1]),
    )
    return list(plans)


def _given(plans: Iterable[Any]) -> Iterator[Access]:
    for plan in plans:
        if plan.given_until:
            yield Access(
                state=AccessState.COMP,
                entitlements=frozenset({plan.entitlement}),
                ends_at=None if plan.given_until == FOREVER else plan.given_until,
            )


def _access_of(subscription: Subscription, *, at: datetime) -> Access:
    status = Subscription.Status
    opened = subscription.entitlement  # type: ignore[attr-defined] # annotated
    if opened is None:
        return Access(state=AccessState.FREE)
    if subscription.hold:  # type: ignore[attr-defined] # annotated
        return _held(subscription, at=at)
    entitlements = frozenset({opened})
    if subscription.status in {status.ACTIVE, status.TRIALING}:
        return _while_paid(subscription, entitlements, at=at)
    if subscription.status == status.PAST_DUE:
        return _while_in_grace(subscription, entitlements, at=at)
    return _closed(subscription)


def _held(subscription: Subscription, *, at: datetime) -> Access:
    status = Subscription.Status
    ends_at = subscription.current_period_end
    hold = subscription.hold  # type: ignore[attr-defined] # annotated
    is_refunded = hold == AccessHold.Kind.REFUND
    # A credit, which a refund leaves as it is, opens nothing anew.
    asks = not is_refunded or subscription.next_payment > 0  # type: ignore[attr-defined] # annotated
    renews = (
        subscription.status in {status.ACTIVE, status.TRIALING}
        and not subscription.ends_at
        and asks
        and ends_at is not None
        and ends_at > at
    )
    return Access(
        state=AccessState.LAPSED,
        is_held=True,
        is_disputed=hold == AccessHold.Kind.DISPUTE,
        is_refunded=is_refunded,
        renews_at=ends_at if renews else None,
    )


def _closed(subscription: Subscription) -> Access:
    status = Subscription.Status
    if subscription.status == status.INCOMPLETE_EXPIRED:
        return Access(state=AccessState.FREE)
    if subscription.status == status.INCOMPLETE:
        return Access(state=AccessState.INCOMPLETE)
    if subscription.status == status.PAUSED:
        return Access(
            state=AccessState.LAPSED,
            is_paused=True,
            resumes_at=subscription.resumes_at,
        )
    return Access(state=AccessState.LAPSED)


def _while_paid(
    subscription: Subscription, entitlements: frozenset[str], *, at: datetime
) -> Access:
    period_end, ends_at = subscription.current_period_end, subscription.ends_at
    if period_end is None or period_end + LATE_WEBHOOK <= at:
        return Access(state=AccessState.LAPSED)
    if ends_at is None:
        return Access(
            state=AccessState.ACTIVE, entitlements=entitlements, renews_at=period_end
        )
    if ends_at <= at:
        return Access(state=AccessState.LAPSED)
    return Access(
        state=AccessState.CANCELING, entitlements=entitlements, ends_at=ends_at
    )


def _while_in_grace(
    subscription: Subscription, entitlements: frozenset[str], *, at: datetime
) -> Access:
    ends_at = subscription.grace_ends_at
    if ends_at is None or ends_at <= at:
        return Access(state=AccessState.LAPSED)
    return Access(
        state=AccessState.PAST_DUE, entitlements=entitlements, ends_at=ends_at
    )
