"""Notices that follow from a date alone; each is stored once, however often this runs."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from accounts.models import User
from billing import emails
from billing.models import Invoice, Price, Subscription
from billing.sync.dunning import tell_of_late_payment

DAY = timedelta(days=1)
YEAR = timedelta(days=365, hours=6)
TRIAL_NOTICE = 3 * DAY
# Renewal laws want 3 to 21 days before the end of a trial of 31 days or more ...
LONG_TRIAL = 31 * DAY
LONG_TRIAL_NOTICE = 14 * DAY
# ... and 15 to 30 days before a year is charged.
YEAR_NOTICE_FROM = 30 * DAY
YEAR_NOTICE_UNTIL = 15 * DAY
AROUND_ANNIVERSARY = 7 * DAY
CARD_NOTICE_DAYS = (7, 30)
Status = Subscription.Status


def send_dated_notices(*, at: datetime) -> None:
    _remind_of_late_payments(at=at)
    _warn_of_old_cards(at=at)
    _announce_ends_of_trials(at=at)
    _remind_before_a_year(at=at)
    _remind_after_a_year_of_months(at=at)


def _remind_of_late_payments(*, at: datetime) -> None:
    for subscription, user in _with_members(Status.PAST_DUE):
        invoice = Invoice.objects.filter(stripe_id=subscription.latest_invoice_id)
        for late in invoice.select_related("customer"):
            tell_of_late_payment(late, subscription=subscription, user=user, at=at)


def _warn_of_old_cards(*, at: datetime) -> None:
    today = at.date()
    paying = renewing(
        customer__card_expiry_date__gte=today,
        customer__card_expiry_date__lte=today + max(CARD_NOTICE_DAYS) * DAY,
    )
    for subscription, user in paying:
        last_day = subscription.customer.card_expiry_date
        days_left = (last_day - today).days if last_day else 0
        step = next(days for days in CARD_NOTICE_DAYS if days_left <= days)
        emails.card_expiring(subscription, user=user, step=str(step)).queue()


def _announce_ends_of_trials(*, at: datetime) -> None:
    trials = renewing(
        status=Status.TRIALING,
        trial_ends_at__gt=at,
        trial_ends_at__lte=at + LONG_TRIAL_NOTICE,
    )
    for subscription, user in trials:
        ends_at = subscription.trial_ends_at or at
        is_long = ends_at - subscription.stripe_created_at >= LONG_TRIAL
        notice = LONG_TRIAL_NOTICE if is_long else TRIAL_NOTICE
        # On its first day the email about the start has just said it.
        is_begun = subscription.stripe_created_at + DAY <= at
        if ends_at - notice <= at and is_begun:
            emails.trial_ending(subscription, user=user).queue()


def _remind_before_a_year(*, at: datetime) -> None:
    yearly = renewing(
        status=Status.ACTIVE,
        price__interval=Price.Interval.YEAR,
        current_period_end__gte=at + YEAR_NOTICE_UNTIL,
        current_period_end__lte=at + YEAR_NOTICE_FROM,
    )
    for subscription, user in yearly:
        year = (subscription.current_period_end or at).year
        emails.renewal_reminder(subscription, user=user, year=year).queue()


def _remind_after_a_year_of_months(*, at: datetime) -> None:
    monthly = renewing(
        status=Status.ACTIVE,
        price__interval=Price.Interval.MONTH,
        current_period_end__gt=at,
        stripe_created_at__lte=at - YEAR + AROUND_ANNIVERSARY,
    )
    for subscription, user in monthly:
        begun_at = subscription.stripe_created_at
        years = round((at - begun_at) / YEAR)
        if abs(begun_at + years * YEAR - at) <= AROUND_ANNIVERSARY:
            emails.renewal_reminder(
                subscription, user=user, year=begun_at.year + years
            ).queue()


def renewing(**conditions: object) -> Iterator[tuple[Subscription, User]]:
    """Return what will charge the card again, with the member."""
    found = _with_members(
        Status.ACTIVE, Status.TRIALING, price__isnull=False, **conditions
    )
    return ((row, user) for row, user in found if row.ends_at is None)


def _with_members(
    *statuses: str, **conditions: object
) -> Iterator[tuple[Subscription, User]]:
    """Return the subscriptions of people who have an account here."""
    found = (
        Subscription.objects.filter(status__in=statuses)
        .filter(is_surplus=False, customer__user__is_active=True, **conditions)
        .select_related("customer__user", "price")
        .defer("raw")
    )
    for subscription in found:
        user = subscription.customer.user
        if user is not None:
            yield subscription, user
