"""Helpers that several test modules share."""

import fcntl
import io
import re
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone
from pypdf import PdfReader

from accounts.models import User
from core.zones import zone


def pdf_text(content: bytes) -> str:
    """Return the text of all pages, as a reader or a search engine finds it."""
    return "\n".join(
        page.extract_text() for page in PdfReader(io.BytesIO(content)).pages
    )


def written(moment) -> str:
    """Return the day as pages and emails write it for somebody who set no time zone."""
    local = timezone.localtime(moment, zone(User._meta.get_field("time_zone").default))
    return f"{local.day} {local:%B %Y}"


def body(response) -> bytes:
    """Return all bytes of a streamed answer; at its end the client closes it.

    Closing it once more would close the database connection of the test too.
    """
    return b"".join(response)


def constraints():
    """Return the models by the name of each of their constraints."""
    return {
        constraint.name: (model, constraint)
        for model in apps.get_models()
        for constraint in model._meta.constraints
    }


@contextmanager
def refused(name):
    """Expect the database to refuse what follows by exactly this constraint.

    A column that is unique by itself is called `table.column`.
    """
    pattern = rf"\b{name}"  # PostgreSQL writes table_column, and the dot is any letter
    model, constraint = constraints().get(name, (None, None))
    columns = getattr(constraint, "fields", ())
    if columns and connection.vendor == "sqlite":  # which names the columns instead
        table = model._meta.db_table
        fields = [model._meta.get_field(column) for column in columns]
        pattern = ", ".join(rf"{table}\.{field.column}" for field in fields) + "$"
    with pytest.raises(IntegrityError, match=pattern), transaction.atomic():
        yield


# A key, a client secret, a card or an address of a person: no line of a log has one.
SAYS_TOO_MUCH = re.compile(
    r"\b(sk|rk)_(test|live)_\w|\bwhsec_\w|_secret_\w|\bcs_(test|live)_\w"
    r"|\b[2-6]\d{3}(?: ?\d{4}){3}\b"
    r"|[\w.+-]+@[\w-]+\.[a-z]{2,}"
)


def together(actions):
    """Run the actions in threads that start at the same moment; return what they do.

    The first error of any of them is raised.
    """
    barrier = threading.Barrier(len(actions))
    connected = []

    def run(action):
        barrier.wait()
        try:
            return action()
        finally:
            connected.append(connection.connection is not None)
            connections.close_all()

    with _alone():
        try:
            with ThreadPoolExecutor(len(actions)) as pool:
                return list(pool.map(run, actions))
        finally:
            if any(connected):
                _wait_for_free_places()


@contextmanager
def _alone():
    """Keep the other workers from a race meanwhile: it takes half of all connections."""
    with (Path(tempfile.gettempdir()) / "natcampus-race.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _wait_for_free_places():
    """Wait until PostgreSQL has let the threads go: a hundred is all that it takes."""
    if connection.vendor != "postgresql":
        return
    others = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute(others)
            if not cursor.fetchone()[0]:
                return
        time.sleep(0.01)
