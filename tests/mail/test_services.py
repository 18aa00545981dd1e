from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from django.db import transaction
from django.utils import timezone

from mail import services, tasks
from mail.models import Category, EmailPreference, OutgoingEmail, Suppression
from mail.services import Email
from tests.factories.accounts import UserFactory
from tests.factories.mail import (
    OutgoingEmailFactory,
    SuppressionFactory,
)
from tests.support import refused

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def _templates(settings, tmp_path):
    folder = tmp_path / "templates" / "emails" / "sample"
    folder.mkdir(parents=True)
    (folder / "hello.subject.txt").write_text("Hello\n {{ name }}\n")
    (folder / "hello.body.txt").write_text(
        '{% extends "emails/layout.txt" %}{% block content %}Dear {{ name }}\n{% endblock %}'
    )
    (folder / "hello.body.html").write_text(
        '{% extends "emails/layout.html" %}{% block content %}'
        '<p><a class="button" href="{{ site.site_url }}/x/">{{ name }}</a></p>{% endblock %}'
    )
    engine = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**engine, "DIRS": [*engine["DIRS"], tmp_path / "templates"]}]


def compose(**fields):
    values = {
        "template": "sample/hello",
        "to": "ann@example.com",
        "category": Category.SERVICE,
        "dedupe_key": "hello:1",
        "context": {"name": "Ann & Bo"},
    }
    return Email(**{**values, **fields})


@pytest.mark.usefixtures("_templates")
def test_an_email_tells_the_time_where_its_reader_lives():
    reader = UserFactory(time_zone="America/Los_Angeles")
    night = datetime(2026, 11, 5, 3, tzinfo=UTC)

    with timezone.override("Asia/Kathmandu"):  # of the person whose request it is
        email = compose(user=reader, context={"name": night}).queue()
        other = compose(dedupe_key="hello:2", context={"name": night}).queue()

    assert email.subject == "Hello 4 November 2026, 7 p.m."
    assert "Dear 4 November 2026" in email.body_text
    assert other.subject == "Hello 5 November 2026, 3 a.m."


@pytest.mark.usefixtures("_templates")
def test_queue_stores_a_text_and_an_html_twin_with_inlined_css(settings):
    email = compose().queue()

    assert email.subject == "Hello Ann & Bo"
    assert email.body_text.startswith("Dear Ann & Bo\n")
    assert "Ann &amp; Bo" in email.body_html
    assert f'href="{settings.SITE_URL}/x/"' in email.body_html
    assert 'class="button"' in email.body_html
    assert "background-color:#0b5560" in email.body_html.replace(": ", ":")
    assert len(email.body_html) < 60_000


@pytest.mark.usefixtures("_templates")
def test_queue_names_the_sender_and_its_postal_address_in_both_twins(settings):
    email = compose().queue()

    for body in (email.body_text, email.body_html):
        assert settings.PROVIDER_ADDRESS in body
        assert settings.SUPPORT_EMAIL in body


@pytest.mark.usefixtures("_templates")
def test_queue_twice_with_one_key_returns_the_stored_row():
    first = compose().queue()
    second = compose(context={"name": "Somebody else"}).queue()

    assert second == first
    assert OutgoingEmail.objects.count() == 1


@pytest.mark.usefixtures("_templates")
def test_queue_that_loses_a_race_for_the_key_returns_the_winner():
    winner = OutgoingEmailFactory(dedupe_key="hello:1")
    nothing_yet = OutgoingEmail.objects.none()

    with patch.object(OutgoingEmail.objects, "filter", return_value=nothing_yet):
        loser = compose().queue()

    assert loser == winner


def test_two_rows_with_one_key_are_refused_by_the_database():
    OutgoingEmailFactory(dedupe_key="hello:1")

    with refused("mail_outgoingemail.dedupe_key"):
        OutgoingEmailFactory(dedupe_key="hello:1", message_id="<other@example.com>")


@pytest.mark.usefixtures("_templates")
def test_the_message_id_depends_on_the_key_alone(settings):
    settings.EMAIL_MESSAGE_ID_DOMAIN = "campus.example"

    assert services.message_id("a") == services.message_id("a")
    assert services.message_id("a") != services.message_id("b")
    assert compose().queue().message_id.endswith("@campus.example>")


@pytest.mark.usefixtures("_templates")
def test_queue_enqueues_the_delivery_only_after_commit(
    django_capture_on_commit_callbacks,
):
    with (
        patch.object(tasks.deliver, "delay") as delay,
        django_capture_on_commit_callbacks(execute=True),
    ):
        email = compose().queue()
        delay.assert_not_called()

    delay.assert_called_once_with(email_id=email.pk)


@pytest.mark.usefixtures("_templates")
@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_is_rolled_back_sends_nothing(mailoutbox):
    @transaction.atomic
    def queue_and_crash():
        compose().queue()
        raise ZeroDivisionError

    with (
        patch.object(tasks.deliver, "delay") as delay,
        pytest.raises(ZeroDivisionError),
    ):
        queue_and_crash()

    delay.assert_not_called()
    assert not OutgoingEmail.objects.exists()


@pytest.mark.usefixtures("_templates")
@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_delays_the_email_to_the_sweep():
    with patch.object(tasks.deliver, "delay", side_effect=OSError("no broker")):
        email = compose().queue()

    with patch.object(tasks.deliver, "delay") as delay:
        services.sweep(at=email.queued_at + timedelta(minutes=1))

    delay.assert_called_once_with(email_id=email.pk)


@pytest.mark.usefixtures("_templates")
@pytest.mark.parametrize(
    ("category", "has_link"),
    [("service", False), ("billing", False), ("learning", True), ("news", True)],
)
def test_only_optional_categories_carry_an_unsubscribe_link(category, has_link):
    email = compose(category=category).queue()

    assert ("/u/" in email.body_text) is has_link
    assert ("/u/" in email.body_html) is has_link


@pytest.mark.usefixtures("_templates")
@pytest.mark.parametrize(
    ("category", "reason"),
    [
        ("service", "it is about your account at Campus."),
        ("billing", "it is about your membership of Campus."),
        ("learning", "you study at Campus and learning emails are on."),
        ("news", "you asked for news of Campus."),
    ],
)
def test_each_category_says_why_its_emails_come(category, reason, settings):
    settings.SITE_NAME = "Campus"

    email = compose(category=category).queue()

    assert f"You get this email because {reason}" in email.body_text
    assert f"You get this email because {reason}" in email.body_html


def test_sweep_requeues_what_is_due_and_what_a_killed_worker_left(
    django_capture_on_commit_callbacks,
):
    due = OutgoingEmailFactory(queued_at=NOON)
    stuck = OutgoingEmailFactory(
        queued_at=NOON, status="sending", claimed_at=NOON - timedelta(minutes=11)
    )
    OutgoingEmailFactory(queued_at=NOON, status="sending", claimed_at=NOON)
    OutgoingEmailFactory(queued_at=NOON + timedelta(minutes=1))
    OutgoingEmailFactory(queued_at=NOON, status="failed")

    with (
        patch.object(tasks.deliver, "delay") as delay,
        django_capture_on_commit_callbacks(execute=True),
    ):
        services.sweep(at=NOON)

    assert {call.kwargs["email_id"] for call in delay.mock_calls} == {due.pk, stuck.pk}


def test_purge_empties_old_bodies_and_secret_ones_after_they_were_sent():
    old = OutgoingEmailFactory(
        queued_at=NOON - timedelta(days=31), status="sent", sent_at=NOON
    )
    secret = OutgoingEmailFactory(
        queued_at=NOON, status="sent", sent_at=NOON, is_secret=True
    )
    failed_secret = OutgoingEmailFactory(
        queued_at=NOON - timedelta(days=4), status="failed", is_secret=True
    )
    kept = OutgoingEmailFactory(queued_at=NOON, status="sent", sent_at=NOON)
    waiting = OutgoingEmailFactory(queued_at=NOON - timedelta(days=31))

    services.purge(at=NOON)

    assert set(OutgoingEmail.objects.with_body()) == {kept, waiting}
    for row in (old, secret, failed_secret):
        row.refresh_from_db()
        assert not row.has_body


def test_resend_stores_a_copy_that_names_the_original_and_who_asked():
    original = OutgoingEmailFactory(status="sent", sent_at=NOON)
    staff = UserFactory()

    copy = services.resend(email=original, by=staff, at=NOON)

    assert (copy.resend_of, copy.resent_by) == (original, staff)
    assert (copy.status, copy.queued_at) == ("queued", NOON)
    assert copy.message_id != original.message_id
    assert copy.body_text == original.body_text


@pytest.mark.parametrize("status", ["queued", "sending"])
def test_resend_refuses_an_email_that_is_still_on_its_way(status):
    email = OutgoingEmailFactory(status=status, claimed_at=NOON)

    with pytest.raises(services.ResendRefusedError, match="still on its way"):
        services.resend(email=email, by=UserFactory(), at=NOON)


def test_resend_refuses_an_email_whose_text_is_gone():
    email = OutgoingEmailFactory(
        status="sent", sent_at=NOON, is_secret=True, body_text="", body_html=""
    )

    with pytest.raises(services.ResendRefusedError, match="no longer kept"):
        services.resend(email=email, by=UserFactory(), at=NOON)


def test_unsubscribe_stops_the_category_for_the_address_and_its_account():
    user = UserFactory(email="ann@example.com")

    services.unsubscribe(address="ANN@example.com", category="learning")
    services.unsubscribe(address="ann@example.com", category="learning")

    assert Suppression.objects.get().category == "learning"
    assert EmailPreference.objects.choices_of(user)["learning"] is False


def test_subscribing_again_lifts_the_stop_but_never_a_bounce():
    user = UserFactory(email="ann@example.com")
    services.unsubscribe(address=user.email, category="news")
    bounce = SuppressionFactory(address=user.email)

    services.save_preferences(
        user=user, address=user.email, choices={"learning": True, "news": True}
    )

    assert list(Suppression.objects.all()) == [bounce]
    assert EmailPreference.objects.choices_of(user) == {"learning": True, "news": True}


def test_learning_is_on_and_news_is_off_until_the_person_chooses():
    assert EmailPreference.objects.choices_of(UserFactory()) == {
        "learning": True,
        "news": False,
    }
