"""What Stripe tells of people is not kept longer than it is of use."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from billing import jobs, services
from billing.gateway import mirror
from billing.models import CheckoutAttempt, StripeEvent
from tests.factories.billing import (
    CheckoutAttemptFactory,
    InvoiceFactory,
    OutboxEntryFactory,
    PriceFactory,
    StripeEventFactory,
    SubscriptionFactory,
)

DAY = timedelta(days=1)
migration = import_module("billing.migrations.0010_forget_persons")
pytestmark = pytest.mark.django_db


def event(days, **values):
    values = {"status": "processed", "body": "Sample", **values}
    return StripeEventFactory(received_at=timezone.now() - days * DAY, **values)


def test_the_bodies_of_events_are_emptied_after_90_days_and_the_rows_stay():
    old = [event(91), event(91, status="ignored"), event(91, status="failed")]
    kept = [event(89), event(91, status="received")]

    jobs.purge_event_bodies()

    emptied = StripeEvent.objects.filter(body="")
    assert set(emptied) == set(old)
    assert set(StripeEvent.objects.exclude(body="")) == set(kept)
    assert emptied.exclude(object_id=None).count() == 3


def test_how_long_bodies_are_kept_is_a_setting(settings):
    settings.STRIPE_EVENT_BODY_DAYS = 10
    event(11)

    assert services.purge_event_bodies(at=timezone.now()) == 1
    assert services.purge_event_bodies(at=timezone.now()) == 0


def test_bodies_are_emptied_in_small_steps(monkeypatch):
    monkeypatch.setattr("billing.services.events.EMPTIED_AT_ONCE", 2)
    for _number in range(5):
        event(91)

    with CaptureQueriesContext(connection) as asked:
        assert services.purge_event_bodies(at=timezone.now()) == 5

    updates = [query for query in asked if query["sql"].startswith("UPDATE")]
    assert len(updates) == 3


def line(price, amount, end):
    details = {"price_details": {"price": price.stripe_price_id}}
    return {"amount": amount, "period": {"start": 1, "end": end}, "pricing": details}


def test_what_was_mirrored_before_is_stripped_and_tells_its_price():
    monthly, yearly = PriceFactory(), PriceFactory(yearly=True)
    lines = [line(yearly, -19900, 900), line(monthly, 1995, 30)]
    invoice = InvoiceFactory(
        raw={"customer_name": "Mia", "lines": {"data": lines}, "number": "NAT-1"}
    )
    card = {"card": {"last4": "4242"}, "billing_details": {"name": "Mia"}}
    subscription = SubscriptionFactory(raw={"default_payment_method": card})

    migration.forget(apps, None)

    invoice.refresh_from_db()
    subscription.refresh_from_db()
    assert invoice.raw == {"lines": {"data": lines}, "number": "NAT-1"}
    assert invoice.price == monthly
    assert subscription.raw == {"default_payment_method": {"card": {"last4": "4242"}}}
    assert migration.PERSONAL == mirror.PERSONAL


def test_what_is_under_way_gets_the_columns_that_are_new():
    attempt = CheckoutAttemptFactory()
    surplus = SubscriptionFactory(latest_invoice_id="in_9")
    own = {"kind": "cancel_surplus", "subject_id": surplus.stripe_id}
    entry = OutboxEntryFactory(**own)
    unknown = OutboxEntryFactory(kind="cancel_surplus", subject_id="sub_unknown")

    migration.fill(apps, None)

    entry.refresh_from_db()
    unknown.refresh_from_db()
    assert (entry.last_invoice_id, unknown.last_invoice_id) == ("in_9", "")
    stored = CheckoutAttempt.objects.get()
    assert stored.expires_at == attempt.created_at + DAY
