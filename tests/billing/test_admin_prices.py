import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from billing import services
from billing.admin.prices import NewAmountForm
from billing.models import Price
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.billing import PriceFactory, SubscriptionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def owner(client, settings):
    settings.STAFF_MFA_REQUIRED = False
    owner = StaffFactory()
    client.force_login(owner)
    return owner


@pytest.fixture
def ask(client):
    def ask(price, amount, **confirmed):
        page = reverse("admin:billing_price_new_amount", args=[price.pk])
        return client.post(page, {"amount": amount, **confirmed}, follow=True)

    return ask


def text(response):
    return response.content.decode()


def test_a_new_amount_is_told_before_it_is_on_sale(ask):
    price = PriceFactory()
    SubscriptionFactory(price=price)
    SubscriptionFactory(price=price, status="canceled")

    page = ask(price, "24.95")

    assert "Put $24.95 on sale" in text(page)
    assert "1 subscriber pays $19.95 a month now and keeps that price." in text(page)
    assert Price.objects.get().is_active


def test_a_confirmed_amount_is_on_sale_and_the_old_one_stays_for_who_pays_it(
    ask, monthly
):
    subscription = SubscriptionFactory(price=monthly)

    page = ask(monthly, "24.95", confirmed="1")
    again = ask(monthly, "24.95", confirmed="1")

    new = Price.objects.get(plan=monthly.plan, interval="month", is_active=True)
    assert (new.slug, new.unit_amount) == ("monthly-v2", 2495)
    assert new.stripe_price_id.startswith("price_")
    assert "$24.95 a month is on sale." in text(page)
    assert "Only a price that is on sale" in text(again)
    subscription.refresh_from_db()
    assert subscription.price == monthly
    assert LogEntry.objects.count() == 2


def test_an_amount_that_stripe_has_not_heard_breaks_no_page(ask, client, settings):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    settings.STRIPE_SECRET_KEY = "sk_test_tests"
    price = PriceFactory()
    PriceFactory(yearly=True)

    told = text(ask(price, "24.95", confirmed="1"))

    assert "Stripe does not answer." in told
    assert "Send to Stripe now" in told
    assert "Waiting for Stripe" in told
    new = Price.objects.get(slug="monthly-v2")
    assert new.stripe_price_id is None
    sold = text(client.get(reverse("billing:price-list")))
    assert "$199" in sold
    assert "$24.95" not in sold
    with pytest.raises(services.CheckoutRefusedError, match="not set up yet"):
        services.start_checkout(
            user=UserFactory(is_verified=True),
            terms=services.terms_of(new, trial_days=0, at=timezone.now()),
            return_path="",
            at=timezone.now(),
        )


@pytest.mark.parametrize(
    ("amount", "answer"),
    [
        ("", "Enter the new amount."),
        ("24,95", "Write the amount as a number: 19.95."),
        ("24.955", "Write at most 2 digits behind the point."),
        ("NaN", "Write the amount as a number: 19.95."),
        ("19.95", "$19.95 a month is on sale already."),
        ("0.49", "Enter an amount from $0.50 to $10,000."),
        ("-24.95", "Enter an amount from $0.50 to $10,000."),
        ("10000.01", "Enter an amount from $0.50 to $10,000."),
    ],
)
def test_an_amount_that_nobody_can_mean_is_refused_in_words(ask, amount, answer):
    price = PriceFactory()

    assert answer in text(ask(price, amount, confirmed="1"))
    assert Price.objects.get() == price


@pytest.mark.parametrize(
    ("amount", "cents"), [("24.95", 2495), ("19.99", 1999), ("1024.1", 102410)]
)
def test_an_amount_is_read_to_the_cent(amount, cents):
    form = NewAmountForm({"amount": amount}, price=PriceFactory())

    assert form.is_valid()
    assert form.cents == cents


def test_a_short_name_counts_on_from_the_newest():
    first = PriceFactory()

    second = services.replace_price(price=first, unit_amount=2495)
    third = services.replace_price(price=second, unit_amount=2995)

    assert (second.slug, third.slug) == ("monthly-v2", "monthly-v3")
    with pytest.raises(services.PriceRefusedError):
        services.replace_price(price=first, unit_amount=3495)
