"""My learning: what to go on with, what is finished, what to begin with."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from tests.factories.accounts import UserFactory
from tests.factories.certification import CertificateFactory
from tests.factories.courses import CourseFactory, EnrollmentFactory

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


@pytest.mark.parametrize(
    ("hours", "words", "query"),
    [
        ("1.75", "Pick a short one: under 2 hours.", "?hours=under-2"),
        ("2.00", "Pick a short one to begin with.", "?sort=shortest"),
    ],
)
def test_a_newcomer_is_offered_the_shortest_courses_first(client, hours, words, query):
    CourseFactory(title="Long", contact_hours=4, published_at=FIRST_OF_MAY)
    CourseFactory(title="Short", contact_hours=hours)
    client.force_login(UserFactory())

    response = client.get("/learn/")

    page = response.content.decode()
    assert "You have not started a course" in page
    assert words in page
    assert f"{reverse('courses:course-list')}{query}" in page
    assert [course.title for course in response.context["suggested"]] == [
        "Short",
        "Long",
    ]


def test_a_learner_is_offered_the_newest_courses_first(client):
    known = EnrollmentFactory()
    CourseFactory(title="Short", contact_hours=1)
    CourseFactory(title="New", contact_hours=4, published_at=FIRST_OF_MAY)
    client.force_login(known.user)

    suggested = client.get("/learn/").context["suggested"]

    assert [course.title for course in suggested] == ["New", "Short"]


def test_a_newcomer_of_a_site_without_courses_still_finds_the_catalog(client):
    client.force_login(UserFactory())

    page = client.get("/learn/").content.decode()

    assert "Pick a short one to begin with." in page
