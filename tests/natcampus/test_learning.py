"""My learning: what to go on with, what is finished, what to begin with."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from tests.factories.certification import CertificateFactory

pytestmark = pytest.mark.django_db
FIRST_OF_MAY = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def certificate(client):
    """Return the certificate of a finished course, its holder logged in."""
    certificate = CertificateFactory(
        enrollment__status="completed",
        enrollment__completed_at=FIRST_OF_MAY,
        enrollment__attested_at=FIRST_OF_MAY,
        enrollment__confirmed_name="Maya",
    )
    client.force_login(certificate.user)
    return certificate


def test_a_finished_course_hands_out_its_certificate(client, certificate):
    page = client.get("/learn/").content.decode()

    pdf = reverse("certification:certificate-pdf", args=[certificate.code])
    assert f'href="{pdf}?download"' in page


def test_a_finished_course_says_that_its_certificate_was_revoked(client, certificate):
    certificate.revoked_at = FIRST_OF_MAY
    certificate.revoked_reason = "Wrong hours"
    certificate.save()

    page = client.get("/learn/").content.decode()

    assert "Certificate revoked" in page
    assert "Download certificate" not in page
    assert ">Completed<" not in page
    assert certificate.get_absolute_url() in page
