"""Works off what Stripe must be told; each entry is written with the fact behind it."""

from datetime import datetime
from time import monotonic

from django.db import transaction

from billing import gateway, tasks
from billing.models import OutboxEntry
from core.tasks import enqueue

SWEPT_AT_ONCE = 500
BUDGET_SECONDS = 45.0


def work_outbox(*, at: datetime) -> int:
    """Do what is due; say how many entries are done.

    What does not fit into one visit goes to the other workers.
    """
    if not gateway.is_configured():
        return 0
    due = OutboxEntry.objects.due(at=at).order_by("next_attempt_at", "pk")
    stop_at = monotonic() + BUDGET_SECONDS
    done = 0
    for entry_id in list(due.values_list("pk", flat=True)[:SWEPT_AT_ONCE]):
        if monotonic() < stop_at:
            done += tasks.work_entry(entry_id, at=at)
        else:
            enqueue(tasks.tell_stripe, entry_id=entry_id)
    return done


@transaction.atomic
def retry_entry(*, entry: OutboxEntry, at: datetime) -> None:
    """Start again from the first try; what is done stays done."""
    waiting = OutboxEntry.objects.filter(pk=entry.pk, done_at__isnull=True)
    if waiting.update(attempts=0, parked_at=None, next_attempt_at=at, last_error=""):
        enqueue(tasks.tell_stripe, entry_id=entry.pk)
