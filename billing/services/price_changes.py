"""Moves members from an old amount to the one on sale, each told in time.

California's law on renewals (AB 2863) asks for a notice 7 to 30 days before a new
amount is charged; nobody is told later anywhere else.
"""

import logging
from datetime import date, datetime, timedelta
from time import monotonic

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from billing import emails, gateway, sync
from billing.models import Price, PriceChange, PriceChangeNotice, Subscription
from billing.services.bad_rows import BAD_ROW
from billing.services.notices import renewing
from core.errors import DomainError

logger = logging.getLogger(__name__)

DAY = timedelta(days=1)
EARLIEST_NOTICE = 30 * DAY
LATEST_NOTICE = 7 * DAY
MOVED_WITHIN = 2 * DAY
PATIENCE_SECONDS = 10.0


class PriceChangeRefusedError(DomainError):
    """The subscribers of this price cannot be moved like this."""


def successor(price: Price) -> Price | None:
    """Return the price on sale that a member of this one can be moved to."""
    same = {"currency": price.currency, "interval": price.interval}
    on_sale = Price.objects.on_sale().filter(plan=price.plan_id, **same)
    return on_sale.exclude(pk=price.pk).exclude(stripe_price_id=None).first()


@transaction.atomic
def plan_price_change(
    *, price: Price, starts_date: date, by: User, at: datetime
) -> PriceChange:
    """Order the move; who pays the price is told 7 to 30 days before it is felt."""
    old = Price.objects.select_for_update().get(pk=price.pk)
    to_price = successor(old)
    if old.is_active or to_price is None:
        raise PriceChangeRefusedError(
            "First put a new amount on sale: there is nothing to move the members to."
        )
    if starts_date < first_day(at=at):
        raise PriceChangeRefusedError(
            "Members are told a week before they pay more. Choose a later day."
        )
    if old.changes.open().exists():
        raise PriceChangeRefusedError("The members of this price are being moved.")
    return PriceChange.objects.create(
        from_price=old, to_price=to_price, starts_date=starts_date, created_by=by
    )


def first_day(*, at: datetime) -> date:
    """Return the first day on which a new amount can be charged."""
    return timezone.localdate(at) + LATEST_NOTICE + DAY


@transaction.atomic
def withdraw_price_change(*, change: PriceChange, reason: str, at: datetime) -> int:
    """Stop what has not happened; say how many were told that their price stays."""
    locked = PriceChange.objects.select_for_update().get(pk=change.pk)
    if locked.withdrawn_at or not reason.strip():
        raise PriceChangeRefusedError("Give a reason; a move is withdrawn once.")
    told = locked.notices.ahead().filter(claimed_at=None, takes_effect_at__gt=at)
    # Somebody may have come to the new price by another way.
    told = told.exclude(subscription__price=locked.to_price_id)
    told = told.select_related("subscription__customer__user", "change__from_price")
    users = [(notice, notice.subscription.customer.user) for notice in told]
    locked.withdrawn_at, locked.withdrawn_reason = at, reason.strip()
    locked.save(update_fields=["withdrawn_at", "withdrawn_reason", "updated_at"])
    for notice, user in users:
        if user is not None:
            emails.price_stays(notice, user=user).queue()
    return len(users)


def announce_price_changes(*, at: datetime) -> None:
    """Tell each member once for the renewal that will cost the new amount."""
    for change in PriceChange.objects.open().select_related("from_price", "to_price"):
        due = renewing(
            price=change.from_price,
            current_period_end__gte=at + LATEST_NOTICE,
            current_period_end__lte=at + EARLIEST_NOTICE,
            current_period_end__date__gte=change.starts_date,
        )
        for subscription, user in due:
            _announce(change, subscription, user, at=at)


@transaction.atomic
def _announce(
    change: PriceChange, subscription: Subscription, user: User, *, at: datetime
) -> None:
    notice, is_new = PriceChangeNotice.objects.get_or_create(
        change=change,
        subscription=subscription,
        takes_effect_at=subscription.current_period_end,
        defaults={"announced_at": at},
    )
    if is_new:
        emails.price_will_change(notice, user=user).queue()


def apply_price_changes(*, at: datetime) -> int:
    """Change the price at Stripe shortly before the renewal that was announced.

    A renewal that was missed costs the old amount, and the next one is announced anew.
    """
    due = PriceChangeNotice.objects.ahead().filter(
        takes_effect_at__gt=at, takes_effect_at__lte=at + MOVED_WITHIN
    )
    began = monotonic()
    moved = 0
    for notice in due.select_related(
        "change__from_price", "change__to_price", "subscription__customer"
    ):
        # The claim of a customer carries the moment at which it is read.
        now = at + timedelta(seconds=monotonic() - began)
        try:
            moved += _apply(notice, at=now)
        except (gateway.NoAnswerError, sync.SyncBusyError) as error:
            logger.warning("%s is moved later: %s", notice.subscription, error)
        except BAD_ROW:
            logger.exception("%s cannot be moved", notice.subscription)
    return moved


def _is_as_told(notice: PriceChangeNotice) -> bool:
    """Say whether the member still renews then, at the price that was to change."""
    row = notice.subscription
    return (
        row.status in {Subscription.Status.ACTIVE, Subscription.Status.TRIALING}
        and row.ends_at is None
        and row.price_id == notice.change.from_price_id
        and row.current_period_end == notice.takes_effect_at
    )


def _apply(notice: PriceChangeNotice, *, at: datetime) -> bool:
    row = notice.subscription
    if _is_as_told(notice):
        # Read first: who has just switched or canceled at Stripe keeps that.
        sync.sync_in_turn(customer=row.customer, at=at, seconds=PATIENCE_SECONDS)
        row.refresh_from_db()
    if _is_as_told(notice) and _claim(notice, at=at):
        _replace_price(notice)
        sync.sync_in_turn(customer=row.customer, at=at, seconds=PATIENCE_SECONDS)
        row.refresh_from_db()
    if row.price_id != notice.change.to_price_id:
        return False
    moved = PriceChangeNotice.objects.filter(pk=notice.pk, applied_at=None)
    return bool(moved.update(applied_at=at))


@transaction.atomic
def _claim(notice: PriceChangeNotice, *, at: datetime) -> bool:
    """Decide that the member is moved: a withdrawal that comes later leaves it so."""
    PriceChange.objects.select_for_update().get(pk=notice.change_id)
    ahead = PriceChangeNotice.objects.ahead().filter(pk=notice.pk)
    return bool(ahead.update(claimed_at=at))


def _replace_price(notice: PriceChangeNotice) -> None:
    try:
        gateway.replace_price(
            notice.subscription.stripe_id,
            item_id=notice.subscription.item_id,
            price_id=notice.change.to_price.stripe_price_id or "",
            key=f"price-change-{notice.pk}",
        )
    except gateway.RefusedError:
        # It did not happen, so that a withdrawal may still say that the price stays.
        PriceChangeNotice.objects.filter(pk=notice.pk).update(claimed_at=None)
        raise
