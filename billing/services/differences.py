"""Compares one customer here with what Stripe lists; nothing is changed or asked."""

from collections.abc import Iterator, Set
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum

from billing import gateway
from billing.access import AccessState, access_for, would_open
from billing.models import Customer, OutboxEntry, Price, Subscription

DRIFTING = {
    "status": ("status",),
    "period": ("current_period_start", "current_period_end"),
    "cancel": ("cancel_at", "cancel_at_period_end"),
}


class Kind(StrEnum):
    """What can differ, in the words of the report."""

    MISSING_HERE = "missing here"
    MISSING_THERE = "missing at Stripe"
    STATUS = "status"
    PRICE = "price"
    PERIOD = "period"
    CANCEL = "cancel"
    TWO_LIVE = "two live subscriptions"
    NO_USER = "customer without user"
    DELETED_USER = "live subscription of a deleted user"
    INACTIVE_USER = "live subscription of a deactivated user"
    IN_WORK = "waiting in the outbox"
    UNKNOWN_CUSTOMER = "live subscription of an unknown customer"
    UNKNOWN_PRICE = "unknown price"
    HELD = "held but still billed"
    COMP = "complimentary but paying"


SYNCED = {
    Kind.MISSING_HERE,
    Kind.MISSING_THERE,
    Kind.STATUS,
    Kind.PRICE,
    Kind.PERIOD,
    Kind.CANCEL,
    Kind.TWO_LIVE,
    Kind.INACTIVE_USER,
}
CLOSED = {Kind.NO_USER, Kind.DELETED_USER}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that is told otherwise here than at Stripe, or that people must see."""

    kind: Kind
    customer: str
    subject: str = ""
    here: str = ""
    there: str = ""

    def as_json(self) -> dict[str, str]:
        return {**asdict(self), "kind": self.kind.value}

    @property
    def is_repairable(self) -> bool:
        return self.kind in SYNCED | CLOSED


@dataclass(frozen=True, kw_only=True)
class Account:
    """A customer here, beside all that Stripe lists of it."""

    customer: Customer
    remotes: list[gateway.RemoteSubscription]
    prices: dict[str, Price] = field(repr=False)
    granted: Set[int] = field(repr=False)  # ids of the users with valid grants

    @property
    def live(self) -> list[gateway.RemoteSubscription]:
        return [found for found in self.remotes if found.status in Subscription.LIVE]

    @property
    def rows(self) -> list[Subscription]:
        return list(self.customer.subscriptions.all())

    @property
    def is_over(self) -> bool:
        """Say whether it is closed, and nothing lives on."""
        lives_here = any(row.status in Subscription.LIVE for row in self.rows)
        return not (self.customer.exists_at_stripe or lives_here or self.live)

    @property
    def is_held(self) -> bool:
        return bool(self.customer.holds.all())

    def has_access(self, *, at: datetime) -> bool:
        user = self.customer.user
        return user is not None and bool(access_for(user, at=at).entitlements)

    def loses_access(self, *, at: datetime) -> bool:
        """Say whether the person has access now, and will not once this is repaired."""
        user = self.customer.user
        if user is None:
            return False
        access = access_for(user, at=at)
        if not access.entitlements or access.state in {
            AccessState.STAFF,
            AccessState.COMP,
        }:
            return False
        return not any(
            would_open(row, is_held=self.is_held, at=at) for row in self._future(at=at)
        )

    def _future(self, *, at: datetime) -> Iterator[Subscription]:
        """Yield the rows as they will be; none is saved."""
        known = {row.stripe_id: row for row in self.rows}
        for found in self.remotes:
            row = known.get(found.id)
            if row is not None and row.is_surplus:
                continue
            since = (row.past_due_since if row else None) or found.unpaid_since or at
            yield Subscription(
                stripe_id=found.id,
                status=found.status,
                price=self.prices.get(found.price_id),
                current_period_start=found.current_period_start,
                current_period_end=found.current_period_end,
                cancel_at=found.cancel_at,
                cancel_at_period_end=found.cancel_at_period_end,
                past_due_since=since,
            )


def compare(account: Account) -> Iterator[Difference]:
    if account.is_over:
        return
    rows = {row.stripe_id: row for row in account.rows}
    for found in account.remotes:
        yield from _about(account, rows.pop(found.id, None), found)
    for row in rows.values():
        if row.status in Subscription.LIVE:
            yield _difference(account, Kind.MISSING_THERE, row.stripe_id, row.status)
    yield from _about_all(account)


def unknown(found: gateway.RemoteSubscription) -> Difference:
    return Difference(
        kind=Kind.UNKNOWN_CUSTOMER,
        customer=found.customer_id,
        subject=found.id,
        there=found.status,
    )


def _about(
    account: Account,
    row: Subscription | None,
    found: gateway.RemoteSubscription,
) -> Iterator[Difference]:
    if found.status in Subscription.LIVE and found.price_id not in account.prices:
        yield _difference(
            account, Kind.UNKNOWN_PRICE, found.id, there=found.price_id or "none"
        )
    if row is None:
        yield _difference(account, Kind.MISSING_HERE, found.id, there=found.status)
        return
    for kind, names in DRIFTING.items():
        here = [str(getattr(row, name)) for name in names]
        there = [str(getattr(found, name)) for name in names]
        if here != there:
            yield _difference(
                account, Kind(kind), found.id, ", ".join(here), ", ".join(there)
            )
    if row.price != account.prices.get(found.price_id):
        yield _difference(account, Kind.PRICE, found.id, str(row.price), found.price_id)


def _about_all(account: Account) -> Iterator[Difference]:
    customer, live = account.customer, account.live
    if len(live) > 1:
        kind = Kind.IN_WORK if _is_in_work(account) else Kind.TWO_LIVE
        yield _difference(account, kind, there=", ".join(found.id for found in live))
    if customer.user_id is None:
        kind = Kind.DELETED_USER if live else Kind.NO_USER
        if _waiting(customer, OutboxEntry.Kind.CLOSE):
            kind = Kind.IN_WORK
        yield _difference(account, kind, there=", ".join(found.id for found in live))
    elif live and customer.user is not None and not customer.user.is_active:
        is_ordered = _waiting(customer, OutboxEntry.Kind.CANCEL)
        kind = Kind.IN_WORK if is_ordered else Kind.INACTIVE_USER
        yield _difference(account, kind, live[0].id, there=live[0].status)
    if live and account.is_held:
        holds = ", ".join(str(hold) for hold in customer.holds.all())
        yield _difference(account, Kind.HELD, live[0].id, holds, live[0].status)
    if live and customer.user_id in account.granted:
        yield _difference(account, Kind.COMP, live[0].id, there=live[0].status)


def _is_in_work(account: Account) -> bool:
    """Say whether every live subscription but one is about to be refused."""
    refused = _waiting(account.customer, OutboxEntry.Kind.CANCEL_SURPLUS)
    return sum(found.id not in refused for found in account.live) <= 1


def _waiting(customer: Customer, kind: OutboxEntry.Kind) -> list[str]:
    return [
        entry.subject_id
        for entry in customer.outbox_entries.all()
        if entry.kind == kind and not (entry.done_at or entry.parked_at)
    ]


def _difference(
    account: Account, kind: Kind, subject: str = "", here: str = "", there: str = ""
) -> Difference:
    return Difference(
        kind=kind,
        customer=account.customer.stripe_id or "",
        subject=subject,
        here=here,
        there=there,
    )
