import pytest
import stripe

from tests.tools.stripe_sandbox.conformance import check


@pytest.fixture
def coupon(client):
    return client.v1.coupons.create({"percent_off": 20, "duration": "once"})


@pytest.fixture
def code(client, coupon):
    return client.v1.promotion_codes.create(
        {"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "SAMPLE20"}
    )


@pytest.fixture
def start(client, customer, price):
    def start(**params):
        return client.v1.checkout.sessions.create(
            {
                "mode": "subscription",
                "customer": customer.id,
                "line_items": [{"price": price.id, "quantity": 1}],
                "success_url": "http://site.test/",
                **params,
            }
        )

    return start


def latest(client, session):
    found = client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["subscription.latest_invoice"]}
    )
    return found, found.subscription.latest_invoice


def test_a_typed_code_lowers_the_first_invoice_only(
    browse, client, sandbox, start, code, site
):
    session = start(allow_promotion_codes=True)

    browse("POST", session.url, card="4242424242424242", promotion_code="sample20")

    done, first = latest(client, session)
    sandbox.subscription(done.subscription.id, "renew")
    _, second = latest(client, session)
    assert (done.amount_subtotal, done.amount_total) == (1995, 1596)
    assert done.discounts[0].promotion_code == code.id
    assert (first.subtotal, first.total, first.amount_paid) == (1995, 1596, 1596)
    assert second.total == 1995
    assert client.v1.promotion_codes.retrieve(code.id).times_redeemed == 1
    assert sandbox.wait()
    for event in site.events:
        check(event["data"]["object"])


def test_a_discount_of_once_waits_for_the_end_of_a_trial_and_is_used_up_then(
    client, sandbox, start, coupon
):
    session = start(
        discounts=[{"coupon": coupon.id}], subscription_data={"trial_period_days": 7}
    )
    sandbox.pay(session.id)
    totals = []

    for _ in range(3):
        done, invoice = latest(client, session)
        totals.append(invoice.total)
        sandbox.subscription(done.subscription.id, "renew")

    assert totals == [0, 1596, 1995]


def test_a_lasting_discount_ends_after_its_months(client, sandbox, start):
    coupon = client.v1.coupons.create(
        {
            "amount_off": 500,
            "currency": "usd",
            "duration": "repeating",
            "duration_in_months": 2,
        }
    )
    session = start(discounts=[{"coupon": coupon.id}])
    sandbox.pay(session.id)
    totals = []

    for _ in range(3):
        done, invoice = latest(client, session)
        totals.append(invoice.total)
        sandbox.subscription(done.subscription.id, "renew")

    assert totals == [1495, 1495, 1995]


def test_a_free_first_month_takes_no_payment(client, sandbox, start):
    coupon = client.v1.coupons.create({"percent_off": 100, "duration": "once"})
    session = start(discounts=[{"coupon": coupon.id}])

    sandbox.pay(session.id)

    done, invoice = latest(client, session)
    assert done.payment_status == "no_payment_required"
    assert done.subscription.status == "active"
    assert (invoice.status, invoice.total) == ("paid", 0)
    assert client.v1.payment_intents.list().data == []


def test_a_code_that_is_unknown_or_off_is_refused_and_nothing_is_paid(
    browse, client, start, code
):
    session = start(allow_promotion_codes=True)

    unknown = browse("POST", session.url, card="4242424242424242", promotion_code="NO")
    client.v1.promotion_codes.update(code.id, {"active": False})
    off = browse(
        "POST", session.url, card="4242424242424242", promotion_code="SAMPLE20"
    )

    assert unknown.status == off.status == 402
    assert "This code is invalid." in off.text
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"


def test_codes_and_given_discounts_exclude_each_other(start, coupon):
    with pytest.raises(stripe.InvalidRequestError, match="only specify one"):
        start(allow_promotion_codes=True, discounts=[{"coupon": coupon.id}])


def test_an_unknown_coupon_is_refused(start):
    with pytest.raises(stripe.InvalidRequestError, match="No such coupon: 'no'"):
        start(discounts=[{"coupon": "no"}])
