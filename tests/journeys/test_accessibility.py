"""axe finds nothing to complain about, on any page, size and theme."""

import email
import email.policy
import time
from pathlib import Path

import pytest

from tests.journeys.conftest import PASSWORD

AXE = (Path(__file__).parent.parent / "vendor" / "axe.min.js").read_text()
SIZES = {"phone": (390, 844), "desktop": (1280, 900)}
COURSE = "hip-and-thigh"
VISITOR_PAGES = [
    "/",
    "/articles/",
    "/articles/hamstrings-stretch-release-protect/",
    "/articles/region/hip-and-thigh/",
    "/guides/",
    "/guides/hip-and-thigh/",
    "/courses/",
    f"/courses/{COURSE}/",
    f"/courses/{COURSE}/preview/",
    "/pricing/",
    "/verify/",
    "/verify/NOSUCHCODE/",
    "/accounts/login/",
    "/accounts/login/code/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/legal/terms/",
    "/help/",
    "/no-such-page/",
]
MEMBER_PAGES = [
    "/learn/",
    f"/learn/{COURSE}/",
    f"/learn/{COURSE}/finding-hamstring-trigger-points/",
    "/learn/certificates/",
    "/learn/transcript/",
    "/account/",
    "/account/emails/",
    "/account/billing/",
    "/accounts/2fa/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/sessions/",
]


def open_page(new_page, size, theme):
    """Open a page that does not mind the styles which axe sets while it measures."""
    width, height = SIZES[size]
    return new_page(
        keeps_console_clean=False,
        viewport={"width": width, "height": height},
        color_scheme=theme,
    )


def complaints(page):
    page.evaluate(AXE)
    result = page.evaluate("() => axe.run(document)")
    return [
        f"{violation['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


def check(page, paths):
    found = {}
    for path in paths:
        page.goto(path)
        problems = complaints(page)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > page.viewport_size["width"]:
            problems.append(f"scrolls sideways: {width} px")
        if problems:
            found[path] = problems
    assert found == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_public_pages_have_no_accessibility_violation(new_page, size, theme):
    page = open_page(new_page, size, theme)

    check(page, VISITOR_PAGES)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_member_pages_have_no_accessibility_violation(new_page, log_in, size, theme):
    page = open_page(new_page, size, theme)
    log_in(page, "member")

    check(page, MEMBER_PAGES)


QUIZ = f"/learn/{COURSE}/quiz/check-palpation"
GRADUATE_PAGES = [
    f"/courses/{COURSE}/",
    f"/learn/{COURSE}/",
    f"/learn/{COURSE}/complete/",
    f"{QUIZ}/",
    f"{QUIZ}/result/1/",
]


@pytest.fixture(scope="session")
def return_from_payment(site, browser):
    """Return the address that a member came back to after paying, and the cookies."""
    context = browser.new_context(base_url=site.base)
    page = context.new_page()
    page.goto("/accounts/login/?next=/pricing/")
    page.fill("input[name=login]", "lapsed@natcampus.example")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/pricing/")
    page.click("main button[type=submit]")
    page.wait_for_url("**/c/pay/**")
    page.get_by_role("button", name="Pay").click()
    page.wait_for_url("**/account/billing/done/**")
    address, cookies = page.url, context.cookies()
    context.close()
    return address, cookies


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_quiz_result_and_checkout_return_have_no_accessibility_violation(
    new_page, log_in, return_from_payment, size, theme
):
    page = open_page(new_page, size, theme)
    log_in(page, "certified")
    check(page, GRADUATE_PAGES)
    page.goto(f"{QUIZ}/")
    page.get_by_role("button", name="Take the quiz again").or_(
        page.get_by_role("link", name="Continue the quiz")
    ).click()
    page.wait_for_url("**/attempt/**")
    check(page, [page.url, page.url.split("?")[0].rstrip("/") + "/review/"])

    address, cookies = return_from_payment
    page.context.clear_cookies()
    page.context.add_cookies(cookies)
    check(page, [address])


@pytest.fixture(scope="session")
def delivered(site, return_from_payment):
    """Return subject and HTML of each email that the worker has delivered by now."""
    deadline = time.monotonic() + 90  # the sweep comes each minute
    while not (found := read_inbox(site.folder / "inbox")):
        assert time.monotonic() < deadline, "No email was delivered."
        time.sleep(0.2)
    return found


def read_inbox(folder):
    messages = [
        email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        for file in sorted(folder.glob("*.log"))
    ]
    bodies = [(message["Subject"], message.get_body(["html"])) for message in messages]
    return {subject: body.get_content() for subject, body in bodies if body}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_emails_have_no_accessibility_violation(new_page, delivered, size, theme):
    page = open_page(new_page, size, theme)
    found = {}

    for subject, html in delivered.items():
        page.set_content(html)
        if problems := complaints(page):
            found[subject] = problems

    assert found == {}


def test_every_public_page_fits_a_screen_of_320_pixels(new_page):
    page = new_page(viewport={"width": 320, "height": 640})
    wide = {}

    for path in VISITOR_PAGES:
        page.goto(path)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 320:
            wide[path] = width

    assert wide == {}
