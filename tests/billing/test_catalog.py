"""What we sell against what Stripe would charge."""

import pytest
from django.utils import timezone

from billing import gateway, services, sync, tasks
from billing.gateway.client import client as stripe
from billing.models import StripeEvent
from tests.factories.billing import PriceFactory, StripeEventFactory

pytestmark = pytest.mark.django_db


def archive(price, *, is_active=False):
    stripe().v1.prices.update(price.stripe_price_id, {"active": is_active})


def difference(price):
    sync.check_prices()
    price.refresh_from_db()
    return price.difference


def test_a_price_that_stripe_charges_as_we_say_differs_in_nothing(sandbox, monthly):
    assert difference(monthly) == ""


def test_an_archived_price_is_noted_and_told_once(sandbox, monthly, caplog):
    archive(monthly)

    assert difference(monthly) == "It is archived at Stripe: nobody can pay it."
    assert difference(monthly)

    assert caplog.text.count(f"price {monthly.slug} differs at Stripe") == 1


def test_a_price_of_an_archived_product_is_noted(sandbox, monthly):
    monthly.plan.refresh_from_db()
    stripe().v1.products.update(monthly.plan.stripe_product_id, {"active": False})

    assert "archived" in difference(monthly)


def test_a_price_of_another_amount_is_noted_with_what_stripe_charges(sandbox, monthly):
    monthly.unit_amount = 2495
    monthly.save()

    assert difference(monthly) == "Stripe charges $19.95 a month."


def test_a_price_that_stripe_never_had_is_noted(sandbox):
    assert "does not know it" in difference(PriceFactory(stripe_price_id="price_gone"))


def test_what_is_made_good_is_noted_no_more(sandbox, monthly):
    archive(monthly)
    assert difference(monthly)
    archive(monthly, is_active=True)

    assert difference(monthly) == ""


def test_what_is_off_sale_may_be_archived(sandbox, monthly):
    archive(monthly)
    assert difference(monthly)
    monthly.is_active = False
    monthly.save()

    assert difference(monthly) == ""


def test_what_is_missing_is_created_again_and_noted_no_more(sandbox, monthly):
    before = monthly.stripe_price_id
    archive(monthly)
    assert difference(monthly)

    services.sync_plans()

    monthly.refresh_from_db()
    assert monthly.stripe_price_id != before
    assert monthly.difference == ""


def test_stripes_word_about_a_price_is_followed_at_once(
    sandbox, monthly, signed, settings
):
    archive(monthly)
    (told,) = gateway.list_events(types={"price.updated"}, since=timezone.now())
    payload, signature = signed(told.body)

    services.receive_event(
        payload=payload.encode(), signature=signature, at=timezone.now()
    )
    event = StripeEvent.objects.get()
    assert event.status == "received"
    tasks.process_event(event_id=event.pk)

    event.refresh_from_db()
    monthly.refresh_from_db()
    assert event.status == "processed"
    assert monthly.difference


def test_the_word_about_a_price_waits_for_a_stripe_that_is_down(sandbox, monthly):
    event = StripeEventFactory(type="price.updated", stripe_customer_id="")
    sandbox.fail(status=500, times=50)

    tasks.process_event(event_id=event.pk)

    event.refresh_from_db()
    assert event.status == "received"
    assert event.attempts == 1


def test_the_nightly_comparison_looks_at_the_prices_too(sandbox, monthly):
    archive(monthly)

    services.reconcile(at=timezone.now())

    monthly.refresh_from_db()
    assert monthly.difference
