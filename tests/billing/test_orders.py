"""A life of six events, in every order, twice, with gaps and at once: one end."""

import threading
import time
from dataclasses import dataclass

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings, strategies as st

from billing import sync, tasks
from billing.access import AccessState, access_for
from billing.gateway.client import client
from billing.models import (
    AccessHold,
    Customer,
    Invoice,
    OutboxEntry,
    StripeEvent,
    Subscription,
)
from billing.sync.picture import Picture, take_picture
from mail.models import OutgoingEmail
from tests.factories.billing import StripeEventFactory

EVENTS = range(6)
PATIENT = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@dataclass
class Stripe:
    """What Stripe said after each event of a life; it says the newest of them."""

    pictures: list[Picture]
    newest: int = 0
    pause_seconds: float = 0

    def picture(self, _customer):
        said = self.pictures[self.newest]
        time.sleep(self.pause_seconds)  # an answer that takes its time on the way
        return said


@pytest.fixture
def stripe(sandbox, customer, monthly, monkeypatch):
    """Live six events at the sandbox, and keep what it said after each."""
    stripe_id = sandbox.subscribe(
        customer=customer.stripe_id, price=monthly.stripe_price_id
    )["id"]
    steps = (
        lambda: None,
        lambda: sandbox.subscription(stripe_id, "renew"),
        lambda: sandbox.subscription(stripe_id, "payment_failed"),
        lambda: sandbox.subscription(stripe_id, "pay"),
        lambda: client().v1.subscriptions.update(
            stripe_id, {"cancel_at_period_end": True}
        ),
        lambda: sandbox.subscription(stripe_id, "renew"),
    )
    pictures = []
    for step in steps:
        step()
        pictures.append(take_picture(customer))
    told = Stripe(pictures)
    monkeypatch.setattr(sync, "take_picture", told.picture)
    return told


def forget(*models):
    """Empty the tables, whose rows nobody deletes one by one."""
    statement = "DELETE FROM {}"
    if connection.vendor == "postgresql":
        statement = "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE {} CASCADE"
    with connection.cursor() as cursor:
        for model in models:
            cursor.execute(statement.format(model._meta.db_table))


def begin(customer):
    """Forget what was told, as on the day before the first event."""
    forget(OutboxEntry, Invoice, Subscription, StripeEvent, OutgoingEmail)
    Customer.objects.filter(pk=customer.pk).update(
        synced_at=None, sync_claimed_at=None, card_last4=""
    )


def deliver(customer, number):
    """Store the event as the webhook does; what it tells is long outdated."""
    return StripeEventFactory(
        event_id=f"evt_{number}_{time.monotonic_ns()}",
        stripe_customer_id=customer.stripe_id,
        received_at=timezone.now(),
    )


def state():
    """Return all that the rows tell about the money of the one customer."""
    invoices = Invoice.objects.order_by("stripe_id")
    opened = access_for(Customer.objects.get().user, at=timezone.now())
    return {
        "access": (opened.state, opened.entitlements, opened.is_billed, opened.is_held),
        "holds": sorted(AccessHold.objects.open().values_list("kind", "source_id")),
        "orders": sorted(OutboxEntry.objects.values_list("key", flat=True)),
        "subscriptions": list(
            Subscription.objects.values_list(
                *("stripe_id", "status", "current_period_end", "cancel_at"),
                *("cancel_at_period_end", "ended_at", "past_due_since"),
                *("latest_invoice_id", "is_surplus"),
            )
        ),
        "invoices": list(invoices.values_list("stripe_id", "status", "amount_paid")),
        "card": Customer.objects.values_list("card_last4", "currency").get(),
        "is_claimed": Customer.objects.get().sync_claimed_at is not None,
    }


def everything():
    """Return the state with all else that the next reading may look at."""
    return [
        state(),
        sorted(AccessHold.objects.values_list("kind", "source_id", "released_reason")),
        sorted(OutboxEntry.objects.values_list("key", flat=True)),
        sorted(OutgoingEmail.objects.values_list("dedupe_key", flat=True)),
        sorted(StripeEvent.objects.values_list("status", flat=True)),
        sorted(Invoice.objects.values_list("stripe_id", "attempt_count", "paid_at")),
        list(Subscription.objects.values_list("price", "resumes_at", "trial_ends_at")),
        list(Customer.objects.values_list("trial_used_at", "deleted_at", "currency")),
    ]


def final_state(customer, stripe):
    begin(customer)
    stripe.newest = len(EVENTS) - 1
    sync.sync_customer(customer=customer, at=timezone.now())
    found = state()
    assert [row[1] for row in found["subscriptions"]] == ["canceled"]
    assert found["access"][0] == AccessState.LAPSED
    assert len(found["invoices"]) == 3
    return found


@pytest.mark.race
@pytest.mark.django_db
def test_each_of_720_orders_ends_in_the_same_rows(customer, stripe):
    expected = final_state(customer, stripe)
    begin(customer)
    known = {}

    def count_right_ends(order):
        """Deliver each event that is left, and from there the others.

        What follows depends on the rows and on what is left alone: orders that have
        come to the same place share what follows.
        """
        place = (frozenset(order), repr(everything()))
        if place not in known:
            left = sorted(set(EVENTS) - set(order))
            known[place] = sum(go_on(order, number) for number in left)
            if not left:
                assert state() == expected, order
                known[place] = 1
        return known[place]

    def go_on(order, number):
        with transaction.atomic():
            stripe.newest = max((*order, number))
            tasks.process_event(event_id=deliver(customer, number).pk)
            count = count_right_ends((*order, number))
            transaction.set_rollback(True)
        return count

    assert count_right_ends(()) == 720


@pytest.mark.django_db
def test_lost_and_repeated_events_end_in_the_same_rows(customer, stripe):
    expected = final_state(customer, stripe)
    deliveries = st.lists(st.sampled_from(EVENTS), max_size=12)

    @PATIENT
    @given(deliveries)
    def check(order):
        with transaction.atomic():
            begin(customer)
            for position, number in enumerate(order):
                stripe.newest = max(order[: position + 1])
                tasks.process_event(event_id=deliver(customer, number).pk)
            # What was lost, the next comparison with Stripe finds.
            stripe.newest = len(EVENTS) - 1
            sync.sync_customer(customer=customer, at=timezone.now())
            assert state() == expected
            transaction.set_rollback(True)

    check()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_events_that_are_worked_on_at_once_end_in_the_same_rows(
    customer, stripe, monkeypatch
):
    monkeypatch.setattr(sync, "POLL_SECONDS", 0.002)
    expected = final_state(customer, stripe)
    pauses = st.lists(st.floats(0, 0.02), min_size=6, max_size=6)
    oldest_comes_last = [0.2, 0.15, 0.1, 0.05, 0, 0]

    @PATIENT
    @given(st.permutations(EVENTS), pauses)
    @example(list(EVENTS), oldest_comes_last)
    def check(order, waits):
        begin(customer)
        stripe.newest = 0
        threads = []
        for position, number in enumerate(order):
            stripe.newest = max(order[: position + 1])
            stripe.pause_seconds = waits[position]
            event = deliver(customer, number)
            threads += [at_work(event), at_work(event)]
            time.sleep(waits[position] / 10)  # who came early reads early
        for thread in threads:
            thread.join(timeout=20)
        assert state() == expected

    check()


def at_work(event):
    """Give the event to a worker of its own; it comes twice."""

    def work():
        try:
            tasks.process_event(event_id=event.pk)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    return thread
