"""A passkey from its making to a login with it, on an authenticator that Chromium plays."""

from urllib.parse import urlsplit

import pytest

PASSWORD = "trigger-point-demo"


@pytest.fixture
def localhost(site):
    """Return the site under a name: browsers give no passkey to an address of numbers."""
    return f"http://localhost:{urlsplit(site.base).port}"


def attach_authenticator(page):
    protocol = page.context.new_cdp_session(page)
    protocol.send("WebAuthn.enable")
    protocol.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def test_a_member_makes_a_passkey_and_logs_in_with_it(new_page, localhost):
    page = new_page()
    attach_authenticator(page)
    page.goto(f"{localhost}/accounts/login/")
    page.fill("input[name=login]", "comp@natcampus.example")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]:has-text('Log in')")
    page.wait_for_url("**/learn/")

    page.goto(f"{localhost}/accounts/2fa/webauthn/add/")
    if "reauthenticate" in page.url:
        page.fill("input[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url("**/webauthn/add/")
    page.fill("input[name=name]", "My phone")
    if page.locator("input[name=passwordless]").count():
        page.check("input[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(lambda url: "/webauthn/add/" not in url)
    page.goto(f"{localhost}/accounts/2fa/webauthn/")
    assert "My phone" in page.inner_text("main")

    page.goto(f"{localhost}/accounts/logout/")
    page.click("main button[type=submit]")
    page.wait_for_url(f"{localhost}/")
    page.goto(f"{localhost}/accounts/login/")
    page.click("#passkey_login")
    page.wait_for_url("**/learn/")
