import json
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from billing import gateway, jobs, services, sync, tasks
from billing.access import AccessState, access_for
from billing.gateway.client import client
from billing.models import (
    CheckoutAttempt,
    Customer,
    OutboxEntry,
    Price,
    ReconcileRun,
    StripeEvent,
    Subscription,
)
from billing.services.reconciliation import MOST_LOSING, MOST_REPORTED, _Report
from tests.billing.paying import start
from tests.factories.billing import (
    AccessGrantFactory,
    AccessHoldFactory,
    CustomerFactory,
    StripeEventFactory,
    SubscriptionFactory,
)

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
DOWN = "http://127.0.0.1:9"
pytestmark = pytest.mark.django_db


@pytest.fixture
def join(sandbox, monthly):
    """Return a function that makes a customer here and at Stripe."""

    def do(user=None):
        customer = CustomerFactory(**({"user": user} if user else {}))
        customer.stripe_id = gateway.create_customer(
            user_id=customer.user.pk,
            email=customer.user.email,
            name=customer.user.name,
            key=f"sample-{customer.pk}",
        )
        customer.save()
        return customer

    return do


@pytest.fixture
def subscribe(sandbox, monthly):
    def do(customer, **more):
        return sandbox.subscribe(
            customer=customer.stripe_id,
            price=more.pop("price", monthly.stripe_price_id),
            **more,
        )["id"]

    return do


@pytest.fixture
def member(join, subscribe, user):
    customer = join(user)
    subscribe(customer)
    sync.sync_customer(customer=customer, at=timezone.now())
    customer.refresh_from_db()
    return customer


def compare(**options):
    return services.reconcile(at=timezone.now(), **options)


def kinds(run):
    return [told["kind"] for told in run.differences]


def only():
    return Subscription.objects.get()


def rows_of(*models):
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_where_all_agrees_nothing_is_found(member):
    before = rows_of(Subscription, OutboxEntry)

    run = compare()

    assert (run.checked, run.differing, run.repaired, run.failed) == (1, 0, 0, 0)
    assert run.differences == []
    assert run.finished_at >= run.started_at
    assert rows_of(Subscription, OutboxEntry) == before


def test_a_subscription_that_no_webhook_told_of_is_found(join, subscribe, user):
    stripe_id = subscribe(join(user))

    run = compare()

    assert kinds(run) == ["missing here"]
    assert (run.differing, run.repaired) == (1, 1)
    assert only().stripe_id == stripe_id
    assert access_for(user, at=timezone.now()).state == AccessState.ACTIVE


@pytest.mark.parametrize(
    ("happen", "kind"),
    [
        (lambda sandbox, sub: sandbox.subscription(sub, "payment_failed"), "status"),
        (lambda sandbox, sub: sandbox.subscription(sub, "renew"), "period"),
        (lambda _sandbox, sub: gateway.cancel_at_period_end(sub), "cancel"),
        (lambda _sandbox, sub: gateway.cancel_now(sub), "status"),
    ],
    ids=["a failed payment", "a renewal", "a scheduled end", "an end"],
)
def test_what_changed_without_a_word_is_repaired(happen, kind, sandbox, member):
    happen(sandbox, only().stripe_id)

    run = compare()

    assert kind in kinds(run)
    assert run.repaired == 1
    again = compare()
    assert (again.differing, again.differences) == (0, [])


def test_another_price_is_repaired(sandbox, member):
    row, yearly = only(), Price.objects.get(slug="yearly")
    gateway.switch_price(
        subscription_id=row.stripe_id,
        item_id=row.item_id,
        price_id=yearly.stripe_price_id,
        prorated_at=timezone.now(),
    )

    assert "price" in kinds(compare())

    assert only().price == yearly


def test_a_subscription_that_stripe_does_not_have_ends(member):
    row = only()
    Subscription.objects.update(stripe_id="sub_of_another_account")

    run = compare()

    assert set(kinds(run)) == {"missing here", "missing at Stripe"}
    assert Subscription.objects.get(stripe_id=row.stripe_id).status == "active"
    forgotten = Subscription.objects.get(stripe_id="sub_of_another_account")
    assert forgotten.status == "canceled"
    assert compare().differing == 0


def test_a_listing_that_broke_off_ends_nothing(member, monkeypatch):
    def missing(*_arguments, **_options):
        raise gateway.MissingError("Stripe does not know this object.")

    monkeypatch.setattr(gateway, "list_payments", missing)

    sync.sync_customer(customer=member, at=timezone.now())

    assert only().status == "active"


def test_a_customer_who_was_deleted_at_stripe_ends(member):
    client().v1.customers.delete(member.stripe_id)

    compare()

    member.refresh_from_db()
    assert only().status == "canceled"
    assert not member.exists_at_stripe
    assert compare().differing == 0


def test_a_second_subscription_is_refused_and_found_once(member, subscribe):
    surplus = subscribe(member)

    run = compare()

    assert "two live subscriptions" in kinds(run)
    assert OutboxEntry.objects.get().subject_id == surplus
    again = compare()
    assert (again.differing, kinds(again)) == (0, ["waiting in the outbox"])
    services.work_outbox(at=timezone.now())
    assert compare().differences == []


def test_who_was_deleted_and_is_billed_is_closed(member, subscribe):
    stripe_id = only().stripe_id
    Customer.objects.update(user=None)

    run = compare()

    assert kinds(run) == ["live subscription of a deleted user"]
    assert run.repaired == 1
    assert kinds(compare()) == ["waiting in the outbox"]
    services.work_outbox(at=timezone.now())
    assert client().v1.subscriptions.retrieve(stripe_id).status == "canceled"
    assert compare().differences == []


def test_a_subscription_that_begins_after_the_end_of_the_account_is_closed_too(
    member, subscribe, user
):
    user.delete()
    services.work_outbox(at=timezone.now())
    late = subscribe(member)

    compare()
    services.work_outbox(at=timezone.now())

    assert client().v1.subscriptions.retrieve(late).status == "canceled"
    assert compare().differing == 0


def test_who_was_deleted_is_closed_although_stripe_was_given_up(member, user):
    user.delete()
    OutboxEntry.objects.update(attempts=20, parked_at=timezone.now())

    run = compare()
    services.work_outbox(at=timezone.now())

    assert kinds(run) == ["live subscription of a deleted user"]
    assert [one.status for one in gateway.list_subscriptions(member.stripe_id)] == [
        "canceled"
    ]


def test_a_second_subscription_whose_end_was_given_up_is_reported(member, subscribe):
    subscribe(member)
    sync.sync_customer(customer=member, at=timezone.now())
    OutboxEntry.objects.update(attempts=20, parked_at=timezone.now())

    assert kinds(compare()) == ["two live subscriptions"]


def test_a_customer_without_a_user_is_closed(join):
    customer = join()
    Customer.objects.update(user=None)

    assert kinds(compare()) == ["customer without user"]

    services.work_outbox(at=timezone.now())
    remote = client().v1.customers.retrieve(customer.stripe_id)
    assert remote.name == "Closed account"


def test_a_price_that_is_not_ours_is_reported_and_left(member):
    Price.objects.update(stripe_price_id=None)
    Subscription.objects.update(price=None)

    run = compare()

    assert kinds(run) == ["unknown price"]
    assert (run.differing, run.repaired) == (0, 0)


def test_who_is_held_and_still_billed_is_reported(member):
    AccessHoldFactory(customer=member, kind="manual")

    run = compare()

    assert kinds(run) == ["held but still billed"]
    assert run.differing == 0


def test_who_has_complimentary_access_and_pays_is_reported(member, user):
    AccessGrantFactory(user=user, valid_from=timezone.now() - DAY)

    assert kinds(compare()) == ["complimentary but paying"]


def test_a_stranger_at_stripe_is_reported_and_never_matched(sandbox, monthly, user):
    stranger = gateway.create_customer(
        user_id=user.pk, email=user.email, name=user.name, key="stranger"
    )
    sandbox.subscribe(customer=stranger, price=monthly.stripe_price_id)

    run = compare()

    assert kinds(run) == ["live subscription of an unknown customer"]
    assert not Customer.objects.exists()


def test_a_dry_run_changes_nothing(sandbox, join, member, subscribe):
    sandbox.subscription(only().stripe_id, "payment_failed")
    subscribe(join())
    subscribe(member)
    before = rows_of(Subscription, Customer, OutboxEntry)

    run = compare(is_dry_run=True)

    assert (run.differing, run.repaired) == (2, 0)
    assert rows_of(Subscription, Customer, OutboxEntry) == before


def lose(sandbox, join, subscribe, number):
    """Let Stripe cancel the subscriptions of so many people, and not say so."""
    for _person in range(number):
        customer = join()
        stripe_id = subscribe(customer)
        sync.sync_customer(customer=customer, at=timezone.now())
        gateway.cancel_now(stripe_id)


def test_a_run_that_would_lock_out_too_many_people_stops(
    sandbox, join, subscribe, caplog
):
    lose(sandbox, join, subscribe, MOST_LOSING + 1)
    before = rows_of(Subscription, Customer, OutboxEntry)

    run = compare()

    assert run.was_stopped
    assert (run.losing_access, run.repaired) == (MOST_LOSING + 1, 0)
    assert rows_of(Subscription, Customer, OutboxEntry) == before
    assert "reconciliation stopped: 2 of 2 people would lose access" in caplog.text


def test_one_in_twenty_may_lose_access_and_two_may_not():
    report = partial(_Report, with_access=20)

    assert not report(losing_access=1).is_alarming
    assert report(losing_access=2).is_alarming
    assert not _Report(with_access=40, losing_access=2).is_alarming


def test_force_goes_on_all_the_same(sandbox, join, subscribe):
    lose(sandbox, join, subscribe, MOST_LOSING + 1)

    run = compare(is_forced=True)

    assert not run.was_stopped
    assert run.repaired == MOST_LOSING + 1
    assert not Subscription.objects.live().exists()


def test_one_person_may_lose_access_however_few_there_are(sandbox, join, subscribe):
    lose(sandbox, join, subscribe, 1)

    run = compare()

    assert not run.was_stopped
    assert (run.losing_access, run.repaired) == (1, 1)


def test_whoever_keeps_access_another_way_does_not_count(sandbox, member, user):
    AccessGrantFactory(user=user, valid_from=timezone.now() - DAY)
    gateway.cancel_now(only().stripe_id)

    assert compare().losing_access == 0


def test_a_failed_payment_is_no_loss_before_the_grace_is_over(sandbox, member):
    sandbox.subscription(only().stripe_id, "payment_failed")

    assert compare(is_dry_run=True).losing_access == 0


def test_one_bad_row_does_not_stop_the_others(
    sandbox, join, subscribe, monkeypatch, caplog
):
    bad, good = join(), join()
    subscribe(bad)
    subscribe(good)
    read = sync.sync_in_turn

    def fail(*, customer, **options):
        if customer == bad:
            raise ValueError("Sample")
        read(customer=customer, **options)

    monkeypatch.setattr(sync, "sync_in_turn", fail)

    run = compare()

    assert (run.differing, run.repaired, run.failed) == (2, 1, 1)
    assert only().customer == good
    assert f"customer {bad} cannot be repaired" in caplog.text


def test_one_row_that_cannot_be_compared_does_not_stop_the_others(
    sandbox, join, subscribe, monkeypatch, caplog
):
    subscribe(join())
    subscribe(join())
    calls = []
    access = access_for

    def fail_once(user, *, at):
        calls.append(user)
        if len(calls) == 1:
            raise LookupError("Sample")
        return access(user, at=at)

    monkeypatch.setattr("billing.services.differences.access_for", fail_once)

    run = compare()

    assert (run.checked, run.repaired, run.failed) == (2, 1, 1)
    assert "cannot be compared" in caplog.text


def test_a_stripe_that_falls_silent_is_not_asked_for_everybody(
    sandbox, join, subscribe, monkeypatch
):
    for _person in range(8):
        subscribe(join())
    asked = []

    def silent(*, customer, **_options):
        asked.append(customer)
        raise gateway.NoAnswerError("Stripe does not answer.")

    monkeypatch.setattr(sync, "sync_in_turn", silent)

    run = compare()

    assert (run.repaired, run.failed) == (0, 8)
    assert len(asked) == 5


def test_a_stripe_that_is_down_changes_nothing_and_the_next_run_repairs(
    sandbox, join, subscribe, settings
):
    subscribe(join())
    settings.STRIPE_API_BASE = DOWN
    with pytest.raises(gateway.NoAnswerError):
        compare()
    assert not Subscription.objects.exists()
    assert ReconcileRun.objects.get().finished_at is None

    settings.STRIPE_API_BASE = sandbox.url
    compare()

    assert only().status == "active"


def test_rows_that_were_read_after_the_listing_began_are_believed(member):
    Subscription.objects.update(status="past_due")
    Customer.objects.update(synced_at=timezone.now() + HOUR)

    assert compare().differing == 0


def test_the_list_of_differences_is_bounded(member, monkeypatch):
    Subscription.objects.update(status="past_due")
    monkeypatch.setattr("billing.services.reconciliation.MOST_REPORTED", 0)

    run = compare()

    assert MOST_REPORTED == 500
    assert run.differing == 1
    assert run.differences == []


def test_the_comparison_costs_two_queries_a_customer_at_most(
    join, subscribe, django_assert_max_num_queries
):
    for _person in range(10):
        customer = join()
        subscribe(customer)
        sync.sync_customer(customer=customer, at=timezone.now())

    with django_assert_max_num_queries(30):
        assert compare().checked == 10


def test_without_a_key_there_is_no_run(settings, db):
    settings.STRIPE_SECRET_KEY = ""

    jobs.reconcile()

    assert not ReconcileRun.objects.exists()


# Events that were never delivered


def events_at_stripe():
    page = client().v1.events.list({"limit": 100})
    return {event.id: event.type for event in page.auto_paging_iter()}


def test_events_that_were_never_delivered_are_fetched_and_worked_off(
    join, subscribe, user, monkeypatch, django_capture_on_commit_callbacks
):
    subscribe(join(user))
    monkeypatch.setattr(tasks.process_event, "delay", tasks.process_event)

    with django_capture_on_commit_callbacks(execute=True):
        jobs.backfill_events()

    stored = dict(StripeEvent.objects.values_list("event_id", "type"))
    assert "customer.subscription.created" in stored.values()
    assert "invoice.paid" in stored.values()
    assert set(stored.values()) <= services.events.HANDLED
    assert stored.items() <= events_at_stripe().items()
    assert only().status == "active"


def test_an_event_is_stored_as_stripe_wrote_it(join, subscribe):
    customer = join()
    subscribe(customer)

    services.backfill_events(at=timezone.now())

    event = StripeEvent.objects.get(type="customer.subscription.created")
    body = json.loads(event.body)
    assert body["id"] == event.event_id
    assert body["data"]["object"]["customer"] == customer.stripe_id
    assert event.stripe_customer_id == customer.stripe_id


def test_fetching_again_stores_and_counts_nothing(join, subscribe):
    subscribe(join())
    assert services.backfill_events(at=timezone.now()) > 0
    before = rows_of(StripeEvent)

    assert services.backfill_events(at=timezone.now()) == 0

    assert rows_of(StripeEvent) == before


@pytest.fixture
def asked(sandbox, monkeypatch):
    """Return the moments from which on Stripe was asked; it has nothing to tell."""
    moments = []

    def told(*, types, since):
        moments.append(since)
        return iter([])

    monkeypatch.setattr(gateway, "list_events", told)
    return moments


def test_a_gap_is_fetched_although_later_events_came_by_themselves(asked, db):
    now = timezone.now()
    services.backfill_events(at=now - 5 * HOUR)
    StripeEventFactory(stripe_created_at=now - HOUR / 2)

    services.backfill_events(at=now)

    assert asked == [now - 5 * HOUR - 30 * DAY, now - 6 * HOUR]


def test_a_listing_of_events_that_broke_off_is_done_again_from_its_beginning(
    asked, monkeypatch
):
    now = timezone.now()
    services.backfill_events(at=now - 3 * HOUR)

    def break_off(*, types, since):
        yield from ()
        raise gateway.NoAnswerError("Stripe does not answer.")

    with monkeypatch.context() as patch:
        patch.setattr(gateway, "list_events", break_off)
        with pytest.raises(gateway.NoAnswerError):
            services.backfill_events(at=now - 2 * HOUR)
    services.backfill_events(at=now)

    assert asked[-1] == now - 4 * HOUR


def test_an_absence_longer_than_stripe_remembers_is_told(asked, caplog):
    now = timezone.now()
    services.backfill_events(at=now - 40 * DAY)
    assert not caplog.text

    services.backfill_events(at=now)

    assert asked[-1] == now - 30 * DAY
    assert "compare all rows" in caplog.text


def test_an_older_listing_that_ends_later_moves_nothing_back(asked, db):
    now = timezone.now()
    services.backfill_events(at=now)
    services.backfill_events(at=now - HOUR)

    services.backfill_events(at=now)

    assert asked[-1] == now - HOUR


# Customers who wait for something


def test_who_paid_while_every_webhook_is_lost_gets_access(sandbox, join, user, monthly):
    join(user)
    attempt = start(user, monthly)
    sandbox.pay(attempt.stripe_session_id)
    assert services.refresh_stale(at=timezone.now()) == 0

    assert services.refresh_stale(at=timezone.now() + timedelta(minutes=3)) == 1

    assert CheckoutAttempt.objects.get().status == "completed"
    assert access_for(user, at=timezone.now()).state == AccessState.ACTIVE


def test_who_pays_late_is_read_again(sandbox, member, user):
    stripe_id = only().stripe_id
    sandbox.subscription(stripe_id, "payment_failed")
    sync.sync_customer(customer=member, at=timezone.now())
    sandbox.subscription(stripe_id, "pay")
    assert services.refresh_stale(at=timezone.now()) == 0

    assert services.refresh_stale(at=timezone.now() + timedelta(minutes=10)) == 1

    assert only().status == "active"


def test_a_period_that_is_over_is_asked_about(sandbox, member):
    sandbox.subscription(only().stripe_id, "renew")
    long_ago = timezone.now() - HOUR
    Subscription.objects.update(current_period_end=long_ago, synced_at=long_ago)

    jobs.refresh_stale()

    assert only().current_period_end > timezone.now()


def test_who_waits_for_nothing_is_left_alone(sandbox, member):
    before = sandbox.requests()

    assert services.refresh_stale(at=timezone.now() + DAY) == 0

    assert sandbox.requests() == before


def test_a_visit_reads_the_longest_unread_first_and_not_too_many(
    sandbox, join, subscribe, monkeypatch
):
    monkeypatch.setattr("billing.services.refresh.REFRESHED_AT_ONCE", 1)
    now = timezone.now()
    for hours in (1, 3, 2):
        customer = join()
        customer.synced_at = now - hours * HOUR
        customer.save()
        SubscriptionFactory(
            customer=customer, status="past_due", synced_at=now - hours * HOUR
        )

    assert services.refresh_stale(at=now) == 1

    read = Customer.objects.order_by("-synced_at").first()
    assert read.synced_at >= now
    assert Customer.objects.filter(synced_at=now - 3 * HOUR).count() == 0


def test_a_silent_stripe_ends_the_visit(sandbox, member, settings):
    Subscription.objects.update(status="past_due", synced_at=timezone.now() - HOUR)
    settings.STRIPE_API_BASE = DOWN

    assert services.refresh_stale(at=timezone.now()) == 0

    assert Customer.objects.get().sync_claimed_at is None


# Payment pages that are over


def overdue():
    """Look a day and two hours later."""
    services.close_overdue_attempts(at=timezone.now() + DAY + 2 * HOUR)
    return CheckoutAttempt.objects.get().status


def test_a_page_that_stripe_has_forgotten_or_never_made_is_closed(join, user, monthly):
    join(user)
    attempt = start(user, monthly)
    CheckoutAttempt.objects.update(stripe_session_id="cs_test_forgotten")
    assert services.close_overdue_attempts(at=timezone.now()) == 0

    assert overdue() == "expired"

    CheckoutAttempt.objects.update(status="open", stripe_session_id=None)
    assert overdue() == "expired"
    assert start(user, monthly).pk != attempt.pk


def test_a_page_that_was_paid_or_may_still_be_is_not_closed(
    sandbox, join, user, monthly, settings
):
    join(user)
    attempt = start(user, monthly)
    assert overdue() == "open"
    sandbox.pay(attempt.stripe_session_id)

    assert overdue() == "open"

    settings.STRIPE_API_BASE = DOWN
    assert overdue() == "open"


def test_whoever_clicks_before_that_starts_anew_at_once(join, user, monthly):
    join(user)
    start(user, monthly)
    CheckoutAttempt.objects.update(stripe_session_id="cs_test_forgotten")

    again = start(user, monthly)

    assert (again.status, again.stripe_session_id[:8]) == ("open", "cs_test_")
    assert CheckoutAttempt.objects.filter(status="failed").count() == 1
