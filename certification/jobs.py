from celery import shared_task
from django.utils import timezone

from certification import services


@shared_task
def sweep() -> None:
    """Render what a lost broker or a killed worker left without a PDF."""
    services.sweep(at=timezone.now())
