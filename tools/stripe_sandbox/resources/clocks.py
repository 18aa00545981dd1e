"""Test clocks: the time of some customers, which moves when it is told to."""

from collections.abc import Iterator

import stripe

from tools.stripe_sandbox.context import Context
from tools.stripe_sandbox.errors import StripeProblem
from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.resources import customers, subscriptions
from tools.stripe_sandbox.resources.dues import Due, dues
from tools.stripe_sandbox.resources.listing import page
from tools.stripe_sandbox.resources.periods import DAY, period_end
from tools.stripe_sandbox.shapes import complete
from tools.stripe_sandbox.store import copy, new_id

KIND = customers.CLOCK
URL = "/v1/test_helpers/test_clocks"
KEPT_FOR = 30 * DAY
MOST_INTERVALS = 2
WITHOUT_SUBSCRIPTION = 2 * 365 * DAY
OWN = "_own_clock"  # of customers whom Stripe would leave in our time
# What a request names that belongs to a customer, who may live in another time.
ABOUT = ("customer", "subscription", "session", "charge", "payment_intent", "id")


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
    for customer_id in _customers(context, clock_id):
        customers.delete(context, {}, customer_id)
    context.store.remove(KIND, clock_id)
    context.emit(f"{KIND}.deleted", clock)
    return {"id": clock_id, "object": KIND, "deleted": True}


def advance(context: Context, params: Json, clock_id: str) -> Json:
    """Move the clock, no further than Stripe lets it be moved at once."""
    clock = context.store.get(KIND, clock_id)
    target = int(params["frozen_time"])
    if target > _furthest(context, clock):
        raise StripeProblem(
            "A test clock advances at most two intervals of the shortest subscription.",
            param="frozen_time",
        )
    return move(context, clock, to=target)


def _furthest(context: Context, clock: Json) -> int:
    now = int(clock["frozen_time"])
    ends = [now + WITHOUT_SUBSCRIPTION]
    for subscription in _living(context, _customers(context, clock["id"])):
        end = now
        for _interval in range(MOST_INTERVALS):
            end = period_end(
                end, subscription["items"]["data"][0]["price"]["recurring"]
            )
        ends.append(end)
    return min(ends)


def move(context: Context, clock: Json, *, to: int) -> Json:
    """Live through everything until then, in the order of time."""
    if to <= clock["frozen_time"]:
        raise StripeProblem(
            "The new frozen time is not after the one of now.", param="frozen_time"
        )
    context.told_at = context.told_at or context.at
    context.at = int(clock["frozen_time"])
    before = copy(clock)
    clock |= {
        "status": "advancing",
        "status_details": {"advancing": {"target_frozen_time": to}},
    }
    advancing = copy(context.save(clock, f"{KIND}.advancing", before=before))
    _live_until(context, _customers(context, clock["id"]), until=to)
    before = copy(clock)
    clock |= {
        "frozen_time": to,
        "status": "ready",
        "status_details": {"advancing": None},
    }
    context.save(clock, f"{KIND}.ready", before=before)
    return advancing


def _live_until(context: Context, customer_ids: list[str], *, until: int) -> None:
    while (found := _first(context, customer_ids, until=until)) is not None:
        due, subscription = found
        context.at = max(due.at, context.at)
        due.act(context, subscription)
    context.at = until


def _first(
    context: Context, customer_ids: list[str], *, until: int
) -> tuple[Due, Json] | None:
    """Return what happens next to anybody's subscription, and to which."""
    found = [
        (due, subscription)
        for subscription in _living(context, customer_ids)
        for due in dues(context, subscription)
        if due.at <= until
    ]
    return min(found, key=lambda pair: pair[0].at, default=None)


def _customers(context: Context, clock_id: str) -> list[str]:
    return [
        row["id"]
        for row in context.store.newest_first("customer")
        if not row.get("deleted") and _clock_id(context, row) == clock_id
    ]


def _living(context: Context, customer_ids: list[str]) -> Iterator[Json]:
    for customer_id in customer_ids:
        for row in context.store.newest_first("subscription", owner=customer_id):
            if row["status"] not in subscriptions.ENDED:
                yield copy(row)


def put_on_clock(context: Context, customer_id: str) -> Json:
    """Return the customer's clock; one that lives in our time gets a clock of its own.

    The customer and what it has stay as they were: only their time moves apart.
    """
    customer = customers.live(context, customer_id)
    if clock := clock_of(context, customer):
        return clock
    clock = create(context, {"frozen_time": context.at, "name": customer_id})
    context.store.save({"id": customer_id, "clock": clock["id"]}, kind=OWN)
    return clock


def clock_of(context: Context, customer: Json) -> Json | None:
    return context.store.find(KIND, _clock_id(context, customer))


def _clock_id(context: Context, customer: Json) -> str:
    own = context.store.find(OWN, customer["id"]) or {}
    return str(customer.get("test_clock") or own.get("clock") or "")


def set_time(context: Context, values: Json, object_id: str = "") -> None:
    """Give the request the time of the customer that it is about."""
    for named in (object_id, *(values.get(name) for name in ABOUT)):
        found = context.store.find_any(named) if isinstance(named, str) else None
        if found and (clock := _clock_of_any(context, found)):
            context.told_at = context.at
            context.at = int(clock["frozen_time"])
            return


def _clock_of_any(context: Context, found: Json) -> Json | None:
    """Return the clock that an object lives by, if it is not our time."""
    if found.get("object") == KIND:
        return found
    is_customer = found.get("object") == "customer"
    owner = found["id"] if is_customer else found.get("customer")
    customer = context.store.find("customer", owner or "")
    return clock_of(context, customer) if customer else None
