"""What time alone will do to a subscription, and when."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from tools.stripe_sandbox.context import Context
from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.resources import lifecycle, previews, subscriptions
from tools.stripe_sandbox.resources.periods import DAY

TRIAL_NOTICE = 3 * DAY
RENEWAL_NOTICE = 7 * DAY


class Due(NamedTuple):
    """What happens to a subscription at a moment."""

    at: int
    act: Callable[[Context, Json], object]


def dues(context: Context, subscription: Json) -> Iterator[Due]:
    """Yield all that is ahead of a living subscription as it is now."""
    if cancel_at := subscription["cancel_at"]:
        yield Due(int(cancel_at), lifecycle.cancel_now)
    resumes_at = (subscription["pause_collection"] or {}).get("resumes_at")
    if resumes_at:
        yield Due(int(resumes_at), lifecycle.resume_collection)
    if subscription["status"] in ("active", "trialing", "past_due"):
        invoice = context.store.get("invoice", subscription["latest_invoice"])
        if pay_at := invoice["next_payment_attempt"]:
            is_draft = invoice["status"] == "draft"
            pay = lifecycle.collect if is_draft else lifecycle.retry
            yield Due(int(pay_at), pay)
        yield from _end_of_period(context, subscription, is_unpaid=bool(pay_at))


def _end_of_period(
    context: Context, subscription: Json, *, is_unpaid: bool
) -> Iterator[Due]:
    end = subscriptions.end_of_period(subscription)
    is_trial = subscription["status"] == "trialing"
    if is_trial:
        yield from _told_once(context, subscription, end - TRIAL_NOTICE, _tell_trial)
    if subscriptions.ends_with_period(subscription):
        yield Due(end, lifecycle.cancel_now)
    elif not is_unpaid:
        yield Due(end, lifecycle.begin_period)
        if not is_trial:
            notice_at = end - RENEWAL_NOTICE
            yield from _told_once(context, subscription, notice_at, _tell_renewal)


def _told_once(
    context: Context,
    subscription: Json,
    at: int,
    tell: Callable[[Context, Json], object],
) -> Iterator[Due]:
    key = f"{subscription['id']}-{tell.__name__}-{at}"

    def act(context: Context, row: Json) -> None:
        context.store.save({"id": key}, kind="_told")
        tell(context, row)

    is_ahead = at >= context.at
    if is_ahead and context.store.find("_told", key) is None:
        yield Due(at, act)


def _tell_trial(context: Context, subscription: Json) -> None:
    context.emit("customer.subscription.trial_will_end", subscription)


def _tell_renewal(context: Context, subscription: Json) -> None:
    """Tell of the next invoice; it has no id yet."""
    upcoming = previews.create(context, {"subscription": subscription["id"]})
    upcoming.pop("id")
    for line in upcoming["lines"]["data"]:
        line["invoice"] = None
    context.emit("invoice.upcoming", upcoming)
