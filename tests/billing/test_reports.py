import csv
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from billing import services
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.billing import (
    AccessHoldFactory,
    CustomerFactory,
    InvoiceFactory,
    PriceFactory,
    RefundFactory,
    SubscriptionFactory,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OCTOBER = datetime(2026, 10, 5, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 5, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def months(at=NOW):
    report = services.money_report(at=at)
    return {row.month.key: row for row in report.months}


def test_a_month_says_what_came_in_and_what_went_back():
    customer = CustomerFactory()
    SubscriptionFactory(customer=customer, stripe_created_at=OCTOBER)
    InvoiceFactory(customer=customer, paid_at=OCTOBER)
    late = InvoiceFactory(customer=customer, paid_at=NOVEMBER, attempt_count=3)
    RefundFactory(invoice=late, amount=500, stripe_created_at=NOVEMBER)
    RefundFactory(invoice=late, status="failed", stripe_created_at=NOVEMBER)

    found = months()

    october, november = found["2026-10"], found["2026-11"]
    assert (october.started, october.recurring, october.paid) == (1, 1995, 1995)
    assert (november.started, november.recurring, november.paid) == (0, 1995, 1995)
    assert (october.recovered, november.recovered) == (0, 1)
    assert (october.refunded, november.refunded) == (0, 500)
    assert len(found) == 13
    assert min(found) == "2025-11"


def test_recurring_revenue_counts_a_twelfth_of_a_year_and_no_one_who_does_not_pay():
    yearly = PriceFactory(yearly=True)
    SubscriptionFactory(price=yearly, stripe_created_at=OCTOBER)
    SubscriptionFactory(stripe_created_at=OCTOBER, status="canceled", ended_at=NOVEMBER)
    SubscriptionFactory(
        stripe_created_at=NOVEMBER,
        status="trialing",
        trial_ends_at=datetime(2026, 12, 5, tzinfo=UTC),
    )
    SubscriptionFactory(stripe_created_at=OCTOBER, is_surplus=True)
    SubscriptionFactory(stripe_created_at=OCTOBER, status="incomplete_expired")
    held = SubscriptionFactory(stripe_created_at=OCTOBER)
    AccessHoldFactory(customer=held.customer)

    found = months()

    before_the_hold = round(19900 / 12) + 1995 + 1995
    assert found["2026-10"].recurring == before_the_hold
    assert found["2026-11"].recurring == round(19900 / 12)
    assert (found["2026-11"].started, found["2026-11"].ended) == (1, 1)


def test_a_past_month_counts_what_was_paid_then_and_not_the_price_of_today():
    yearly = PriceFactory(yearly=True)
    moved = SubscriptionFactory(price=yearly, stripe_created_at=OCTOBER)
    monthly = PriceFactory()
    own = {"subscription": moved, "customer": moved.customer}
    InvoiceFactory(**own, price=monthly, stripe_created_at=OCTOBER)
    InvoiceFactory(**own, price=yearly, stripe_created_at=NOVEMBER)
    void = InvoiceFactory(**own, price=yearly, stripe_created_at=OCTOBER)
    void.status = "void"
    void.save()
    SubscriptionFactory(price=yearly, stripe_created_at=OCTOBER)

    found = months()

    assert found["2026-10"].recurring == round(1995 + 19900 / 12)
    assert found["2026-11"].recurring == round(2 * 19900 / 12)


@pytest.mark.parametrize("count", [1, 40])
def test_the_report_costs_the_same_for_few_and_for_many(
    count, django_assert_max_num_queries
):
    for _number in range(count):
        InvoiceFactory(customer=SubscriptionFactory().customer)

    with django_assert_max_num_queries(8):
        services.money_report(at=timezone.now())


@pytest.fixture
def page(client, settings, logged_in_now):
    settings.STAFF_MFA_REQUIRED = False

    def get(user, **query):
        client.force_login(user)
        logged_in_now(client)
        return client.get(reverse("admin:billing_money"), query)

    return get


def test_what_is_paused_or_given_up_counts_nothing_from_then_on():
    for status, changes in {
        "active": {"paused_at": NOVEMBER},
        "unpaid": {"current_period_start": NOVEMBER},
    }.items():
        SubscriptionFactory(status=status, stripe_created_at=OCTOBER, **changes)

    found = months()

    assert (found["2026-10"].recurring, found["2026-11"].recurring) == (2 * 1995, 0)


@time_machine.travel(NOW, tick=False)
def test_each_figure_leads_to_its_rows(page, client):
    paying = SubscriptionFactory(stripe_created_at=OCTOBER, synced_at=NOW)
    gone = SubscriptionFactory(
        status="canceled", stripe_created_at=OCTOBER, ended_at=NOVEMBER
    )
    begun = SubscriptionFactory(status="past_due", stripe_created_at=NOVEMBER)
    SubscriptionFactory(stripe_created_at=OCTOBER, is_surplus=True)
    late = InvoiceFactory(customer=gone.customer, paid_at=NOVEMBER, attempt_count=2)
    refund = RefundFactory(invoice=late, stripe_created_at=NOVEMBER)

    shown = page(StaffFactory())

    figures = {str(row.month): cells for row, cells in shown.context["rows"]}
    listed = [
        set(client.get(figure.url).context["cl"].result_list)
        for figure in figures["November 2026"]
    ]
    assert listed == [
        *({paying, begun}, {begun}, {gone}),
        *({late}, {late}, {refund}, {begun}),
    ]
    october = client.get(figures["October 2026"][0].url).context["cl"].result_list
    assert set(october) == {paying, gone}


def test_the_report_says_how_old_its_rows_are(page):
    now = timezone.now()
    row = SubscriptionFactory(synced_at=now - timedelta(hours=2))
    InvoiceFactory(
        customer=row.customer, paid_at=now, synced_at=now - timedelta(hours=5)
    )

    html = page(StaffFactory()).content.decode().replace("\xa0", " ")

    assert "was read from Stripe 5 hours ago" in html


def test_an_empty_site_says_so(page):
    assert "No money has come in yet" in page(StaffFactory()).content.decode()


@time_machine.travel(NOW, tick=False)
def test_the_table_is_sent_for_a_spreadsheet(page):
    SubscriptionFactory(stripe_created_at=OCTOBER)
    SubscriptionFactory(stripe_created_at=OCTOBER, status="past_due")

    table = page(StaffFactory(), format="csv").content.decode().splitlines()

    assert table[0].startswith("\ufeffMonth,Currency,Recurring revenue")
    assert table[0].endswith("Refunded,Past due now")
    assert table[1] == "2026-11,USD,39.90,0,0,0.00,0,0.00,1"
    assert table[2] == "2026-10,USD,39.90,2,0,0.00,0,0.00,"


@time_machine.travel(NOW, tick=False)
def test_the_invoices_of_a_month_are_sent_without_a_formula(client, page):
    customer = CustomerFactory(user__name='=HYPERLINK("https://evil.example")')
    InvoiceFactory(customer=customer, number="NAT-1", paid_at=NOVEMBER, total=-500)
    InvoiceFactory(customer=customer, number="NAT-2", paid_at=OCTOBER)
    page(StaffFactory())

    sent = client.get(reverse("admin:billing_money_invoices", args=["2026-11"]))

    _head, row = csv.reader(sent.content.decode().splitlines())
    assert row[0] == "NAT-1"
    assert row[3] == '\'=HYPERLINK("https://evil.example")'
    assert row[5:] == ["USD", "19.95", "0.00", "-5.00", "19.95", "0"]
    unknown = reverse("admin:billing_money_invoices", args=["1999-01"])
    assert client.get(unknown).status_code == 404


def test_the_invoices_of_a_month_have_moments_of_that_month_whoever_asks(client, page):
    InvoiceFactory(paid_at=datetime(2026, 11, 1, 2, 30, tzinfo=UTC))
    page(StaffFactory(time_zone="America/New_York"))

    sent = client.get(reverse("admin:billing_money_invoices", args=["2026-11"]))

    head, row = csv.reader(sent.content.decode().splitlines())
    assert (head[2], row[2]) == ("Paid at (UTC)", "2026-11-01 02:30")


def test_who_sees_no_money_sees_no_report(page, client):
    assert page(UserFactory(is_staff=True)).status_code == 403
    invoices = reverse("admin:billing_money_invoices", args=["2026-11"])
    assert client.get(invoices).status_code == 403
