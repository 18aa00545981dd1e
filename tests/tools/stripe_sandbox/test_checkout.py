import json

import pytest
import stripe

from tests.tools.stripe_sandbox.conformance import check

CONFIRM = "4000 0025 0000 3155"


def test_a_declined_card_keeps_the_page_open_and_says_why(browse, session):
    answer = browse("POST", session.url, card="4000000000000002")

    assert answer.status == 402
    assert "Your card was declined." in answer.text
    assert browse("GET", session.url).status == 200


def test_a_card_that_asks_for_confirmation_pays_when_it_is_completed(
    browse, client, session
):
    asked = browse("POST", session.url, card=CONFIRM)
    failed = browse("POST", session.url, card=CONFIRM, confirmed="fail")
    still = client.v1.checkout.sessions.retrieve(session.id).status
    paid = browse("POST", session.url, card=CONFIRM, confirmed="complete")

    assert "3D Secure" in asked.text
    assert failed.status == 402
    assert still == "open"
    assert paid.status == 303


def test_paying_twice_subscribes_once(browse, client, session, customer):
    browse("POST", session.url, card="4242424242424242")
    browse("POST", session.url, card="4242424242424242")

    found = client.v1.subscriptions.list({"customer": customer.id, "status": "all"})
    assert len(found.data) == 1


def test_the_page_has_the_way_back(browse, session):
    page = browse("GET", session.url).text

    assert 'href="http://site.test/plans/"' in page
    assert "sample@example.com" in page


def test_an_expired_session_cannot_be_paid(client, sandbox, session, site, browse):
    client.v1.checkout.sessions.expire(session.id)

    answer = sandbox.pay(session.id)

    assert answer["problem"] == "This checkout is no longer open."
    assert browse("GET", f"{sandbox.url}/c/pay/{session.id}").status == 410
    assert sandbox.wait()
    assert site.types[-1] == "checkout.session.expired"
    with pytest.raises(stripe.InvalidRequestError, match="Only Checkout Sessions"):
        client.v1.checkout.sessions.expire(session.id)


def test_a_trial_asks_for_nothing_yet(client, sandbox, customer, price):
    session = client.v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "customer": customer.id,
            "line_items": [{"price": price.id, "quantity": 1}],
            "subscription_data": {"trial_period_days": 7},
            "success_url": "http://site.test/",
        }
    )

    sandbox.pay(session.id)

    done = client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["subscription", "invoice"]}
    )
    assert done.payment_status == "no_payment_required"
    assert done.subscription.status == "trialing"
    assert done.subscription.trial_end - done.subscription.trial_start == 7 * 86_400
    assert (done.invoice.status, done.invoice.total) == ("paid", 0)


def test_a_checkout_without_a_customer_creates_one(client, sandbox, price):
    session = client.v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "customer_email": "new@example.com",
            "line_items": [{"price": price.id, "quantity": 1}],
            "success_url": "http://site.test/",
        }
    )

    sandbox.pay(session.id)

    done = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["customer"]})
    assert done.customer.email == "new@example.com"


def test_a_session_has_the_shape_of_the_sdk_and_leaves_out_unset_maps(client, session):
    answer = json.loads(
        client.raw_request("get", f"/v1/checkout/sessions/{session.id}").body
    )

    check(answer)
    assert "line_items" not in answer
    price = json.loads(client.raw_request("get", "/v1/prices").body)["data"][0]
    assert "currency_options" not in price


def test_an_inactive_price_cannot_be_bought(client, customer, price):
    client.v1.prices.update(price.id, {"active": False})

    with pytest.raises(stripe.InvalidRequestError, match="inactive"):
        client.v1.checkout.sessions.create(
            {
                "mode": "subscription",
                "customer": customer.id,
                "line_items": [{"price": price.id, "quantity": 1}],
                "success_url": "http://site.test/",
            }
        )
