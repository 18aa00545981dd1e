from datetime import UTC, datetime

import pytest

from articles import services
from articles.models import GuideRequest
from mail.models import OutgoingEmail
from tests.factories.accounts import UserFactory
from tests.factories.articles import GuideFactory
from tests.support import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
AT_ONCE = 8


def test_a_form_sent_eight_times_at_once_mails_one_link():
    guide = GuideFactory()

    def request():
        services.request_guide(guide=guide, email="reader@example.com", at=NOW)

    together(AT_ONCE * [request])

    assert GuideRequest.objects.count() == 1
    assert OutgoingEmail.objects.count() == 1


def test_a_link_sent_again_eight_times_at_once_is_mailed_once():
    request = services.request_guide(
        guide=GuideFactory(), email="reader@example.com", at=NOW
    )
    later = NOW.replace(hour=13)

    together(AT_ONCE * [lambda: services.resend_guide(request=request, at=later)])

    request.refresh_from_db()
    assert request.links_sent == 2
    assert OutgoingEmail.objects.count() == 2


def test_a_guide_taken_eight_times_at_once_is_noted_once():
    guide, user = GuideFactory(), UserFactory()

    together(AT_ONCE * [lambda: services.take_guide(guide=guide, user=user, at=NOW)])

    assert GuideRequest.objects.count() == 1
