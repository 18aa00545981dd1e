import time

import pytest
import stripe

from tests.support import together
from tools.stripe_sandbox.server import Sandbox as Server
from tools.stripe_sandbox.testing import SECRET
from tools.stripe_sandbox.webhooks import Settings, signature


def test_the_signature_is_the_one_the_sdk_makes():
    made = signature(b'{"a": 1}', "whsec_x", at=1_700_000_000)

    expected = stripe.WebhookSignature.generate_signature_header(
        '{"a": 1}', "whsec_x", 1_700_000_000
    )
    assert made == expected


def test_an_event_that_is_refused_is_sent_again_until_it_is_accepted(
    client, sandbox, site
):
    site.statuses = [500, 503, 404]

    client.v1.customers.create({})

    assert sandbox.wait()
    assert site.types == ["customer.created"]
    statuses = [entry["status"] for entry in sandbox.deliveries()]
    assert statuses == [500, 503, 404, 200]


def test_an_endpoint_that_is_down_gets_everything_in_order_when_it_is_back(
    client, sandbox, site
):
    sandbox.webhooks(url="http://127.0.0.1:9/")
    made = [client.v1.customers.create({}).id for _ in range(3)]
    sandbox.webhooks(url=site.url)

    assert sandbox.wait()
    assert [event["data"]["object"]["id"] for event in site.events] == made


def test_held_events_are_released_in_the_order_of_a_seed(client, sandbox, site):
    sandbox.webhooks(mode="hold")
    made = [client.v1.customers.create({}).id for _ in range(6)]
    assert sandbox.wait()
    assert site.received == []

    sandbox.release(shuffle=4)

    assert sandbox.wait()
    got = [event["data"]["object"]["id"] for event in site.events]
    assert sorted(got) == sorted(made)
    assert got != made


def test_dropped_events_are_in_the_log_as_undelivered(client, sandbox, site):
    client.v1.customers.create({})
    assert sandbox.wait()
    sandbox.webhooks(mode="drop")
    lost = client.v1.customers.create({})

    found = client.v1.events.list(
        {"types": ["customer.created"], "delivery_success": False}
    )

    assert [event.data.object.id for event in found.data] == [lost.id]
    assert len(site.received) == 1
    assert (
        len(client.v1.events.list({"created": {"gte": int(time.time()) - 60}}).data)
        == 2
    )


def test_events_are_sent_again_with_the_same_id(client, sandbox, site):
    client.v1.customers.create({})

    sandbox.resend(times=3)

    assert sandbox.wait()
    assert len(site.received) == 4
    assert len({event["id"] for event in site.events}) == 1


@pytest.mark.parametrize("sign", ["wrong_secret", "stale"])
def test_a_wrong_signature_is_wrong(client, sandbox, site, sign):
    sandbox.webhooks(mode="drop")
    client.v1.customers.create({})

    sandbox.resend(sign=sign)

    assert sandbox.wait()
    body, header = site.received[0]
    with pytest.raises(stripe.SignatureVerificationError):
        client.construct_event(body, header, sandbox.secret)


@pytest.mark.parametrize(
    ("status", "error"),
    [(500, stripe.APIError), (429, stripe.RateLimitError), (409, stripe.StripeError)],
)
def test_a_fault_fails_as_often_as_it_was_asked_to(client, sandbox, status, error):
    sandbox.fail("/v1/customers", status=status, times=2)

    for _ in range(2):
        with pytest.raises(error):
            client.v1.customers.create({})
    client.v1.customers.create({})

    assert len(client.v1.customers.list().data) == 1


def test_a_lost_answer_is_found_again_by_its_key(client, sandbox):
    sandbox.fail("/v1/customers", timeout_after_commit=True)
    options = {"idempotency_key": "lost"}

    with pytest.raises(stripe.APIConnectionError):
        client.v1.customers.create({}, options)
    again = client.v1.customers.create({}, options)

    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert len(client.v1.customers.list().data) == 1


def test_a_connection_is_reset_before_anything_happens(client, sandbox):
    sandbox.fail(reset=True)

    with pytest.raises(stripe.APIConnectionError, match="reset by peer"):
        client.v1.customers.create({})

    assert client.v1.customers.list().data == []


def test_while_a_secret_is_rolled_both_sign(client, sandbox, site):
    sandbox.webhooks(secret="whsec_new", signed_by="both")
    client.v1.customers.create({})
    assert sandbox.wait()

    for secret in ("whsec_new", SECRET):
        assert stripe.Webhook.construct_event(*site.received[0], secret)


def test_the_old_secret_signs_alone_while_that_is_asked(client, sandbox, site):
    sandbox.webhooks(secret="whsec_new", signed_by="old")
    client.v1.customers.create({})
    assert sandbox.wait()

    assert stripe.Webhook.construct_event(*site.received[0], SECRET)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(*site.received[0], "whsec_new")


@pytest.mark.parametrize("signed_by", ["both", "old"])
def test_without_a_secret_before_nothing_is_signed_with_it(sandbox, signed_by):
    for ask in (
        lambda: sandbox.webhooks(signed_by=signed_by),
        lambda: sandbox.resend(sign="old_secret"),
    ):
        with pytest.raises(RuntimeError, match="no secret before this one"):
            ask()


def test_once_the_secret_is_rolled_the_old_one_signs_no_more(client, sandbox, site):
    sandbox.webhooks(secret="whsec_new", signed_by="both")
    sandbox.webhooks(signed_by="new")
    client.v1.customers.create({})
    assert sandbox.wait()

    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(*site.received[0], SECRET)


def test_an_event_may_be_signed_with_the_old_secret_alone(client, sandbox, site):
    sandbox.webhooks(secret="whsec_new")
    client.v1.customers.create({})
    assert sandbox.wait()

    sandbox.resend(sign="old_secret")

    assert sandbox.wait()
    assert stripe.Webhook.construct_event(*site.received[1], SECRET)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(*site.received[1], "whsec_new")


def test_a_delay_keeps_events_waiting_and_nothing_else(client, sandbox, site):
    sandbox.webhooks(delay_seconds=0.5)
    started_at = time.monotonic()

    made = [client.v1.customers.create({}).id for _ in range(3)]

    assert len(client.v1.customers.list().data) == 3
    assert site.received == []
    assert sandbox.wait()
    assert time.monotonic() - started_at >= 0.5
    assert [event["data"]["object"]["id"] for event in site.events] == made


def test_faults_that_are_still_armed_are_taken_back(client, sandbox):
    sandbox.fail(status=500, times=9)

    sandbox.mend()

    assert client.v1.customers.list().data == []


def test_a_slow_answer_is_slow(client, sandbox):
    sandbox.fail("/v1/customers", delay_seconds=0.2)

    started = time.monotonic()
    client.v1.customers.list()

    assert time.monotonic() - started >= 0.2


def test_requests_are_counted_by_operation(client, sandbox, customer):
    client.v1.customers.retrieve(customer.id)
    client.v1.customers.retrieve(customer.id)

    counts = sandbox.requests()
    assert counts["GET /v1/customers/{id}"] == 2
    assert counts["POST /v1/customers"] == 1


def test_a_reset_forgets_everything_but_the_endpoint(client, sandbox, customer, site):
    sandbox.reset()

    assert client.v1.customers.list().data == []
    assert client.v1.events.list().data == []
    assert [row.url for row in client.v1.webhook_endpoints.list().data] == [site.url]


def test_a_restart_keeps_objects_keys_and_undelivered_events(tmp_path, site):
    first = Server(data_dir=tmp_path)
    first.start()
    client = stripe.StripeClient("sk_test_x", base_addresses={"api": first.url})
    options = {"idempotency_key": "kept"}
    made = client.v1.customers.create({"email": "a@example.com"}, options)
    first.stop()

    second = Server(data_dir=tmp_path, webhooks=Settings(url=site.url))
    second.start()
    client = stripe.StripeClient("sk_test_x", base_addresses={"api": second.url})
    again = client.v1.customers.create({"email": "a@example.com"}, options)
    delivered = second.deliverer.wait(5)
    second.stop()

    assert again.id == made.id
    assert delivered
    assert site.types == ["customer.created"]


def test_many_clients_at_once_lose_nothing(client, sandbox, site):
    def work():
        for _ in range(10):
            client.v1.customers.create({})

    together(6 * [work])

    assert sandbox.wait()
    assert len(site.received) == 60
    assert len({event["id"] for event in site.events}) == 60


def test_copies_of_an_event_can_arrive_at_the_same_moment(client, sandbox, site):
    client.v1.customers.create({})
    assert sandbox.wait()

    sandbox.resend(times=8, concurrent=True)

    assert sandbox.wait()
    assert len(site.received) == 9
