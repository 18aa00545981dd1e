from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from billing import gateway, sync
from billing.gateway.client import client
from billing.models import Plan, Price, Subscription
from tests.factories.billing import CustomerFactory, PriceFactory

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


def compare(*options):
    output = StringIO()
    call_command("reconcile_stripe", *options, stdout=output)
    return output.getvalue()


@pytest.fixture
def member(sandbox, monthly, user):
    customer = CustomerFactory(
        user=user,
        stripe_id=gateway.create_customer(
            user_id=user.pk, email=user.email, name=user.name, key="sample"
        ),
    )
    sandbox.subscribe(customer=customer.stripe_id, price=monthly.stripe_price_id)
    return customer


def test_a_comparison_tells_what_differs_and_what_was_repaired(member):
    output = compare()

    row = Subscription.objects.get()
    assert f"missing here: {row.stripe_id}: nothing here, active at Stripe" in output
    assert "1 customers checked, 1 differ, 1 repaired, 0 failed, 0 would" in output
    assert "0 differ" in compare()


def test_a_dry_run_of_the_command_only_tells(member):
    output = compare("--dry-run")

    assert "1 differ, 0 repaired" in output
    assert not Subscription.objects.exists()


def test_a_quiet_comparison_says_nothing(member):
    assert compare("--verbosity", "0") == ""


def test_a_long_comparison_tells_how_far_it_is(member, monkeypatch):
    monkeypatch.setattr("billing.services.reconciliation.CHUNK", 1)

    output = compare()

    for progress in (
        "1 subscriptions listed",
        "1 customers compared",
        "1 of 1 customers repaired",
    ):
        assert progress in output


def test_the_brake_of_a_comparison_is_an_error_and_force_releases_it(
    member, monkeypatch
):
    monkeypatch.setattr("billing.services.reconciliation.MOST_LOSING", 0)
    compare()
    gateway.cancel_now(Subscription.objects.get().stripe_id)

    with pytest.raises(CommandError, match="1 people would lose access"):
        compare()

    assert Subscription.objects.get().status == "active"
    compare("--force")
    assert Subscription.objects.get().status == "canceled"


def test_a_comparison_with_failures_is_an_error(member, monkeypatch):
    def fail(**_options):
        raise ValueError("Sample")

    monkeypatch.setattr(sync, "sync_in_turn", fail)

    with pytest.raises(CommandError, match="1 customers failed"):
        compare()


@pytest.mark.parametrize(
    ("key", "words"),
    [("sk_test_tests", "Stripe does not answer"), ("", "not set up yet")],
)
def test_a_comparison_without_stripe_is_told_in_one_line(settings, key, words):
    settings.STRIPE_SECRET_KEY = key
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"

    with pytest.raises(CommandError, match=words):
        compare()
