from __future__ import annotations

from typing import Any

from celery import Task
from django.db import transaction


def enqueue(task: Task[..., None], **arguments: Any) -> None:
    """Send a task after commit; a broker that is down only delays it to the sweep."""

    def send() -> None:  # a named function: Django's log of a failure asks for its name
        task.delay(**arguments)

    transaction.on_commit(send, robust=True)
