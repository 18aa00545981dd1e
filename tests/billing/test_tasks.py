import threading
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.utils import timezone

from billing import gateway, jobs, services, sync, tasks
from billing.access import AccessState, access_for
from billing.gateway.client import client
from billing.models import AccessHold, Customer, StripeEvent, Subscription
from billing.sync.picture import take_picture
from mail.models import OutgoingEmail
from tests.factories.accounts import StaffFactory
from tests.factories.billing import CustomerFactory, StripeEventFactory
from tests.support import together

LONG = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def enqueued(monkeypatch):
    calls = []
    monkeypatch.setattr(
        tasks.process_event, "delay", lambda **arguments: calls.append(arguments)
    )
    return calls


def event_of(customer, **values):
    return StripeEventFactory(stripe_customer_id=customer.stripe_id, **values)


def process(event):
    tasks.process_event(event_id=event.pk)
    event.refresh_from_db()
    return event.status


def test_an_event_makes_the_rows_say_what_stripe_says(sandbox, customer, monthly):
    sandbox.subscribe(customer=customer.stripe_id, price=monthly.stripe_price_id)
    event = event_of(customer)

    assert process(event) == "processed"

    assert Subscription.objects.get().status == "active"
    assert event.processed_at


def test_the_charge_of_a_guest_is_nobodys(db, monkeypatch):
    CustomerFactory(stripe_id=None)
    monkeypatch.setattr(gateway, "customer_of_charge", lambda _charge_id: "")
    event = StripeEventFactory(type="charge.refunded", charge_id="ch_guest")

    assert process(event) == "ignored"


def test_an_event_that_was_processed_is_not_processed_again(sandbox, customer):
    event = event_of(customer)
    process(event)
    before = sandbox.requests()

    assert process(event) == "processed"

    assert sandbox.requests() == before


def test_the_payload_is_never_believed(sandbox, customer, monthly):
    sandbox.subscribe(customer=customer.stripe_id, price=monthly.stripe_price_id)

    process(event_of(customer, body='{"data": {"object": {"status": "canceled"}}}'))

    assert Subscription.objects.get().status == "active"


def test_an_event_that_came_before_the_last_reading_asks_stripe_nothing(
    sandbox, customer
):
    early, late = event_of(customer), event_of(customer)
    process(late)
    before = sandbox.requests()

    assert process(early) == "processed"

    assert sandbox.requests() == before


@pytest.mark.parametrize("minutes", [-5, 5])
def test_an_event_is_read_for_whatever_the_clock_of_the_machine_that_stored_it(
    minutes, sandbox, customer, monthly
):
    sync.sync_customer(customer=customer, at=timezone.now())
    sandbox.subscribe(customer=customer.stripe_id, price=monthly.stripe_price_id)
    skewed = timezone.now() + timedelta(minutes=minutes)

    assert process(event_of(customer, received_at=skewed)) == "processed"

    assert Subscription.objects.get().status == "active"


def test_an_event_that_came_while_stripe_was_read_is_read_for_again(
    sandbox, customer, monthly, monkeypatch
):
    come = []

    def slowly(customer):
        picture = take_picture(customer)
        sandbox.subscribe(customer=customer.stripe_id, price=monthly.stripe_price_id)
        come.append(event_of(customer))
        return picture

    with monkeypatch.context() as patch:
        patch.setattr(sync, "take_picture", slowly)
        sync.sync_customer(customer=customer, at=timezone.now())
    assert not Subscription.objects.exists()

    assert process(come[0]) == "processed"

    assert Subscription.objects.get().status == "active"


def warning_of(sandbox, customer):
    charge = client().v1.charges.list({"customer": customer.stripe_id}).data[0]
    told = sandbox.warn(charge.id)
    return StripeEventFactory(
        type="radar.early_fraud_warning.created",
        object_id=told["id"],
        charge_id=charge.id,
    )


def test_an_early_fraud_warning_holds_what_was_paid_until_staff_decide(
    sandbox, customer, monthly
):
    sandbox.subscribe(customer=customer.stripe_id, price=monthly.stripe_price_id)
    warning = warning_of(sandbox, customer)

    assert process(warning) == "processed"

    hold = AccessHold.objects.get()
    assert (hold.kind, hold.source_id) == ("fraud", warning.charge_id)
    assert access_for(customer.user, at=timezone.now()).state == AccessState.LAPSED
    services.release_hold(
        hold=hold,
        reason="Sample",
        released_by=StaffFactory(),
        at=timezone.now(),
    )
    process(warning_of(sandbox, customer))
    assert not AccessHold.objects.open().exists()


def test_a_fraud_warning_about_money_that_went_back_holds_nothing(
    sandbox, customer, monthly
):
    sandbox.subscribe(customer=customer.stripe_id, price=monthly.stripe_price_id)
    charge = client().v1.charges.list({"customer": customer.stripe_id}).data[0]
    sandbox.refund(charge.id)

    process(warning_of(sandbox, customer))

    assert not AccessHold.objects.filter(kind="fraud").exists()


def test_an_unknown_customer_is_recorded_and_left_alone(db):
    event = StripeEventFactory(stripe_customer_id="cus_of_somebody_else")

    assert process(event) == "ignored"
    assert event.last_error == "No customer here has this id."


def test_a_stripe_that_does_not_answer_is_asked_again_later(customer, settings):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    event = event_of(customer)

    assert process(event) == "received"

    assert event.attempts == 1
    assert event.last_error == "Stripe does not answer."
    assert event.next_attempt_at > timezone.now() + tasks.FIRST_PAUSE


def test_each_pause_is_longer_and_the_last_try_parks_the_event(
    customer, settings, caplog
):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    event = event_of(customer)
    pauses = []

    for _try in range(tasks.MAX_ATTEMPTS - 1):
        assert process(event) == "received"
        pauses.append(event.next_attempt_at - timezone.now())

    assert pauses == sorted(pauses)
    assert process(event) == "failed"
    assert f"stripe event {event.event_id} is parked" in caplog.text
    assert process(event) == "failed"


def test_a_worker_that_died_leaves_the_event_to_the_next_one(customer):
    died = event_of(
        customer, status="processing", next_attempt_at=timezone.now() + tasks.LEASE
    )
    assert process(died) == "processing"

    StripeEvent.objects.update(next_attempt_at=timezone.now())

    assert process(died) == "processed"


def test_an_event_that_kills_every_worker_is_parked_in_the_end(customer):
    deadly = event_of(customer, status="processing", attempts=tasks.MAX_ATTEMPTS)

    assert process(deadly) == "failed"
    assert deadly.last_error


def test_waiting_in_line_is_no_failed_try(customer, monkeypatch):
    monkeypatch.setattr(tasks, "PATIENCE_SECONDS", 0.0)
    Customer.objects.update(sync_claimed_at=timezone.now())
    event = event_of(customer)

    assert process(event) == "received"

    assert event.attempts == 0
    assert event.next_attempt_at <= timezone.now() + tasks.BUSY_PAUSE


def test_a_worker_whose_time_ran_out_does_not_write_over_the_next_one(
    customer, monkeypatch
):
    event = event_of(customer)

    def overtaken(**_arguments):
        StripeEvent.objects.update(next_attempt_at=timezone.now() + LONG)

    monkeypatch.setattr(sync, "sync_customer", overtaken)

    assert process(event) == "processing"


def test_the_sweep_takes_up_what_is_due_and_nothing_else(
    customer, enqueued, django_capture_on_commit_callbacks
):
    later = timezone.now() + LONG
    lost = event_of(customer, next_attempt_at=timezone.now() - LONG)
    stuck = event_of(customer, status="processing", next_attempt_at=timezone.now())
    event_of(customer, next_attempt_at=later)
    event_of(customer, status="processing", next_attempt_at=later)
    for status in ("processed", "ignored", "failed"):
        event_of(customer, status=status)

    with django_capture_on_commit_callbacks(execute=True):
        jobs.sweep_events()

    assert enqueued == [{"event_id": lost.pk}, {"event_id": stuck.pk}]


def test_a_replay_starts_from_the_first_try(
    customer, enqueued, django_capture_on_commit_callbacks
):
    parked = event_of(customer, status="failed", attempts=10, last_error="Sample")

    with django_capture_on_commit_callbacks(execute=True):
        services.replay_event(event=parked, at=timezone.now())

    parked.refresh_from_db()
    assert (parked.status, parked.attempts, parked.last_error) == ("received", 0, "")
    assert enqueued == [{"event_id": parked.pk}]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_parallel_workers_bring_one_customer_to_one_state(sandbox, customer, monthly):
    sandbox.subscribe(customer=customer.stripe_id, price=monthly.stripe_price_id)
    events = [event_of(customer) for _number in range(8)]

    together([partial(tasks.process_event, event_id=event.pk) for event in events])

    assert set(StripeEvent.objects.values_list("status", flat=True)) == {"processed"}
    assert Subscription.objects.get().status == "active"
    assert OutgoingEmail.objects.count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_an_answer_that_was_read_early_never_overwrites_a_later_one(
    sandbox, customer, monthly, monkeypatch
):
    stripe_id = sandbox.subscribe(
        customer=customer.stripe_id, price=monthly.stripe_price_id
    )["id"]
    first, second = event_of(customer), event_of(customer)
    read = gateway.list_subscriptions
    has_read, others_turn_is_over = threading.Event(), threading.Event()

    def slowly(customer_id):
        answer = read(customer_id)
        if not has_read.is_set():
            has_read.set()
            others_turn_is_over.wait(timeout=2)
        return answer

    def work(event):
        try:
            tasks.process_event(event_id=event.pk)
        finally:
            connection.close()

    monkeypatch.setattr(gateway, "list_subscriptions", slowly)
    with ThreadPoolExecutor() as pool:
        early = pool.submit(work, first)
        assert has_read.wait(timeout=5)
        sandbox.subscription(stripe_id, "payment_failed")
        late = pool.submit(work, second)
        wait([late], timeout=1)
        others_turn_is_over.set()
    early.result()
    late.result()

    assert Subscription.objects.get().status == "past_due"
