import json
import time
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import pytest
import stripe


@pytest.fixture
def subscription(sandbox, customer, price):
    return sandbox.subscribe(customer=customer.id, price=price.id)


def press(sandbox, control, *, headers=None, typed=None, **values):
    target = urlsplit(sandbox.url)
    connection = HTTPConnection(target.hostname, target.port, timeout=10)
    form = {"control": control, "values": json.dumps(values), **(typed or {})}
    body = urlencode(form)
    connection.request("POST", "/", body, headers or {})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def test_the_page_lists_what_there_is_with_its_buttons(
    sandbox, browse, customer, subscription
):
    assert sandbox.wait()

    page = browse("GET", f"{sandbox.url}/")

    assert page.status == 200
    for words in (
        *(customer.id, "sample@example.com", subscription["id"]),
        *("Renew now", "Refund, pending", "Send again twice at once", "invoice.paid"),
        *(
            "Early fraud warning",
            "Sign with the old secret",
            "Webhooks wait 5 s",
            "Send, signed an hour ago",
        ),
        *("A day later", "8 days later", "A month later", "Invoice "),
        *("500", "429", "409", "connection reset", "slow", "answer lost"),
    ):
        assert words in page.text


def test_a_button_does_what_it_says_and_the_page_tells(sandbox, client, subscription):
    status, text = press(
        sandbox, "subscription", id=subscription["id"], action="payment_failed"
    )

    assert status == 200
    assert "Done" in text
    assert client.v1.subscriptions.retrieve(subscription["id"]).status == "past_due"


def test_a_payment_is_sent_back_by_a_button(sandbox, client, customer, subscription):
    charge = client.v1.charges.list({"customer": customer.id}).data[0]

    press(sandbox, "refund", charge=charge.id)

    assert client.v1.charges.retrieve(charge.id).refunded


@pytest.mark.parametrize(("typed", "sent_back"), [("500", 500), ("", 1995)])
def test_as_much_is_sent_back_as_was_typed(
    sandbox, client, customer, subscription, typed, sent_back
):
    charge = client.v1.charges.list({"customer": customer.id}).data[0]

    press(sandbox, "refund", typed={"amount": typed}, charge=charge.id)

    assert client.v1.charges.retrieve(charge.id).amount_refunded == sent_back


@pytest.mark.parametrize("typed", ["9999", "much"])
def test_an_amount_that_cannot_be_sent_back_is_refused(
    sandbox, client, customer, subscription, typed
):
    charge = client.v1.charges.list({"customer": customer.id}).data[0]

    status, text = press(sandbox, "refund", typed={"amount": typed}, charge=charge.id)

    assert (status, "Done" in text) == (200, False)
    assert client.v1.charges.retrieve(charge.id).amount_refunded == 0


def test_the_secret_is_rolled_by_a_field(sandbox, client, site):
    press(sandbox, "webhooks", typed={"secret": "whsec_typed"}, signed_by="both")

    client.v1.customers.create({})

    assert sandbox.wait()
    for secret in ("whsec_typed", sandbox.secret):
        assert stripe.Webhook.construct_event(*site.received[0], secret)


def test_days_pass_by_a_button_and_the_page_tells_the_time(
    sandbox, client, customer, subscription
):
    _status, text = press(sandbox, "advance", customer=customer.id, days=32)

    assert "it is " in text
    renewed = client.v1.subscriptions.retrieve(subscription["id"])
    assert renewed["items"].data[0].current_period_start > time.time()


def test_a_fault_is_armed_told_and_taken_back(sandbox, client):
    _status, armed = press(sandbox, "faults", path_prefix="/v1/", reset=True)
    _status, mended = press(sandbox, "DELETE faults")

    assert "Requests that will fail: 1." in armed
    assert "Requests that will fail: 0." in mended
    assert client.v1.customers.list().data == []


def test_a_button_that_does_nothing_says_why(sandbox):
    _status, text = press(sandbox, "subscription", id="sub_none", action="renew")

    assert "No such subscription" in text


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.example"}, {"Host": "evil.example"}]
)
def test_no_other_page_presses_the_buttons(sandbox, client, subscription, headers):
    status, _text = press(
        sandbox,
        "subscription",
        headers=headers,
        id=subscription["id"],
        action="cancel_now",
    )

    assert status == 403
    assert client.v1.subscriptions.retrieve(subscription["id"]).status == "active"


def test_what_people_typed_is_shown_as_text(sandbox, browse, client):
    client.v1.customers.create({"email": "<b>@example.com"})

    assert "&lt;b&gt;@example.com" in browse("GET", f"{sandbox.url}/").text
