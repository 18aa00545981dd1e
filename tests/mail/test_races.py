import threading

import pytest
from django.db import close_old_connections, connection

from mail import services, tasks
from mail.models import Category, OutgoingEmail, Suppression
from mail.services import Email
from tests.factories.mail import OutgoingEmailFactory

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
THREADS = 8


def together(action):
    """Run the action in several threads that start at the same moment."""
    barrier = threading.Barrier(THREADS)
    errors = []

    def run():
        barrier.wait()
        try:
            action()
        except Exception as error:  # noqa: BLE001 - a thread's error must reach the test
            errors.append(error)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_workers_that_deliver_one_email_at_the_same_moment_send_it_once(mailoutbox):
    email = OutgoingEmailFactory()

    together(lambda: tasks.deliver(email_id=email.pk))

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

    together(email.queue)

    assert OutgoingEmail.objects.count() == 1


def test_unsubscribing_at_the_same_moment_stores_one_stop():
    together(
        lambda: services.unsubscribe(address="ann@example.com", category="learning")
    )

    assert Suppression.objects.count() == 1
