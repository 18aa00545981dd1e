"""Test clocks: the time of some customers, which moves when it is told to."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import stripe

from tools.stripe_sandbox.context import Context
from tools.stripe_sandbox.errors import StripeProblem
from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.resources import (
    customers,
    invoices,
    lifecycle,
    payments,
    subscriptions,
)
from tools.stripe_sandbox.resources.listing import page
from tools.stripe_sandbox.resources.periods import DAY, period_end
from tools.stripe_sandbox.shapes import complete
from tools.stripe_sandbox.store import copy, new_id

KIND = customers.CLOCK
URL = "/v1/test_helpers/test_clocks"
KEPT_FOR = 30 * DAY
MOST_INTERVALS = 2
WITHOUT_SUBSCRIPTION = 2 * 365 * DAY
TRIAL_NOTICE = 3 * DAY
RENEWAL_NOTICE = 7 * DAY
MOST_TRIES = 4


class Due(NamedTuple):
    """What happens to a subscription at a moment."""

    at: int
    act: Callable[[Context, Json], object]


def create(context: Context, params: Json, _id: str = "") -> Json:
    values: Json = {
        "id": new_id(KIND),
        "object": KIND,
        "created": context.at,
        "deletes_after": context.at + KEPT_FOR,
        "frozen_time": int(params["frozen_time"]),
        "livemode": False,
        "name": params.get("name"),
        "status": "ready",
        "status_details": {},
    }
    clock = complete(stripe.test_helpers.TestClock, values)
    clock.pop("deleted", None)
    return context.save(clock, f"{KIND}.created")


def retrieve(context: Context, _params: Json, clock_id: str) -> Json:
    return context.store.get(KIND, clock_id)


def list_(context: Context, params: Json, _id: str = "") -> Json:
    return page(context.store.newest_first(KIND), params, url=URL)


def delete(context: Context, _params: Json, clock_id: str) -> Json:
    """Delete the clock with its customers; their subscriptions end."""
    clock = context.store.get(KIND, clock_id)
    for customer in _customers(context, clock_id):
        customers.delete(context, {}, customer["id"])
    context.store.remove(KIND, clock_id)
    context.emit(f"{KIND}.deleted", clock)
    return {"id": clock_id, "object": KIND, "deleted": True}


def advance(context: Context, params: Json, clock_id: str) -> Json:
    """Move the clock, no further than Stripe lets it be moved at once."""
    clock = context.store.get(KIND, clock_id)
    target = int(params["frozen_time"])
    if target <= clock["frozen_time"]:
        raise StripeProblem(
            "The new frozen time is not after the one of now.", param="frozen_time"
        )
    if target > _furthest(context, clock):
        raise StripeProblem(
            "A test clock advances at most two intervals of the shortest subscription.",
            param="frozen_time",
        )
    return move(context, clock, to=target)


def _furthest(context: Context, clock: Json) -> int:
    now = int(clock["frozen_time"])
    ends = [now + WITHOUT_SUBSCRIPTION]
    for subscription in _living(context, clock["id"]):
        end = now
        for _interval in range(MOST_INTERVALS):
            end = period_end(
                end, subscription["items"]["data"][0]["price"]["recurring"]
            )
        ends.append(end)
    return min(ends)


def move(context: Context, clock: Json, *, to: int) -> Json:
    """Live through everything until then, in the order of time."""
    context.told_at = context.told_at or context.at
    before = copy(clock)
    clock |= {
        "status": "advancing",
        "status_details": {"advancing": {"target_frozen_time": to}},
    }
    advancing = copy(context.save(clock, f"{KIND}.advancing", before=before))
    while (found := _first(context, clock, until=to)) is not None:
        due, subscription = found
        context.at = clock["frozen_time"] = max(due.at, int(clock["frozen_time"]))
        due.act(context, subscription)
    context.at = to
    before = copy(clock)
    clock |= {
        "frozen_time": to,
        "status": "ready",
        "status_details": {"advancing": None},
    }
    context.save(clock, f"{KIND}.ready", before=before)
    return advancing


def put_on_clock(context: Context, customer_id: str) -> Json:
    """Return the customer's clock; one that lives in our time gets a clock of its own."""
    customer = customers.live(context, customer_id)
    if customer.get("test_clock"):
        return context.store.get(KIND, customer["test_clock"])
    clock = create(context, {"frozen_time": context.at, "name": customer_id})
    context.store.save({**customer, "test_clock": clock["id"]})
    for row in list(context.store.newest_first("subscription", owner=customer_id)):
        context.store.save({**copy(row), "test_clock": clock["id"]})
    return clock


def set_time(context: Context, params: Json, object_id: str) -> None:
    """Give the request the time of the customer that it is about."""
    found = context.store.find_any(object_id) if object_id else None
    owner = params.get("customer") or (found or {}).get("customer")
    if found and found.get("object") == "customer":
        owner = found["id"]
    customer = context.store.find("customer", str(owner)) if owner else None
    clock_id = (customer or {}).get("test_clock")
    if clock_id and (clock := context.store.find(KIND, clock_id)):
        context.told_at = context.at
        context.at = int(clock["frozen_time"])


def _customers(context: Context, clock_id: str) -> list[Json]:
    rows = context.store.newest_first("customer")
    return [copy(row) for row in rows if row.get("test_clock") == clock_id]


def _living(context: Context, clock_id: str) -> Iterator[Json]:
    for customer in _customers(context, clock_id):
        rows = context.store.newest_first("subscription", owner=customer["id"])
        for row in list(rows):
            if row["status"] not in subscriptions.ENDED:
                yield copy(row)


def _first(context: Context, clock: Json, *, until: int) -> tuple[Due, Json] | None:
    """Return what happens next to anything on the clock, and to what."""
    found = [
        (due, subscription)
        for subscription in _living(context, clock["id"])
        for due in _dues(context, subscription)
        if due.at <= until
    ]
    return min(found, key=lambda pair: pair[0].at, default=None)


def _dues(context: Context, subscription: Json) -> Iterator[Due]:
    """Yield what time alone will do to a subscription."""
    status = subscription["status"]
    end = subscriptions.end_of_period(subscription)
    if status in {"active", "trialing", "past_due"} and subscription["cancel_at"]:
        yield Due(int(subscription["cancel_at"]), lifecycle.cancel_now)
    if status == "trialing":
        yield from _told_once(context, subscription, end - TRIAL_NOTICE, _tell_trial)
        yield Due(end, lifecycle.renew)
    elif status == "active":
        if not subscription["cancel_at_period_end"]:
            notice_at = end - RENEWAL_NOTICE
            yield from _told_once(context, subscription, notice_at, _tell_renewal)
        yield Due(end, lifecycle.renew)
    elif status == "past_due":
        invoice = context.store.get("invoice", subscription["latest_invoice"])
        if retry_at := invoice["next_payment_attempt"]:
            yield Due(int(retry_at), _retry)


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
    customer = context.store.get("customer", subscription["customer"])
    lines = invoices.period_lines(subscription)
    upcoming = invoices.draft(context, customer, subscription, lines, reason="upcoming")
    upcoming |= {"status": "draft", "hosted_invoice_url": None, "invoice_pdf": None}
    upcoming.pop("id")
    context.emit("invoice.upcoming", upcoming)


def _retry(context: Context, subscription: Json) -> None:
    """Try the card again; after the last try the subscription ends."""
    customer = context.store.get("customer", subscription["customer"])
    method = lifecycle.method_of(context, subscription, customer)
    invoice = context.store.get("invoice", subscription["latest_invoice"])
    if payments.will_pay(method):
        lifecycle.recover(context, subscription)
        return
    is_last = invoice["attempt_count"] + 1 >= MOST_TRIES
    lifecycle.fail(context, subscription, is_last=is_last)
    if is_last:
        row = context.store.get("subscription", subscription["id"])
        subscriptions.end(context, row, reason="payment_failed")
