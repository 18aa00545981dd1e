import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, BrokenBarrierError

import pytest
from django.core.cache import cache, caches
from django.core.cache.backends.redis import RedisCacheClient
from django.urls import reverse

from core import cache as backends
from core.cache import SharedFileCache
from tests.factories.accounts import UserFactory

NOBODY = "redis://127.0.0.1:9/0"  # the discard port: nobody listens there

NOON = datetime(2026, 11, 5, 12, tzinfo=UTC)


@pytest.fixture
def redis_at(settings, tmp_path):
    """Return a function that lets the site use Redis at an address of the test."""

    def use(address):
        settings.CACHES = {
            **settings.CACHES,
            "default": {
                "BACKEND": "core.cache.ForgivingRedisCache",
                "LOCATION": address,
                "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},
            },
            "spare": {
                "BACKEND": "core.cache.SharedFileCache",
                "LOCATION": str(tmp_path / "cache"),
            },
        }

    return use


def test_a_cache_that_is_down_costs_speed_and_never_a_page(redis_at):
    redis_at(NOBODY)

    cache.set("key", "value")
    cache.set_many({"one": 1, "two": 2})

    assert cache.get("key") == "value"
    assert cache.add("key", "other") is False
    assert cache.touch("key", 60) is True
    assert cache.has_key("key") is True
    assert cache.incr("one") == 2
    assert cache.get_many(["one", "two"]) == {"one": 2, "two": 2}
    assert cache.get_or_set("three", 3) == 3
    assert cache.delete("key") is True
    cache.delete_many(["one", "two"])
    assert cache.get("one") is None
    cache.clear()
    assert cache.get("three") is None


def test_a_cache_that_hangs_is_waited_for_once(redis_at):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        redis_at(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        started = time.monotonic()

        for number in range(10):
            cache.set(f"key-{number}", number)

        assert time.monotonic() - started < 2  # ten waits would take five seconds
        assert cache.get("key-9") == 9


def test_a_cache_is_asked_again_after_a_rest(redis_at, monkeypatch):
    asked = []
    ask = RedisCacheClient.get
    monkeypatch.setattr(
        RedisCacheClient, "get", lambda *args: asked.append(args) or ask(*args)
    )
    redis_at(NOBODY)

    cache.get("key")
    cache.get("key")
    caches["default"].rests_until = 0
    cache.get("key")

    assert len(asked) == 2


@pytest.mark.django_db
def test_a_wrong_password_is_refused_the_sixth_time_while_the_cache_is_down(
    client, redis_at
):
    redis_at(NOBODY)
    user = UserFactory()
    wrong = {"login": user.email, "password": "not the password"}
    address = reverse("account_login")

    pages = [client.post(address, wrong).content.decode() for _ in range(6)]

    assert ["Too many tries" in page for page in pages] == [False] * 5 + [True]


def test_processes_that_add_the_same_key_at_the_same_moment_add_it_once(
    tmp_path, monkeypatch
):
    meeting = Barrier(2)
    look = SharedFileCache.has_key

    def look_and_wait_for_the_other(*args, **kwargs):
        found = look(*args, **kwargs)
        with suppress(BrokenBarrierError):  # a lock lets one of them look at a time
            meeting.wait(timeout=0.5)
        return found

    monkeypatch.setattr(SharedFileCache, "has_key", look_and_wait_for_the_other)
    with ThreadPoolExecutor(2) as pool:
        caches = [SharedFileCache(tmp_path, {}) for _ in range(2)]
        added = list(pool.map(lambda cache: cache.add("key", "value"), caches))

    assert added.count(True) == 1


def test_a_full_folder_loses_what_has_expired_and_nothing_else(
    tmp_path, time_machine, monkeypatch
):
    monkeypatch.setattr(backends, "SWEPT_ONE_IN", 1)
    time_machine.move_to(NOON)
    cache = SharedFileCache(tmp_path, {"OPTIONS": {"MAX_ENTRIES": 3}})
    for number in range(10):
        cache.set(f"short-{number}", number, 60)
        cache.set(f"long-{number}", number, 3600)

    time_machine.shift(timedelta(minutes=2))
    cache.set("another", 1)

    assert len(list(Path(tmp_path).glob("*.djcache"))) == 11
    assert cache.get("long-3") == 3
