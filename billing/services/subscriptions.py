"""What members change about their subscription.

Each change is asked of Stripe, then Stripe is read: what the row says afterwards
decides what the person is told, so a lost answer and a second click do no harm.
"""

import calendar
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import User
from billing import gateway
from billing.models import Customer, Price, Subscription
from billing.services.bad_rows import BAD_ROW
from billing.services.checkout import on_hold, refresh_customer
from core.errors import DomainError

logger = logging.getLogger(__name__)

Status = Subscription.Status
LONGEST_PAUSE_MONTHS = 3
MONTHS_A_YEAR = 12
NEXT_TRY = timedelta(days=1)
NO_SUBSCRIPTION = "There is no membership to change."
NOTHING_CHANGED = (
    "Stripe did not accept the change. Nothing was changed. "
    "Wait a minute and try again."
)
CHECKING = (
    "We are checking with Stripe whether this went through. "
    "Look at this page in a minute, before you try again."
)
NO_PAUSE = "Only a membership that is paid and renews can pause."
NOT_PAID = (
    "The payment did not go through, so nothing has changed yet. "
    "If an open invoice stands below, pay it; or update your card and try again."
)


class ChangeRefusedError(DomainError):
    """The subscription is as it was before."""


class ChangeUnknownError(DomainError):
    """Stripe may have made the change, and does not say."""


@dataclass(frozen=True, kw_only=True)
class SwitchOffer:
    """What another price would cost; less than nothing due is a credit."""

    price: Price
    due_now: int
    paid_by_credit: int
    currency: str
    prorated_at: datetime
    renews_at: datetime
    after_invoice: str  # what is billed later makes it another offer

    @property
    def credit(self) -> int:
        return max(-self.due_now, 0)


def current_subscription(*, user: User) -> Subscription | None:
    """Return the one subscription that bills this person, or may bill again."""
    own = Subscription.objects.live().filter(customer__user=user, is_surplus=False)
    return own.select_related("customer", "price__plan").first()


def switchable_price(subscription: Subscription) -> Price | None:
    """Return what a member may switch to: the plan's price of the other interval."""
    price = subscription.price
    if price is None or not is_running(subscription):
        return None
    others = Price.objects.on_sale().filter(
        plan=price.plan, currency=price.currency, stripe_price_id__isnull=False
    )
    return others.exclude(interval=price.interval).first()


def ends_at_once(subscription: Subscription) -> bool:
    """Say whether no paid time is left that a cancellation would wait for."""
    return subscription.status not in {Status.ACTIVE, Status.TRIALING}


def is_running(subscription: Subscription) -> bool:
    """Say whether it is paid and renews, so that it may switch or pause."""
    return subscription.status == Status.ACTIVE and not subscription.ends_at


def cancel_subscription(*, user: User, at: datetime) -> Subscription:
    """End the membership with the time that is paid; without such time, now."""
    row = current_subscription(user=user)
    if row is None:
        raise ChangeRefusedError(NO_SUBSCRIPTION)
    if ends_at_once(row):
        # Paid a moment ago, it has time that must not be lost.
        if not refresh_customer(customer=row.customer, at=at):
            raise ChangeRefusedError(NOTHING_CHANGED)
        row.refresh_from_db()
    if row.ends_at or row.status not in Subscription.LIVE:
        return row
    cancel = gateway.cancel_now if ends_at_once(row) else gateway.cancel_at_period_end
    return _change(
        row,
        lambda: cancel(row.stripe_id),
        is_done=lambda: bool(row.ends_at or row.status == Status.CANCELED),
        at=at,
    )


def keep_subscription(*, user: User, at: datetime) -> Subscription:
    """Take a scheduled cancellation back, whoever scheduled it."""
    row = _open_to_change(user)
    if not row.ends_at:
        return row
    return _change(
        row,
        lambda: gateway.keep_subscription(row.stripe_id),
        is_done=lambda: row.status in Subscription.LIVE and not row.ends_at,
        at=at,
    )


def preview_switch(*, user: User, at: datetime) -> SwitchOffer:
    """Ask Stripe what the plan's other interval would cost from now on."""
    row = _open_to_change(user)
    price = switchable_price(row)
    if price is None:
        raise ChangeRefusedError("There is no other way to pay that you can switch to.")
    try:
        with gateway.somebody_waits():
            found = gateway.preview_switch(
                customer_id=row.customer.stripe_id or "",
                subscription_id=row.stripe_id,
                item_id=row.item_id,
                price_id=price.stripe_price_id or "",
                at=at,
            )
    except gateway.GatewayError as error:
        raise ChangeRefusedError(
            "Stripe does not answer right now. Nothing was changed. "
            "Wait a minute and try again."
        ) from error
    months = MONTHS_A_YEAR if price.interval == Price.Interval.YEAR else 1
    return SwitchOffer(
        price=price,
        due_now=found.due_now,
        paid_by_credit=found.paid_by_credit,
        currency=found.currency,
        prorated_at=found.prorated_at,
        after_invoice=row.latest_invoice_id,
        renews_at=months_after(found.prorated_at, months),
    )


def switch_price(
    *,
    user: User,
    price: Price,
    prorated_at: datetime,
    after_invoice: str,
    at: datetime,
) -> Subscription:
    """Change to the price of the preview, for what the preview said."""
    row = _open_to_change(user)
    if row.price_id == price.pk:
        return row
    if switchable_price(row) != price:
        raise ChangeRefusedError("You cannot switch to that price now.")
    if row.latest_invoice_id != after_invoice:
        raise ChangeRefusedError(
            "Something was billed since you saw that offer. Nothing was changed. "
            "Look at the offer once more."
        )
    return _change(
        row,
        lambda: gateway.switch_price(
            subscription_id=row.stripe_id,
            item_id=row.item_id,
            price_id=price.stripe_price_id or "",
            prorated_at=prorated_at,
        ),
        is_done=lambda: row.price_id == price.pk,
        refusal=NOT_PAID,
        at=at,
    )


def pause_subscription(*, user: User, months: int, at: datetime) -> Subscription:
    """Stop service and billing now, and begin again after so many months."""
    row = _open_to_change(user)
    if row.status == Status.PAUSED:
        return row
    if not 1 <= months <= LONGEST_PAUSE_MONTHS:
        raise ChangeRefusedError("A pause lasts 1, 2 or 3 months.")
    if not is_running(row):
        raise ChangeRefusedError(NO_PAUSE)
    # Known before Stripe is asked: a lost answer must not make the pause endless.
    resumes_at = months_after(at, months)
    _set_end_of_pause(row, resumes_at)
    _change(
        row,
        lambda: gateway.pause_subscription(row.stripe_id),
        is_done=lambda: row.status == Status.PAUSED,
        at=at,
    )
    if row.resumes_at is None:
        _set_end_of_pause(row, resumes_at)
    return row


def resume_subscription(*, user: User, at: datetime) -> Subscription:
    """End the pause before its time."""
    row = _open_to_change(user)
    if row.status != Status.PAUSED:
        return row
    return _change(
        row,
        lambda: gateway.resume_subscription(row.stripe_id),
        is_done=lambda: row.status != Status.PAUSED,
        refusal=NOT_PAID,
        at=at,
    )


def resume_due(*, at: datetime) -> int:
    """End the pauses whose day has come; one that fails is tried again tomorrow."""
    # Nobody is billed again whose account is closed.
    due = Subscription.objects.filter(
        status=Status.PAUSED,
        is_surplus=False,
        resumes_at__lte=at,
        customer__user__is_active=True,
    ).select_related("customer")
    resumed = 0
    for row in due.order_by("resumes_at"):
        try:
            resumed += _resume(row, at=at)
        except BAD_ROW:
            logger.exception("%s cannot be resumed", row)
    return resumed


def _resume(row: Subscription, *, at: datetime) -> bool:
    # Asked anew: the run takes a while, and an account may have been closed meanwhile.
    is_member = Customer.objects.filter(pk=row.customer_id, user__is_active=True)
    if row.customer.holds.open().exists() or not is_member.exists():
        return False
    try:
        gateway.resume_subscription(row.stripe_id)
    except gateway.NoAnswerError:
        return False
    except gateway.GatewayError:
        logger.exception("subscription %s did not resume", row.stripe_id)
    is_known = refresh_customer(customer=row.customer, at=at)
    row.refresh_from_db()
    if is_known and row.status == Status.PAUSED:
        _set_end_of_pause(row, at + NEXT_TRY)
    return row.status != Status.PAUSED


def _set_end_of_pause(row: Subscription, resumes_at: datetime) -> None:
    row.resumes_at = resumes_at
    row.save(update_fields=["resumes_at", "updated_at"])


def _open_to_change(user: User) -> Subscription:
    row = current_subscription(user=user)
    if row is None:
        raise ChangeRefusedError(NO_SUBSCRIPTION)
    # A refund holds too: a change would credit the days that were paid back.
    if row.customer.holds.open().exists():
        raise ChangeRefusedError(on_hold())
    return row


def _change(
    row: Subscription,
    ask: Callable[[], None],
    *,
    is_done: Callable[[], bool],
    at: datetime,
    refusal: str = NOTHING_CHANGED,
) -> Subscription:
    """Ask for a change and read what became of it, whatever the answer was."""
    with gateway.somebody_waits():
        with suppress(gateway.GatewayError):
            ask()
        is_known = refresh_customer(customer=row.customer, at=at)
    row.refresh_from_db()
    if is_done():
        return row
    if is_known:
        raise ChangeRefusedError(refusal)
    raise ChangeUnknownError(CHECKING)


def months_after(moment: datetime, months: int) -> datetime:
    """Return the same day so many months later, or the last day of a short month."""
    local = timezone.localtime(moment)
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    day = min(local.day, calendar.monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day)
