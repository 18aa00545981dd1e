"""A passkey from its making to a login with it, on an authenticator that Chromium plays."""

from urllib.parse import urljoin, urlsplit

import pytest

from tests.journeys.axe import problems

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


def what_axe_finds(page):
    """Look at the list and at what can be done with the passkey, in a second tab."""
    tab = page.context.new_page()
    tab.goto(page.url)
    links = tab.locator("main table a").all()
    addresses = [page.url, *(urljoin(page.url, a.get_attribute("href")) for a in links)]
    found = {}
    for address in addresses:
        assert tab.goto(address).status == 200
        found[address] = problems(tab)
    assert len(found) == 3
    assert set(found) == set(addresses)
    tab.close()
    return {address: each for address, each in found.items() if each}


def log_in_with_the_password(page, localhost):
    page.goto(f"{localhost}/accounts/login/")
    page.fill("input[name=login]", "comp@natcampus.example")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]:has-text('Log in')")


def log_out(page, localhost):
    page.goto(f"{localhost}/accounts/logout/")
    page.click("main button[type=submit]")
    page.wait_for_url(f"{localhost}/")


def test_a_member_makes_a_passkey_and_logs_in_with_it(new_page, localhost):
    page = new_page()
    attach_authenticator(page)
    page.goto(f"{localhost}/accounts/login/")
    page.click("#passkey_login")
    note = page.locator("[data-passkey-error]")
    note.wait_for()
    button = page.locator("#passkey_login").bounding_box()
    assert 0 < button["y"] - note.bounding_box()["y"] < 200, "beside the button"

    log_in_with_the_password(page, localhost)
    page.wait_for_url("**/learn/")
    page.goto(f"{localhost}/accounts/2fa/webauthn/add/")
    if "reauthenticate" in page.url:
        page.fill("input[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url("**/webauthn/add/")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(lambda url: "/webauthn/add/" not in url)
    page.goto(f"{localhost}/accounts/2fa/webauthn/")
    assert "My passkey" in page.inner_text("main")
    assert what_axe_finds(page) == {}

    log_out(page, localhost)
    page.goto(f"{localhost}/accounts/login/")
    page.click("#passkey_login")
    page.wait_for_url("**/learn/")

    log_out(page, localhost)
    log_in_with_the_password(page, localhost)
    page.wait_for_url("**/2fa/authenticate/")
    assert "authenticator app" not in page.inner_text("main")
    page.click("#mfa_webauthn_authenticate")
    page.wait_for_url("**/learn/")
