"""What we sell against what Stripe would charge."""

import pytest
from django.utils import timezone

from billing import gateway, services, sync, tasks
from billing.access import has_entitlement
from billing.gateway.client import client as stripe
from billing.models import StripeEvent
from tests.billing.paying import start
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


@pytest.mark.parametrize("meanwhile", ["archived", "moved key"])
def test_a_price_that_members_pay_is_never_replaced(
    meanwhile, sandbox, monthly, customer, user
):
    sandbox.subscribe(customer=customer.stripe_id, price=monthly.stripe_price_id)
    before = monthly.stripe_price_id
    if meanwhile == "archived":
        archive(monthly)
    else:
        stripe().v1.prices.update(before, {"lookup_key": "elsewhere"})
    sync.sync_customer(customer=customer, at=timezone.now())

    told = {price.pk: price.difference for price in services.sync_plans()}

    monthly.refresh_from_db()
    assert monthly.stripe_price_id == before
    assert bool(told[monthly.pk]) is (meanwhile == "archived")
    sync.sync_customer(customer=customer, at=timezone.now())
    assert has_entitlement(user, "membership", at=timezone.now())


def test_a_price_that_somebody_is_paying_now_is_never_replaced(sandbox, monthly, user):
    start(user, monthly)
    before = monthly.stripe_price_id
    archive(monthly)

    services.sync_plans()

    monthly.refresh_from_db()
    assert monthly.stripe_price_id == before


def test_a_price_is_created_once_although_the_answer_was_lost(sandbox):
    PriceFactory(stripe_price_id=None)
    sandbox.fail("/v1/prices", method="POST", timeout_after_commit=True, times=3)
    with pytest.raises(gateway.NoAnswerError):
        services.sync_plans()
    before = stripe().v1.prices.list({"active": True}).data
    stripe().v1.prices.update(before[0].id, {"lookup_key": "elsewhere"})

    services.sync_plans()

    assert len(stripe().v1.prices.list().data) == len(before) == 1


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
