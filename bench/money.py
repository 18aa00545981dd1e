"""Measure billing from within: what an event and a question about access cost.

It runs in the environment of the site, against a sandbox of Stripe.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.db import connection
from django.db.models import Max, Min
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

django.setup()

from accounts.models import User
from billing import gateway, services, sync
from billing.access import access_for
from billing.models import (
    AccessGrant,
    AccessHold,
    Customer,
    Plan,
    Price,
    StripeEvent,
)
from natcampus.celery import app

MEMBERS = 400
READINGS = 50
QUESTIONS = 1000
MONTH = timedelta(days=30, hours=12)
PATIENCE_SECONDS = 180


def fill() -> None:
    """Print what one reading and one question cost; leave an event of each member."""
    Price.objects.update(stripe_price_id=None)  # those of pages were of no Stripe
    services.sync_plans()
    print(json.dumps({"reading": readings(), "access": access()}))
    for number in range(MEMBERS):
        event_of(subscribe(f"payer-{number}", months=1))


def subscribe(name: str, *, months: int) -> Customer:
    """Create a customer who has paid for so many months."""
    user = User.objects.create(email=f"{name}@bench.natcampus.example", name=name)
    stripe_id = gateway.create_customer(
        user_id=user.pk, email=user.email, name=name, key=name
    )
    started_at = timezone.now() - (months - 1) * MONTH - timedelta(hours=1)
    price = Price.objects.get(slug="membership-monthly")
    control(
        "subscriptions",
        {
            "customer": stripe_id,
            "price": price.stripe_price_id,
            "started_at": int(started_at.timestamp()),
        },
    )
    return Customer.objects.create(user=user, stripe_id=stripe_id)


def event_of(customer: Customer) -> None:
    now = timezone.now()
    StripeEvent.objects.create(
        event_id=f"evt_{customer.stripe_id}",
        type="invoice.paid",
        status="received",
        stripe_customer_id=customer.stripe_id or "",
        stripe_created_at=now,
        received_at=now,
        next_attempt_at=now,
        body="{}",
    )


def readings() -> dict[str, dict[str, float]]:
    return {
        f"{months} invoices": reading(subscribe(f"reader-{months}", months=months))
        for months in (12, 60)
    }


def reading(customer: Customer) -> dict[str, float]:
    """Return what it costs to read one customer who has been read before."""

    def read() -> None:
        sync.sync_customer(customer=customer, at=timezone.now())

    read()
    asked_before = asked()
    with CaptureQueriesContext(connection) as captured:
        read()
    took = sorted(milliseconds(read) for _ in range(READINGS))
    return {
        "p50_ms": round(statistics.median(took), 1),
        "p95_ms": round(took[int(len(took) * 0.95)], 1),
        "queries": len(captured),
        "questions": round((asked() - asked_before) / (READINGS + 1), 1),
    }


def asked() -> int:
    """Return how many requests the sandbox has answered."""
    total: int = control("requests")["total"]
    return total


def control(name: str, values: dict[str, object] | None = None) -> dict[str, Any]:
    """Ask for something that only a sandbox has."""
    address = urlsplit(settings.STRIPE_API_BASE)
    with closing(
        HTTPConnection(str(address.hostname), address.port, timeout=30)
    ) as line:
        method = "POST" if values else "GET"
        line.request(method, f"/_sandbox/{name}", json.dumps(values or {}))
        told: dict[str, Any] = json.loads(line.getresponse().read())
    return told


def access() -> dict[str, float]:
    """Return what it costs to ask about a member with every kind of row."""
    customer = subscribe("member", months=3)
    now = timezone.now()
    sync.sync_customer(customer=customer, at=now)
    user = User.objects.get(billing_customer=customer)
    give(user, customer, at=now)

    def question() -> None:
        access_for(person(), at=now)

    def person() -> User:
        return User.objects.get(pk=user.pk)

    with CaptureQueriesContext(connection) as captured:
        question()
    both, alone = (
        statistics.median(milliseconds(one) for one in [work] * QUESTIONS)
        for work in (question, person)
    )
    # The person is loaded anew each time, since nobody is asked about twice.
    return {
        "microseconds": round((both - alone) * 1000),
        "queries": len(captured) - 1,
    }


def give(user: User, customer: Customer, *, at: datetime) -> None:
    """Add a grant, and a hold that was released."""
    boss = User.objects.filter(is_superuser=True)[0]
    AccessGrant.objects.create(
        user=user,
        plan=Plan.objects.all()[0],
        reason="bench",
        granted_by=boss,
        is_lifetime=True,
        valid_from=at,
    )
    AccessHold.objects.create(
        customer=customer,
        kind="manual",
        source_id="bench",
        opened_at=at,
        released_at=at,
        released_reason="bench",
        reason="bench",
    )


def milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def drain() -> None:
    """Hand every event to the one worker, and print how many it does in a minute."""
    events = StripeEvent.objects.filter(event_id__startswith="evt_cus_")
    services.sweep_events(at=timezone.now())
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while events.exclude(status="processed").exists():
        if time.monotonic() > give_up_at:
            raise SystemExit(f"{events.exclude(status='processed').count()} are left")
        time.sleep(0.5)
    done = events.aggregate(first=Min("processed_at"), last=Max("processed_at"))
    seconds = (done["last"] - done["first"]).total_seconds()
    print(json.dumps({"per_minute": round((events.count() - 1) / seconds * 60)}))


def forget() -> None:
    """Empty the broker of what nobody will work on."""
    app.control.purge()
    print("{}")


if __name__ == "__main__":
    {"fill": fill, "drain": drain, "forget": forget}[sys.argv[1]]()
