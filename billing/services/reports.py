"""What came in, month by month, from the rows that mirror Stripe."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from django.db.models import Count, Min, Q, Sum
from django.db.models.functions import TruncMonth

from billing.models import AccessHold, Invoice, Refund, Subscription, display_amount

MONTHS = 13
NEVER_PAID = ("incomplete", "incomplete_expired")
MONTHS_OF_YEAR = 12
Sums = dict[tuple[datetime, str], tuple[int, int]]  # by month and currency


@dataclass(frozen=True, kw_only=True)
class MonthOfMoney:
    """One month in one currency; amounts in its smallest unit.

    Recurring revenue is what the subscriptions that lived at the month's end pay a
    month: a yearly price counts a twelfth; trials, second subscriptions and those
    under an open hold count nothing.
    """

    begins_at: datetime
    ends_at: datetime
    currency: str
    recurring: int
    started: int
    ended: int
    paid: int
    recovered: int
    refunded: int

    def amount(self, value: int) -> str:
        return display_amount(value, self.currency)


@dataclass(frozen=True, kw_only=True)
class MoneyReport:
    """The months, newest first, and how old the oldest of their rows is."""

    months: list[MonthOfMoney]
    past_due: int
    synced_at: datetime | None


@dataclass(frozen=True)
class _Life:
    """One subscription: when it began and ended, and what it pays a month."""

    currency: str
    begun_at: datetime
    ended_at: datetime | None
    free_until: datetime | None
    monthly: float


def money_report(*, at: datetime) -> MoneyReport:
    """Add up the last 13 months by UTC, in five queries whatever the rows."""
    starts = _month_starts(at)
    lives = _lives()
    paid, refunded = _paid(starts[0]), _refunded(starts[0])
    currencies = sorted(
        {life.currency for life in lives} | {currency for _, currency in paid}
    )
    live = Subscription.objects.live()
    return MoneyReport(
        months=[
            _month(begin, end, currency, lives, paid, refunded)
            for begin, end in reversed(list(pairwise(starts)))
            for currency in currencies
        ],
        past_due=live.filter(status="past_due").count(),
        synced_at=live.aggregate(oldest=Min("synced_at"))["oldest"],
    )


def _month(
    begin: datetime,
    end: datetime,
    currency: str,
    lives: Iterable[_Life],
    paid: Sums,
    refunded: Sums,
) -> MonthOfMoney:
    own = [life for life in lives if life.currency == currency]
    amount, recovered = paid.get((begin, currency), (0, 0))
    return MonthOfMoney(
        begins_at=begin,
        ends_at=end,
        currency=currency,
        recurring=round(sum(life.monthly for life in own if _pays(life, end))),
        started=sum(begin <= life.begun_at < end for life in own),
        ended=sum(bool(life.ended_at and begin <= life.ended_at < end) for life in own),
        paid=amount,
        recovered=recovered,
        refunded=refunded.get((begin, currency), (0, 0))[0],
    )


def _pays(life: _Life, at: datetime) -> bool:
    is_alive = life.begun_at < at and (life.ended_at is None or life.ended_at >= at)
    return is_alive and (life.free_until is None or life.free_until < at)


def _lives() -> list[_Life]:
    held = AccessHold.objects.open()
    rows = (
        Subscription.objects.filter(is_surplus=False, price__isnull=False)
        .exclude(status__in=NEVER_PAID)
        .exclude(customer__in=held.values("customer"))
        .values_list(
            *("price__currency", "stripe_created_at", "ended_at", "trial_ends_at"),
            *("price__unit_amount", "quantity", "price__interval"),
        )
    )
    return [
        _Life(
            currency,
            begun_at,
            ended_at,
            free_until,
            amount * quantity / (MONTHS_OF_YEAR if interval == "year" else 1),
        )
        for currency, begun_at, ended_at, free_until, amount, quantity, interval in rows
    ]


def _paid(since: datetime) -> Sums:
    rows = (
        Invoice.objects.filter(status="paid", paid_at__gte=since)
        .annotate(month=TruncMonth("paid_at", tzinfo=UTC))
        .values_list("month", "currency")
        .annotate(Sum("amount_paid"), late=Count("pk", filter=Q(attempt_count__gt=1)))
        .order_by()
    )
    return {(month, currency): (total, late) for month, currency, total, late in rows}


def _refunded(since: datetime) -> Sums:
    rows = (
        Refund.objects.filter(status="succeeded", stripe_created_at__gte=since)
        .annotate(month=TruncMonth("stripe_created_at", tzinfo=UTC))
        .values_list("month", "currency")
        .annotate(Sum("amount"), Count("pk"))
        .order_by()
    )
    return {(month, currency): (total, count) for month, currency, total, count in rows}


def _month_starts(at: datetime) -> list[datetime]:
    """Return the first moments of the last 13 months, and of the next one."""
    count = at.year * MONTHS_OF_YEAR + at.month  # of the month after this one
    months = range(count - MONTHS, count + 1)
    return [
        datetime(month // MONTHS_OF_YEAR, month % MONTHS_OF_YEAR + 1, 1, tzinfo=UTC)
        for month in months
    ]
