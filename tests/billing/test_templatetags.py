from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from billing.templatetags import billing_tags
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.billing import (
    AccessGrantFactory,
    AccessHoldFactory,
    PriceFactory,
    SubscriptionFactory,
)

DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


def shown(user, tag, path="/learn/hips/one/"):
    request = RequestFactory().get(path)
    request.user = user
    request.csp_nonce = "sample"
    template = Template("{% load billing_tags %}{% " + tag + " %}")
    return " ".join(template.render(Context({"request": request})).split())


def subscriber(**values):
    return SubscriptionFactory(customer__user=UserFactory(), **values).customer.user


def banner(user):
    return shown(user, "access_banner")


def button(user):
    return shown(user, "start_membership_button")


def test_the_way_to_the_price_leads_back_to_this_page():
    PriceFactory()

    assert "/pricing/?next=/learn/hips/one/" in banner(UserFactory())
    assert "/pricing/?next=/learn/hips/one/" in banner(subscriber(status="canceled"))


def test_each_state_has_its_own_banner_with_one_action():
    PriceFactory()
    soon = timezone.now() + 2 * DAY
    date = f"{soon.day} {soon:%B %Y}"

    page = banner(UserFactory())
    assert "You are on a free account." in page
    assert "Start membership" in page

    page = banner(subscriber(status="incomplete"))
    assert "Your bank needs you to confirm this payment." in page
    assert "Finish payment" in page

    page = banner(subscriber(status="past_due", past_due_since=soon - 7 * DAY))
    assert f"You still have full access until {date}." in page
    assert "Update card" in page

    page = banner(subscriber(cancel_at=soon))
    assert f"Your membership ends on {date}." in page
    assert "Keep my membership" in page

    page = banner(subscriber(status="canceled"))
    assert "Your progress, certificates and transcript are safe." in page
    assert "Restart for $19.95 a month" in page

    page = banner(subscriber(status="paused", resumes_at=soon))
    assert f"Your membership is paused until {date}." in page
    assert "Resume</button>" in page

    held = subscriber()
    AccessHoldFactory(customer=held.billing_customer, kind="manual")
    page = banner(held)
    assert "Your membership is on hold" in page
    assert "Contact us" in page

    page = banner(subscriber(status="unpaid"))
    assert "your access has stopped" in page
    assert "Update card" in page


def test_a_membership_that_ended_unpaid_says_why():
    PriceFactory()
    raw = {"cancellation_details": {"reason": "payment_failed"}}

    assert "ended because the payment did not go through" in banner(
        subscriber(status="canceled", raw=raw)
    )
    assert "because" not in banner(subscriber(status="canceled"))


def test_a_dispute_says_what_happened_and_what_helps():
    held = subscriber(status="canceled")
    AccessHoldFactory(customer=held.billing_customer, kind="dispute")

    page = banner(held)

    assert "Your bank was asked to take a payment back" in page
    assert "ask your bank to withdraw the dispute" in page
    assert 'href="/contact/">Contact us' in page


def test_who_has_nothing_to_do_sees_no_banner():
    PriceFactory()
    people = [
        AnonymousUser(),
        subscriber(),
        subscriber(price=None),
        AccessGrantFactory().user,
        StaffFactory(),
    ]

    assert {banner(person) for person in people} == {""}


def test_the_button_names_the_price_and_comes_back_to_the_page():
    PriceFactory(yearly=True)
    PriceFactory()

    for person in (AnonymousUser(), UserFactory()):
        assert "Start for $19.95 a month" in button(person)
        assert 'href="/pricing/?next=/learn/hips/one/"' in button(person)
    assert "Restart for $19.95 a month" in button(subscriber(status="canceled"))


def test_who_owes_a_payment_is_led_to_billing_and_members_see_no_button():
    PriceFactory()

    assert "Finish payment" in button(subscriber(status="incomplete"))
    assert 'href="/account/billing/"' in button(subscriber(status="unpaid"))
    assert button(subscriber()) == ""


def test_without_a_price_the_button_still_leads_to_the_pricing_page():
    assert "Start membership" in button(UserFactory())


def test_columns_of_money_keep_the_cents_that_the_currency_has():
    amounts = [(19900, "usd"), (-5, "NZD"), (500, "jpy"), (1500, "kwd"), (500, "ugx")]

    written = [billing_tags.money(*amount) for amount in amounts]

    assert written == ["$199.00", "-NZ$0.05", "¥500", "KWD 1.500", "UGX 5.00"]
