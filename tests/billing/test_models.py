from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from billing.models import EventListing, Price, Subscription, display_amount
from tests.factories.billing import (
    NOON,
    AccessGrantFactory,
    AccessHoldFactory,
    CheckoutAttemptFactory,
    CustomerFactory,
    DisputeFactory,
    InvoiceFactory,
    OutboxEntryFactory,
    PriceFactory,
    ReconcileRunFactory,
    RefundFactory,
    RenewalConsentFactory,
    StripeEventFactory,
    SubscriptionFactory,
)
from tests.support import refused

DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


def test_a_plan_has_one_active_price_an_interval_and_any_number_of_old_ones():
    price = PriceFactory()
    PriceFactory(slug="old", is_active=False)
    PriceFactory(slug="older", is_active=False)

    with refused("billing_price_one_active_per_interval"):
        PriceFactory(slug="second", plan=price.plan)


def test_an_amount_is_more_than_nothing():
    with refused("billing_price_amount_is_positive"):
        PriceFactory(unit_amount=0)


def test_a_person_has_one_open_attempt_and_any_number_of_old_ones():
    attempt = CheckoutAttemptFactory()
    CheckoutAttemptFactory(user=attempt.user, status="failed")
    CheckoutAttemptFactory(user=attempt.user, status="expired")

    with refused("billing_checkoutattempt_one_open_per_user"):
        CheckoutAttemptFactory(user=attempt.user)


def test_a_person_has_one_live_subscription_and_any_number_of_old_or_surplus_ones():
    customer = SubscriptionFactory().customer
    SubscriptionFactory(customer=customer, status="canceled")
    SubscriptionFactory(customer=customer, is_surplus=True)

    for status in Subscription.LIVE:
        with refused("billing_subscription_one_live_per_customer"):
            SubscriptionFactory(customer=customer, status=status)


def test_a_hold_has_a_reason_one_source_and_is_released_with_a_reason():
    hold = AccessHoldFactory()

    with refused("billing_accesshold_one_per_source"):
        AccessHoldFactory(kind=hold.kind, source_id=hold.source_id)
    with refused("billing_accesshold_has_reason"):
        AccessHoldFactory(reason="")
    with refused("billing_accesshold_released_with_reason"):
        AccessHoldFactory(released_at=NOON)


def test_a_consent_keeps_its_words():
    with refused("billing_renewalconsent_has_its_words"):
        RenewalConsentFactory(text="")


def test_a_run_ends_after_it_starts():
    with refused("billing_reconcilerun_ends_after_start"):
        ReconcileRunFactory(finished_at=NOON - DAY)


def test_an_event_has_a_known_state_and_a_moment_at_which_it_was_processed():
    with refused("billing_stripeevent_status_is_known"):
        StripeEventFactory(status="lost")
    with refused("billing_stripeevent_processed_at_a_moment"):
        StripeEventFactory(status="processed", processed_at=None)
    with refused("billing_stripeevent_was_delivered"):
        StripeEventFactory(deliveries=0)


def test_an_entry_of_the_outbox_is_of_a_known_kind_and_done_or_given_up():
    with refused("billing_outboxentry_kind_is_known"):
        OutboxEntryFactory(kind="praise")
    with refused("billing_outboxentry_done_or_parked"):
        OutboxEntryFactory(done_at=NOON, parked_at=NOON)


def test_there_is_one_row_about_how_far_the_events_were_listed():
    with refused("billing_eventlisting_is_one_row"):
        EventListing.objects.create(pk=2, listed_until_at=NOON)


def test_ids_of_stripe_are_stored_once():
    invoice = InvoiceFactory()
    with refused("billing_invoice.stripe_id"):
        InvoiceFactory(stripe_id=invoice.stripe_id)
    subscription = SubscriptionFactory()
    event = StripeEventFactory()
    CheckoutAttemptFactory(stripe_session_id="cs_1")

    with refused("billing_subscription.stripe_id"):
        SubscriptionFactory(stripe_id=subscription.stripe_id)
    with refused("billing_stripeevent.event_id"):
        StripeEventFactory(event_id=event.event_id)
    with refused("billing_checkoutattempt.stripe_session_id"):
        CheckoutAttemptFactory(stripe_session_id="cs_1")


def test_a_grant_has_a_reason_ends_after_it_starts_and_is_revoked_with_a_reason():
    with refused("billing_accessgrant_has_reason"):
        AccessGrantFactory(reason="")
    with refused("billing_accessgrant_ends_after_start"):
        AccessGrantFactory(valid_from=NOON, valid_until=NOON)
    with refused("billing_accessgrant_revoked_with_reason"):
        AccessGrantFactory(revoked_at=NOON)


@pytest.mark.parametrize(
    ("amount", "text"),
    [(1995, "$19.95"), (19900, "$199"), (123456, "$1,234.56"), (5, "$0.05")],
)
def test_an_amount_reads_as_people_write_it(amount, text):
    assert Price(unit_amount=amount).display_amount == text


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1995, "eur", "€19.95"),
        (500, "jpy", "¥500"),
        (1500000, "krw", "KRW 1,500,000"),
        (1995, "chf", "CHF 19.95"),
        (5500, "kwd", "KWD 5.500"),
        (1995, "nzd", "NZ$19.95"),
        (500, "ugx", "UGX 5"),
        (501, "ISK", "ISK 5.01"),
        (-250, "usd", "-$2.50"),
    ],
)
def test_each_currency_has_its_own_smallest_unit(amount, currency, text):
    assert display_amount(amount, currency) == text


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


@pytest.mark.race
@pytest.mark.django_db
@pytest.mark.parametrize(
    "factory",
    [
        CustomerFactory,
        SubscriptionFactory,
        InvoiceFactory,
        RefundFactory,
        DisputeFactory,
        StripeEventFactory,
    ],
)
def test_what_stripe_told_us_is_never_deleted(factory):
    row = factory()
    rows = type(row).objects.filter(pk=row.pk)

    with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic():
        rows._raw_delete(rows.db)

    assert rows.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"is_lifetime": True, "valid_until": NOON + DAY},
        {"is_lifetime": False, "valid_until": None},
    ],
)
def test_a_gift_has_an_end_or_is_for_life(wrong):
    with refused("billing_accessgrant_ends_or_is_for_life"):
        AccessGrantFactory(**wrong)
