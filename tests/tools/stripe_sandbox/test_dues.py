"""What time alone does to a subscription."""

from itertools import pairwise

import pytest

from tests.tools.stripe_sandbox.timeline import (
    FAILS_AT_RENEWAL,
    START,
    end_of,
    invoices,
)
from tools.stripe_sandbox.resources.periods import DAY, HOUR


def test_the_invoice_of_a_renewal_is_a_draft_for_an_hour(
    client, pass_until, subscribed, site, told
):
    subscription = subscribed()
    end = end_of(client, subscription)

    pass_until(end)
    row = client.v1.subscriptions.retrieve(
        subscription["id"], {"expand": ["latest_invoice"]}
    )
    draft = row.latest_invoice
    told()
    site.received.clear()
    pass_until(end + HOUR)
    paid = client.v1.invoices.retrieve(draft.id)

    assert row.status == "active"
    assert row["items"].data[0].current_period_start == end
    assert (draft.status, draft.number, draft.hosted_invoice_url) == (
        "draft",
        *2 * [None],
    )
    assert (draft.attempt_count, draft.next_payment_attempt) == (0, end + HOUR)
    assert (paid.status, paid.attempt_count) == ("paid", 1)
    assert paid.status_transitions.paid_at == end + HOUR
    told()
    assert site.types[1:-1] == [
        "invoice.finalized",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice_payment.paid",
        "invoice.paid",
        "invoice.payment_succeeded",
    ]


def test_a_notice_of_the_renewal_is_told_once_with_the_next_period(
    client, pass_until, subscribed, told
):
    end = end_of(client, subscribed())

    for before in (6, 5, 4):
        pass_until(end - before * DAY)

    notices = [event for event in told() if event["type"] == "invoice.upcoming"]
    assert len(notices) == 1
    upcoming = notices[0]["data"]["object"]
    assert "id" not in upcoming
    assert upcoming["lines"]["data"][0]["period"]["start"] == end
    assert (upcoming["status"], upcoming["amount_due"]) == ("draft", 1995)
    assert upcoming["next_payment_attempt"] == end + HOUR


def test_a_payment_that_keeps_failing_is_tried_four_times_and_ends_it(
    client, pass_until, subscribed, site, told
):
    subscription = subscribed(card=FAILS_AT_RENEWAL)
    end = end_of(client, subscription)
    pass_until(end + DAY)
    assert client.v1.subscriptions.retrieve(subscription["id"]).status == "past_due"

    pass_until(end + 20 * DAY)

    row = client.v1.subscriptions.retrieve(subscription["id"])
    invoice = client.v1.invoices.list({"subscription": row.id}).data[0]
    assert row.status == "canceled"
    assert row.cancellation_details.reason == "payment_failed"
    assert row.ended_at == end + HOUR + 9 * DAY
    assert (invoice.attempt_count, invoice.next_payment_attempt) == (4, None)
    tries = [
        event["data"]["object"]
        for event in told()
        if event["type"] == "invoice.payment_failed"
    ]
    assert [row["attempt_count"] for row in tries] == [1, 2, 3, 4]
    planned = [row["next_payment_attempt"] for row in tries]
    assert planned[0] == end + HOUR + 3 * DAY
    assert [later - sooner for sooner, later in pairwise(planned[:3])] == 2 * [3 * DAY]
    assert planned[3] is None
    assert site.types.count("payment_intent.created") == 2  # one an invoice


def test_while_a_payment_is_tried_again_no_other_period_begins(
    client, pass_until, price, subscribed
):
    weekly = client.v1.prices.create(
        {
            "product": price.product,
            "currency": "usd",
            "unit_amount": 500,
            "recurring": {"interval": "week"},
        }
    )
    subscription = subscribed(price=weekly.id, card=FAILS_AT_RENEWAL)

    pass_until(START + 14 * DAY)
    pass_until(START + 16 * DAY + HOUR)

    assert client.v1.subscriptions.retrieve(subscription["id"]).status == "canceled"
    assert invoices(client, subscription) == ["paid", "open"]


def test_a_retry_with_another_card_brings_it_back(
    client, pass_until, sandbox, browse, subscribed
):
    subscription = subscribed(card=FAILS_AT_RENEWAL)
    end = end_of(client, subscription)
    pass_until(end + DAY)
    portal = client.v1.billing_portal.sessions.create(
        {"customer": subscription["customer"], "return_url": "http://site.test/"}
    )
    browse("POST", portal.url, action="card", card="4242424242424242")

    pass_until(end + 4 * DAY)

    assert client.v1.subscriptions.retrieve(subscription["id"]).status == "active"
    assert invoices(client, subscription) == ["paid", "paid"]
    newest = client.v1.invoices.list({"subscription": subscription["id"]}).data[0]
    assert newest.attempt_count == 2


def test_a_bank_that_wants_its_customer_is_asked_again_at_each_try(
    client, pass_until, sandbox, subscribed, told
):
    subscription = subscribed()
    sandbox.subscription(subscription["id"], "needs_confirmation")

    pass_until(START + 4 * DAY)

    assert client.v1.subscriptions.retrieve(subscription["id"]).status == "past_due"
    kinds = [event["type"] for event in told()]
    assert kinds.count("invoice.payment_action_required") == 2


def test_the_end_of_a_trial_is_told_and_paid(
    client, pass_until, sandbox, site, subscribed
):
    subscription = subscribed(status="trialing", trial_days=14, started_at=START)
    end = end_of(client, subscription)

    pass_until(end - 2 * DAY)
    assert sandbox.wait()
    assert site.types.count("customer.subscription.trial_will_end") == 1
    pass_until(end + HOUR)

    assert client.v1.subscriptions.retrieve(subscription["id"]).status == "active"
    assert invoices(client, subscription) == ["paid", "paid"]
    newest = client.v1.invoices.list({"subscription": subscription["id"]}).data[0]
    assert newest.amount_paid == 1995


@pytest.mark.parametrize(
    ("behavior", "status"),
    [("cancel", "canceled"), ("pause", "paused"), ("create_invoice", "past_due")],
)
def test_a_trial_without_a_card_ends_as_was_agreed(
    client, pass_until, subscribed, told, behavior, status
):
    row = subscribed(status="trialing", trial_days=14)
    end_behavior = {"missing_payment_method": behavior}
    client.v1.subscriptions.update(
        row["id"],
        {
            "trial_settings": {"end_behavior": end_behavior},
            "default_payment_method": "",
        },
    )
    client.v1.customers.update(
        row["customer"], {"invoice_settings": {"default_payment_method": ""}}
    )

    pass_until(START + 15 * DAY)

    assert client.v1.subscriptions.retrieve(row["id"]).status == status
    told()


def test_a_pause_is_not_over_by_itself(client, pass_until, subscribed):
    subscription = subscribed()
    client.v1.subscriptions.pause(subscription["id"], {"type": "subscription"})

    pass_until(START + 40 * DAY)

    assert client.v1.subscriptions.retrieve(subscription["id"]).status == "paused"
    assert invoices(client, subscription) == ["paid"]


@pytest.mark.parametrize(
    ("behavior", "status"),
    [
        ("void", "void"),
        ("mark_uncollectible", "uncollectible"),
        ("keep_as_draft", "draft"),
    ],
)
def test_a_paused_collection_takes_no_money_until_it_resumes(
    client, pass_until, subscribed, told, behavior, status
):
    subscription = subscribed()
    end = end_of(client, subscription)
    pause = {"behavior": behavior, "resumes_at": end + DAY}
    client.v1.subscriptions.update(subscription["id"], {"pause_collection": pause})

    pass_until(end + 2 * HOUR)
    paused = client.v1.subscriptions.retrieve(subscription["id"])
    pass_until(end + 40 * DAY)
    resumed = client.v1.subscriptions.retrieve(subscription["id"])

    assert (paused.status, paused.pause_collection.behavior) == ("active", behavior)
    assert (resumed.status, resumed.pause_collection) == ("active", None)
    assert invoices(client, subscription) == ["paid", status, "paid"]
    told()


@pytest.mark.parametrize(
    "how", [{"cancel_at_period_end": True}, {"cancel_at": START + 5 * DAY}]
)
def test_a_scheduled_end_comes_at_its_moment_and_no_renewal_is_announced(
    client, pass_until, subscribed, told, how
):
    subscription = subscribed()
    end = how.get("cancel_at") or end_of(client, subscription)
    client.v1.subscriptions.update(subscription["id"], how)

    pass_until(end + DAY)

    row = client.v1.subscriptions.retrieve(subscription["id"])
    assert (row.status, row.ended_at) == ("canceled", end)
    assert invoices(client, subscription) == ["paid"]
    assert "invoice.upcoming" not in {event["type"] for event in told()}


def test_an_end_after_the_next_renewal_lets_it_renew_first(
    client, pass_until, subscribed
):
    subscription = subscribed()
    end = end_of(client, subscription)
    client.v1.subscriptions.update(subscription["id"], {"cancel_at": end + 5 * DAY})

    pass_until(end + DAY)
    assert client.v1.subscriptions.retrieve(subscription["id"]).status == "active"
    pass_until(end + 6 * DAY)

    row = client.v1.subscriptions.retrieve(subscription["id"])
    assert (row.status, row.ended_at) == ("canceled", end + 5 * DAY)
    assert invoices(client, subscription) == ["paid", "paid"]
