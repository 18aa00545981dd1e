"""Fixtures of the whole suite."""

import gc
import logging
import os
from pathlib import Path

import pytest
from django.conf import settings as site_settings
from django.core.cache import cache, caches
from django.core.files.storage import storages
from django.db import connection

from natcampus import logs
from natcampus.celery import app
from tests.support import SAYS_TOO_MUCH

HERE = Path(__file__).parent


def pytest_configure():
    """Collect garbage seldom, and give each parallel worker a Redis of its own."""
    gc.set_threshold(100_000, 50, 50)  # a test makes many objects and few cycles
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    if site_settings.REDIS_URL:
        address = site_settings.REDIS_URL.rpartition("/")[0]
        site_settings.CACHES["default"]["LOCATION"] = f"{address}/{15 - int(worker)}"


@pytest.fixture(autouse=True)
def isolated(settings, tmp_path, monkeypatch):
    """Give each test its own files, a broker in memory and a fast password hasher."""
    settings.MEDIA_ROOT = tmp_path / "media"
    if not settings.REDIS_URL:
        settings.CACHES = {
            **settings.CACHES,
            "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
        }
    private = vars(storages["private"])
    for name in ("base_location", "location"):
        monkeypatch.setitem(private, name, str(tmp_path / "private"))
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


class Watch(logging.Handler):
    """Reads every line as it is printed, and keeps those that say too much."""

    def __init__(self):
        super().__init__()
        self.found = []
        line = logs.configure(debug=False, level="DEBUG")["formatters"]["line"]
        options = {name: value for name, value in line.items() if name != "()"}
        self.setFormatter(line["()"](**options))

    def emit(self, record):
        if record.name == "mail.log":  # of the server that plays the receiver
            return
        line = self.format(record)
        if found := SAYS_TOO_MUCH.search(line):
            self.found.append((found.group(), line))


@pytest.fixture(autouse=True)
def no_line_says_too_much():
    """Fail a test that logs a key, a client secret, a card or an address of a person."""
    # Of each test anew: who configures logging takes all handlers out.
    watch = Watch()
    logging.getLogger().addHandler(watch)
    yield
    logging.getLogger().removeHandler(watch)
    assert not watch.found


@pytest.fixture
def kept_fragments(settings):
    """Keep rendered fragments between requests, as production does."""
    backend = "django.core.cache.backends.locmem.LocMemCache"
    kept = {"BACKEND": backend, "LOCATION": "fragments"}
    settings.CACHES = {**settings.CACHES, "template_fragments": kept}
    caches["template_fragments"].clear()


@pytest.fixture(autouse=True, scope="session")
def broker_in_memory():
    app.conf.broker_url = "memory://"
    app.conf.broker_transport = None
    app.conf.broker_transport_options = {}


def pytest_collection_modifyitems(config, items):
    """Leave the races to PostgreSQL; run what asks no database with SQLite alone."""
    is_postgresql = connection.vendor == "postgresql"
    kept, left = [], []
    for item in items:
        is_other = is_only_for_sqlite(item) if is_postgresql else is_race(item)
        (left if is_other else kept).append(item)
    config.hook.pytest_deselected(items=left)
    items[:] = kept


def is_race(item):
    return bool(item.get_closest_marker("race"))


def is_only_for_sqlite(item):
    if item.get_closest_marker("sqlite"):
        return True
    asks = {"db", "transactional_db", "django_db_setup"} & set(item.fixturenames)
    asks_a_service = asks or item.get_closest_marker("django_db")
    return not asks_a_service and not any(
        item.path.is_relative_to(HERE / room) for room in ("core", "journeys")
    )
