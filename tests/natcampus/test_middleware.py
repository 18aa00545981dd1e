import re
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection
from django.urls import reverse
from django.utils import timezone

from articles.models import Article
from certification import services
from tests.factories.accounts import UserFactory
from tests.factories.articles import ArticleFactory
from tests.factories.certification import SignatoryFactory
from tests.factories.courses import CourseFactory, EnrollmentFactory

# In Los Angeles the evening before.
LATE = datetime(2026, 11, 5, 3, tzinfo=UTC)


def test_health_answers_whatever_the_host_and_without_a_query(
    client, django_assert_num_queries
):
    response = client.get("/healthz/", headers={"host": "10.0.0.7"})

    assert response.status_code == 200
    assert response.json() == {"status": "ok"}


@pytest.mark.django_db
def test_readiness_asks_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        response = client.get("/readyz/", headers={"host": "10.0.0.7"})

    assert response.status_code == 200


@pytest.mark.django_db
def test_readiness_says_when_the_database_does_not_answer(client, monkeypatch):
    def fail():
        raise DatabaseError

    monkeypatch.setattr(connection, "cursor", fail)

    response = client.get("/readyz/")

    assert response.status_code == 503


@pytest.mark.django_db
def test_every_page_carries_a_strict_policy_with_a_nonce_of_its_own(client):
    first, second = client.get("/"), client.get("/")

    policy = first.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert "frame-ancestors 'none'" in policy
    nonces = [
        re.findall(r"'nonce-([^']+)'", page.headers["Content-Security-Policy"])
        for page in (first, second)
    ]
    assert set(nonces[0]) != set(nonces[1])


@pytest.mark.django_db
def test_every_page_says_no_to_sniffing_framing_and_devices(client):
    headers = client.get("/").headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "camera=()" in headers["Permissions-Policy"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/learn/", "/account/", "/account/billing/"])
def test_no_cache_keeps_the_page_of_somebody_who_is_logged_in(client, path):
    client.force_login(UserFactory())

    response = client.get(path)

    assert "private" in response.headers["Cache-Control"]
    assert "no-store" in response.headers["Cache-Control"]
    assert "Cookie" in response.headers["Vary"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/articles/", "/courses/", "/pricing/"])
def test_no_cache_keeps_a_page_of_a_visitor(client, path):
    response = client.get(path)

    assert "private" in response.headers["Cache-Control"]
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/feed/articles.xml", "/sitemap.xml", "/robots.txt"])
def test_what_is_the_same_for_everybody_may_be_kept_for_an_hour(client, path):
    Article.objects.filter(pk=ArticleFactory().pk).update(updated_at=LATE)
    visitor = client.get(path)
    client.force_login(UserFactory(time_zone="America/Los_Angeles"))

    member = client.get(path)

    assert visitor.content == member.content
    for response in (visitor, member):
        assert response.headers["Cache-Control"] == "public, max-age=3600"
        assert "Vary" not in response.headers
        assert not response.cookies


@pytest.mark.django_db
@pytest.mark.parametrize(
    "request_",
    [
        {"path": "/verify/a%00b/"},
        {"path": "/courses/?profession=a%00b"},
        {"path": "/learn/", "headers": {"cookie": 'sessionid="\\000aaaaaaaaaa"'}},
    ],
    ids=["path", "query", "cookie"],
)
def test_null_characters_are_refused_before_a_page_reads_them(client, request_):
    response = client.get(**request_)

    assert response.status_code == 400
    assert b"We could not read that request" in response.content
    assert "no-store" in response["Cache-Control"]


def completed_late(time_zone):
    return EnrollmentFactory(
        user__time_zone=time_zone,
        course=CourseFactory(published_at=LATE),
        status="completed",
        enrolled_at=LATE,
        completed_at=LATE,
        confirmed_name="Maya Lindqvist, LMT",
        attested_at=LATE,
    )


@pytest.mark.django_db
def test_a_page_tells_the_day_that_the_certificate_tells(client):
    SignatoryFactory()
    enrollment = completed_late("America/Los_Angeles")
    certificate = services.issue(enrollment=enrollment, at=LATE)
    client.force_login(enrollment.user)

    page = client.get(
        reverse("courses:enrollment-complete", args=[enrollment.course.slug])
    )

    assert certificate.completed_date.isoformat() == "2026-11-04"
    assert "completed on 4 November 2026" in page.content.decode()
    assert timezone.get_current_timezone_name() == "UTC"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["Mars/Olympus", "America", "../etc/passwd", ""])
def test_a_time_zone_that_is_no_more_is_read_as_utc(client, name):
    enrollment = completed_late(name)
    client.force_login(enrollment.user)

    page = client.get(
        reverse("courses:enrollment-complete", args=[enrollment.course.slug])
    )

    assert "completed on 5 November 2026" in page.content.decode()


def test_a_visitor_is_told_the_time_without_a_query(client):
    response = client.get(reverse("robots"))  # without access to the database

    assert response.status_code == 200
