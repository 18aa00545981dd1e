"""axe finds nothing to complain about, on any page, size and theme; nothing is too wide.

A line of the tables is an address, with the status before it where that is not 200.
Names in braces are the states of `stage.py`.
"""

import json
import urllib.request
from functools import partial
from types import SimpleNamespace

import pytest

from tests.journeys.axe import problems
from tests.journeys.conftest import PASSWORD, ROOT, python

HIP = "hip-and-thigh"
QUIZ = f"/learn/{HIP}/quiz/check-palpation"
PAGES = {
    "visitor": [
        "/",
        "/articles/",
        "/articles/hamstrings-stretch-release-protect/",
        f"/articles/region/{HIP}/",
        "/guides/",
        f"/guides/{HIP}/",
        "/courses/",
        "/courses/?level=advanced&hours=over-4",
        f"/courses/{HIP}/",
        f"/courses/{HIP}/reviews/",
        f"/courses/{HIP}/reviews/?profession=chiropractor",
        f"/learn/{HIP}/history-and-red-flags/",
        f"/learn/{HIP}/movement-screen/",
        "/pricing/",
        "/verify/",
        "404 /verify/NOSUCHCODE/",
        "{valid_certificate}",
        "{revoked_certificate}",
        "{unsubscribe}",
        "404 /u/made-up/",
        "/legal/terms/",
        "/help/",
        "/contact/",
    ],
    "entrances": [
        "/accounts/login/",
        "/accounts/login/code/",
        "/accounts/signup/",
        "/accounts/signup/?next=/pricing/%3Fprice=membership-yearly",
        "/accounts/confirm-email/",
        "{confirm_email}",
        "/accounts/confirm-email/made-up/",
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/accounts/password/reset/key/1-made-up/",
        "/accounts/password/reset/key/done/",
        "/accounts/inactive/",
    ],
    "errors": [
        "400 /?q=%00",
        "404 /no-such-page/",
        "405 /account/theme/",
        "410 {withdrawn_article}",
        "410 {withdrawn_course}",
        "410 {expired_guide}",
        "429 /last-resort/429/",
        "500 /last-resort/500/",
        "503 /last-resort/503/",
    ],
    "free": [
        "/",
        "/learn/",
        f"/courses/{HIP}/",
        f"/learn/{HIP}/movement-screen/",
        "/account/",
        "/account/licenses/add/",
        "/account/billing/",
        "/learn/certificates/",
        "/learn/transcript/",
    ],
    "member": [
        "/",
        "/learn/",
        "/courses/",
        f"/courses/{HIP}/",
        "/courses/calf-and-foot/",
        "/pricing/",
        f"/learn/{HIP}/",
        f"/learn/{HIP}/finding-hamstring-trigger-points/",
        f"/learn/{HIP}/from-findings-to-plan/",
        f"/learn/{HIP}/clinic-sheets/",
        f"/learn/{HIP}/notes/",
        "{note}",
        f"{QUIZ}/",
        f"/learn/{HIP}/complete/",
        "/account/emails/",
        "/account/billing/?updated=1",
        "/account/billing/cancel/",
        "/account/billing/switch/",
        "/account/billing/pause/",
        "/accounts/2fa/",
        "/accounts/2fa/webauthn/",
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/reauthenticate/",
        "/accounts/sessions/",
        "/accounts/logout/",
    ],
    "certified": [
        "/learn/",
        f"/courses/{HIP}/",
        f"/courses/{HIP}/review/",
        "/courses/low-back-quadratus-lumborum/review/",
        f"/learn/{HIP}/",
        f"/learn/{HIP}/complete/",
        f"{QUIZ}/",
        f"{QUIZ}/result/1/",
        "/learn/certificates/",
        "410 {revoked_pdf}",
        "/learn/transcript/",
        "/account/",
    ],
    "canceling": ["/account/billing/", f"{QUIZ}/", f"{QUIZ}/result/1/"],
    "past-due": [
        "/learn/",
        "/account/billing/",
        f"{QUIZ}/attempt/1/",
        f"{QUIZ}/attempt/1/review/",
    ],
    "lapsed": [
        "/",
        "/learn/",
        "/account/billing/",
        f"/courses/{HIP}/",
        "/courses/trigger-point-principles/",
        "/learn/trigger-point-principles/what-the-evidence-supports/",
    ],
    "graduate": ["/account/billing/", "/learn/therapist-self-care/complete/"],
    "editor": ["403 /admin/billing/price/", "/styleguide/"],
}
SECOND_FACTOR = [
    "/accounts/2fa/",
    "/accounts/2fa/recovery-codes/",
    "/accounts/2fa/recovery-codes/generate/",
    "/accounts/2fa/totp/deactivate/",
    "/accounts/2fa/reauthenticate/",
]
FIRST_SET_UP = ["/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/"]
ANONYMOUS = {"visitor", "entrances", "errors"}
MISTAKES = {
    "visitor": ["/accounts/signup/", "/accounts/login/", "/accounts/password/reset/"],
    "graduate": [
        "/account/",
        "/account/licenses/add/",
        "/learn/therapist-self-care/complete/",
    ],
}


@pytest.fixture(scope="session")
def stage(site):
    """Bring the site into the states of `stage.py`, and return where they are."""
    code = (
        "import json; from tests.journeys import stage; "
        f"print(json.dumps(stage.everything({PASSWORD!r})))"
    )
    printed = python(site.environment, "manage.py", "shell", "--no-imports", "-c", code)
    return SimpleNamespace(**json.loads(printed.splitlines()[-1]))


@pytest.fixture
def page(new_page):
    """Open a page that does not mind the styles which axe sets while it measures."""
    return new_page(keeps_console_clean=False)


@pytest.fixture
def last_resorts(page, stage):
    """Answer for the failures that nobody can provoke, with the pages of the site."""
    for name, html in stage.errors.items():
        page.route(f"**/last-resort/{name}/", partial(last_resort, int(name), html))


def last_resort(status, html, route):
    route.fulfill(status=status, body=html, content_type="text/html")


def visit(page, address, *, status=200):
    """Open the address, and make sure that it is the page which is then measured."""
    answer = page.goto(address)
    path = page.url.removeprefix(page.evaluate("location.origin"))
    assert (answer.status, path) == (status, address)


def check(page, lines, *, states):
    found = {}
    for line in lines:
        status, _, address = line.rpartition(" ")
        visit(page, address.format(**states), status=int(status or 200))
        if complaints := problems(page):
            found[line] = complaints
    assert found == {}


def submit(page):
    """Send the form of the page as it stands; return the status of the answer."""
    form = page.locator("main form[method=post]").first
    with page.expect_response(lambda each: each.request.method == "POST") as answer:
        form.locator("button:not([type=button])").click()
    page.wait_for_load_state()
    return answer.value.status


def confirm_password(page, address):
    """Ask for a page that is protected once more, and give the password."""
    page.goto(address)
    page.wait_for_url("**/accounts/reauthenticate/**")
    assert problems(page) == []
    page.fill("input[name=password]", PASSWORD)
    submit(page)


@pytest.mark.parametrize("role", PAGES)
@pytest.mark.usefixtures("last_resorts")
def test_pages_have_no_accessibility_violation(page, log_in, stage, role):
    if role not in ANONYMOUS:
        log_in(page, role)

    check(page, PAGES[role], states=stage.addresses)


@pytest.mark.parametrize("role", MISTAKES)
@pytest.mark.usefixtures("stage")
def test_forms_with_mistakes_have_no_accessibility_violation(page, log_in, role):
    if role not in ANONYMOUS:
        log_in(page, role)

    for address in MISTAKES[role]:
        visit(page, address)
        for field in page.locator("main form[method=post] input[type=text]").all():
            field.fill("")
        assert submit(page) == 200
        assert page.locator("[data-error-summary]").is_visible()
        assert problems(page) == []


def test_a_form_that_was_open_for_too_long_has_no_accessibility_violation(page):
    visit(page, "/accounts/login/")
    page.context.clear_cookies()

    assert submit(page) == 403
    assert problems(page) == []


def test_a_new_password_has_no_accessibility_violation(page, stage):
    page.goto(stage.addresses["reset_password"])

    page.get_by_role("heading", name="Choose a new password").wait_for()
    assert problems(page) == []
    assert submit(page) == 200
    assert problems(page) == []


def test_a_login_code_has_no_accessibility_violation(page):
    visit(page, "/accounts/login/code/")
    page.fill("main input[name=email]", "forgetful@natcampus.example")
    submit(page)

    page.wait_for_url("**/accounts/login/code/confirm/")
    assert problems(page) == []


def test_a_second_factor_has_no_accessibility_violation(page, stage):
    page.goto("/accounts/login/")
    page.fill("input[name=login]", "protected@natcampus.example")
    page.fill("input[name=password]", PASSWORD)
    submit(page)
    page.wait_for_url("**/accounts/2fa/authenticate/")
    assert problems(page) == []

    page.fill("main input[name=code]", stage.addresses["recovery_code"])
    submit(page)
    page.wait_for_url("**/learn/")
    confirm_password(page, "/accounts/2fa/recovery-codes/")
    check(page, SECOND_FACTOR, states={})


def test_setting_up_a_second_factor_has_no_accessibility_violation(page, log_in, stage):
    log_in(page, "forgetful")
    confirm_password(page, "/accounts/2fa/totp/activate/")

    check(page, FIRST_SET_UP, states={})


def test_the_return_from_payment_has_no_accessibility_violation(
    page, log_in, stage, site
):
    log_in(page, "payer")
    done = stage.addresses["payment_done"]
    check(page, [done], states={})

    tell_stripe(
        site, "POST", path_prefix="/v1/checkout/sessions", status=500, times=1000
    )
    visit(page, done)
    page.get_by_text("Confirming your payment").wait_for()
    assert problems(page) == []

    tell_stripe(site, "DELETE")
    page.goto(stage.addresses["payment_page"])
    page.get_by_role("button", name="Pay").click()
    page.wait_for_url("**/account/billing/done/**")
    page.get_by_role("link", name="Go to My learning").wait_for()
    assert problems(page) == []


def tell_stripe(site, method, **fault):
    """Let the sandbox fail, or end its failing."""
    request = urllib.request.Request(
        f"{site.sandbox}/_sandbox/faults",
        method=method,
        data=json.dumps(fault).encode() if fault else None,
    )
    urllib.request.urlopen(request, timeout=5).close()


def test_emails_have_no_accessibility_violation(page, stage):
    folder = ROOT / "templates" / "emails"
    templates = [file.relative_to(folder) for file in folder.rglob("*.subject.txt")]
    assert sorted(f"{name}.subject.txt" for name in stage.emails) == sorted(
        map(str, templates)
    )
    found = {}

    for name, html in stage.emails.items():
        page.set_content(html)
        if complaints := problems(page):
            found[name] = complaints

    assert found == {}


def test_both_themes_are_measured(page):
    visit(page, "/")
    colors = set()
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        colors.add(page.evaluate("getComputedStyle(document.body).color"))

    assert len(colors) == 2
