import json

import pytest
import stripe

from tests.tools.stripe_sandbox.conformance import check


def raw(client, path):
    response = client.raw_request("get", path)
    return json.loads(response.body)


def test_paying_opens_a_subscription_and_tells_the_site_in_order(
    client, sandbox, session, site
):
    sandbox.pay(session.id)

    assert sandbox.wait()
    paid = client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["subscription.latest_invoice", "line_items"]}
    )
    assert paid.status == "complete"
    assert paid.payment_status == "paid"
    assert paid.url is None
    assert paid.subscription.status == "active"
    assert paid.subscription.metadata["user_id"] == "7"
    assert paid.subscription.latest_invoice.status == "paid"
    item = paid.subscription["items"].data[0]
    assert item.current_period_end > item.current_period_start
    assert [kind for kind in site.types if "customer.created" not in kind][-9:] == [
        "invoice.finalized",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "customer.subscription.created",
        "invoice_payment.paid",
        "invoice.paid",
        "invoice.payment_succeeded",
        "checkout.session.completed",
    ]


def test_every_event_has_the_shape_and_the_signature_of_stripe(
    client, sandbox, session, site
):
    sandbox.pay(session.id)

    assert sandbox.wait()
    assert site.received
    for body, header in site.received:
        event = client.construct_event(body, header, sandbox.secret)
        assert event.api_version == stripe.api_version
        check(json.loads(body))
        check(json.loads(body)["data"]["object"])


@pytest.mark.parametrize(
    "path",
    [
        "/v1/customers",
        "/v1/products",
        "/v1/prices",
        "/v1/checkout/sessions",
        "/v1/subscriptions?status=all",
        "/v1/invoices",
        "/v1/invoice_payments",
        "/v1/payment_intents",
        "/v1/charges",
        "/v1/events?limit=100",
        "/v1/webhook_endpoints",
    ],
)
def test_every_list_has_objects_of_the_shape_of_the_sdk(client, sandbox, session, path):
    sandbox.pay(session.id)

    answer = raw(client, path)

    assert answer["data"]
    check(answer)


def test_a_declined_card_leaves_the_session_open(client, sandbox, session, customer):
    answer = sandbox.pay(session.id, card="4000 0000 0000 0002")

    assert answer["problem"] == "Your card was declined."
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
    found = client.v1.subscriptions.list({"customer": customer.id, "status": "all"})
    assert found.data == []


def test_the_pay_page_sends_the_payer_back_with_the_session_id(browse, session):
    shown = browse("GET", session.url)
    paid = browse("POST", session.url, card="4242 4242 4242 4242")

    assert "Sandbox - no real money" in shown.text
    assert "$19.95" in shown.text
    assert paid.status == 303
    expected = f"http://site.test/done/?session_id={session.id}"
    assert paid.location == expected
