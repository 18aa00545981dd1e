import socket
import time
from contextlib import suppress

import pytest
from django.urls import reverse

from core import tasks
from mail.models import OutgoingEmail
from mail.tasks import deliver
from natcampus.celery import app
from tests.factories.accounts import UserFactory


@pytest.fixture
def silent_redis():
    """Take every call and answer none, as a Redis that hangs."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture
def silent_broker(silent_redis, monkeypatch):
    app.finalize(auto=True)
    before = app.conf.broker_url, app.conf.broker_transport_options
    monkeypatch.setattr(app.amqp, "_producer_pool", None)
    monkeypatch.setattr(tasks.Broker, "rests_until", 0.0)
    app.conf.broker_url = "redis://{}:{}/0".format(*silent_redis.getsockname())
    app.conf.broker_transport_options = {"socket_timeout": 0.5, "max_retries": 0}
    yield silent_redis
    app.conf.broker_url, app.conf.broker_transport_options = before


def calls_to(listening):
    listening.setblocking(False)
    calls = 0
    with suppress(BlockingIOError):
        while True:
            listening.accept()[0].close()
            calls += 1
    return calls


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_silent_is_waited_for_once_and_then_left_alone(
    silent_broker, caplog
):
    for email_id in range(3):
        tasks.enqueue(deliver, email_id=email_id)

    assert calls_to(silent_broker) == 1
    assert caplog.text.count("task left to the sweep") == 2


@pytest.mark.django_db(transaction=True)
def test_after_its_rest_the_broker_is_asked_again(silent_broker, monkeypatch):
    tasks.enqueue(deliver, email_id=1)
    monkeypatch.setattr(tasks.Broker, "rests_until", time.monotonic())

    tasks.enqueue(deliver, email_id=2)

    assert calls_to(silent_broker) == 2


@pytest.mark.django_db(transaction=True)
def test_a_page_waits_for_a_redis_that_hangs_once_a_cache_and_once_a_broker(
    client, settings, silent_broker, tmp_path
):
    member = UserFactory(is_verified=True)
    spare = {
        "BACKEND": "core.cache.SharedFileCache",
        "LOCATION": str(tmp_path / "cache"),
    }
    settings.CACHES = {
        **settings.CACHES,
        "spare": spare,
        "default": {
            "BACKEND": "core.cache.ForgivingRedisCache",
            "LOCATION": app.conf.broker_url,
            "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},
        },
    }

    response = client.post(reverse("account_reset_password"), {"email": member.email})

    assert response.status_code == 302
    assert OutgoingEmail.objects.get().status == "queued"
    assert calls_to(silent_broker) == 2
