import threading
from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction
from django.utils import timezone

from billing import gateway, jobs, services, sync, tasks
from billing.access import AccessState, access_for
from billing.gateway.client import client
from billing.models import AccessHold, Customer, OutboxEntry, Refund, Subscription
from tests.factories.billing import OutboxEntryFactory
from tests.support import together

DAY = timedelta(days=1)
DOWN = "http://127.0.0.1:9"
pytestmark = pytest.mark.django_db


class KilledError(BaseException):
    """What no code catches, as a killed worker."""


@pytest.fixture
def subscribe(sandbox, customer, monthly):
    def do(**more):
        return sandbox.subscribe(
            customer=customer.stripe_id, price=monthly.stripe_price_id, **more
        )["id"]

    return do


@pytest.fixture
def twice(customer, subscribe):
    """Subscribe twice, and return which one is to go."""
    kept = subscribe()
    read(customer)
    surplus = subscribe()
    assert kept != surplus
    read(customer)
    return surplus


@pytest.fixture
def enqueued(monkeypatch):
    calls = []
    monkeypatch.setattr(
        tasks.tell_stripe, "delay", lambda **arguments: calls.append(arguments)
    )
    return calls


def read(customer):
    sync.sync_customer(customer=customer, at=timezone.now())


def work(*, later=timedelta()):
    return services.work_outbox(at=timezone.now() + later)


def status_at_stripe(stripe_id):
    return client().v1.subscriptions.retrieve(stripe_id).status


def refunds_at_stripe():
    return client().v1.refunds.list({"limit": 100}).data


def test_an_entry_cancels_at_stripe_and_here(customer, subscribe):
    stripe_id = subscribe()
    entry = OutboxEntryFactory(customer=customer, subject_id=stripe_id)

    assert work() == 1

    entry.refresh_from_db()
    assert status_at_stripe(stripe_id) == "canceled"
    assert Subscription.objects.get().status == "canceled"
    assert entry.done_at
    assert entry.attempts == 1


def test_what_is_done_is_not_done_again(sandbox, customer, subscribe):
    OutboxEntryFactory(customer=customer, subject_id=subscribe())
    work()
    before = sandbox.requests()

    assert work(later=DAY) == 0

    assert sandbox.requests() == before


def test_a_second_subscription_is_canceled_and_its_money_sent_back(
    customer, twice, user
):
    assert work() == 1

    refund = Refund.objects.get()
    assert status_at_stripe(twice) == "canceled"
    assert (refund.amount, refund.status) == (1995, "succeeded")
    assert refund.invoice.subscription.stripe_id == twice
    assert not AccessHold.objects.exists()
    assert access_for(user, at=timezone.now()).state == AccessState.ACTIVE


def test_a_second_subscription_that_has_become_the_only_one_stays(
    customer, twice, user
):
    first = Subscription.objects.get(is_surplus=False)
    gateway.cancel_now(first.stripe_id)

    work()

    assert status_at_stripe(twice) == "active"
    assert refunds_at_stripe() == []
    assert not OutboxEntry.objects.exists()
    assert access_for(user, at=timezone.now()).state == AccessState.ACTIVE


def test_the_money_goes_back_once_though_the_worker_dies_before_it_does(
    customer, twice, monkeypatch
):
    def die(*_arguments, **_options):
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(gateway, "refund_since", die)
        with pytest.raises(KilledError):
            work()
    assert status_at_stripe(twice) == "canceled"
    assert refunds_at_stripe() == []

    assert work() == 0  # the dead worker still holds it
    assert work(later=tasks.LEASE) == 1

    assert [refund.amount for refund in refunds_at_stripe()] == [1995]


def test_the_money_goes_back_once_though_the_worker_dies_after_it_did(
    customer, twice, monkeypatch
):
    refund = gateway.refund_since

    def refund_and_die(*arguments, **options):
        refund(*arguments, **options)
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(gateway, "refund_since", refund_and_die)
        with pytest.raises(KilledError):
            work()

    assert work(later=tasks.LEASE) == 1

    assert [refund.amount for refund in refunds_at_stripe()] == [1995]
    assert Refund.objects.count() == 1


def test_an_order_that_was_given_up_is_taken_up_and_all_it_took_goes_back(
    customer, twice, sandbox
):
    OutboxEntry.objects.update(parked_at=timezone.now(), attempts=20)
    sandbox.subscription(twice, "renew")

    read(customer)

    assert work() == 1
    assert status_at_stripe(twice) == "canceled"
    assert [refund.amount for refund in refunds_at_stripe()] == [1995, 1995]


def test_an_order_about_a_disputed_payment_that_was_given_up_is_taken_up(
    sandbox, customer, subscribe
):
    stripe_id = subscribe()
    charge = client().v1.charges.list({"customer": customer.stripe_id}).data[0]
    sandbox.dispute(charge.id)
    read(customer)
    OutboxEntry.objects.update(parked_at=timezone.now(), attempts=20)

    read(customer)

    assert work() == 1
    assert status_at_stripe(stripe_id) == "canceled"


def test_a_renewal_that_failed_meanwhile_keeps_back_nothing_of_what_was_paid(
    sandbox, customer, twice
):
    sandbox.subscription(twice, "payment_failed")

    assert work() == 1

    assert [refund.amount for refund in refunds_at_stripe()] == [1995]


@pytest.mark.parametrize("hours", [-1, 1])
def test_what_goes_back_depends_on_no_clock_of_ours(hours, customer, twice, sandbox):
    skewed = timezone.now() + timedelta(hours=hours)
    OutboxEntry.objects.update(created_at=skewed)
    sandbox.subscription(twice, "renew")

    assert work() == 1

    assert [refund.amount for refund in refunds_at_stripe()] == [1995, 1995]


def test_an_unpaid_subscription_gives_way_to_a_paid_one_and_nothing_goes_back(
    sandbox, customer, subscribe, user
):
    unpaid = subscribe()
    sandbox.subscription(unpaid, "payment_failed")
    read(customer)
    paid = subscribe()
    read(customer)

    assert work() == 1

    assert status_at_stripe(unpaid) == "canceled"
    assert status_at_stripe(paid) == "active"
    assert refunds_at_stripe() == []
    assert access_for(user, at=timezone.now()).state == AccessState.ACTIVE


def test_a_payment_that_staff_sent_back_before_is_no_problem(customer, twice):
    surplus = Subscription.objects.get(stripe_id=twice)
    gateway.refund_payment(surplus.invoices.get().payment_intent_id, key="staff")

    assert work() == 1

    assert len(refunds_at_stripe()) == 1


def test_a_second_subscription_that_never_took_money_gets_none(customer, subscribe):
    subscribe()
    read(customer)
    subscribe(status="trialing")
    read(customer)

    assert work() == 1

    assert refunds_at_stripe() == []


def test_who_contests_a_payment_is_billed_no_more(sandbox, customer, subscribe, user):
    stripe_id = subscribe()
    read(customer)
    sandbox.dispute(client().v1.charges.list().data[0].id)
    read(customer)

    assert work() == 1

    assert status_at_stripe(stripe_id) == "canceled"
    assert refunds_at_stripe() == []
    assert access_for(user, at=timezone.now()).entitlements == frozenset()


def test_the_address_of_now_is_told(customer, user):
    OutboxEntryFactory(customer=customer, kind="email", subject_id="")
    user.email = "new@example.com"
    user.save()

    assert work() == 1

    remote = client().v1.customers.retrieve(customer.stripe_id)
    assert remote.email == "new@example.com"


def test_an_address_that_changes_meanwhile_is_told_too(customer, user, monkeypatch):
    OutboxEntryFactory(customer=customer, kind="email", subject_id="")
    update = gateway.update_email
    told = []

    def slowly(customer_id, *, email):
        update(customer_id, email=email)
        told.append(email)
        user.email = "newest@example.com"
        user.save()

    monkeypatch.setattr(gateway, "update_email", slowly)

    assert work() == 1

    assert told == [told[0], "newest@example.com"]


def test_a_stripe_that_is_down_is_told_later_and_nothing_is_lost(
    sandbox, customer, subscribe, settings
):
    stripe_id = subscribe()
    entry = OutboxEntryFactory(customer=customer, subject_id=stripe_id)
    settings.STRIPE_API_BASE = DOWN

    assert work() == 0

    entry.refresh_from_db()
    assert entry.last_error == "Stripe does not answer."
    assert entry.done_at is None
    settings.STRIPE_API_BASE = sandbox.url
    assert work() == 0  # not yet
    assert work(later=tasks.FIRST_PAUSE) == 1
    assert status_at_stripe(stripe_id) == "canceled"


def test_each_pause_doubles_up_to_six_hours_and_the_last_try_parks(
    customer, settings, caplog
):
    entry = OutboxEntryFactory(customer=customer)
    settings.STRIPE_API_BASE = DOWN
    pauses = []

    for _try in range(tasks.MAX_TELLINGS - 1):
        at = entry.next_attempt_at
        services.work_outbox(at=at)
        entry.refresh_from_db()
        pauses.append(entry.next_attempt_at - at)
    services.work_outbox(at=entry.next_attempt_at)

    entry.refresh_from_db()
    assert pauses[:3] == [timedelta(seconds=seconds) for seconds in (30, 60, 120)]
    assert pauses[-1] == timedelta(hours=6)
    assert entry.parked_at
    assert f"outbox entry {entry.key} is parked" in caplog.text
    assert work(later=DAY) == 0


def test_an_entry_that_kills_every_worker_is_parked_in_the_end(customer):
    entry = OutboxEntryFactory(customer=customer, attempts=tasks.MAX_TELLINGS)

    assert work() == 0

    entry.refresh_from_db()
    assert entry.parked_at
    assert entry.last_error


def test_staff_start_a_parked_entry_again(
    customer, enqueued, django_capture_on_commit_callbacks
):
    entry = OutboxEntryFactory(
        customer=customer, attempts=20, parked_at=timezone.now(), last_error="Sample"
    )

    with django_capture_on_commit_callbacks(execute=True):
        services.retry_entry(entry=entry, at=timezone.now())

    entry.refresh_from_db()
    assert (entry.attempts, entry.parked_at, entry.last_error) == (0, None, "")
    assert enqueued == [{"entry_id": entry.pk}]
    assert work() == 1


def test_staff_cannot_start_again_what_is_done(
    customer, enqueued, django_capture_on_commit_callbacks
):
    entry = OutboxEntryFactory(customer=customer, done_at=timezone.now())

    with django_capture_on_commit_callbacks(execute=True):
        services.retry_entry(entry=entry, at=timezone.now())

    assert enqueued == []


def test_waiting_in_line_is_no_failed_try(customer, monkeypatch):
    monkeypatch.setattr(tasks, "PATIENCE_SECONDS", 0.0)
    Customer.objects.update(sync_claimed_at=timezone.now())
    entry = OutboxEntryFactory(customer=customer)

    assert work() == 0

    entry.refresh_from_db()
    assert entry.attempts == 0
    Customer.objects.update(sync_claimed_at=None)
    assert work(later=tasks.BUSY_PAUSE) == 1


def test_a_worker_whose_time_ran_out_does_not_write_over_the_next_one(
    customer, monkeypatch
):
    entry = OutboxEntryFactory(customer=customer)

    def overtaken(**_options):
        OutboxEntry.objects.update(next_attempt_at=timezone.now() + DAY)

    monkeypatch.setattr(sync, "sync_in_turn", overtaken)

    assert work() == 0

    entry.refresh_from_db()
    assert entry.done_at is None


def test_a_worker_hears_of_an_entry_once_it_is_committed(
    customer, enqueued, django_capture_on_commit_callbacks
):
    values = {"customer": customer, "key": "sample", "at": timezone.now()}

    with django_capture_on_commit_callbacks(execute=True):
        entry = OutboxEntry.objects.write(OutboxEntry.Kind.CLOSE, **values)
        OutboxEntry.objects.write(OutboxEntry.Kind.CLOSE, **values)
        assert enqueued == []

    assert enqueued == [{"entry_id": entry.pk}]


def test_the_job_leaves_to_others_what_it_has_no_time_for(
    customer, enqueued, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr("billing.services.outbox.BUDGET_SECONDS", 0.0)
    entry = OutboxEntryFactory(customer=customer)

    with django_capture_on_commit_callbacks(execute=True):
        jobs.work_outbox()

    assert enqueued == [{"entry_id": entry.pk}]


def test_without_a_key_nothing_is_tried(settings, db):
    settings.STRIPE_SECRET_KEY = ""
    entry = OutboxEntryFactory()

    assert work() == 0

    entry.refresh_from_db()
    assert entry.attempts == 0


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_workers_never_do_one_entry_at_once(customer, twice, monkeypatch):
    entry = OutboxEntry.objects.get()
    done = []
    cancel = gateway.cancel_now
    lock = threading.Lock()

    def count(subscription_id):
        with lock:
            done.append(subscription_id)
        cancel(subscription_id)

    monkeypatch.setattr(gateway, "cancel_now", count)

    together(6 * [partial(tasks.tell_stripe, entry_id=entry.pk)])

    entry.refresh_from_db()
    assert done == [twice]
    assert entry.done_at
    assert len(refunds_at_stripe()) == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_an_entry_that_is_rolled_back_is_never_told(customer, enqueued):
    with transaction.atomic():
        OutboxEntry.objects.write(
            OutboxEntry.Kind.CLOSE, customer=customer, key="sample", at=timezone.now()
        )
        transaction.set_rollback(True)

    assert enqueued == []


def test_what_an_ended_membership_still_asks_for_is_withdrawn(customer, subscribe):
    stripe_id = subscribe(status="past_due")
    read(customer)
    assert customer.invoices.filter(status="open").exists()
    client().v1.subscriptions.cancel(stripe_id)  # as Stripe does after the last try
    read(customer)

    work()

    assert not customer.invoices.filter(status="open").exists()
    assert customer.invoices.filter(status="void").count() == 1


def test_canceling_a_late_membership_withdraws_the_open_invoice(
    customer, subscribe, user
):
    subscribe(status="past_due")
    read(customer)

    services.cancel_subscription(user=user, at=timezone.now())

    assert [row.status for row in customer.invoices.exclude(status="paid")] == ["void"]
