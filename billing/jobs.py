from celery import shared_task
from django.utils import timezone

from billing import services

# They ask Stripe once for each customer, and may take longer than a delivery.
REFRESH_SECONDS = 540
RECONCILE_SECONDS = 6 * 3600


@shared_task
def sweep_events() -> None:
    """Take up the events that a lost broker or a killed worker left behind."""
    services.sweep_events(at=timezone.now())


@shared_task
def work_outbox() -> None:
    """Tell Stripe what a lost broker or a killed worker left untold."""
    services.work_outbox(at=timezone.now())


@shared_task
def backfill_events() -> None:
    """Fetch the events that Stripe could not deliver."""
    services.backfill_events(at=timezone.now())


@shared_task(soft_time_limit=REFRESH_SECONDS, time_limit=REFRESH_SECONDS + 30)
def refresh_stale() -> None:
    """Read again what may have changed without a word."""
    services.refresh_stale(at=timezone.now())


# The broker gives a task that takes hours to a second worker: it is acknowledged first.
@shared_task(
    acks_late=False,
    soft_time_limit=RECONCILE_SECONDS,
    time_limit=RECONCILE_SECONDS + 30,
)
def reconcile(*, is_forced: bool = False) -> None:
    """Compare all rows with Stripe, once a night, and when staff let go of the brake."""
    services.reconcile(at=timezone.now(), is_forced=is_forced)


@shared_task
def close_overdue_attempts() -> None:
    """Close the payment pages that nobody can pay on any more."""
    services.close_overdue_attempts(at=timezone.now())


@shared_task
def sync_waiting_prices() -> None:
    """Put on sale the prices that Stripe has not heard of yet."""
    services.sync_waiting_prices()


@shared_task
def purge_event_bodies() -> None:
    """Forget what the events of months ago said of people."""
    services.purge_event_bodies(at=timezone.now())


@shared_task
def send_dated_notices() -> None:
    """Tell members what a day brings: a late payment, an old card, a renewal."""
    now = timezone.now()
    # First, so that no reminder names an amount that the next email changes.
    services.announce_price_changes(at=now)
    services.send_dated_notices(at=now)


@shared_task
def move_subscribers() -> None:
    """Tell members of a new amount in time, and charge it from its day on."""
    now = timezone.now()
    services.apply_price_changes(at=now)
    services.announce_price_changes(at=now)


@shared_task
def resume_due_subscriptions() -> None:
    """End the pauses whose day has come."""
    services.resume_due(at=timezone.now())
