from datetime import UTC, datetime, timedelta

import pytest

from articles import services
from articles.models import GuideRequest
from mail.models import OutgoingEmail
from tests.factories.accounts import UserFactory
from tests.factories.articles import ArticleFactory, GuideFactory
from tests.factories.courses import CourseFactory, DisclaimerFactory, RegionFactory

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def test_request_mails_a_link_disclaimer_and_the_course_of_the_region():
    DisclaimerFactory(text="Education, not a diagnosis.")
    CourseFactory(title="Hip and thigh", region=RegionFactory())
    guide = GuideFactory(title="Hip guide")

    services.request_guide(guide=guide, email="reader@example.com", at=NOW)

    email = OutgoingEmail.objects.get()
    assert email.recipient == "reader@example.com"
    assert email.category == "service"
    assert email.subject == "Your Hip guide is ready"
    for body in (email.body_text, email.body_html):
        assert "/guides/d/" in body
        assert "Education, not a diagnosis." in body
        assert "Hip and thigh" in body
        assert "7 days" in body


def test_request_prefers_the_course_of_the_article_it_came_from():
    course = CourseFactory(title="From the article")
    CourseFactory(title="Another of the region")
    guide = GuideFactory()

    services.request_guide(
        guide=guide,
        email="reader@example.com",
        article=ArticleFactory(course=course, guide=guide),
        at=NOW,
    )

    text = OutgoingEmail.objects.get().body_text
    assert "From the article" in text
    assert "Another of the region" not in text


def test_asking_again_within_ten_minutes_mails_once():
    guide = GuideFactory()

    first = services.request_guide(guide=guide, email="reader@example.com", at=NOW)
    again = services.request_guide(
        guide=guide,
        email="Reader@Example.com",
        wants_news=True,
        at=NOW + timedelta(minutes=9),
    )

    assert again == first
    assert again.wants_news
    assert OutgoingEmail.objects.count() == 1


def test_asking_again_later_or_for_another_guide_mails_again():
    guide = GuideFactory()
    services.request_guide(guide=guide, email="reader@example.com", at=NOW)

    later = NOW + timedelta(minutes=11)
    services.request_guide(guide=guide, email="reader@example.com", at=later)
    services.request_guide(guide=GuideFactory(), email="reader@example.com", at=NOW)

    assert OutgoingEmail.objects.count() == 3


def test_resend_mails_a_fresh_link_at_most_once_a_minute():
    request = services.request_guide(
        guide=GuideFactory(), email="reader@example.com", at=NOW
    )

    services.resend_guide(request=request, at=NOW + timedelta(seconds=59))
    services.resend_guide(request=request, at=NOW + timedelta(seconds=61))
    services.resend_guide(request=request, at=NOW + timedelta(seconds=62))

    request.refresh_from_db()
    assert request.links_sent == 2
    assert OutgoingEmail.objects.count() == 2


def test_taking_a_guide_with_an_account_is_noted_once_and_mails_nothing():
    user, guide = UserFactory(), GuideFactory()

    services.take_guide(guide=guide, user=user, at=NOW)
    services.take_guide(guide=guide, user=user, at=NOW + timedelta(seconds=2))

    request = GuideRequest.objects.get()
    assert request.downloaded_at == NOW
    assert request.user == user
    assert not OutgoingEmail.objects.exists()


def test_a_guide_taken_with_an_account_does_not_swallow_a_later_email_request():
    user, guide = UserFactory(), GuideFactory()
    services.take_guide(guide=guide, user=user, at=NOW)

    services.request_guide(guide=guide, email=user.email, at=NOW)

    assert OutgoingEmail.objects.count() == 1


def test_the_first_download_is_remembered():
    request = services.request_guide(
        guide=GuideFactory(), email="reader@example.com", at=NOW
    )

    services.note_download(request=request, at=NOW)
    services.note_download(request=request, at=NOW + timedelta(days=1))

    request.refresh_from_db()
    assert request.downloaded_at == NOW
