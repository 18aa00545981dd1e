from celery import shared_task

from certification import pdf
from certification.models import Certificate


@shared_task(acks_late=True)
def render_certificate(*, certificate_id: int) -> None:
    """Store the PDF of one certificate; a second run finds it stored and stops."""
    certificate = Certificate.objects.get(pk=certificate_id)
    if not certificate.pdf:
        certificate.store_pdf(pdf.render(certificate))
