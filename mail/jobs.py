from celery import shared_task
from django.utils import timezone

from mail import services


@shared_task
def sweep() -> None:
    """Send what a lost broker or a killed worker left behind."""
    services.sweep(at=timezone.now())


@shared_task
def purge() -> None:
    """Forget the texts of emails that are no longer needed."""
    services.purge(at=timezone.now())
