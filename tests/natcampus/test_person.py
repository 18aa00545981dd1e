from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from natcampus.person import facts_about
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.billing import (
    AccessGrantFactory,
    AccessHoldFactory,
    SubscriptionFactory,
)

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def told(person):
    facts = facts_about(person, viewer=StaffFactory(), at=NOW)
    return {fact.label: fact.text for fact in facts}


@pytest.fixture
def payer():
    subscription = SubscriptionFactory(
        current_period_end=datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    )
    return subscription.customer


def test_a_day_is_told_in_the_time_zone_of_the_staff(payer):
    with timezone.override("Asia/Tokyo"):
        text = told(payer.user)["Membership"]

    assert text == "Active, renews on 21 November 2026 (Asia/Tokyo)"


def test_a_deactivated_payer_is_named_so_with_what_stripe_still_does(payer):
    payer.user.is_active = False
    payer.user.save()

    facts = told(payer.user)

    assert facts["Membership"] == "Deactivated; subscription still active at Stripe"
    assert facts["Pays"] == "$19.95 a month"
    assert told(UserFactory(is_active=False))["Membership"] == "Deactivated"


def test_a_member_on_hold_is_not_called_lapsed(payer):
    AccessHoldFactory(customer=payer, kind="dispute")

    text = told(payer.user)["Membership"]

    assert text.startswith("On hold: dispute, subscription active at Stripe, renews on")


def test_a_gift_does_not_hide_what_is_held(payer):
    AccessHoldFactory(customer=payer, kind="manual")
    AccessGrantFactory(user=payer.user, valid_from=NOW - timedelta(days=1))

    text = told(payer.user)["Membership"]

    assert text.startswith("Complimentary, what is paid is on hold: by staff")


def test_who_pays_nothing_is_told_so():
    assert told(UserFactory())["Pays"] == "Nothing now"


def test_a_pause_says_when_it_ends(payer):
    payer.subscriptions.update(status="paused", resumes_at=NOW + timedelta(days=9))

    assert told(payer.user)["Membership"] == "Paused, resumes on 11 November 2026 (UTC)"
