"""What members do about their payments, in a browser, with the sandbox as Stripe."""

import json
import re
import time
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import python
from tests.journeys.test_main_job import (
    advance,
    pay,
    sign_up,
    subscribe,
    wait_until_member,
)

LESSON = "/learn/calf-and-foot/"
OF_MEMBER = """
import os, django
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "natcampus.settings")
django.setup()
from billing.models import Subscription
row = Subscription.objects.get(customer__user__email="{address}")
print(row.stripe_id)
"""


CERTIFICATE = """
import os, django
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "natcampus.settings")
django.setup()
from django.utils import timezone
from accounts.models import User
from courses.models import Course
from natcampus.demo import members
user = User.objects.get(email="{address}")
user.certificate_name = user.name
course = Course.objects.get(slug="therapist-self-care")
print(members.complete_course(user, course, at=timezone.now()).code)
"""


def certify(site, address):
    """Let the person have completed a course, and earned its certificate."""
    assert python(site.environment, "-c", CERTIFICATE.format(address=address)).strip()


def act(site, address, action):
    """Let the sandbox do something to the subscription of this person."""
    program = OF_MEMBER.format(address=address)
    subscription_id = python(site.environment, "-c", program).split()[-1]
    tell_sandbox(site, "POST", "subscription", id=subscription_id, action=action)


def kept_by(page):
    """Return how far the person is in the course, and where the certificate lies."""
    page.goto(LESSON)
    progress = page.get_by_text(re.compile(r"^\d+ of \d+ complete$")).first
    shown = progress.inner_text()
    page.goto("/learn/certificates/")
    paper = page.locator("main").get_by_role("link", name=re.compile("PDF")).first
    return {"progress": shown, "certificate": paper.get_attribute("href")}


def tell_sandbox(site, method, control, **values):
    request = urllib.request.Request(
        f"{site.sandbox}/_sandbox/{control}", json.dumps(values).encode(), method=method
    )
    urllib.request.urlopen(request, timeout=10).close()


def open_billing(page, words):
    """Open the billing page until the webhook has brought these words to it."""
    found = page.locator("main").get_by_text(words).first
    for _ in range(60):
        page.goto("/account/billing/")
        if found.count():
            break
        page.wait_for_timeout(500)
    expect(found).to_be_visible()


@pytest.fixture
def new_member(new_page):
    """Return a function that signs somebody up and pays the first month."""

    def build(address):
        page = new_page(viewport={"width": 390, "height": 844})
        sign_up(page, address)
        subscribe(page)
        wait_until_member(page)
        return page

    return build


def test_a_member_cancels_in_two_clicks_and_comes_back_with_one(new_member):
    page = new_member("changes-her-mind@clinic.example")
    main = page.locator("main")
    page.goto("/account/billing/")

    main.get_by_role("link", name="Cancel membership").click()
    expect(main).to_contain_text("You keep full access until")
    expect(main.get_by_role("link", name="Keep my membership")).to_be_visible()
    main.get_by_role("button", name="Cancel my membership").click()

    expect(main).to_contain_text("Your membership ends on")
    expect(page.get_by_text("Your membership is canceled.")).to_be_visible()
    page.goto(LESSON)
    page.goto("/account/billing/")
    main.get_by_role("button", name="Keep my membership").first.click()

    expect(main).to_contain_text("Next payment")
    expect(main).not_to_contain_text("Your membership ends on")


def test_a_member_switches_to_yearly_for_what_the_preview_said(new_member):
    page = new_member("saves-a-little@clinic.example")
    main = page.locator("main")
    page.goto("/account/billing/")

    main.get_by_role("link", name="Switch to yearly").click()
    button = main.get_by_role("button", name=re.compile(r"Switch and pay \$"))
    due = button.inner_text().rpartition(" ")[2]
    expect(main).to_contain_text("Renews at $199 every year until you cancel")
    button.click()

    expect(page.get_by_text("You now pay $199 a year.")).to_be_visible()
    expect(main).to_contain_text("$199 a year")
    expect(main.get_by_role("cell", name=due).first).to_be_visible()
    expect(main.get_by_role("link", name="Switch to monthly")).to_be_visible()


def test_a_failed_payment_is_made_good_with_another_card_and_the_banner_goes(
    new_member, site
):
    address = "card-expired@clinic.example"
    page = new_member(address)
    main = page.locator("main")
    act(site, address, "payment_failed")
    open_billing(page, "Your last payment did not go through.")

    main.get_by_role("button", name="Update card").first.click()
    page.wait_for_url("**/p/session/**")
    page.get_by_label("Card number").fill("5555555555554444")
    page.get_by_role("button", name="Update card").click()
    expect(main).to_contain_text("Your card was changed")
    expect(main).to_contain_text("Mastercard ending in 4444")
    with page.expect_navigation():
        main.get_by_role("link", name="Pay $19.95 now").click()
    expect(page.get_by_text("$19.95").first).to_be_visible()
    page.get_by_role("button", name="Pay with mastercard ending in 4444").click()
    expect(page.get_by_text("This invoice is paid.")).to_be_visible()

    open_billing(page, "Next payment")
    expect(main).not_to_contain_text("Your last payment did not go through.")


def test_a_lapsed_member_restarts_and_finds_the_progress_again(new_member, site):
    address = "back-again@clinic.example"
    page = new_member(address)
    main = page.locator("main")
    page.goto("/courses/calf-and-foot/")
    with page.expect_navigation():
        page.get_by_role("button", name="Start course").first.click()
    page.goto(f"{LESSON}bone-stress-and-other-leg-pain/")
    advance(page)
    certify(site, address)
    kept = kept_by(page)
    assert kept["progress"] == "1 of 11 complete"
    assert re.search(r"/certificates/\w+\.pdf", kept["certificate"])
    act(site, address, "cancel_now")
    open_billing(page, "Your membership has ended.")

    assert kept_by(page) == kept
    page.goto("/learn/calf-and-foot/straight-knee-bent-knee/")
    expect(main).to_contain_text("This lesson is part of the membership")
    expect(main).to_contain_text("Your progress is kept")
    main.get_by_role("button", name="Restart membership").click()
    expect(main).to_contain_text("Tick this box if you agree to the renewal.")
    page.get_by_label("I agree that my membership renews").check()
    main.get_by_role("button", name="Restart membership").click()
    page.wait_for_url("**/c/pay/**")
    pay(page, "4242424242424242")

    page.wait_for_url("**/learn/calf-and-foot/straight-knee-bent-knee/")
    expect(main).not_to_contain_text("This lesson is part of the membership")
    assert kept_by(page) == kept


def test_a_stripe_that_takes_ten_seconds_costs_twelve_and_then_all_goes_on(
    new_page, site
):
    page = new_page(keeps_console_clean=False)  # a browser reports a 503 there
    main = page.locator("main")
    sign_up(page, "slow-afternoon@clinic.example")
    page.goto("/pricing/")
    page.get_by_label("I agree that my membership renews").check()
    tell_sandbox(site, "POST", "faults", delay_seconds=10, times=1000)
    try:
        clicked_at = time.monotonic()
        page.get_by_role("button", name="Start membership").click()
        expect(main).to_contain_text("You have not been charged")
        assert time.monotonic() - clicked_at < 12
    finally:
        tell_sandbox(site, "DELETE", "faults")

    subscribe(page)
    wait_until_member(page)
