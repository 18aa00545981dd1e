"""Test clocks: what time alone does to a subscription."""

import time

import pytest
import stripe

from tests.tools.stripe_sandbox.conformance import check
from tools.stripe_sandbox.resources.periods import DAY

START = 1_800_000_000
FAILS_AT_RENEWAL = "4000000000000341"


@pytest.fixture
def clocks(client):
    return client.v1.test_helpers.test_clocks


@pytest.fixture
def clock(clocks):
    return clocks.create({"frozen_time": START, "name": "A year"})


@pytest.fixture
def subscribed(client, sandbox, clock, price):
    """Return a function that subscribes a customer who lives by the clock."""

    def subscribe(**more):
        customer = client.v1.customers.create(
            {"email": "later@example.com", "test_clock": clock.id}
        )
        values = {"customer": customer.id, "price": price.id, "started_at": START}
        return sandbox.subscribe(**{**values, **more})

    return subscribe


def invoices(client, subscription):
    found = client.v1.invoices.list({"subscription": subscription["id"]}).data
    return [invoice.status for invoice in found][::-1]


def end_of(client, subscription):
    row = client.v1.subscriptions.retrieve(subscription["id"])
    return row["items"].data[0].current_period_end


def test_a_clock_has_the_shape_of_the_library(client, clocks, clock):
    check(clock.to_dict())
    check(clocks.retrieve(clock.id).to_dict())
    assert [row.id for row in clocks.list().data] == [clock.id]
    assert (clock.status, clock.frozen_time) == ("ready", START)


def test_what_belongs_to_a_clock_lives_at_its_time(client, clock, subscribed):
    subscription = subscribed()

    row = client.v1.subscriptions.retrieve(subscription["id"])

    assert row.created == START
    assert row.test_clock == clock.id
    assert client.v1.customers.retrieve(row.customer).created == START
    assert client.v1.customers.create({}).created > START - 10 * 365 * DAY


def test_advancing_renews_at_each_end_of_a_period(
    client, clocks, clock, sandbox, site, subscribed
):
    subscription = subscribed()
    first_end = end_of(client, subscription)
    assert sandbox.wait()
    site.received.clear()

    answer = clocks.advance(clock.id, {"frozen_time": first_end + DAY})

    assert answer.status == "advancing"
    assert clocks.retrieve(clock.id).status == "ready"
    assert clocks.retrieve(clock.id).frozen_time == first_end + DAY
    assert end_of(client, subscription) > first_end
    assert invoices(client, subscription) == ["paid", "paid"]
    newest = client.v1.invoices.list({"subscription": subscription["id"]}).data[0]
    assert newest.created == first_end
    assert sandbox.wait()
    told = [kind for kind in site.types if kind.startswith(("test_", "invoice"))]
    assert told[:2] == ["test_helpers.test_clock.advancing", "invoice.upcoming"]
    assert told[-1] == "test_helpers.test_clock.ready"
    assert "invoice.paid" in told
    for event in site.events:
        check(event["data"]["object"] if "id" in event["data"]["object"] else event)
        assert abs(event["created"] - time.time()) < 60


def test_a_notice_of_the_renewal_is_told_once(
    client, clocks, clock, sandbox, site, subscribed
):
    end = end_of(client, subscribed())
    assert sandbox.wait()

    for before in (6, 5, 4):
        clocks.advance(clock.id, {"frozen_time": end - before * DAY})

    assert sandbox.wait()
    assert site.types.count("invoice.upcoming") == 1


def test_a_payment_that_keeps_failing_is_tried_four_times_and_ends_it(
    client, clocks, clock, sandbox, site, subscribed
):
    subscription = subscribed(card=FAILS_AT_RENEWAL)
    end = end_of(client, subscription)
    clocks.advance(clock.id, {"frozen_time": end + DAY})
    assert client.v1.subscriptions.retrieve(subscription["id"]).status == "past_due"

    clocks.advance(clock.id, {"frozen_time": end + 20 * DAY})

    row = client.v1.subscriptions.retrieve(subscription["id"])
    invoice = client.v1.invoices.list({"subscription": row.id}).data[0]
    assert row.status == "canceled"
    assert row.cancellation_details.reason == "payment_failed"
    assert row.ended_at == end + 9 * DAY
    assert (invoice.attempt_count, invoice.next_payment_attempt) == (4, None)
    assert sandbox.wait()
    assert site.types.count("invoice.payment_failed") == 4


def test_a_retry_with_another_card_brings_it_back(
    client, clocks, clock, sandbox, browse, subscribed
):
    subscription = subscribed(card=FAILS_AT_RENEWAL)
    end = end_of(client, subscription)
    clocks.advance(clock.id, {"frozen_time": end + DAY})
    portal = client.v1.billing_portal.sessions.create(
        {"customer": subscription["customer"], "return_url": "http://site.test/"}
    )
    browse("POST", portal.url, action="card", card="4242424242424242")

    clocks.advance(clock.id, {"frozen_time": end + 4 * DAY})

    assert client.v1.subscriptions.retrieve(subscription["id"]).status == "active"
    assert invoices(client, subscription) == ["paid", "paid"]


def test_the_end_of_a_trial_is_told_and_paid(
    client, clocks, clock, sandbox, site, subscribed
):
    subscription = subscribed(status="trialing", trial_days=14, started_at=START)
    end = end_of(client, subscription)

    clocks.advance(clock.id, {"frozen_time": end - 2 * DAY})
    assert sandbox.wait()
    assert site.types.count("customer.subscription.trial_will_end") == 1
    clocks.advance(clock.id, {"frozen_time": end})

    assert client.v1.subscriptions.retrieve(subscription["id"]).status == "active"


@pytest.mark.parametrize(
    "how", [{"cancel_at_period_end": True}, {"cancel_at": START + 5 * DAY}]
)
def test_a_scheduled_end_comes_at_its_moment(client, clocks, clock, subscribed, how):
    subscription = subscribed()
    end = how.get("cancel_at") or end_of(client, subscription)
    client.v1.subscriptions.update(subscription["id"], how)

    clocks.advance(clock.id, {"frozen_time": end + DAY})

    row = client.v1.subscriptions.retrieve(subscription["id"])
    assert (row.status, row.ended_at) == ("canceled", end)
    assert invoices(client, subscription) == ["paid"]


@pytest.mark.parametrize("days", [-1, 0, 90])
def test_a_clock_moves_forward_by_two_intervals_at_most(
    clocks, clock, subscribed, days
):
    subscribed()

    with pytest.raises(stripe.InvalidRequestError, match=r"frozen time|two intervals"):
        clocks.advance(clock.id, {"frozen_time": START + days * DAY})


def test_deleting_a_clock_deletes_its_customers(client, clocks, clock, subscribed):
    subscription = subscribed()

    assert clocks.delete(clock.id).deleted

    assert client.v1.customers.retrieve(subscription["customer"]).deleted
    assert client.v1.subscriptions.retrieve(subscription["id"]).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError, match="No such"):
        clocks.retrieve(clock.id)


def test_the_control_moves_a_customer_of_our_time(client, sandbox, customer, price):
    subscription = sandbox.subscribe(customer=customer.id, price=price.id)
    before = end_of(client, subscription)

    clock = sandbox.advance(customer.id, days=32)

    assert end_of(client, subscription) > before
    assert abs(clock["frozen_time"] - time.time() - 32 * DAY) < 60
    assert sandbox.advance(customer.id, days=1)["id"] == clock["id"]
