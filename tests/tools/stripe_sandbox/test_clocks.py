"""Test clocks: the time of some customers, and who lives by it."""

import time

import pytest
import stripe

from tests.tools.stripe_sandbox.conformance import check
from tests.tools.stripe_sandbox.timeline import (
    FAILS_AT_RENEWAL,
    START,
    end_of,
    invoices,
)
from tools.stripe_sandbox.resources.periods import DAY


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
    client, clocks, pass_until, subscribed, site, told
):
    subscription = subscribed()
    first_end = end_of(client, subscription)
    told()
    site.received.clear()

    answer = pass_until(first_end + DAY)

    assert answer.status == "advancing"
    clock = clocks.retrieve(answer.id)
    assert (clock.status, clock.frozen_time) == ("ready", first_end + DAY)
    assert end_of(client, subscription) > first_end
    assert invoices(client, subscription) == ["paid", "paid"]
    newest = client.v1.invoices.list({"subscription": subscription["id"]}).data[0]
    assert newest.created == first_end
    events = told()
    kinds = [kind for kind in site.types if kind.startswith(("test_", "invoice"))]
    assert kinds[:2] == ["test_helpers.test_clock.advancing", "invoice.upcoming"]
    assert kinds[-1] == "test_helpers.test_clock.ready"
    assert "invoice.paid" in kinds
    assert all(abs(event["created"] - time.time()) < 60 for event in events)


def test_what_happens_to_several_comes_in_the_order_of_time(
    pass_until, subscribed, site, told
):
    later = subscribed(started_at=START)
    pass_until(START + 2 * DAY)
    last = subscribed(started_at=START + 2 * DAY, card=FAILS_AT_RENEWAL)
    told()
    site.received.clear()

    pass_until(START + 50 * DAY)

    rows = [
        event["data"]["object"]
        for event in told()
        if event["type"] in ("invoice.created", "invoice.payment_failed")
    ]
    moments = [row["next_payment_attempt"] or START + 90 * DAY for row in rows]
    assert moments == sorted(moments)
    assert {row["customer"] for row in rows} == {later["customer"], last["customer"]}


@pytest.mark.parametrize("kind", ["renewal", "refund", "dispute", "preview", "seed"])
def test_controls_and_calls_about_a_customer_happen_at_its_time(
    client, sandbox, subscribed, price, kind
):
    row = subscribed()
    charge = client.v1.charges.list({"customer": row["customer"]}).data[0].id
    preview = {"subscription": row["id"]}

    made = {
        "renewal": lambda: (
            client.v1.invoices.retrieve(
                sandbox.subscription(row["id"], "renew")["latest_invoice"]
            ).created
        ),
        "refund": lambda: client.v1.refunds.create({"charge": charge}).created,
        "dispute": lambda: sandbox.dispute(charge)["created"],
        "preview": lambda: client.v1.invoices.create_preview(preview).created,
        "seed": lambda: sandbox.subscribe(customer=row["customer"], price=price.id)[
            "created"
        ],
    }[kind]()

    assert made == START


def test_who_lives_by_a_clock_is_listed_only_where_it_is_asked_for(
    client, clock, subscribed, customer, sandbox, price
):
    ours = sandbox.subscribe(customer=customer.id, price=price.id)
    theirs = subscribed()
    of_clock = {"test_clock": clock.id}

    def ids(rows):
        return [row.id for row in rows.data]

    assert ids(client.v1.customers.list()) == [customer.id]
    assert ids(client.v1.customers.list(of_clock)) == [theirs["customer"]]
    subscriptions = client.v1.subscriptions
    assert ids(subscriptions.list()) == [ours["id"]]
    assert ids(subscriptions.list(of_clock)) == [theirs["id"]]
    of_customer = {"customer": theirs["customer"]}
    assert ids(subscriptions.list(of_customer)) == [theirs["id"]]


@pytest.mark.parametrize("days", [-1, 0, 90])
def test_a_clock_moves_forward_by_two_intervals_at_most(pass_until, subscribed, days):
    subscribed()

    with pytest.raises(stripe.InvalidRequestError, match=r"frozen time|two intervals"):
        pass_until(START + days * DAY)


def test_deleting_a_clock_deletes_its_customers(client, clocks, clock, subscribed):
    subscription = subscribed()

    assert clocks.delete(clock.id).deleted

    assert client.v1.customers.retrieve(subscription["customer"]).deleted
    ended = client.v1.subscriptions.retrieve(subscription["id"])
    assert (ended.status, ended.ended_at) == ("canceled", START)
    with pytest.raises(stripe.InvalidRequestError, match="No such"):
        clocks.retrieve(clock.id)


def test_the_control_moves_a_customer_of_our_time(client, sandbox, customer, price):
    subscription = sandbox.subscribe(customer=customer.id, price=price.id)
    before = end_of(client, subscription)

    clock = sandbox.advance(customer.id, days=32)

    assert end_of(client, subscription) > before
    assert abs(clock["frozen_time"] - time.time() - 32 * DAY) < 60
    assert sandbox.advance(customer.id, days=1)["id"] == clock["id"]
    assert client.v1.customers.retrieve(customer.id).test_clock is None
    assert [row.id for row in client.v1.subscriptions.list().data] == [
        subscription["id"]
    ]


def test_the_control_moves_a_clock_to_a_moment_and_never_back(
    client, clock, sandbox, subscribed
):
    subscription = subscribed()

    sandbox.advance(clock=clock.id, to=START + 100 * DAY)

    assert invoices(client, subscription) == 4 * ["paid"]
    with pytest.raises(RuntimeError, match="not after"):
        sandbox.advance(clock=clock.id, to=START)
