from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from billing.gateway.client import client
from billing.models import Plan, Price
from tests.factories.billing import PriceFactory

pytestmark = pytest.mark.django_db


def run():
    output = StringIO()
    call_command("sync_plans", stdout=output)
    return output.getvalue()


def test_plans_and_prices_are_created_at_stripe_and_their_ids_are_kept(sandbox):
    PriceFactory(stripe_price_id=None)
    PriceFactory(yearly=True, stripe_price_id=None)
    PriceFactory(slug="old", stripe_price_id=None, is_active=False)

    output = run()

    remote = {price.lookup_key: price for price in client().v1.prices.list().data}
    monthly = Price.objects.get(slug="monthly")
    assert set(remote) == {"monthly", "yearly"}
    assert remote["monthly"].id == monthly.stripe_price_id
    assert remote["monthly"].unit_amount == 1995
    assert remote["yearly"].recurring.interval == "year"
    assert Plan.objects.get().stripe_product_id == "natcampus-membership"
    assert f"monthly: $19.95 a month is {monthly.stripe_price_id}" in output


def test_a_second_run_changes_nothing(sandbox):
    PriceFactory(stripe_price_id=None)

    assert run() == run()

    assert len(client().v1.prices.list().data) == 1
    assert len(client().v1.products.list().data) == 1


def test_an_id_that_stripe_does_not_know_is_replaced(sandbox):
    PriceFactory(stripe_price_id="price_of_another_account")

    run()

    assert Price.objects.get().stripe_price_id == client().v1.prices.list().data[0].id


def test_a_price_with_other_terms_becomes_a_new_one_and_the_old_stays(sandbox):
    price = PriceFactory(stripe_price_id=None)
    run()
    Price.objects.filter(pk=price.pk).update(unit_amount=2495)

    run()

    amounts = {found.unit_amount for found in client().v1.prices.list().data}
    assert amounts == {1995, 2495}


def test_a_renamed_plan_is_renamed_at_stripe(sandbox):
    PriceFactory(stripe_price_id=None)
    run()
    Plan.objects.update(name="Campus membership")

    run()

    assert client().v1.products.list().data[0].name == "Campus membership"


def test_a_stripe_that_is_down_is_told_in_one_line(settings):
    settings.STRIPE_SECRET_KEY = "sk_test_tests"
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    PriceFactory()

    with pytest.raises(CommandError, match=r"Stripe does not answer\."):
        run()
