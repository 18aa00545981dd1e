from certification.models import Certificate
from mail.models import Category
from mail.services import Email


def ready(certificate: Certificate, *, to: str) -> Email:
    """Tell the holder that the certificate is ready, with its links."""
    return Email(
        template="certification/ready",
        to=to,
        user=certificate.user,
        category=Category.SERVICE,
        dedupe_key=f"certificate-ready:{certificate.pk}",
        context={"certificate": certificate},
    )


def revoked(certificate: Certificate, *, to: str) -> Email:
    """Tell the holder that the certificate no longer counts, and why."""
    return Email(
        template="certification/revoked",
        to=to,
        user=certificate.user,
        category=Category.SERVICE,
        dedupe_key=f"certificate-revoked:{certificate.pk}",
        context={"certificate": certificate},
    )
