from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from billing.models import Price
from tests.factories.billing import (
    NOON,
    AccessGrantFactory,
    CheckoutAttemptFactory,
    PriceFactory,
    StripeEventFactory,
    SubscriptionFactory,
)

DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


def refused(name, make):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        make()


def test_a_plan_has_one_active_price_an_interval_and_any_number_of_old_ones():
    price = PriceFactory()
    PriceFactory(slug="old", is_active=False)
    PriceFactory(slug="older", is_active=False)

    with pytest.raises(IntegrityError), transaction.atomic():
        PriceFactory(slug="second", plan=price.plan)


def test_an_amount_is_more_than_nothing():
    refused("amount_is_positive", lambda: PriceFactory(unit_amount=0))


def test_a_person_has_one_open_attempt_and_any_number_of_old_ones():
    attempt = CheckoutAttemptFactory()
    CheckoutAttemptFactory(user=attempt.user, status="failed")
    CheckoutAttemptFactory(user=attempt.user, status="expired")

    with pytest.raises(IntegrityError), transaction.atomic():
        CheckoutAttemptFactory(user=attempt.user)


def test_ids_of_stripe_are_stored_once():
    subscription = SubscriptionFactory()
    event = StripeEventFactory()
    CheckoutAttemptFactory(stripe_session_id="cs_1")

    refused("stripe_id", lambda: SubscriptionFactory(stripe_id=subscription.stripe_id))
    refused("event_id", lambda: StripeEventFactory(event_id=event.event_id))
    refused(
        "stripe_session_id", lambda: CheckoutAttemptFactory(stripe_session_id="cs_1")
    )


def test_a_grant_has_a_reason_ends_after_it_starts_and_is_revoked_with_a_reason():
    refused("has_reason", lambda: AccessGrantFactory(reason=""))
    refused(
        "ends_after_start",
        lambda: AccessGrantFactory(valid_from=NOON, valid_until=NOON),
    )
    refused("revoked_with_reason", lambda: AccessGrantFactory(revoked_at=NOON))


@pytest.mark.parametrize(
    ("amount", "text"),
    [(1995, "$19.95"), (19900, "$199"), (123456, "$1,234.56"), (5, "$0.05")],
)
def test_an_amount_reads_as_people_write_it(amount, text):
    assert Price(unit_amount=amount).display_amount == text


def test_a_scheduled_end_is_found_in_either_column():
    end = NOON + DAY

    assert SubscriptionFactory.build(cancel_at=end).ends_at == end
    assert (
        SubscriptionFactory.build(
            cancel_at_period_end=True, current_period_end=end
        ).ends_at
        == end
    )
    assert SubscriptionFactory.build().ends_at is None
