"""Fixtures of the whole suite."""

import pytest
from django.core.cache import cache
from django.db import connection


@pytest.fixture(autouse=True)
def isolated(settings, tmp_path):
    """Give each test its own files, an in-memory broker and outbox, a fast hasher."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PRIVATE_MEDIA_ROOT = tmp_path / "private"
    settings.STORAGES = {
        **settings.STORAGES,
        "private": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "private", "base_url": None},
        },
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


def pytest_collection_modifyitems(config, items):
    """Leave the races to PostgreSQL: SQLite has one writer and nothing to race."""
    if connection.vendor == "postgresql":
        return
    races = [item for item in items if item.get_closest_marker("race")]
    config.hook.pytest_deselected(items=races)
    items[:] = [item for item in items if item not in races]
