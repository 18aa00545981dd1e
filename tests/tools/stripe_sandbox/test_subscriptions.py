import json
import time

import pytest
import stripe

from tests.tools.stripe_sandbox.conformance import check


@pytest.fixture
def subscription(sandbox, customer, price):
    return sandbox.subscribe(customer=customer.id, price=price.id)


@pytest.fixture
def yearly(client, price):
    return client.v1.prices.create(
        {
            "product": price.product,
            "currency": "usd",
            "unit_amount": 19900,
            "recurring": {"interval": "year"},
        }
    )


@pytest.fixture
def portal(client, customer):
    return client.v1.billing_portal.sessions.create(
        {"customer": customer.id, "return_url": "http://site.test/account/"}
    )


@pytest.mark.parametrize(
    "status", ["active", "trialing", "past_due", "unpaid", "canceled"]
)
def test_a_subscription_can_be_created_in_any_state(
    sandbox, client, customer, price, status
):
    made = sandbox.subscribe(customer=customer.id, price=price.id, status=status)

    path = f"/v1/subscriptions/{made['id']}?expand[0]=latest_invoice.payments"
    answer = json.loads(client.raw_request("get", path).body)
    assert answer["status"] == status
    check(answer)


def test_canceling_in_the_portal_sets_the_moment_and_not_the_flag(
    browse, client, portal, subscription
):
    shown = browse("GET", portal.url)
    browse("POST", portal.url, action="cancel")

    found = client.v1.subscriptions.retrieve(subscription["id"])
    end = found["items"].data[0].current_period_end
    assert "Renews on" in shown.text
    assert 'href="http://site.test/account/"' in shown.text
    assert found.cancel_at == end
    assert found.cancel_at_period_end is False
    assert found.status == "active"
    assert "Cancels on" in browse("GET", portal.url).text


def test_resuming_in_the_portal_clears_the_end(browse, client, portal, subscription):
    browse("POST", portal.url, action="cancel")
    browse("POST", portal.url, action="resume")

    found = client.v1.subscriptions.retrieve(subscription["id"])
    assert found.cancel_at is None
    assert found.canceled_at is None


def test_a_card_is_changed_in_the_portal(
    browse, client, portal, subscription, customer
):
    refused = browse("POST", portal.url, action="card", card="4000000000000002")
    browse("POST", portal.url, action="card", card="5555555555554444")

    found = client.v1.subscriptions.retrieve(
        subscription["id"], {"expand": ["default_payment_method"]}
    )
    assert refused.status == 402
    assert found.default_payment_method.card.last4 == "4444"
    methods = client.v1.customers.payment_methods.list(customer.id)
    assert len(methods.data) == 2


def test_the_flag_and_the_moment_are_cleared_apart(client, subscription):
    update = client.v1.subscriptions.update

    flagged = update(subscription["id"], {"cancel_at_period_end": True})
    assert (flagged.cancel_at_period_end, flagged.cancel_at) == (True, None)

    dated = update(
        subscription["id"],
        {"cancel_at_period_end": False, "cancel_at": "max_period_end"},
    )
    assert dated.cancel_at == dated["items"].data[0].current_period_end
    assert update(subscription["id"], {"cancel_at": ""}).canceled_at is None


def test_canceling_now_is_final(client, site, sandbox, subscription, customer):
    client.v1.subscriptions.cancel(subscription["id"])

    assert sandbox.wait()
    assert site.types[-1] == "customer.subscription.deleted"
    assert client.v1.subscriptions.list({"customer": customer.id}).data == []
    found = client.v1.subscriptions.list({"customer": customer.id, "status": "all"})
    assert found.data[0].ended_at
    with pytest.raises(stripe.InvalidRequestError, match="No such subscription"):
        client.v1.subscriptions.cancel(subscription["id"])


def test_renewing_moves_the_period_and_pays_the_next_invoice(
    client, sandbox, subscription, site
):
    first_end = subscription["items"]["data"][0]["current_period_end"]

    sandbox.subscription(subscription["id"], "renew")

    found = client.v1.subscriptions.retrieve(
        subscription["id"], {"expand": ["latest_invoice"]}
    )
    assert found["items"].data[0].current_period_start == first_end
    assert found.latest_invoice.billing_reason == "subscription_cycle"
    assert found.latest_invoice.status == "paid"
    assert sandbox.wait()
    updated = next(
        e for e in site.events if e["type"] == "customer.subscription.updated"
    )
    assert set(updated["data"]["previous_attributes"]) == {"items", "latest_invoice"}


def test_a_failed_payment_makes_it_past_due_until_it_is_paid(
    client, sandbox, subscription, site
):
    sandbox.subscription(subscription["id"], "payment_failed")
    sandbox.subscription(subscription["id"], "payment_failed")
    late = client.v1.subscriptions.retrieve(
        subscription["id"], {"expand": ["latest_invoice.payments"]}
    )
    sandbox.subscription(subscription["id"], "pay")

    assert late.status == "past_due"
    assert late.latest_invoice.status == "open"
    assert late.latest_invoice.attempt_count == 2
    assert late.latest_invoice.next_payment_attempt
    assert [row.status for row in late.latest_invoice.payments.data] == ["open"]
    assert client.v1.subscriptions.retrieve(subscription["id"]).status == "active"
    assert sandbox.wait()
    assert site.types.count("invoice.payment_failed") == 2
    for event in site.events:
        check(event["data"]["object"])


def test_renewing_ends_what_was_canceled(browse, sandbox, portal, subscription):
    browse("POST", portal.url, action="cancel")

    assert sandbox.subscription(subscription["id"], "renew")["status"] == "canceled"


def test_a_card_that_fails_later_fails_at_renewal(sandbox, customer, price):
    made = sandbox.subscribe(
        customer=customer.id, price=price.id, card="4000000000000341"
    )

    assert sandbox.subscription(made["id"], "renew")["status"] == "past_due"


def test_an_upgrade_by_item_id_replaces_the_price_and_charges_the_difference(
    client, subscription, yearly
):
    item = subscription["items"]["data"][0]["id"]
    entry = [{"id": item, "price": yearly.id}]

    preview = client.v1.invoices.create_preview(
        {
            "subscription": subscription["id"],
            "subscription_details": {
                "items": entry,
                "proration_behavior": "always_invoice",
            },
        }
    )
    changed = client.v1.subscriptions.update(
        subscription["id"],
        {
            "items": entry,
            "proration_behavior": "always_invoice",
            "payment_behavior": "pending_if_incomplete",
            "expand": ["latest_invoice"],
        },
    )

    assert [row.price.id for row in changed["items"].data] == [yearly.id]
    assert changed.latest_invoice.billing_reason == "subscription_update"
    assert abs(changed.latest_invoice.total - (19900 - 1995)) <= 1
    assert abs(preview.total - changed.latest_invoice.total) <= 1
    assert preview.lines.data[0].parent.subscription_item_details.proration


def test_an_upgrade_without_the_item_id_adds_a_second_item(client, subscription, price):
    other = client.v1.prices.create(
        {
            "product": price.product,
            "currency": "usd",
            "unit_amount": 500,
            "recurring": {"interval": "month"},
        }
    )

    changed = client.v1.subscriptions.update(
        subscription["id"], {"items": [{"price": other.id}]}
    )

    assert len(changed["items"].data) == 2


def test_a_refused_card_leaves_the_plan_as_it_was(
    client, sandbox, customer, price, yearly
):
    made = sandbox.subscribe(
        customer=customer.id, price=price.id, card="4000000000000341"
    )
    item = made["items"]["data"][0]["id"]

    with pytest.raises(stripe.CardError) as caught:
        client.v1.subscriptions.update(
            made["id"],
            {
                "items": [{"id": item, "price": yearly.id}],
                "proration_behavior": "always_invoice",
            },
        )

    assert caught.value.error.decline_code == "generic_decline"
    found = client.v1.subscriptions.retrieve(made["id"])
    assert found["items"].data[0].price.id == price.id
    assert len(client.v1.invoices.list({"subscription": made["id"]}).data) == 1


@pytest.mark.parametrize("is_paid", [True, False])
def test_a_change_may_wait_for_its_payment(
    client, sandbox, customer, price, yearly, is_paid
):
    made = sandbox.subscribe(
        customer=customer.id, price=price.id, card="4000000000000341"
    )
    item = made["items"]["data"][0]["id"]

    left = client.v1.subscriptions.update(
        made["id"],
        {
            "items": [{"id": item, "price": yearly.id}],
            "proration_behavior": "always_invoice",
            "payment_behavior": "pending_if_incomplete",
        },
    )

    assert (left.status, left["items"].data[0].price.id) == ("active", price.id)
    assert left.pending_update.subscription_items[0].price.id == yearly.id
    check(left.to_dict(for_json=True))
    if is_paid:
        sandbox.subscription(made["id"], "pay")
    else:
        client.v1.invoices.void_invoice(left.latest_invoice)
    found = client.v1.subscriptions.retrieve(made["id"])
    assert found.pending_update is None
    assert (found["items"].data[0].price.id == yearly.id) is is_paid


def test_an_invoice_is_found_by_its_payment_intent(client, subscription):
    invoice = client.v1.invoices.retrieve(
        subscription["latest_invoice"], {"expand": ["payments"]}
    )
    intent = invoice.payments.data[0].payment.payment_intent

    found = client.v1.invoice_payments.list(
        {"payment": {"type": "payment_intent", "payment_intent": intent}}
    )

    assert [row.invoice for row in found.data] == [invoice.id]
    assert invoice.parent.subscription_details.subscription == subscription["id"]


def test_an_open_invoice_is_paid_or_voided_through_the_api(
    client, sandbox, customer, price
):
    late = sandbox.subscribe(customer=customer.id, price=price.id, status="past_due")
    found = client.v1.subscriptions.retrieve(late["id"])

    paid = client.v1.invoices.pay(found.latest_invoice)

    assert paid.status == "paid"
    assert client.v1.subscriptions.retrieve(late["id"]).status == "active"
    sandbox.subscription(late["id"], "payment_failed")
    found = client.v1.subscriptions.retrieve(late["id"])
    assert client.v1.invoices.void_invoice(found.latest_invoice).status == "void"


def test_a_portal_flow_goes_back_when_it_is_done(
    browse, client, customer, subscription
):
    session = client.v1.billing_portal.sessions.create(
        {
            "customer": customer.id,
            "return_url": "http://site.test/account/",
            "flow_data": {
                "type": "payment_method_update",
                "after_completion": {
                    "type": "redirect",
                    "redirect": {"return_url": "http://site.test/saved/"},
                },
            },
        }
    )

    answer = browse("POST", session.url, action="card", card="4242424242424242")

    check(session.to_dict())
    assert answer.location == "http://site.test/saved/"


def test_a_subscription_that_began_earlier_has_an_invoice_for_every_period(
    client, sandbox, customer, price
):
    months_ago = int(time.time()) - 200 * 86_400

    made = sandbox.subscribe(
        customer=customer.id, price=price.id, started_at=months_ago
    )

    invoices = client.v1.invoices.list({"subscription": made["id"]}).data
    period = made["items"]["data"][0]
    assert len(invoices) == 7
    assert {invoice.status for invoice in invoices} == {"paid"}
    assert invoices[-1].created == months_ago
    assert period["current_period_start"] <= time.time() < period["current_period_end"]


@pytest.mark.parametrize("months", [0, 8])
def test_a_subscription_that_is_past_due_is_so_in_the_current_period(
    client, sandbox, customer, price, months
):
    started = int(time.time()) - months * 30 * 86_400

    made = sandbox.subscribe(
        customer=customer.id,
        price=price.id,
        status="past_due",
        started_at=started if months else 0,
    )

    period = made["items"]["data"][0]
    assert period["current_period_start"] <= time.time() < period["current_period_end"]
    found = client.v1.invoices.list({"subscription": made["id"], "status": "open"})
    assert [invoice.id for invoice in found.data] == [made["latest_invoice"]]


def test_a_pause_stops_the_service_and_the_days_left_are_credited_at_its_end(
    sandbox, client, site, subscription
):
    paused = client.v1.subscriptions.pause(subscription["id"], {"type": "subscription"})
    resumed = client.v1.subscriptions.resume(
        subscription["id"], {"expand": ["latest_invoice"]}
    )

    assert paused.status == "paused"
    assert paused.status_details.paused.subscription.type == "pause_requested"
    assert resumed.status == "active"
    assert resumed.latest_invoice.status == "paid"
    assert resumed.latest_invoice.total < 1995
    assert sandbox.wait()
    assert {
        "customer.subscription.paused",
        "customer.subscription.resumed",
    } <= set(site.types)
    for event in site.events:
        check(event)


def test_a_credit_waits_on_the_balance_and_pays_the_next_invoice(
    sandbox, client, customer, subscription, told
):
    client.v1.customers.update(customer.id, {"balance": -3000})

    sandbox.subscription(subscription["id"], "renew")
    sandbox.subscription(subscription["id"], "renew")

    rows = client.v1.invoices.list({"subscription": subscription["id"]}).data
    assert [
        (row.starting_balance, row.ending_balance, row.amount_due) for row in rows[:2]
    ] == [(-1005, 0, 990), (-3000, -1005, 0)]
    assert client.v1.customers.retrieve(customer.id).balance == 0
    assert "customer.updated" in {event["type"] for event in told()}


def test_what_the_balance_paid_of_a_voided_invoice_comes_back(
    sandbox, client, customer, subscription
):
    client.v1.customers.update(customer.id, {"balance": -500})
    sandbox.subscription(subscription["id"], "payment_failed")
    (opened,) = client.v1.invoices.list(
        {"subscription": subscription["id"], "status": "open"}
    ).data
    assert opened.amount_due == 1495

    client.v1.invoices.void_invoice(opened.id)

    assert client.v1.customers.retrieve(customer.id).balance == -500


def test_a_pause_that_is_invoiced_puts_the_days_left_on_the_balance(
    client, customer, subscription
):
    client.v1.subscriptions.pause(subscription["id"], {"invoicing_behavior": "invoice"})
    credit = -client.v1.customers.retrieve(customer.id).balance
    resumed = client.v1.subscriptions.resume(
        subscription["id"], {"expand": ["latest_invoice"]}
    )

    assert 1900 < credit <= 1995
    assert resumed.latest_invoice.amount_due == 1995 - credit


def test_what_is_not_paused_cannot_be_resumed(client, subscription):
    with pytest.raises(stripe.InvalidRequestError, match="not paused"):
        client.v1.subscriptions.resume(subscription["id"])


def test_the_plan_is_switched_in_the_portal(
    browse, client, portal, subscription, yearly, price
):
    assert "Switch to $199.00 USD every year" in browse("GET", portal.url).text

    browse("POST", portal.url, price=yearly.id)

    (item,) = client.v1.subscriptions.retrieve(subscription["id"])["items"].data
    assert item.price.id == yearly.id
    newest = client.v1.invoices.list({"subscription": subscription["id"]}).data[0]
    assert (newest.billing_reason, newest.status) == ("subscription_update", "paid")
    assert "Switch to $19.95 USD every month" in browse("GET", portal.url).text


def test_a_plan_that_is_not_offered_is_refused_in_the_portal(
    browse, client, portal, subscription
):
    answer = browse("POST", portal.url, price="price_unknown")

    assert answer.status == 402
    assert "This plan is not offered." in answer.text


def test_the_items_of_a_subscription_are_listed_and_found(client, subscription):
    (item,) = client.v1.subscription_items.list(
        {"subscription": subscription["id"]}
    ).data

    check(client.v1.subscription_items.retrieve(item.id).to_dict(for_json=True))
    with pytest.raises(stripe.InvalidRequestError, match="No such"):
        client.v1.subscription_items.retrieve("si_unknown")
