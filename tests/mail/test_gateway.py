from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller

from mail import gateway, tasks
from mail.services import message_id
from tests.factories.mail import OutgoingEmailFactory

pytestmark = pytest.mark.django_db


class Sink:
    """A mail server that keeps what it gets, and refuses one address."""

    def __init__(self):
        self.messages = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        if address.startswith("unknown"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        self.messages.append(
            message_from_bytes(envelope.content, policy=policy.default)
        )
        return "250 OK"


@pytest.fixture
def sink(settings, unused_port):
    handler = Sink()
    server = Controller(handler, hostname="127.0.0.1", port=unused_port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", unused_port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield handler
    server.stop()


def test_a_real_mail_server_receives_both_twins_and_the_headers(sink, settings):
    email = OutgoingEmailFactory(
        category="learning",
        subject="Zwölf minutes left",
        body_text="Pick up at lesson 3\n",
        body_html="<p>Pick up at lesson 3</p>",
    )

    tasks.deliver(email_id=email.pk)

    [message] = sink.messages
    assert message["Subject"] == "Zwölf minutes left"
    assert message["To"] == email.recipient
    assert message["Message-ID"] == message_id(email.dedupe_key)
    assert message["Reply-To"] == settings.SUPPORT_EMAIL
    assert f"<{settings.SITE_URL}/u/" in message["List-Unsubscribe"]
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "lesson 3" in message.get_body(("plain",)).get_content()
    assert "<p>Pick up" in message.get_body(("html",)).get_content()


@pytest.mark.parametrize("category", ["service", "billing"])
def test_an_email_that_is_always_on_offers_no_unsubscribing(sink, category):
    tasks.deliver(email_id=OutgoingEmailFactory(category=category).pk)

    assert "List-Unsubscribe" not in sink.messages[0]


def test_an_address_that_the_server_does_not_know_fails_for_good(sink):
    email = OutgoingEmailFactory(recipient="unknown@example.com")

    tasks.deliver(email_id=email.pk)

    email.refresh_from_db()
    assert (email.status, email.attempts) == ("failed", 1)
    assert "no such user" in email.last_error


def test_a_mail_server_that_is_down_is_tried_again_later(settings, unused_port):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", unused_port
    email = OutgoingEmailFactory()

    tasks.deliver(email_id=email.pk)

    email.refresh_from_db()
    assert email.status == "queued"
    assert email.next_attempt_at > email.queued_at


def test_stored_messages_reads_back_what_the_file_backend_wrote(settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    first = OutgoingEmailFactory(body_text="Über: https://example.com/a?b=1\n")
    second = OutgoingEmailFactory()

    tasks.deliver(email_id=first.pk)
    tasks.deliver(email_id=second.pk)

    newest, oldest = gateway.stored_messages()
    assert (newest.to, oldest.to) == (second.recipient, first.recipient)
    assert oldest.text == "Über: https://example.com/a?b=1\n"
    assert oldest.html.strip() == first.body_html
