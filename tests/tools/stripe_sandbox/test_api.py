import pytest
import stripe

from tests.support import together


def test_a_live_key_is_refused(sandbox):
    client = stripe.StripeClient("sk_live_x", base_addresses={"api": sandbox.url})

    with pytest.raises(stripe.AuthenticationError):
        client.v1.customers.list()


def test_an_unknown_parameter_is_refused_by_its_full_name(client):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.customers.create({"address": {"city": "Austin", "town": "x"}})

    assert caught.value.http_status == 400
    assert caught.value.code == "parameter_unknown"
    assert caught.value.param == "address[town]"
    assert caught.value.request_id.startswith("req_")


def test_a_missing_parameter_is_refused(client):
    with pytest.raises(stripe.InvalidRequestError, match="Missing required param: nam"):
        client.v1.products.create({})


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"limit": "many"}, "Invalid integer: many"),
        ({"limit": 101}, "between 1 and 100"),
        ({"status": "asleep"}, "must be one of"),
    ],
)
def test_a_wrong_value_is_refused(client, params, message):
    with pytest.raises(stripe.InvalidRequestError, match=message):
        client.v1.subscriptions.list(params)


def test_a_parameter_that_the_sandbox_does_not_implement_is_refused(client):
    with pytest.raises(stripe.InvalidRequestError, match="does not know this param"):
        client.v1.customers.create({"tax_id_data": [{"type": "eu_vat", "value": "x"}]})


def test_an_object_that_does_not_exist_is_missing(client):
    with pytest.raises(
        stripe.InvalidRequestError, match="No such customer: 'cus_x'"
    ) as caught:
        client.v1.customers.retrieve("cus_x")

    assert caught.value.http_status == 404
    assert caught.value.code == "resource_missing"


def test_an_unknown_path_is_not_found(client):
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL"):
        client.v1.quotes.list()


def test_the_same_key_answers_the_same_object_once(client):
    options = {"idempotency_key": "customer:7:v1"}

    first = client.v1.customers.create({"email": "a@example.com"}, options)
    second = client.v1.customers.create({"email": "a@example.com"}, options)

    assert second.id == first.id
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    assert len(client.v1.customers.list().data) == 1


def test_the_same_key_with_other_parameters_conflicts(client):
    options = {"idempotency_key": "customer:7:v1"}
    client.v1.customers.create({"email": "a@example.com"}, options)

    with pytest.raises(stripe.IdempotencyError) as caught:
        client.v1.customers.create({"email": "b@example.com"}, options)

    assert caught.value.http_status == 400


def test_the_same_key_replays_a_failure(client, price):
    params = {
        "mode": "subscription",
        "customer": "cus_missing",
        "line_items": [{"price": price.id, "quantity": 1}],
        "success_url": "http://site.test/",
    }
    answers = []
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            client.v1.checkout.sessions.create(params, {"idempotency_key": "k"})
        answers.append(caught.value)

    assert "Idempotent-Replayed" not in answers[0].headers
    assert answers[1].headers["Idempotent-Replayed"] == "true"


def test_the_same_key_at_the_same_moment_creates_one_object(client):
    def create():
        return client.v1.customers.create({}, {"idempotency_key": "race"}).id

    assert len(set(together(8 * [create]))) == 1


def test_lists_page_newest_first(client):
    made = [client.v1.customers.create({"name": f"Sample {n}"}).id for n in range(5)]

    first = client.v1.customers.list({"limit": 2})
    every = [
        row.id for row in client.v1.customers.list({"limit": 2}).auto_paging_iter()
    ]

    assert first.has_more
    assert every == made[::-1]


def test_an_empty_value_unsets(client, customer):
    client.v1.customers.update(customer.id, {"name": "Sample", "metadata": {"a": "b"}})

    changed = client.v1.customers.update(
        customer.id, {"name": "", "metadata": {"user_id": ""}}
    )

    assert changed.name is None
    assert changed.metadata.to_dict() == {"a": "b"}


def test_a_deleted_customer_is_still_answered_as_deleted(
    client, customer, price, sandbox
):
    subscription = sandbox.subscribe(customer=customer.id, price=price.id)

    client.v1.customers.delete(customer.id)

    assert client.v1.customers.retrieve(customer.id).deleted
    ended = client.v1.subscriptions.retrieve(subscription["id"])
    assert ended.status == "canceled"
    assert client.v1.customers.list().data == []


def test_prices_are_found_by_lookup_key_and_the_key_can_be_transferred(client, price):
    params = {
        "product": price.product,
        "currency": "usd",
        "unit_amount": 2495,
        "recurring": {"interval": "month"},
        "lookup_key": "member_monthly",
    }

    with pytest.raises(stripe.InvalidRequestError, match="already uses"):
        client.v1.prices.create(params)
    moved = client.v1.prices.create({**params, "transfer_lookup_key": True})

    found = client.v1.prices.list(
        {"lookup_keys": ["member_monthly"], "expand": ["data.product"]}
    )
    assert [row.id for row in found.data] == [moved.id]
    assert found.data[0].product.name == "Sample membership"


def test_what_cannot_be_expanded_is_refused(client, customer):
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        client.v1.customers.retrieve(customer.id, {"expand": ["nothing"]})
