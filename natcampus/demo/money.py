"""Plan, prices and the subscriptions of demo members, also known to the sandbox."""

import json
import urllib.error
import urllib.request
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.management import call_command

from accounts.models import User
from billing import services
from billing.models import AccessGrant, Customer, Plan, Price, Subscription

PERIOD = timedelta(days=30)
HOOKS = "/_sandbox/webhooks"

Json = dict[str, Any]


class SandboxAbsentError(Exception):
    """No sandbox answers: the rows are made here alone."""


def load_plan() -> None:
    plan, _created = Plan.objects.get_or_create(
        slug="membership",
        defaults={"name": "Membership", "entitlement": "all-courses"},
    )
    for slug, amount, interval in (
        ("membership-monthly", 1995, Price.Interval.MONTH),
        ("membership-yearly", 19900, Price.Interval.YEAR),
    ):
        Price.objects.get_or_create(
            slug=slug,
            defaults={"plan": plan, "unit_amount": amount, "interval": interval},
        )
    if sandbox_answers():
        call_command("sync_plans", verbosity=0)


def sandbox_answers() -> bool:
    try:
        call("GET", "/_sandbox/healthz")
    except SandboxAbsentError:
        return False
    return True


def call(method: str, path: str, fields: Json | None = None) -> Json:
    """Ask the sandbox; never anything but the local sandbox."""
    base = settings.STRIPE_API_BASE
    if not base.startswith("http://127.0.0.1:"):
        raise SandboxAbsentError
    is_control = path.startswith("/_sandbox/")
    body = json.dumps(fields or {}) if is_control else urlencode(fields or {})
    request = urllib.request.Request(  # noqa: S310 - loopback, checked above
        base + path,
        method=method,
        data=body.encode() if method == "POST" else None,
        headers={"Authorization": f"Bearer {settings.STRIPE_SECRET_KEY}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return dict(json.load(answer))
    except urllib.error.HTTPError:
        raise
    except OSError as error:
        raise SandboxAbsentError from error


def subscribe(user: User, *, status: str, at: datetime) -> None:
    """Give the user a subscription in the wanted state, once; the grace begins anew."""
    if known := Customer.objects.filter(user=user).first():
        if status == "past_due":  # a demo of last week would show it as over
            known.subscriptions.filter(status=status).update(past_due_since=at)
        return
    price = Price.objects.get(slug="membership-monthly")
    try:
        call("POST", HOOKS, {"mode": "drop"})
        _subscribe_at_sandbox(user, price, status=status, at=at)
        call("POST", HOOKS, {"mode": "deliver"})
    except SandboxAbsentError:
        _subscribe_here(user, price, status=status, at=at)


def _subscribe_at_sandbox(
    user: User, price: Price, *, status: str, at: datetime
) -> None:
    fields = {"email": user.email, "name": user.name}
    remote = call("POST", "/v1/customers", fields)
    customer = Customer.objects.create(user=user, stripe_id=remote["id"])
    call(
        "POST",
        "/_sandbox/subscriptions",
        {"customer": remote["id"], "price": price.stripe_price_id, "status": status},
    )
    services.refresh_customer(customer=customer, at=at)


def _subscribe_here(user: User, price: Price, *, status: str, at: datetime) -> None:
    customer = Customer.objects.create(
        user=user, stripe_id=f"cus_demo_{user.pk}", synced_at=at
    )
    start = at - timedelta(days=12)
    ended = status == "canceled"
    Subscription.objects.create(
        stripe_id=f"sub_demo_{user.pk}",
        customer=customer,
        status="active" if status == "canceling" else status,
        price=price,
        item_id=f"si_demo_{user.pk}",
        current_period_start=start - PERIOD if ended else start,
        current_period_end=start if ended else start + PERIOD,
        cancel_at=start + PERIOD if status == "canceling" else None,
        canceled_at=start if ended or status == "canceling" else None,
        ended_at=start if ended else None,
        past_due_since=at if status == "past_due" else None,
        stripe_created_at=start - PERIOD,
        synced_at=at,
    )


def grant(
    user: User, *, by: User, valid_from: datetime, valid_until: datetime | None
) -> None:
    """Give complimentary access, once for each reason."""
    reason = "Sample: guest of the faculty"
    if valid_until:
        reason = "Sample: access during the study history of this demo account"
    AccessGrant.objects.get_or_create(
        user=user,
        plan=Plan.objects.get(slug="membership"),
        reason=reason,
        defaults={
            "valid_from": valid_from,
            "valid_until": valid_until,
            "is_lifetime": valid_until is None,
            "granted_by": by,
        },
    )
