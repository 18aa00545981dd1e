from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.core.cache import caches

from core.ratelimit import hit

NOON = datetime(2026, 11, 5, 12, tzinfo=UTC)


@pytest.fixture
def _counted_in_files(settings, tmp_path):
    settings.CACHES = {
        **settings.CACHES,
        "default": {
            "BACKEND": "core.cache.SharedFileCache",
            "LOCATION": str(tmp_path / "cache"),
        },
    }


def test_tries_are_counted_by_name_and_by_visitor():
    allowed = [hit("verify", "10.0.0.1", limit=3) for _ in range(5)]

    assert allowed == [True, True, True, False, False]
    assert hit("verify", "10.0.0.2", limit=3)
    assert hit("guide", "10.0.0.1", limit=3)


@pytest.mark.usefixtures("_counted_in_files")
def test_a_refused_try_keeps_nobody_out_for_longer(time_machine):
    time_machine.move_to(NOON)
    for _ in range(3):
        hit("verify", "10.0.0.1", limit=3)
    time_machine.shift(timedelta(minutes=50))
    refused = hit("verify", "10.0.0.1", limit=3)

    time_machine.shift(timedelta(minutes=11))

    assert not refused
    assert hit("verify", "10.0.0.1", limit=3)


def test_tries_at_the_same_moment_are_all_counted(monkeypatch):
    meeting = Barrier(2)
    backend = type(caches["default"])
    read = backend.get

    def read_and_wait_for_the_other(*args, **kwargs):
        value = read(*args, **kwargs)
        meeting.wait(timeout=5)
        return value

    monkeypatch.setattr(backend, "get", read_and_wait_for_the_other)
    with ThreadPoolExecutor(2) as pool:
        tries = pool.map(lambda _: hit("verify", "10.0.0.1", limit=1), range(2))

        assert list(tries).count(True) == 1
