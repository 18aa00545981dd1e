from datetime import UTC, datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse

from mail.models import OutgoingEmail
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.mail import OutgoingEmailFactory, SuppressionFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LIST = "admin:mail_outgoingemail_changelist"


@pytest.fixture
def staff_client(client, settings):
    settings.STAFF_MFA_REQUIRED = False
    client.force_login(StaffFactory())
    return client


@pytest.fixture
def reader_client(client, settings):
    """Log in one of the staff who may read emails and not send them again."""
    settings.STAFF_MFA_REQUIRED = False
    user = UserFactory(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_outgoingemail"))
    client.force_login(user)
    return client


def page(name, email):
    return reverse(f"admin:mail_outgoingemail_{name}", args=[email.pk])


def test_the_list_is_searched_by_recipient_and_filtered_by_status(staff_client):
    OutgoingEmailFactory(recipient="ann@example.com", status="failed")
    OutgoingEmailFactory(recipient="bo@example.com")

    found = staff_client.get(reverse(LIST), {"q": "ann"}).content.decode()
    failed = staff_client.get(
        reverse(LIST), {"status__exact": "failed"}
    ).content.decode()

    for html in (found, failed):
        assert "ann@example.com" in html
        assert "bo@example.com" not in html


def test_an_email_shows_its_text_escaped_and_its_html_in_a_sandbox(staff_client):
    email = OutgoingEmailFactory(body_text="<script>x</script>")

    detail = staff_client.get(page("change", email))
    html = staff_client.get(page("html", email))

    assert "&lt;script&gt;x" in detail.content.decode()
    assert "frame-src 'self'" in detail["Content-Security-Policy"]
    assert html.content.decode() == email.body_html
    assert html["Content-Security-Policy"].startswith("sandbox ")


def test_the_body_of_a_secret_email_is_hidden_from_the_staff(staff_client):
    email = OutgoingEmailFactory(is_secret=True, body_text="Your code: 123456")

    detail = staff_client.get(page("change", email)).content.decode()

    assert "123456" not in detail
    assert "Hidden" in detail
    assert staff_client.get(page("html", email)).status_code == 403


def test_an_email_can_be_sent_again_and_the_admin_log_says_by_whom(staff_client):
    email = OutgoingEmailFactory(status="failed")

    response = staff_client.post(page("resend", email))

    copy = OutgoingEmail.objects.get(resend_of=email)
    assert response.url == page("change", copy)
    assert copy.resent_by is not None
    assert "Sent again" in LogEntry.objects.get().change_message


def test_several_emails_can_be_sent_again_from_the_list(staff_client):
    sent = OutgoingEmailFactory(status="sent", sent_at=NOON)
    queued = OutgoingEmailFactory()

    response = staff_client.post(
        reverse(LIST),
        {"action": "send_again", "_selected_action": [sent.pk, queued.pk]},
        follow=True,
    )

    assert OutgoingEmail.objects.filter(resend_of=sent).count() == 1
    assert "still on its way" in response.content.decode()


def test_who_may_only_read_cannot_send_again(reader_client):
    email = OutgoingEmailFactory(status="failed")

    detail = reader_client.get(page("change", email))
    response = reader_client.post(page("resend", email))

    assert detail.status_code == 200
    assert "Send again" not in detail.content.decode()
    assert response.status_code == 403
    assert not OutgoingEmail.objects.filter(resend_of=email).exists()


def test_opening_the_resend_address_sends_nothing(staff_client):
    email = OutgoingEmailFactory(status="failed")

    assert staff_client.get(page("resend", email)).status_code == 405
    assert OutgoingEmail.objects.count() == 1


def test_emails_are_neither_added_nor_deleted_nor_edited(staff_client):
    email = OutgoingEmailFactory()

    assert staff_client.get("/admin/mail/outgoingemail/add/").status_code == 403
    assert staff_client.post(page("delete", email)).status_code == 403
    assert staff_client.post(page("change", email), {"subject": "x"}).status_code == 403


def test_staff_suppress_an_address_and_lift_it_again(staff_client):
    staff_client.post(
        reverse("admin:mail_suppression_add"),
        {"address": "ann@example.com", "category": "", "reason": "staff"},
    )
    row = SuppressionFactory._meta.model.objects.get(address="ann@example.com")
    response = staff_client.post(
        reverse("admin:mail_suppression_delete", args=[row.pk]), {"post": "yes"}
    )

    assert response.status_code == 302
    assert not SuppressionFactory._meta.model.objects.exists()
