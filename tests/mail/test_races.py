import pytest

from mail import services, tasks
from mail.models import Category, OutgoingEmail, Suppression
from mail.services import Email
from tests.factories.mail import OutgoingEmailFactory
from tests.support import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
AT_ONCE = 8


def test_workers_that_deliver_one_email_at_the_same_moment_send_it_once(mailoutbox):
    email = OutgoingEmailFactory()

    together(AT_ONCE * [lambda: tasks.deliver(email_id=email.pk)])

    email.refresh_from_db()
    assert len(mailoutbox) == 1
    assert (email.status, email.attempts) == ("sent", 1)


def test_one_email_queued_at_the_same_moment_is_stored_once():
    email = Email(
        template="account/password_set",
        to="ann@example.com",
        category=Category.SERVICE,
        dedupe_key="race:1",
        context={"timestamp": None, "ip": "203.0.113.7", "user_agent": "Sample"},
    )

    together(AT_ONCE * [email.queue])

    assert OutgoingEmail.objects.count() == 1


def test_unsubscribing_at_the_same_moment_stores_one_stop():
    def unsubscribe():
        services.unsubscribe(address="ann@example.com", category="learning")

    together(AT_ONCE * [unsubscribe])

    assert Suppression.objects.count() == 1
