import hashlib
import re
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from certification.models import Certificate
from core import ratelimit
from tests.factories.accounts import UserFactory
from tests.factories.certification import CertificateFactory
from tests.support import body, pdf_text

pytestmark = pytest.mark.django_db


def pdf_url(certificate):
    return reverse("certification:certificate-pdf", args=[certificate.code])


def test_the_holder_downloads_the_stored_bytes_each_time(client):
    certificate = CertificateFactory()
    client.force_login(certificate.user)

    first = body(client.get(pdf_url(certificate)))
    second = body(client.get(pdf_url(certificate)))

    assert first == second
    assert hashlib.sha256(first).hexdigest() == Certificate.objects.get().pdf_sha256
    assert certificate.holder_name in pdf_text(first)


def test_the_download_is_named_by_its_number_and_never_cached(client):
    certificate = CertificateFactory()
    client.force_login(certificate.user)

    response = client.get(pdf_url(certificate), {"download": ""})
    response.close()

    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == (
        f'attachment; filename="{certificate.number}.pdf"'
    )
    assert "no-store" in response["Cache-Control"]


def test_the_web_server_hands_the_pdf_out_where_it_is_set_up(client, settings):
    settings.PRIVATE_MEDIA_ACCEL = "/private/"
    certificate = CertificateFactory()
    client.force_login(certificate.user)

    response = client.get(pdf_url(certificate))

    stored = Certificate.objects.get().pdf.name
    assert response["X-Accel-Redirect"] == f"/private/{stored}"
    assert "no-store" in response["Cache-Control"]


def test_a_pdf_that_the_storage_lost_is_not_found(client):
    certificate = CertificateFactory()
    client.force_login(certificate.user)
    body(client.get(pdf_url(certificate)))
    stored = Certificate.objects.get().pdf
    stored.storage.delete(stored.name)

    assert client.get(pdf_url(certificate)).status_code == 404


@pytest.mark.parametrize("write", [str.lower, "-".join])
def test_an_address_with_the_code_as_people_type_it_leads_to_the_certificate(
    client, write
):
    certificate = CertificateFactory()
    url = reverse("certification:certificate-verify", args=[write(certificate.code)])

    assert client.get(url).url == certificate.get_absolute_url()


def test_a_revoked_certificate_is_not_handed_out_and_its_holder_reads_why(client):
    certificate = CertificateFactory()
    client.force_login(certificate.user)
    body(client.get(pdf_url(certificate)))
    Certificate.objects.update(
        revoked_at=datetime(2026, 10, 2, 12, tzinfo=UTC), revoked_reason="Wrong hours."
    )

    response = client.get(pdf_url(certificate))

    page = response.content.decode()
    assert response.status_code == 410
    assert b"%PDF" not in response.content
    assert "2 October 2026: Wrong hours.</p>" in page
    assert reverse("page-contact") in page


def test_another_members_certificate_is_not_found(client):
    certificate = CertificateFactory()
    client.force_login(UserFactory())

    assert client.get(pdf_url(certificate)).status_code == 404


def test_a_visitor_is_sent_to_the_login(client):
    response = client.get(pdf_url(CertificateFactory()))

    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


def test_my_certificates_show_valid_and_revoked_ones(client):
    certificate = CertificateFactory()
    CertificateFactory(
        user=certificate.user,
        revoked_at=datetime(2026, 10, 2, 12, tzinfo=UTC),
        revoked_reason="Issued in error",
    )
    client.force_login(certificate.user)

    page = client.get(reverse("certification:certificate-list")).content.decode()

    assert page.count("Download PDF") == 1
    assert "2 October 2026: Issued in error</p>" in page
    assert f"Certificate number {certificate.number}" in page
    assert f"Verification code {certificate.grouped_code}" in page
    assert f'data-copy="{certificate.get_absolute_url()}"' in page


def test_the_empty_list_says_how_to_earn_the_first_one(client):
    client.force_login(UserFactory())

    response = client.get(reverse("certification:certificate-list"))

    assert "No certificates yet" in response.content.decode()


def test_the_transcript_adds_up_what_is_valid(client):
    certificate = CertificateFactory(contact_hours="3.00")
    CertificateFactory(user=certificate.user, contact_hours="1.50")
    CertificateFactory(
        user=certificate.user,
        contact_hours="9.00",
        revoked_at=datetime(2026, 10, 2, 12, tzinfo=UTC),
        revoked_reason="Issued in error",
    )
    client.force_login(certificate.user)

    page = client.get(reverse("certification:transcript-detail")).content.decode()

    assert "4.5 CE hours" in page
    assert "on 2 valid certificates" in page


def test_a_printed_transcript_says_who_issued_it_when_and_how_to_check_it(
    client, settings
):
    settings.PROVIDER_ADDRESS = "12 Sample Street, Tampa"
    certificate = CertificateFactory()
    client.force_login(certificate.user)

    page = client.get(reverse("certification:transcript-detail")).content.decode()

    printed = re.search('<p class="only-print">(.*?)</p>', page)[1]
    assert f"{settings.PROVIDER_NAME}, 12 Sample Street, Tampa" in printed
    assert re.search(r"Printed on \d{1,2} \w+ \d{4}\.", printed)
    assert certificate.grouped_code in page
    assert settings.SITE_URL + reverse("certification:verify-form") in page


@pytest.mark.parametrize("name", ["certificate-list", "transcript-detail"])
def test_a_long_list_costs_no_more_queries(client, name, django_assert_max_num_queries):
    user = UserFactory()
    for _ in range(30):
        CertificateFactory(user=user)
    client.force_login(user)

    with django_assert_max_num_queries(12):
        client.get(reverse(f"certification:{name}"))


def test_anybody_verifies_by_code_without_seeing_an_address(client):
    certificate = CertificateFactory()

    response = client.get(certificate.get_absolute_url())

    page = response.content.decode()
    assert "This certificate is valid" in page
    assert certificate.holder_name in page
    assert certificate.course_title in page
    assert certificate.user.email not in page
    assert response["X-Robots-Tag"] == "noindex"


def test_a_revoked_certificate_says_when_and_why(client):
    certificate = CertificateFactory(
        revoked_at=datetime(2026, 10, 2, 12, tzinfo=UTC),
        revoked_reason="Issued in error",
    )

    page = client.get(certificate.get_absolute_url()).content.decode()

    assert "Revoked on 2 October 2026" in page
    assert "Issued in error" in page


def test_the_form_takes_a_code_with_spaces_and_lower_case(client):
    certificate = CertificateFactory()
    typed = certificate.grouped_code.lower().replace("-", " ")

    response = client.get(reverse("certification:verify-form"), {"code": typed})

    assert response.status_code == 302
    assert response.url == certificate.get_absolute_url()


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Enter the verification code."),
        ("NGC-7F3K-92QD", "That is the certificate number."),
        ("ABCD", "No certificate has that code."),
        ("<script>alert(1)</script>", "No certificate has that code."),
    ],
)
def test_a_wrong_code_gets_a_message_and_stays_typed(client, typed, message):
    response = client.get(reverse("certification:verify-form"), {"code": typed})

    page = response.content.decode()
    assert response.status_code == 200
    assert message in page
    assert "<script>alert" not in page


def test_an_unknown_code_in_the_address_is_not_found_with_a_way_on(client):
    response = client.get("/verify/AAAAAAAAAAAAAAAAAAAAAA/")

    assert response.status_code == 404
    assert "No certificate has that code" in response.content.decode()


def test_guessing_codes_is_stopped_and_knowing_one_is_not(client, monkeypatch):
    monkeypatch.setattr("certification.views.MISSES_PER_HOUR", 3)
    certificate = CertificateFactory()

    answers = [client.get(f"/verify/GUESS{n}/").status_code for n in range(5)]

    assert answers == [404, 404, 404, 429, 429]
    assert client.get(certificate.get_absolute_url()).status_code == 200


def test_the_limiter_counts_each_visitor_by_the_address_our_proxy_saw(rf, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    request = rf.get("/", headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.7"})

    assert ratelimit.client_ip(request) == "203.0.113.7"
