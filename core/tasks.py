from functools import partial
from typing import Any

from celery import Task
from django.db import transaction


def enqueue(task: "Task[..., None]", **arguments: Any) -> None:
    """Send a task after commit; a broker that is down only delays it to the sweep."""
    transaction.on_commit(partial(task.delay, **arguments), robust=True)
