from __future__ import annotations

import logging
import time
from typing import Any

from celery import Task
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

REST_SECONDS = 5


class Broker:
    """Left alone for a moment after it did not answer."""

    rests_until = 0.0


def enqueue(task: Task[..., None], **arguments: Any) -> None:
    """Send a task after commit; a broker that is down only delays it to the sweep."""

    def send() -> None:  # a named function: Django's log of a failure asks for its name
        if time.monotonic() < Broker.rests_until:
            logger.warning("task left to the sweep", extra={"task": task.name})
            return
        try:
            task.delay(**arguments)
        except OperationalError:
            # A page sends several tasks, and may wait only once.
            Broker.rests_until = time.monotonic() + REST_SECONDS
            raise

    transaction.on_commit(send, robust=True)
