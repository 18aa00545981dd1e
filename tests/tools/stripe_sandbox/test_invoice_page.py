"""The hosted page of an invoice."""

import io
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from pypdf import PdfReader

DECLINED = "4000000000000002"
FAILS_LATER = "4000000000000341"
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


@pytest.fixture
def asked_for(client, sandbox, customer, price):
    """Return an open invoice that the bank wants its customer to confirm."""
    row = sandbox.subscribe(customer=customer.id, price=price.id)
    row = sandbox.subscription(row["id"], "needs_confirmation")
    return client.v1.invoices.retrieve(row["latest_invoice"])


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


def test_an_open_invoice_is_paid_with_the_card_on_file(browse, invoice):
    url = invoice().hosted_invoice_url
    assert "Pay with visa ending in 4242" in browse("GET", url).text

    assert browse("POST", url, card="").status == 303

    assert invoice().status == "paid"


def test_a_card_on_file_that_fails_says_so(browse, sandbox, client, customer, price):
    late = sandbox.subscribe(
        customer=customer.id, price=price.id, status="past_due", card=FAILS_LATER
    )
    url = client.v1.invoices.retrieve(late["latest_invoice"]).hosted_invoice_url

    answer = browse("POST", url, card="")

    assert (answer.status, "Your card was declined." in answer.text) == (402, True)
    assert "aria-invalid" not in answer.text  # nobody typed anything


def test_a_declined_card_is_told_beside_the_field(browse, invoice):
    answer = browse("POST", invoice().hosted_invoice_url, card=DECLINED)

    assert answer.status == 402
    field, told, button = (
        answer.text.index(words)
        for words in (
            f'value="{DECLINED}" inputmode="numeric"',
            'id="card-problem" role="alert">Your card was declined.',
            ">Pay $19.95",
        )
    )
    assert field < told < button
    assert 'aria-describedby="card-problem"' in answer.text


def test_what_somebody_tries_leaves_our_own_tries_as_they_were(browse, invoice):
    before = invoice()

    browse("POST", before.hosted_invoice_url, card=DECLINED)

    after = invoice()
    assert after.status == "open"
    assert after.attempt_count == before.attempt_count
    assert after.next_payment_attempt == before.next_payment_attempt


@pytest.mark.parametrize(
    ("confirmed", "status"), [("complete", "paid"), ("fail", "open")]
)
def test_the_bank_is_asked_where_the_card_wants_it(browse, invoice, confirmed, status):
    url = invoice().hosted_invoice_url
    assert "Your bank asks" in browse("POST", url, card=ASKS_FOR_3DS).text

    browse("POST", url, card=ASKS_FOR_3DS, confirmed=confirmed)

    assert invoice().status == status


@pytest.mark.parametrize("card", ["", "4242424242424242"])
def test_the_bank_is_asked_where_the_invoice_wants_it(
    browse, client, customer, asked_for, told, card
):
    url = asked_for.hosted_invoice_url

    assert "Your bank asks" in browse("POST", url, card=card).text
    assert browse("POST", url, card=card, confirmed="complete").status == 303

    assert client.v1.invoices.retrieve(asked_for.id).status == "paid"
    intents = client.v1.payment_intents.list({"customer": customer.id}).data
    assert [intent.status for intent in intents] == 2 * ["succeeded"]
    told()


def test_a_draft_has_no_page_yet(browse, client, customer, price, sandbox):
    row = sandbox.subscribe(customer=customer.id, price=price.id)
    end = row["items"]["data"][0]["current_period_end"]
    sandbox.advance(customer.id, to=end)
    draft = client.v1.subscriptions.retrieve(row["id"]).latest_invoice

    assert browse("GET", f"{sandbox.url}/i/{draft}").status == 404
    assert browse("GET", f"{sandbox.url}/i/{draft}/pdf").status == 404


def test_nobody_pays_for_a_customer_who_was_deleted(browse, client, customer, invoice):
    url = invoice().hosted_invoice_url
    client.v1.customers.delete(customer.id)

    page = browse("GET", url)
    assert (page.status, "Card number" in page.text) == (200, False)
    assert browse("POST", url, card="4242424242424242").status == 400


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
