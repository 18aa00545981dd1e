"""What staff are told before and after they act on money."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from billing import gateway, jobs
from billing.models import AccessGrant, Plan, Price
from natcampus import dashboard
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.billing import (
    AccessGrantFactory,
    AccessHoldFactory,
    CustomerFactory,
    DisputeFactory,
    InvoiceFactory,
    OutboxEntryFactory,
    PlanFactory,
    PriceFactory,
    ReconcileRunFactory,
    RefundFactory,
    StripeEventFactory,
    SubscriptionFactory,
)

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def owner(client, settings):
    settings.STAFF_MFA_REQUIRED = False
    owner = StaffFactory()
    client.force_login(owner)
    return owner


def url(model, page, *args):
    return reverse(f"admin:billing_{model}_{page}", args=args)


def text(response):
    return response.content.decode()


def test_a_price_that_stripe_does_not_know_waits_and_is_sent_by_a_button(
    client, sandbox
):
    price = PriceFactory(stripe_price_id=None)
    page, send = url("price", "change", price.pk), url("price", "send", price.pk)

    waiting = text(client.get(page))
    assert not Price.objects.on_sale().exists()
    assert client.get(send).status_code == 405
    sent = text(client.post(send, follow=True))

    assert "Waiting for Stripe" in waiting
    assert send in waiting
    assert send not in sent
    assert "On sale" in sent
    assert Price.objects.on_sale().get() == price


def test_a_price_that_waits_is_sent_by_itself_once_stripe_answers(sandbox, monkeypatch):
    waiting = PriceFactory(stripe_price_id=None)
    PriceFactory(is_active=False, stripe_price_id=None, interval="year")

    jobs.sync_waiting_prices()
    monkeypatch.setattr(gateway, "ensure_product", lambda **_: pytest.fail("asked"))
    jobs.sync_waiting_prices()  # nothing waits any more, and nothing is asked

    assert Price.objects.on_sale().get() == waiting


def test_the_key_of_a_plan_that_somebody_has_cannot_be_changed(client):
    paid, given, free = (PlanFactory(slug=slug) for slug in ("paid", "given", "free"))
    SubscriptionFactory(price=PriceFactory(plan=paid))
    AccessGrantFactory(plan=given)

    for plan in (paid, given, free):
        typed = {"name": "New", "slug": plan.slug, "weight": "0", "is_active": "on"}
        client.post(url("plan", "change", plan.pk), {**typed, "entitlement": "changed"})

    keys = dict(Plan.objects.values_list("slug", "entitlement"))
    assert keys == {"paid": "paid", "given": "given", "free": "changed"}


def test_a_plan_goes_off_sale_only_once_its_effect_was_confirmed(client):
    plan = SubscriptionFactory().price.plan
    page = url("plan", "change", plan.pk)
    typed = {"name": plan.name, "slug": plan.slug, "weight": "0"}

    refused = client.post(page, typed)
    errors = refused.context["adminform"].form.errors["is_confirmed"]
    assert "1 person has a subscription of this plan: they keep it" in errors[0]
    assert Plan.objects.get().is_active
    done = client.post(page, {**typed, "is_confirmed": "on"}, follow=True)

    assert "nobody new can subscribe. Who has it keeps it." in text(done)
    assert not Plan.objects.get().is_active


def test_a_gift_that_is_over_is_refused_beside_its_field(client):
    ended = timezone.now() - timedelta(days=1)
    typed = {
        "user": UserFactory().pk,
        "plan": PlanFactory().pk,
        "valid_from_0": "2026-01-01",
        "valid_from_1": "12:00",
        "valid_until_0": f"{ended:%Y-%m-%d}",
        "valid_until_1": "12:00",
        "reason": "A month free",
    }

    page = client.post(url("accessgrant", "add"), typed)

    errors = page.context["adminform"].form.errors
    assert "That is over already" in errors["valid_until"][0]
    assert not AccessGrant.objects.exists()


@pytest.mark.parametrize(
    ("chosen", "field", "words"),
    [
        ({}, "valid_until", "Choose an end, or tick For life."),
        (
            {
                "valid_until_0": "2040-01-01",
                "valid_until_1": "12:00",
                "is_lifetime": "on",
            },
            "is_lifetime",
            "Choose either an end or access for life.",
        ),
    ],
)
def test_a_gift_asks_for_an_end_or_for_life(client, chosen, field, words):
    typed = {
        "user": UserFactory().pk,
        "plan": PlanFactory().pk,
        "valid_from_0": "2026-01-01",
        "valid_from_1": "12:00",
        "reason": "A guest of the faculty",
    }
    add = url("accessgrant", "add")

    page = client.post(add, {**typed, **chosen})

    assert page.context["adminform"].form.errors[field] == [words]
    client.post(add, {**typed, "is_lifetime": "on"})
    assert AccessGrant.objects.get().is_lifetime


def replay(client, *events, **reason):
    chosen = [event.pk for event in events]
    data = {"action": "replay", "_selected_action": chosen, **reason}
    return client.post(url("stripeevent", "changelist"), data, follow=True)


def test_a_replay_names_what_is_replayed_and_then_what_was_not(client):
    failed = [StripeEventFactory(status="failed") for _number in range(2)]
    done = StripeEventFactory(status="processed", processed_at=NOW)

    asked = text(replay(client, *failed, done))
    assert "3 stripe events:" in asked
    assert f"{done} (Processed)" in asked
    assert not LogEntry.objects.exists()
    told = text(replay(client, *failed, done, reason="Was lost"))

    assert "2 replayed, 1 not: already processed." in told
    assert LogEntry.objects.count() == 2
    done.refresh_from_db()
    assert done.status == "processed"


def test_a_move_counts_those_whom_it_moves(client):
    old = PriceFactory(slug="old", is_active=False)
    PriceFactory(plan=old.plan)
    SubscriptionFactory(price=old)
    SubscriptionFactory(price=old, cancel_at_period_end=True)
    SubscriptionFactory(price=old, customer__user__is_active=False)

    page = text(client.get(url("price", "move_subscribers", old.pk)))

    assert "1 subscriber pays $19.95 a month, renews and can be moved" in page
    assert "2 more do not renew now" in page


@pytest.mark.parametrize(
    ("row", "is_shown"),
    [
        (lambda: OutboxEntryFactory(next_attempt_at=NOW), True),
        (lambda: OutboxEntryFactory(next_attempt_at=NOW, done_at=NOW), False),
        (lambda: OutboxEntryFactory(next_attempt_at=NOW, parked_at=NOW), False),
        (lambda: StripeEventFactory(next_attempt_at=NOW, status="received"), True),
        (lambda: StripeEventFactory(next_attempt_at=NOW, status="failed"), False),
    ],
)
def test_only_what_is_tried_again_has_a_next_attempt(client, row, is_shown):
    made = row()

    page = client.get(url(made._meta.model_name, "change", made.pk))

    form = page.context["adminform"]
    shown = form.model_admin.next_try(made)
    assert (shown is not None) is is_shown


def test_the_first_page_counts_no_held_member_and_names_what_waits(owner):
    SubscriptionFactory()
    AccessHoldFactory(customer=SubscriptionFactory().customer)
    DisputeFactory(status="needs_response")
    DisputeFactory(status="won")
    RefundFactory(status="failed")
    RefundFactory(status="succeeded")

    figures = {
        figure.label: figure.count
        for panel in dashboard.panels(owner, at=timezone.now())
        for figure in panel.figures
    }

    assert figures["Active members"] == 1
    assert (figures["Disputes to answer"], figures["Failed refunds"]) == (1, 1)


def test_the_first_page_says_how_long_the_first_dispute_can_wait(client, owner):
    now = timezone.now()
    for days in (9, 3):
        DisputeFactory(evidence_due_at=now + timedelta(days=days, hours=1))
    DisputeFactory(status="won", evidence_due_at=now + timedelta(days=1))

    page = client.get(reverse("admin:index")).content.decode()
    listed = client.get(url("dispute", "changelist")).content.decode()

    assert "Disputes to answer, 3 days left for the first" in page
    assert "9 days left" in listed
    assert "1 day left" not in listed


def test_comparisons_events_and_holds_lead_to_the_member(client):
    customer = CustomerFactory()
    stripe_id = customer.stripe_id
    pages = [
        url(
            "reconcilerun",
            "change",
            ReconcileRunFactory(differences=[{"customer": stripe_id}]).pk,
        ),
        url(
            "stripeevent", "change", StripeEventFactory(stripe_customer_id=stripe_id).pk
        ),
        url("accesshold", "change", AccessHoldFactory(customer=customer).pk),
        url("stripeevent", "changelist"),
        url("accesshold", "changelist"),
    ]

    person = reverse("admin:accounts_user_change", args=[customer.user_id])
    assert [
        page for page in pages if f'href="{person}"' not in text(client.get(page))
    ] == []


def test_an_export_asks_for_a_new_login_and_is_noted(client, owner, logged_in_now):
    InvoiceFactory(paid_at=timezone.now())
    month = f"{timezone.now():%Y-%m}"
    invoices = url("money", "invoices", month)
    table = f"{reverse('admin:billing_money')}?format=csv"

    for page in (invoices, table):
        asked = client.get(page, follow=True)
        assert "/reauthenticate/" in asked.redirect_chain[-1][0]
        assert "how your account is protected" not in asked.content.decode()
    assert not LogEntry.objects.exists()
    logged_in_now(client)
    assert client.get(invoices).status_code == 200
    assert client.get(table).status_code == 200

    noted = LogEntry.objects.order_by("pk").values_list(
        "user", "object_repr", "change_message"
    )
    assert noted[0] == (owner.pk, f"invoices-{month}.csv", "Exported 1 row.")
    assert len(noted) == 2
