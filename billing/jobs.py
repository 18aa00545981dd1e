from celery import shared_task
from django.utils import timezone

from billing import services


@shared_task
def sweep_events() -> None:
    """Take up the events that a lost broker or a killed worker left behind."""
    services.sweep_events(at=timezone.now())
