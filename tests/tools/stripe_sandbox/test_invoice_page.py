"""The hosted page of an invoice."""

import io
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from pypdf import PdfReader

DECLINED = "4000000000000002"
ASKS_FOR_3DS = "4000002500003155"


@pytest.fixture
def subscription(sandbox, customer, price):
    return sandbox.subscribe(customer=customer.id, price=price.id, status="past_due")


@pytest.fixture
def invoice(client, subscription):
    """Return the open invoice; read anew after each step."""

    def read():
        return client.v1.invoices.list({"subscription": subscription["id"]}).data[0]

    return read


def test_an_open_invoice_is_paid_with_another_card(
    browse, client, invoice, subscription
):
    url = invoice().hosted_invoice_url
    assert "Pay $19.95" in browse("GET", url).text

    answer = browse("POST", url, card="5555555555554444")

    assert (answer.status, answer.location) == (303, urlsplit(url).path)
    assert invoice().status == "paid"
    assert client.v1.subscriptions.retrieve(subscription["id"]).status == "active"
    page = browse("GET", url).text
    assert "This invoice is paid." in page
    assert "Card number" not in page


def test_a_declined_card_is_told_and_counted(browse, invoice):
    tries = invoice().attempt_count

    answer = browse("POST", invoice().hosted_invoice_url, card=DECLINED)

    assert answer.status == 402
    assert "Your card was declined." in answer.text
    assert (invoice().status, invoice().attempt_count) == ("open", tries + 1)


@pytest.mark.parametrize(
    ("confirmed", "status"), [("complete", "paid"), ("fail", "open")]
)
def test_the_bank_is_asked_where_the_card_wants_it(browse, invoice, confirmed, status):
    url = invoice().hosted_invoice_url
    assert "Your bank asks" in browse("POST", url, card=ASKS_FOR_3DS).text

    browse("POST", url, card=ASKS_FOR_3DS, confirmed=confirmed)

    assert invoice().status == status


def test_paying_twice_is_paying_once(browse, client, customer, invoice):
    for _ in range(2):
        browse("POST", invoice().hosted_invoice_url, card="4242424242424242")

    charges = client.v1.charges.list({"customer": customer.id}).data
    assert (
        sum(charge.status == "succeeded" for charge in charges) == 2
    )  # with the first


def test_the_pdf_says_number_and_amount(sandbox, invoice):
    target = urlsplit(invoice().invoice_pdf)
    connection = HTTPConnection(target.hostname, target.port, timeout=10)
    connection.request("GET", target.path)
    answer = connection.getresponse()
    text = PdfReader(io.BytesIO(answer.read())).pages[0].extract_text()
    connection.close()

    assert answer.headers["Content-Type"] == "application/pdf"
    assert invoice().number in text
    assert "$19.95" in text


def test_a_bank_that_wants_to_be_asked_is_told_apart(
    client, sandbox, customer, price, site
):
    row = sandbox.subscribe(customer=customer.id, price=price.id)

    sandbox.subscription(row["id"], "needs_confirmation")

    assert sandbox.wait()
    assert "invoice.payment_action_required" in site.types
    intents = client.v1.payment_intents.list({"customer": customer.id}).data
    assert intents[0].status == "requires_action"
