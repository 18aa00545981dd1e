"""No webhook ever arrives, and access is right all the same: within fifteen minutes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from billing import services, sync, tasks
from billing.access import access_for, has_entitlement
from billing.gateway.client import client
from billing.models import Customer, StripeEvent, Subscription
from natcampus.schedule import SCHEDULE
from tests.billing.paying import start

LONGEST = timedelta(minutes=15)
pytestmark = pytest.mark.django_db


def period(name):
    return timedelta(seconds=SCHEDULE[name]["schedule"])


def let_time_pass(at):
    """Run the jobs as beat does for somebody who just missed a run of each of them."""
    listed_at = at + period("backfill-stripe-events")
    services.backfill_events(at=listed_at)
    swept_at = listed_at + period("sweep-stripe-events")
    services.sweep_events(at=swept_at)
    for event in StripeEvent.objects.filter(status="received"):
        tasks.process_event(event_id=event.pk)
    assert swept_at + period("work-stripe-outbox") - at < LONGEST
    services.work_outbox(at=swept_at + period("work-stripe-outbox"))


@pytest.fixture
def paying(sandbox, customer, monthly):
    """Make the person a member who is known here, before all words are lost."""
    sandbox.subscribe(customer=customer.stripe_id, price=monthly.stripe_price_id)
    sync.sync_customer(customer=customer, at=timezone.now())
    let_time_pass(timezone.now())
    return Subscription.objects.get()


def is_open(user):
    return has_entitlement(user, "membership", at=timezone.now())


def paid_intent():
    return client().v1.payment_intents.list().data[0]


def test_who_pays_gets_in(sandbox, user, monthly):
    sandbox.pay(start(user, monthly).stripe_session_id)
    assert not is_open(user)

    let_time_pass(timezone.now())

    assert is_open(user)


@pytest.mark.parametrize(
    "happens",
    [
        lambda sandbox, row: sandbox.subscription(row.stripe_id, "cancel_now"),
        lambda _sandbox, _row: client().v1.refunds.create(
            {"payment_intent": paid_intent().id}
        ),
        lambda sandbox, _row: sandbox.dispute(paid_intent().latest_charge),
    ],
    ids=["canceled", "refunded", "disputed"],
)
def test_what_ends_the_membership_closes_it(sandbox, paying, user, happens):
    happens(sandbox, paying)
    assert is_open(user)

    let_time_pass(timezone.now())

    assert not is_open(user)


def test_a_payment_that_failed_is_known_and_so_is_the_one_that_made_it_good(
    sandbox, paying, user
):
    sandbox.subscription(paying.stripe_id, "payment_failed")
    let_time_pass(timezone.now())
    assert access_for(user, at=timezone.now()).state == "past_due"

    sandbox.subscription(paying.stripe_id, "pay")
    let_time_pass(timezone.now())

    assert access_for(user, at=timezone.now()).state == "active"


def test_a_cancellation_in_the_portal_is_known(paying, user):
    end = int(paying.current_period_end.timestamp())
    client().v1.subscriptions.update(paying.stripe_id, {"cancel_at": end})

    let_time_pass(timezone.now())

    assert access_for(user, at=timezone.now()).state == "canceling"
    assert Customer.objects.get().subscriptions.get().ends_at
