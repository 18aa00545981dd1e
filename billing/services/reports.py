"""What came in, month by month, from the rows that mirror Stripe."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, TruncMonth
from django.utils import timezone

from billing.models import AccessHold, Invoice, Refund, Subscription, display_amount

MONTHS = 13
MONTHS_OF_YEAR = 12
STOPPED = ("unpaid", "paused")
EVER_BEGUN = ("trialing", "active", "past_due", *STOPPED, "canceled")
ByMonth = dict[tuple[datetime, str], Any]  # by the month's beginning and currency


@dataclass(frozen=True, kw_only=True)
class Month:
    """A month by the site's time zone; the running one is known until now."""

    begins_at: datetime
    ends_at: datetime
    known_until: datetime

    @property
    def key(self) -> str:
        return f"{self.begins_at:%Y-%m}"

    def __str__(self) -> str:
        return f"{self.begins_at:%B %Y}"


@dataclass(frozen=True, kw_only=True)
class MonthOfMoney:
    """One month in one currency; amounts in its smallest unit.

    Recurring revenue is what the subscriptions that paid at the month's end (in the
    running month: now) pay a month. A yearly price counts a twelfth. Nothing counts of
    a trial, a second subscription, one with a price of nobody's plan, one that is
    paused, one whose customer was on hold, and one that Stripe gave up collecting from.
    Tax and discounts are left out: it is the price that counts, in a past month that
    of the newest invoice paid by its end.
    New and ended count subscriptions, with trials and without those never paid.
    """

    month: Month
    currency: str
    recurring: int
    started: int
    ended: int
    paid: int
    recovered: int
    refunded: int
    past_due: int | None  # known of now only: no row tells who was late in a past month

    def amount(self, value: int) -> str:
        return display_amount(value, self.currency)


@dataclass(frozen=True, kw_only=True)
class MoneyReport:
    """The months, newest first, and the oldest reading among all rows they count."""

    months: list[MonthOfMoney]
    synced_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class _Sums:
    """What each query found."""

    recurring: ByMonth
    started: ByMonth
    ended: ByMonth
    paid: ByMonth
    refunded: ByMonth
    past_due: ByMonth

    def currencies(self) -> list[str]:
        return sorted({code for found in vars(self).values() for _, code in found})

    def of(self, month: Month, currency: str, *, newest: Month) -> MonthOfMoney:
        key = (month.begins_at, currency)
        paid, recovered = self.paid.get(key, (0, 0))
        return MonthOfMoney(
            month=month,
            currency=currency,
            recurring=self.recurring.get(key, 0),
            started=self.started.get(key, 0),
            ended=self.ended.get(key, 0),
            paid=paid,
            recovered=recovered,
            refunded=self.refunded.get(key, 0),
            past_due=self.past_due.get(key, 0) if month == newest else None,
        )


def money_report(*, at: datetime) -> MoneyReport:
    """Add up the last 13 months, in eight queries whatever the rows."""
    months = last_months(at=at)
    since = months[-1].begins_at
    sums = _Sums(
        recurring=_recurring(months),
        started=_counted("stripe_created_at", since),
        ended=_counted("ended_at", since),
        paid=_paid(since),
        refunded=_refunded(since),
        past_due=_past_due(months[0]),
    )
    currencies = sums.currencies()
    return MoneyReport(
        months=[
            sums.of(month, code, newest=months[0])
            for month in months
            for code in currencies
        ],
        synced_at=_oldest_reading(since),
    )


def last_months(*, at: datetime) -> list[Month]:
    """Return the last 13 months, newest first."""
    return [
        Month(begins_at=begin, ends_at=end, known_until=min(end, at))
        for begin, end in reversed(list(pairwise(_month_starts(at))))
    ]


def counted(rows: QuerySet[Subscription]) -> QuerySet[Subscription]:
    """Leave out second subscriptions, and those that never began."""
    return rows.filter(is_surplus=False, price__isnull=False, status__in=EVER_BEGUN)


def recurring(rows: QuerySet[Subscription], *, at: datetime) -> QuerySet[Subscription]:
    """Keep those that paid at the given moment: the rule of recurring revenue."""
    return counted(rows).filter(_paying(at))


def invoices_of(month: Month) -> QuerySet[Invoice]:
    """Return the invoices that were paid in the month, oldest first."""
    return (
        Invoice.objects.filter(
            status=Invoice.Status.PAID,
            paid_at__gte=month.begins_at,
            paid_at__lt=month.ends_at,
        )
        .select_related("customer__user")
        .defer("raw")
        .order_by("paid_at", "pk")
    )


def _paying(at: datetime) -> Q:
    held = AccessHold.objects.filter(
        Q(released_at__isnull=True) | Q(released_at__gt=at),
        customer=OuterRef("customer"),
        opened_at__lte=at,
    )
    return (
        Q(stripe_created_at__lt=at)
        & (Q(ended_at__isnull=True) | Q(ended_at__gte=at))
        & (Q(trial_ends_at__isnull=True) | Q(trial_ends_at__lt=at))
        & (Q(paused_at__isnull=True) | Q(paused_at__gte=at))
        # What was paid before Stripe stopped collecting was revenue then.
        & ~Q(status__in=STOPPED, current_period_start__lt=at)
        & Q(~Exists(held))
    )


def _recurring(months: list[Month]) -> ByMonth:
    """Add up all months: in twelfths, so that nothing is rounded early."""
    other = Invoice.objects.filter(subscription=OuterRef("pk"), price__isnull=False)
    has_changed = Exists(other.exclude(price=OuterRef("price")))
    now = _a_year()
    # Most people never pay another price: only for the others their invoices are read.
    found = [
        *_sums(~has_changed, [(month, now) for month in months]),
        *_sums(
            has_changed,
            [(months[0], now), *((month, _a_year_then(month)) for month in months[1:])],
        ),
    ]
    total: Counter[tuple[datetime, str]] = Counter()
    for key, twelfths in found:
        total[key] += twelfths
    return {key: round(twelfths / MONTHS_OF_YEAR) for key, twelfths in total.items()}


def _sums(
    which: Q | Exists | Combinable, costs: list[tuple[Month, Combinable]]
) -> Iterator[tuple[tuple[datetime, str], int]]:
    """Yield what the subscriptions pay a year, by month and currency, in one query."""
    sums = {
        f"month_{number}": Sum(
            cost * F("quantity"), filter=_paying(month.known_until), default=0
        )
        for number, (month, cost) in enumerate(costs)
    }
    rows = counted(Subscription.objects.filter(which))
    for row in rows.values("price__currency").annotate(**sums).order_by():
        for number, (month, _cost) in enumerate(costs):
            yield (month.begins_at, row["price__currency"]), row[f"month_{number}"]


def _a_year() -> Case:
    """Return what the price costs a year, of a subscription or of an invoice."""
    amount = F("price__unit_amount")
    return Case(When(price__interval="year", then=amount), default=amount * 12)


def _a_year_then(month: Month) -> Coalesce:
    """Return what it cost by the newest invoice that was paid for before the end."""
    paid = Invoice.objects.filter(
        subscription=OuterRef("pk"),
        status=Invoice.Status.PAID,
        price__isnull=False,
        stripe_created_at__lt=month.known_until,
    ).order_by("-stripe_created_at", "-pk")
    return Coalesce(Subquery(paid.values(cost=_a_year())[:1]), _a_year())


def _counted(field: str, since: datetime) -> ByMonth:
    rows = counted(Subscription.objects.filter(**{f"{field}__gte": since}))
    return dict(_by_month(rows, field, "price__currency", count=Count("pk")))


def _paid(since: datetime) -> ByMonth:
    rows = Invoice.objects.filter(status=Invoice.Status.PAID, paid_at__gte=since)
    late = Count("pk", filter=Q(attempt_count__gt=1))
    return dict(
        _by_month(rows, "paid_at", "currency", total=Sum("amount_paid"), late=late)
    )


def _refunded(since: datetime) -> ByMonth:
    rows = Refund.objects.filter(
        status=Refund.Status.SUCCEEDED, stripe_created_at__gte=since
    )
    return dict(_by_month(rows, "stripe_created_at", "currency", total=Sum("amount")))


def _by_month(
    rows: QuerySet[Any], field: str, currency: str, **sums: Any
) -> Iterator[tuple[tuple[datetime, str], Any]]:
    zone = timezone.get_default_timezone()
    grouped = (
        rows.annotate(month=TruncMonth(field, tzinfo=zone))
        .values("month", currency)
        .annotate(**sums)
        .order_by()
    )
    for row in grouped:
        values = tuple(row[name] for name in sums)
        key = (row["month"], row[currency])
        yield key, values if len(values) > 1 else values[0]


def _past_due(running: Month) -> ByMonth:
    rows = counted(Subscription.objects.filter(status=Subscription.Status.PAST_DUE))
    found = rows.values_list("price__currency").annotate(Count("pk")).order_by()
    return {(running.begins_at, currency): count for currency, count in found}


def _oldest_reading(since: datetime) -> datetime | None:
    """Return when the row was read that was not read for the longest time."""
    within = Q(ended_at__isnull=True) | Q(ended_at__gte=since)
    rows = [
        counted(Subscription.objects.filter(within)),
        Invoice.objects.filter(status=Invoice.Status.PAID, paid_at__gte=since),
        Refund.objects.filter(
            status=Refund.Status.SUCCEEDED, stripe_created_at__gte=since
        ),
    ]
    first, *others = (
        found.order_by().values(kind=Value(number)).annotate(oldest=Min("synced_at"))
        for number, found in enumerate(rows)
    )
    readings = [row["oldest"] for row in first.union(*others, all=True)]
    return min(filter(None, readings), default=None)


def _month_starts(at: datetime) -> list[datetime]:
    """Return the first moments of the last 13 months, and of the next one."""
    zone = timezone.get_default_timezone()
    today = at.astimezone(zone)
    count = today.year * MONTHS_OF_YEAR + today.month  # of the month after this one
    return [
        datetime(month // MONTHS_OF_YEAR, month % MONTHS_OF_YEAR + 1, 1, tzinfo=zone)
        for month in range(count - MONTHS, count + 1)
    ]
