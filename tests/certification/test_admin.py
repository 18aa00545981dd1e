import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from certification.models import Certificate
from tests.factories.accounts import UserFactory
from tests.factories.certification import CertificateFactory, SignatoryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


def test_certificates_are_found_by_name_number_and_code(staff):
    certificate = CertificateFactory(holder_name="Zuzana Nová")
    CertificateFactory(holder_name="Somebody Else")

    for term in ("Zuzana", certificate.number, certificate.code):
        page = staff.get(
            reverse("admin:certification_certificate_changelist"), {"q": term}
        )
        assert "Zuzana" in page.content.decode()
        assert "Somebody Else" not in page.content.decode()


def test_nothing_that_proves_can_be_added_changed_or_deleted(staff):
    certificate = CertificateFactory()
    url = reverse("admin:certification_certificate_change", args=[certificate.pk])

    assert staff.get(reverse("admin:certification_certificate_add")).status_code == 403
    assert staff.post(url, {"holder_name": "Forged"}).status_code == 403
    delete = reverse("admin:certification_certificate_delete", args=[certificate.pk])
    assert staff.post(delete, {"post": "yes"}).status_code == 403
    assert "Forged" not in Certificate.objects.get().holder_name


def test_revoking_asks_for_a_reason_and_is_logged(staff):
    certificate = CertificateFactory()
    url = reverse("admin:certification_certificate_revoke", args=[certificate.pk])

    empty = staff.post(url, {"reason": ""})
    staff.post(url, {"reason": "Issued in error"})

    assert "Enter the reason." in empty.content.decode()
    assert Certificate.objects.get().revoked_reason == "Issued in error"
    history = reverse("admin:certification_certificate_history", args=[certificate.pk])
    assert "Revoked: Issued in error" in staff.get(history).content.decode()


def test_a_certificate_is_revoked_and_logged_once(staff):
    certificate = CertificateFactory()
    url = reverse("admin:certification_certificate_revoke", args=[certificate.pk])

    staff.post(url, {"reason": "Issued in error"})
    again = staff.post(url, {"reason": "A second thought"}, follow=True)

    assert "Already revoked on" in again.content.decode()
    assert Certificate.objects.get().revoked_reason == "Issued in error"
    assert LogEntry.objects.get().change_message == "Revoked: Issued in error"


def test_staff_without_the_permission_cannot_revoke(client):
    certificate = CertificateFactory()
    client.force_login(UserFactory(is_staff=True))
    url = reverse("admin:certification_certificate_revoke", args=[certificate.pk])

    assert client.post(url, {"reason": "No right"}).status_code == 403
    assert Certificate.objects.get().is_valid


def test_a_signatory_is_added_in_the_admin(staff):
    SignatoryFactory(name="First Signer")

    page = staff.get(reverse("admin:certification_signatory_changelist"))

    assert "First Signer" in page.content.decode()
