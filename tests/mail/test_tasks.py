import smtplib
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest

from mail import gateway, tasks
from mail.models import OutgoingEmail
from tests.factories.accounts import UserFactory
from tests.factories.mail import (
    EmailPreferenceFactory,
    OutgoingEmailFactory,
    SuppressionFactory,
)

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SEND = "django.core.mail.backends.locmem.EmailBackend.send_messages"


@pytest.fixture(autouse=True)
def noon(time_machine):
    time_machine.move_to(NOON, tick=False)


def test_deliver_twice_sends_once(mailoutbox):
    email = OutgoingEmailFactory()

    tasks.deliver(email_id=email.pk)
    tasks.deliver(email_id=email.pk)

    email.refresh_from_db()
    assert len(mailoutbox) == 1
    assert (email.status, email.sent_at, email.attempts) == ("sent", NOON, 1)


def test_of_two_workers_that_claim_an_email_one_gets_nothing():
    email = OutgoingEmailFactory()

    first = OutgoingEmail.objects.claim(email.pk, at=NOON)
    second = OutgoingEmail.objects.claim(email.pk, at=NOON)

    assert first == email
    assert second is None


def test_a_worker_that_was_overtaken_does_not_change_the_result():
    email = OutgoingEmailFactory()
    slow = OutgoingEmail.objects.claim(email.pk, at=NOON)
    OutgoingEmail.objects.claim(email.pk, at=NOON + timedelta(minutes=11))

    assert OutgoingEmail.objects.settle(slow, status="failed") is False

    email.refresh_from_db()
    assert email.status == "sending"


def test_an_email_that_a_killed_worker_left_is_sent_with_the_same_message_id(
    mailoutbox,
):
    email = OutgoingEmailFactory(
        status="sending", claimed_at=NOON - timedelta(minutes=11), attempts=1
    )

    tasks.deliver(email_id=email.pk)

    assert mailoutbox[0].extra_headers["Message-ID"] == email.message_id


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(0, 1), (1, 5), (2, 30), (3, 120), (4, 360)]
)
def test_a_server_that_does_not_answer_delays_the_email_longer_each_time(
    attempts, minutes
):
    email = OutgoingEmailFactory(attempts=attempts)

    with patch(SEND, side_effect=ConnectionRefusedError("refused")):
        tasks.deliver(email_id=email.pk)

    email.refresh_from_db()
    assert email.status == "queued"
    assert email.next_attempt_at == NOON + timedelta(minutes=minutes)
    assert "refused" in email.last_error


def test_the_last_attempt_that_fails_ends_the_email():
    email = OutgoingEmailFactory(attempts=5)

    with patch(SEND, side_effect=TimeoutError()):
        tasks.deliver(email_id=email.pk)

    email.refresh_from_db()
    assert email.status == "failed"


def test_an_email_that_kills_every_worker_ends_as_failed(mailoutbox):
    email = OutgoingEmailFactory(
        status="sending", claimed_at=NOON - timedelta(minutes=11), attempts=6
    )

    tasks.deliver(email_id=email.pk)

    email.refresh_from_db()
    assert (email.status, mailoutbox) == ("failed", [])
    assert "Every worker stopped" in email.last_error


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPRecipientsRefused({"a@b.example": (550, b"unknown user")}),
        smtplib.SMTPDataError(554, b"rejected"),
        smtplib.SMTPNotSupportedError("no SMTPUTF8"),
    ],
)
def test_a_permanent_refusal_fails_the_email_without_another_try(error):
    email = OutgoingEmailFactory()

    with patch(SEND, side_effect=error):
        tasks.deliver(email_id=email.pk)

    email.refresh_from_db()
    assert (email.status, email.attempts) == ("failed", 1)
    assert type(error).__name__ in email.last_error


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPAuthenticationError(535, b"bad credentials"),
        smtplib.SMTPDataError(451, b"try later"),
        smtplib.SMTPServerDisconnected("gone"),
    ],
)
def test_a_passing_refusal_keeps_the_email_in_the_queue(error):
    email = OutgoingEmailFactory()

    with patch(SEND, side_effect=error):
        tasks.deliver(email_id=email.pk)

    email.refresh_from_db()
    assert email.status == "queued"


def test_a_bounced_address_gets_no_email_at_all(mailoutbox):
    SuppressionFactory(address="ann@example.com")
    email = OutgoingEmailFactory(recipient="Ann@example.com")

    tasks.deliver(email_id=email.pk)

    email.refresh_from_db()
    assert (email.status, mailoutbox) == ("suppressed", [])


def test_an_unsubscribed_category_is_suppressed_and_the_others_still_arrive(mailoutbox):
    user = UserFactory()
    EmailPreferenceFactory(user=user, category="learning", is_subscribed=False)
    learning = OutgoingEmailFactory(user=user, category="learning")
    service = OutgoingEmailFactory(user=user, category="service")

    tasks.deliver(email_id=learning.pk)
    tasks.deliver(email_id=service.pk)

    learning.refresh_from_db()
    assert learning.status == "suppressed"
    assert [message.to for message in mailoutbox] == [[service.recipient]]


def test_news_reaches_only_those_who_asked_for_it(mailoutbox):
    asked = EmailPreferenceFactory(category="news", is_subscribed=True).user
    wanted = OutgoingEmailFactory(user=asked, category="news")
    unwanted = OutgoingEmailFactory(user=UserFactory(), category="news")

    tasks.deliver(email_id=wanted.pk)
    tasks.deliver(email_id=unwanted.pk)

    assert [message.to for message in mailoutbox] == [[wanted.recipient]]


def test_the_body_of_a_secret_email_is_forgotten_once_it_was_sent(mailoutbox):
    email = OutgoingEmailFactory(is_secret=True, body_text="Your code: 123")

    tasks.deliver(email_id=email.pk)

    email.refresh_from_db()
    assert mailoutbox[0].body == "Your code: 123"
    assert not email.has_body


def test_a_header_that_a_mail_server_would_misread_fails_for_good():
    email = OutgoingEmailFactory(recipient="a@b.example\nBcc: c@d.example")

    with pytest.raises(gateway.PermanentError):
        gateway.send(email)
