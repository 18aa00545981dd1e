from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings

from accounts import emails

TEMPLATES = Path(settings.BASE_DIR) / "templates" / "emails" / "account"
NAMES = sorted(path.name.split(".")[0] for path in TEMPLATES.glob("*.subject.txt"))
EVERYTHING = {
    "activate_url": "http://testserver/accounts/confirm-email/x/",
    "password_reset_url": "http://testserver/accounts/password/reset/",
    "signup_url": "http://testserver/accounts/signup/",
    "code": "ABCD-EFGH",
    "timestamp": datetime(2026, 3, 2, 12, tzinfo=UTC),
    "ip": "203.0.113.7",
    "user_agent": "Sample <b>browser</b>",
    "from_email": "old@example.com",
    "to_email": "new@example.com",
    "deleted_email": "old@example.com",
    "provider": "Google",
    "request": object(),
    "current_site": object(),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES)
def test_each_account_email_has_a_short_subject_and_twins_that_say_the_same(name):
    email = emails.account_email(
        name=name, address="ann@example.com", context=EVERYTHING
    ).queue()

    assert 0 < len(email.subject) <= 50
    assert "testserver" not in email.body_text + email.body_html
    assert len(email.body_html) < 60_000
    assert "<b>browser" not in email.body_html
    assert email.subject in email.body_text
    assert "<h1" in email.body_html


@pytest.mark.django_db
def test_the_old_address_is_not_sent_where_it_can_do_nothing():
    email = emails.account_email(
        name="email_changed", address="old@example.com", context=EVERYTHING
    ).queue()

    for body in (email.body_text, email.body_html):
        assert "Reply to this email at once." in body
        assert "password/reset" not in body


def test_every_email_that_allauth_sends_has_our_words():
    sent = {
        *("account_already_exists", "email_changed", "email_confirm", "email_deleted"),
        *("email_confirmation", "email_confirmation_signup", "login_code"),
        *("password_changed", "password_reset", "password_reset_code"),
        *("password_reset_key", "password_set", "unknown_account"),
        *("recovery_codes_generated", "totp_activated", "totp_deactivated"),
        *("webauthn_added", "webauthn_removed"),
        *("account_connected", "account_disconnected"),
    }

    assert sent == set(NAMES)
