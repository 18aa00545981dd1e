"""What the database refuses, whoever asks."""

from datetime import UTC, datetime

import pytest

from tests.factories.accounts import UserFactory
from tests.factories.mail import (
    EmailPreferenceFactory,
    OutgoingEmailFactory,
    SuppressionFactory,
)
from tests.support import refused

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "broken", [{"status": "sent"}, {"status": "queued", "sent_at": NOON}]
)
def test_an_email_has_the_moment_of_sending_exactly_when_it_was_sent(broken):
    with refused("mail_outgoingemail_sent_at_matches_status"):
        OutgoingEmailFactory(**broken)


def test_an_email_that_is_being_sent_was_claimed():
    with refused("mail_outgoingemail_sending_is_claimed"):
        OutgoingEmailFactory(status="sending")


def test_only_an_email_that_was_sent_again_says_by_whom():
    with refused("mail_outgoingemail_resent_by_names_a_resend"):
        OutgoingEmailFactory(resent_by=UserFactory())


def test_a_person_chooses_once_for_each_category():
    choice = EmailPreferenceFactory()

    with refused("mail_emailpreference_one_per_user_and_category"):
        EmailPreferenceFactory(user=choice.user, is_subscribed=False)


def test_a_preference_about_a_service_email_is_refused_by_the_database():
    with refused("mail_emailpreference_only_optional_categories"):
        EmailPreferenceFactory(category="service")


def test_one_address_cannot_be_suppressed_twice_in_another_case():
    SuppressionFactory(address="ann@example.com")

    with refused("mail_suppression_one_per_address_and_category"):
        SuppressionFactory(address="ANN@example.com")
