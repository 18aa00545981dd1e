import json
import time

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from billing import services, tasks
from billing.models import StripeEvent
from billing.services import events
from tests.factories.billing import StripeEventFactory

OLD_SECRET = "whsec_of_last_week"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def secrets(settings):
    settings.STRIPE_SECRET_KEY = "sk_test_tests"
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_sandbox", OLD_SECRET]


@pytest.fixture
def enqueued(monkeypatch):
    calls = []
    monkeypatch.setattr(
        tasks.process_event, "delay", lambda **arguments: calls.append(arguments)
    )
    return calls


def event(**values):
    return {
        "id": "evt_1Sample",
        "object": "event",
        "type": "customer.subscription.updated",
        "api_version": "2026-10-28.endive",
        "created": int(time.time()),
        "livemode": False,
        "data": {
            "object": {
                "id": "sub_1",
                "object": "subscription",
                "customer": "cus_1",
            }
        },
        **values,
    }


def deliver(body, signature, **headers):
    # The checks of a real browser request are on: the view must stand them.
    return Client(enforce_csrf_checks=True).post(
        "/webhooks/stripe/",
        data=body,
        content_type="application/json",
        headers={"stripe-signature": signature, **headers},
    )


def test_the_endpoint_has_the_address_that_stripe_is_given():
    assert reverse("billing:stripe-webhook") == "/webhooks/stripe/"


def test_it_needs_no_login_where_every_page_asks_for_one(settings, signed, enqueued):
    login = "django.contrib.auth.middleware.LoginRequiredMiddleware"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, login]

    assert deliver(*signed(event())).status_code == 200
    assert StripeEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_event_is_kept_although_requests_are_atomic(signed, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    receive, is_within = services.receive_event, []

    def watched(**arguments):
        is_within.append(connection.in_atomic_block)
        return receive(**arguments)

    monkeypatch.setattr(services, "receive_event", watched)

    answers = [deliver(*signed(event())).status_code for _ in range(2)]

    assert answers == [200, 200]
    assert is_within == [False, False]
    assert StripeEvent.objects.get().deliveries == 2


def test_a_signed_event_is_stored_and_handed_to_a_worker(
    signed, enqueued, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        response = deliver(*signed(event()))

    stored = StripeEvent.objects.get()
    assert response.status_code == 200
    assert stored.status == "received"
    assert (stored.stripe_customer_id, stored.object_id) == ("cus_1", "sub_1")
    assert enqueued == [{"event_id": stored.pk}]


def test_a_secret_that_is_being_rolled_still_counts(signed):
    response = deliver(*signed(event(), secret=OLD_SECRET))

    assert response.status_code == 200


HOSTILE = {
    "no signature": lambda sign: (sign(event())[0], ""),
    "a signature of somebody else": lambda sign: sign(event(), secret="whsec_other"),
    "a signature of another body": lambda sign: ("{}", sign(event())[1]),
    "a signature without a time": lambda sign: (
        sign(event())[0],
        sign(event())[1].partition(",")[2],
    ),
    "a time that is no number": lambda sign: (sign(event())[0], "t=noon,v1=00"),
    "a signature of ten minutes ago": lambda sign: sign(event(), at=time.time() - 600),
    "a signature of the future": lambda sign: sign(event(), at=time.time() + 600),
    "letters that no signature has": lambda sign: (
        sign(event())[0],
        f"t={int(time.time())},v1=ümläut",
    ),
    "an endless time": lambda sign: (sign(event())[0], f"t={'9' * 5000},v1=00"),
    "bytes that are no text": lambda sign: (b"\xff\xfe{}", sign("{}")[1]),
    "text that is no JSON": lambda sign: sign("no json"),
    "JSON that is no object": lambda sign: sign("[1, 2]"),
    "JSON that is nothing": lambda sign: sign("null"),
    "an empty object": lambda sign: sign("{}"),
    "nested too deep": lambda sign: sign("[" * 200_000),
    "a thin event": lambda sign: sign(
        {
            "id": "evt_1",
            "object": "v2.core.event",
            "type": "v1.billing.meter.no_meter_found",
            "created": "2026-11-23T12:00:00.000Z",
            "livemode": False,
            "related_object": {"id": "mtr_1", "type": "billing.meter"},
        }
    ),
    "an id with a null byte": lambda sign: sign(event(id="evt_\x00")),
    "an id that is a number": lambda sign: sign(event(id=5)),
    "an id that fits no column": lambda sign: sign(event(id="evt_" + "1" * 200)),
    "a date that no calendar has": lambda sign: sign(event(created=10**30)),
    "a live event at a test site": lambda sign: sign(event(livemode=True)),
    "a body over one megabyte": lambda sign: sign(
        json.dumps(event()) + " " * (1024 * 1024)
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_stripe_never_sends_is_refused_and_leaves_no_trace(name, signed, enqueued):
    response = deliver(*HOSTILE[name](signed))

    assert response.status_code == 400
    assert response.content == b""
    assert not StripeEvent.objects.exists()
    assert enqueued == []


def test_without_any_secret_nothing_is_believed(signed, settings):
    settings.STRIPE_WEBHOOK_SECRETS = []
    body, _signature = signed(event())

    assert deliver(*signed(event(), secret="")).status_code == 400
    assert deliver(body, "t=1,v1=").status_code == 400


def test_only_post_is_answered(client):
    assert client.get("/webhooks/stripe/").status_code == 405


def test_an_event_that_comes_ten_times_is_stored_once(
    signed, enqueued, django_capture_on_commit_callbacks
):
    StripeEventFactory(event_id="evt_1Sample", status="processed")

    with django_capture_on_commit_callbacks(execute=True):
        for _delivery in range(10):
            assert deliver(*signed(event())).status_code == 200

    assert StripeEvent.objects.get().deliveries == 11
    assert enqueued == []


def test_a_repeated_delivery_wakes_an_event_that_was_left_behind(
    signed, enqueued, django_capture_on_commit_callbacks
):
    waiting = StripeEventFactory(event_id="evt_1Sample")

    with django_capture_on_commit_callbacks(execute=True):
        deliver(*signed(event()))

    assert enqueued == [{"event_id": waiting.pk}]


def test_a_repeated_delivery_takes_a_parked_event_up_again(
    signed, enqueued, django_capture_on_commit_callbacks
):
    parked = StripeEventFactory(event_id="evt_1Sample", status="failed", attempts=10)

    with django_capture_on_commit_callbacks(execute=True):
        deliver(*signed(event()))

    parked.refresh_from_db()
    assert (parked.status, parked.attempts) == ("received", 0)
    assert enqueued == [{"event_id": parked.pk}]


@pytest.mark.parametrize(
    "values",
    [
        {"type": "radar.early_fraud_warning.updated"},
        {"type": "a.type.of.tomorrow"},
        {"data": {"object": {"id": "prod_1", "object": "product"}}},
    ],
)
def test_an_event_that_means_nothing_to_us_is_kept_and_answered_with_200(
    values, signed, enqueued, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        response = deliver(*signed(event(**values)))

    assert response.status_code == 200
    assert StripeEvent.objects.get().status == "ignored"
    assert enqueued == []


def test_an_event_of_a_version_with_a_long_name_is_kept(signed):
    answer = deliver(*signed(event(api_version=60 * "x")))

    assert answer.status_code == 200
    assert StripeEvent.objects.get().api_version == 40 * "x"


def test_a_customer_event_belongs_to_the_customer_itself(signed):
    subject = {"id": "cus_9", "object": "customer"}

    deliver(*signed(event(type="customer.deleted", data={"object": subject})))

    assert StripeEvent.objects.get().stripe_customer_id == "cus_9"


def test_a_broker_that_is_down_costs_nothing(
    signed, monkeypatch, django_capture_on_commit_callbacks
):
    def refuse(**arguments):
        raise ConnectionError("no broker")

    monkeypatch.setattr(tasks.process_event, "delay", refuse)

    with django_capture_on_commit_callbacks(execute=True):
        response = deliver(*signed(event()))

    stored = StripeEvent.objects.get()
    assert response.status_code == 200
    assert stored in StripeEvent.objects.due(at=stored.received_at + events.HEAD_START)


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_costs_nothing_outside_a_transaction_either(
    signed, monkeypatch
):
    def refuse(**arguments):
        raise ConnectionError("no broker")

    monkeypatch.setattr(tasks.process_event, "delay", refuse)

    assert deliver(*signed(event())).status_code == 200
    assert StripeEvent.objects.count() == 1


def test_the_body_of_an_event_is_never_logged(signed, caplog):
    subject = {"id": "sub_1", "object": "subscription", "customer": "cus_1"}
    subject["email"] = "somebody@example.com"

    deliver(*signed(event(data={"object": subject})))
    deliver(*signed(event(data={"object": subject}), secret="whsec_other"))

    assert "somebody@example.com" not in caplog.text
    assert "whsec_" not in caplog.text
