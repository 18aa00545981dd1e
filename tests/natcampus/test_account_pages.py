"""The pages of allauth wear the design of the site and say what they do."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount

from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db

ENTRANCES = {
    "/accounts/login/": "Log in",
    "/accounts/signup/": "Create a free account",
    "/accounts/password/reset/": "Reset your password",
    "/accounts/password/reset/done/": "Check your inbox",
    "/accounts/password/reset/key/1-made-up/": "This link no longer works",
    "/accounts/password/reset/key/done/": "Your password is changed",
    "/accounts/confirm-email/": "Check your inbox",
    "/accounts/confirm-email/made-up/": "This link no longer works",
    "/accounts/login/code/": "Log in with a code",
    "/accounts/inactive/": "This account is closed",
    "/accounts/3rdparty/login/cancelled/": "You are not logged in",
}
MANAGED = {
    "/accounts/password/change/": "Password",
    "/accounts/email/": "Email address",
    "/accounts/2fa/": "Two-factor and passkeys",
    "/accounts/2fa/webauthn/": "Passkeys and security keys",
    "/accounts/2fa/webauthn/add/": "Add a passkey or security key",
    "/accounts/2fa/totp/activate/": "Set up an authenticator app",
    "/accounts/sessions/": "Sessions",
}
PROTECTED = {
    "/accounts/2fa/totp/deactivate/": "Turn off the authenticator app?",
    "/accounts/2fa/recovery-codes/": "Recovery codes",
    "/accounts/2fa/recovery-codes/generate/": "Make recovery codes",
}


@pytest.fixture
def user():
    user = UserFactory()
    EmailAddress.objects.get_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    user.set_password("sampler-12345")
    user.save()
    return user


@pytest.fixture
def member(client, user):
    """Return a client that has just confirmed its password."""
    client.force_login(user)
    client.post("/accounts/reauthenticate/", {"password": "sampler-12345"})
    return client


def heading(response):
    (text,) = re.findall(r"<h1[^>]*>(.*?)</h1>", response.content.decode(), re.DOTALL)
    return text.strip()


@pytest.mark.parametrize(("path", "title"), ENTRANCES.items())
def test_a_visitor_finds_each_way_in(client, path, title):
    response = client.get(path)

    assert response.status_code == 200
    assert heading(response) == title


@pytest.mark.parametrize(("path", "title"), MANAGED.items())
def test_a_member_manages_the_account_beside_its_menu(member, path, title):
    response = member.get(path)

    assert response.status_code == 200
    assert heading(response) == title
    assert 'aria-label="Account pages"' in response.content.decode()


@pytest.mark.parametrize(("path", "title"), PROTECTED.items())
def test_a_member_with_a_second_factor_can_change_it(member, user, path, title):
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)

    response = member.get(path)

    assert response.status_code == 200
    assert heading(response) == title


def test_logging_in_with_a_second_factor_asks_for_its_code(client, user):
    TOTP.activate(user, generate_totp_secret())

    response = client.post(
        "/accounts/login/",
        {"login": user.email, "password": "sampler-12345"},
        follow=True,
    )

    html = response.content.decode()
    assert heading(response) == "Enter your code"
    assert "Open your authenticator app" in html
    assert "passkey" not in html.lower(), "this person has none"


def test_a_new_passkey_logs_in_by_itself_unless_the_person_says_otherwise(member):
    html = member.get("/accounts/2fa/webauthn/add/").content.decode()

    box = re.search(r'<input[^>]*name="passwordless"[^>]*>', html)[0]
    assert " checked" in box
    assert "Log in with it, without a password" in html
    assert 'value="My passkey"' in html


def test_changing_protection_asks_for_the_password_again(client, user):
    client.force_login(user)

    response = client.get("/accounts/2fa/totp/activate/", follow=True)

    assert heading(response) == "Confirm it is you"


def test_a_mistake_is_told_in_the_title_the_summary_and_at_the_field(client):
    html = client.post("/accounts/login/", {"login": "maya"}).content.decode()

    assert "<title>Error: Log in | NAT Global Campus</title>" in html
    assert 'href="#id_login"' in html
    assert 'id="id_login_error"' in html


def test_logging_out_is_a_post(member):
    assert heading(member.get("/accounts/logout/")) == "Log out?"

    member.post("/accounts/logout/")

    assert member.get("/account/").status_code == 302


def test_a_login_at_another_site_that_fails_leads_back(client):
    response = client.get("/accounts/3rdparty/login/error/")

    assert response.status_code == 401
    assert heading(response) == "The login did not work"
    assert 'href="/accounts/login/">Back to log in' in response.content.decode()


def test_without_another_site_to_log_in_at_there_is_no_page_for_them(member, settings):
    settings.SOCIALACCOUNT_PROVIDERS = {}

    assert member.get("/accounts/3rdparty/").status_code == 404
    assert member.post("/accounts/3rdparty/").status_code == 404


def test_a_member_sees_and_disconnects_the_login_with_google(member, user, settings):
    app = {"client_id": "sample", "secret": "sample"}
    settings.SOCIALACCOUNT_PROVIDERS = {"google": {"APPS": [app]}}
    account = SocialAccount.objects.create(user=user, provider="google", uid="g-1")

    page = member.get("/accounts/3rdparty/")
    answer = member.post("/accounts/3rdparty/", {"account": account.pk}, follow=True)

    assert heading(page) == "Logins of other sites"
    assert "Google" in page.content.decode()
    assert "process=connect" in page.content.decode()
    assert "You can no longer log in with it." in answer.content.decode()
    assert not SocialAccount.objects.exists()
