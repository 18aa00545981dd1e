"""What time alone brings to a member, as Stripe lets it pass and as we follow it."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from billing import services, sync
from billing.access import AccessState, access_for
from billing.models import Subscription
from mail.models import OutgoingEmail

DAY = timedelta(days=1)
FAILS_AT_RENEWAL = "4000000000000341"
pytestmark = pytest.mark.django_db


@pytest.fixture
def live(sandbox, customer, user):
    """Return a function that lets days pass, and gives the access at their end."""

    def days(count, *, step=1):
        access = None
        for _day in range(0, count, step):
            clock = sandbox.advance(customer.stripe_id, days=step)
            now = datetime.fromtimestamp(clock["frozen_time"], tz=UTC)
            with time_machine.travel(now, tick=False):
                sync.sync_customer(customer=customer, at=now)
                services.send_dated_notices(at=now)
            access = access_for(user, at=now)
        return access

    return days


def kinds():
    keys = OutgoingEmail.objects.order_by("pk").values_list("dedupe_key", flat=True)
    return [key.split(":")[0] for key in keys]


def test_a_member_who_pays_gets_a_receipt_a_month_and_stays_in(
    sandbox, customer, monthly, live
):
    sandbox.subscribe(customer=customer.stripe_id, price=monthly.stripe_price_id)
    sync.sync_customer(customer=customer, at=timezone.now())

    access = live(66, step=2)

    assert access.state == AccessState.ACTIVE
    assert kinds() == ["subscription-started", "receipt", "receipt"]


def test_a_card_that_fails_closes_after_the_grace_and_ends_the_membership(
    sandbox, customer, monthly, live
):
    sandbox.subscribe(
        customer=customer.stripe_id,
        price=monthly.stripe_price_id,
        card=FAILS_AT_RENEWAL,
    )
    sync.sync_customer(customer=customer, at=timezone.now())

    assert live(32, step=2).state == AccessState.PAST_DUE
    assert live(9).state == AccessState.LAPSED

    assert Subscription.objects.get().status == "canceled"
    told = kinds()
    assert told[0] == "subscription-started"
    assert told[-1] == "subscription-ended"
    assert set(told[1:-1]) == {"payment-failed"}


def test_a_trial_is_announced_and_becomes_a_membership(
    sandbox, customer, monthly, live
):
    sandbox.subscribe(
        customer=customer.stripe_id,
        price=monthly.stripe_price_id,
        status="trialing",
        trial_days=14,
    )
    sync.sync_customer(customer=customer, at=timezone.now())

    assert live(12, step=3).state == AccessState.ACTIVE
    assert Subscription.objects.get().status == "trialing"
    assert live(3).state == AccessState.ACTIVE

    assert Subscription.objects.get().status == "active"
    assert "trial-ending" in kinds()
