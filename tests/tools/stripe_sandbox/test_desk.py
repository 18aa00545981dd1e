import json
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import pytest


@pytest.fixture
def subscription(sandbox, customer, price):
    return sandbox.subscribe(customer=customer.id, price=price.id)


def press(sandbox, control, *, headers=None, **values):
    target = urlsplit(sandbox.url)
    connection = HTTPConnection(target.hostname, target.port, timeout=10)
    body = urlencode({"control": control, "values": json.dumps(values)})
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
        *("Renew now", "Refund in full", "Send again twice at once", "invoice.paid"),
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
