from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from certification.models import Certificate
from certification.tasks import render_certificate
from core.tasks import enqueue

PATIENCE = timedelta(minutes=1)


@shared_task
def sweep() -> None:
    """Render what a lost broker or a killed worker left without a PDF."""
    waiting = Certificate.objects.without_pdf().filter(
        issued_at__lte=timezone.now() - PATIENCE
    )
    for certificate_id in waiting.order_by("pk").values_list("pk", flat=True)[:500]:
        enqueue(render_certificate, certificate_id=certificate_id)
