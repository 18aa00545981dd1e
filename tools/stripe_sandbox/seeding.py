"""Subscriptions in a wanted state, with the history that leads to it."""

from tools.stripe_sandbox.context import Context
from tools.stripe_sandbox.errors import StripeProblem
from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.resources import customers, lifecycle, payments
from tools.stripe_sandbox.resources.listing import merge_metadata
from tools.stripe_sandbox.resources.periods import DAY, period_end
from tools.stripe_sandbox.resources.subscriptions import (
    build,
    end_of_period,
    schedule_end,
)
from tools.stripe_sandbox.store import copy

CARD = "4242424242424242"
LATE = ("past_due", "unpaid")
STATUSES = ("active", "trialing", "canceling", "canceled", *LATE)
# Two days late, and the five by which neighboring months and years may differ.
MARGIN = 7 * DAY
TRIAL_DAYS = 14


def create(context: Context, values: Json) -> Json:
    """Create a subscription without a checkout; earlier periods were paid.

    `started_at` may be in the past: every renewal since then gets its invoice.
    """
    status = values.get("status", "active")
    if status not in STATUSES:
        raise StripeProblem(f"status is one of {', '.join(STATUSES)}", param="status")
    customer = customers.live(context, values["customer"])
    price = context.store.get("price", values["price"], param="price")
    now = context.at
    context.at = int(values.get("started_at") or _default_start(price, status, now))
    method = payments.attach_card(context, customer, values.get("card", CARD))
    trial_end = context.at + int(values.get("trial_days", TRIAL_DAYS)) * DAY
    created = build(
        context, customer, price, trial_end=trial_end if status == "trialing" else None
    )
    created["metadata"] = merge_metadata({}, values.get("metadata"))
    lifecycle.start(context, customer, created, method)
    _catch_up(context, created, until=now, late=status in LATE)
    created = _bring_to(context, created, status, now=now)
    context.at = now
    return created


def _default_start(price: Json, status: str, now: int) -> int:
    if status not in LATE or not price["recurring"]:
        return now
    return now - (period_end(now, price["recurring"]) - now) - MARGIN


def _catch_up(context: Context, created: Json, *, until: int, late: bool) -> None:
    recurring = created["items"]["data"][0]["price"]["recurring"]
    while created["status"] == "active" and end_of_period(created) <= until:
        end = end_of_period(created)
        if late and period_end(end, recurring) > until:
            return
        context.at = end
        lifecycle.renew(context, created)


def _bring_to(context: Context, created: Json, status: str, *, now: int) -> Json:
    if status in LATE:
        # Yesterday, so that the tries that Stripe would have made lie ahead.
        context.at = max(min(end_of_period(created), now), now - DAY)
        created = lifecycle.fail(context, created)
    context.at = now
    if status == "unpaid":
        return lifecycle.give_up(context, created)
    if status == "canceled":
        return lifecycle.cancel_now(context, created)
    if status == "canceling":
        before = copy(created)
        schedule_end(created, at=now)
        context.save(created, lifecycle.UPDATED, before=before)
    return created
