import json
import time
from datetime import date, timedelta

import pytest
import stripe
from django.db import transaction
from django.db.models import F, ProtectedError
from django.utils import timezone

from billing import gateway, services, sync
from billing.gateway.client import client
from billing.models import CheckoutAttempt, Customer, Invoice, Price, Subscription
from mail.models import OutgoingEmail
from tests.billing.paying import start
from tests.factories.accounts import UserFactory
from tests.factories.billing import (
    CheckoutAttemptFactory,
    CustomerFactory,
    InvoiceFactory,
    RefundFactory,
    SubscriptionFactory,
)
from tools.stripe_sandbox.testing import Sandbox

DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def subscribe(sandbox, customer, monthly):
    def do(status="active", **more):
        price = more.pop("price", monthly.stripe_price_id)
        return sandbox.subscribe(
            customer=customer.stripe_id, price=price, status=status, **more
        )["id"]

    return do


def run(customer):
    sync.sync_customer(customer=customer, at=timezone.now())
    customer.refresh_from_db()


def only():
    return Subscription.objects.get()


def welcomes():
    return OutgoingEmail.objects.filter(template="billing/started")


def test_a_subscription_is_mirrored_with_the_period_of_its_item(
    customer, subscribe, monthly
):
    stripe_id = subscribe()

    run(customer)

    mirrored = only()
    assert mirrored.stripe_id == stripe_id
    assert (mirrored.status, mirrored.price) == ("active", monthly)
    assert mirrored.current_period_start < timezone.now() < mirrored.current_period_end
    assert mirrored.item_id.startswith("si_")
    assert mirrored.latest_invoice_id.startswith("in_")
    assert customer.sync_claimed_at is None
    assert customer.synced_at


def test_what_no_database_stores_does_not_keep_a_customer_from_being_read(
    customer, subscribe
):
    stripe_id = subscribe()
    client().v1.subscriptions.update(stripe_id, {"metadata": {"name": "Sam\0ple"}})

    run(customer)

    assert only().raw["metadata"] == {"name": "Sam\ufffdple"}


def test_what_stripe_told_is_kept_without_who_it_was(customer, subscribe):
    subscribe()
    client().v1.customers.update(
        customer.stripe_id,
        {"phone": "+1 555 0100", "address": {"line1": "12 Elm Street"}},
    )

    run(customer)

    kept = json.dumps([only().raw, Invoice.objects.get().raw])
    for personal in (customer.user.email, customer.user.name, "555 0100", "Elm Street"):
        assert personal not in kept
    assert only().raw["default_payment_method"]["card"]["last4"] == "4242"


def test_an_invoice_knows_what_the_subscription_costs_from_then_on(
    customer, subscribe, monthly
):
    stripe_id = subscribe()
    run(customer)
    item_id = only().item_id

    for price in (Price.objects.get(interval="year"), monthly):
        gateway.switch_price(
            subscription_id=stripe_id,
            item_id=item_id,
            price_id=price.stripe_price_id,
            prorated_at=timezone.now(),
        )
        run(customer)

    paid = Invoice.objects.order_by("pk").values_list("price__interval", flat=True)
    assert list(paid) == ["month", "year", "month"]


def test_running_again_changes_nothing_but_the_time(customer, subscribe):
    subscribe()
    run(customer)
    before = Subscription.objects.values().get()

    run(customer)

    after = Subscription.objects.values().get()
    for name in ("synced_at", "updated_at"):
        del before[name], after[name]
    assert after == before
    assert welcomes().count() == 1


@pytest.mark.parametrize("action", ["cancel_at_period_end", "portal"])
def test_a_scheduled_end_is_seen_however_it_was_scheduled(action, customer, subscribe):
    stripe_id = subscribe()
    end = client().v1.subscriptions.retrieve(stripe_id)["items"].data[0]
    params = (
        {"cancel_at_period_end": True}
        if action == "cancel_at_period_end"
        else {"cancel_at": end.current_period_end}
    )
    client().v1.subscriptions.update(stripe_id, params)

    run(customer)

    assert only().ends_at == only().current_period_end


def test_a_card_that_stripe_misses_is_no_customer_that_is_gone(
    customer, user, sandbox, monthly, monkeypatch
):
    sandbox.pay(start(user, monthly).stripe_session_id)
    customer.refresh_from_db()

    def missing(*_arguments, **_options):
        raise stripe.InvalidRequestError("Gone.", "id", code="resource_missing")

    monkeypatch.setattr(stripe.PaymentMethodService, "retrieve", missing)

    run(customer)

    assert customer.deleted_at is None
    assert only().status == "active"


def test_grace_counts_from_the_day_of_the_unpaid_invoice_and_stays(
    sandbox, customer, subscribe
):
    stripe_id = subscribe("past_due")
    run(customer)
    since = only().past_due_since

    sandbox.subscription(stripe_id, "payment_failed")
    run(customer)

    assert since is not None
    assert only().past_due_since == since


def test_a_payment_that_comes_through_ends_the_grace(sandbox, customer, subscribe):
    stripe_id = subscribe("past_due")
    run(customer)

    sandbox.subscription(stripe_id, "pay")
    run(customer)

    assert (only().status, only().past_due_since) == ("active", None)


def test_a_subscription_that_ended_stays_as_a_row(sandbox, customer, subscribe):
    stripe_id = subscribe()
    run(customer)

    client().v1.subscriptions.cancel(stripe_id)
    run(customer)

    assert only().status == "canceled"
    assert only().ended_at


def test_a_price_that_is_not_ours_is_recorded_without_one(customer, subscribe, caplog):
    Price.objects.update(stripe_price_id=None)
    stripe_id = subscribe(price=client().v1.prices.list().data[0].id)

    run(customer)

    assert only().price is None
    assert f"subscription {stripe_id} has a price that is not ours" in caplog.text
    assert not welcomes().exists()


def test_a_customer_deleted_at_stripe_loses_what_it_had(customer, subscribe):
    subscribe()
    run(customer)

    client().v1.customers.delete(customer.stripe_id)
    run(customer)

    assert customer.deleted_at
    assert only().status == "canceled"


def test_a_customer_that_a_wrong_key_did_not_find_is_back_with_the_right_one(
    customer, subscribe, sandbox, settings
):
    subscribe()
    run(customer)
    with Sandbox() as foreign:
        settings.STRIPE_API_BASE = foreign.url
        run(customer)
    assert not customer.exists_at_stripe

    settings.STRIPE_API_BASE = sandbox.url
    run(customer)

    assert customer.exists_at_stripe
    assert only().status == "active"


def test_a_customer_that_stripe_never_knew_is_treated_as_deleted(sandbox, db):
    customer = CustomerFactory(stripe_id="cus_never")
    SubscriptionFactory(customer=customer)

    run(customer)

    assert customer.deleted_at
    assert only().status == "canceled"


def test_the_welcome_is_sent_once_with_price_and_date(customer, subscribe, user):
    subscribe()
    run(customer)
    Subscription.objects.update(status="incomplete")
    run(customer)

    email = welcomes().get()
    assert email.subject == "Welcome. Your membership has started"
    assert email.recipient == user.email
    assert email.category == "billing"
    for body in (email.body_text, email.body_html):
        assert "$19.95 a month" in body
        assert f"{only().current_period_end:%Y}" in body
        assert "/account/billing/" in body
        assert "/courses/?sort=shortest" in body


def test_nobody_is_welcomed_twice_after_a_failed_payment(sandbox, customer, subscribe):
    stripe_id = subscribe("past_due")
    run(customer)
    sandbox.subscription(stripe_id, "pay")
    run(customer)

    assert not welcomes().exists()


def test_the_subscription_of_a_deleted_account_is_mirrored_without_an_email(
    customer, subscribe
):
    subscribe()
    Customer.objects.update(user=None)
    customer.refresh_from_db()

    run(customer)

    assert only().status == "active"
    assert not welcomes().exists()


def test_two_readers_never_work_on_one_customer_at_once(customer):
    Customer.objects.update(sync_claimed_at=timezone.now())

    with pytest.raises(sync.SyncBusyError):
        run(customer)


def test_a_reader_that_died_is_replaced(customer, subscribe):
    subscribe()
    Customer.objects.update(sync_claimed_at=timezone.now() - sync.ABANDONED_AFTER)

    run(customer)

    assert only().status == "active"


def test_a_reader_that_was_overtaken_writes_nothing(customer, subscribe, monkeypatch):
    subscribe()
    read = gateway.list_subscriptions

    def overtaken(stripe_id):
        Customer.objects.update(sync_claimed_at=F("sync_claimed_at") + DAY)
        return read(stripe_id)

    monkeypatch.setattr(gateway, "list_subscriptions", overtaken)

    with pytest.raises(sync.SyncBusyError):
        run(customer)

    assert not Subscription.objects.exists()


def test_a_reader_that_gets_no_answer_frees_the_customer(customer, settings):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"

    with pytest.raises(gateway.NoAnswerError):
        run(customer)

    assert Customer.objects.get().sync_claimed_at is None


def test_an_open_attempt_is_closed_by_what_stripe_says_of_its_page(
    sandbox, customer, monthly
):
    session = gateway.create_session(
        attempt_id="sample-attempt",
        customer_id=customer.stripe_id,
        price_id=monthly.stripe_price_id,
        success_url="https://site.example/",
        cancel_url="https://site.example/",
    )
    attempt = CheckoutAttemptFactory(
        user=customer.user, price=monthly, stripe_session_id=session.id
    )
    foreign = CheckoutAttemptFactory(
        user=UserFactory(), price=monthly, stripe_session_id="cs_foreign"
    )

    run(customer)
    attempt.refresh_from_db()
    assert attempt.status == "open"

    sandbox.pay(session.id)
    run(customer)

    attempt.refresh_from_db()
    assert attempt.status == "completed"
    assert CheckoutAttempt.objects.get(pk=foreign.pk).status == "open"


def pay_back(customer, **more):
    paid = customer.invoices.get()
    client().v1.refunds.create({"payment_intent": paid.payment_intent_id, **more})


def test_invoices_and_the_card_are_mirrored(customer, subscribe):
    subscribe(card="5555555555554444")

    run(customer)

    invoice = customer.invoices.get()
    assert (invoice.status, invoice.amount_paid) == ("paid", 1995)
    assert invoice.subscription == only()
    assert invoice.payment_intent_id.startswith("pi_")
    assert invoice.invoice_pdf
    assert (customer.card_brand, customer.card_last4) == ("mastercard", "4444")
    assert customer.card_expiry_date == date(2034, 12, 31)
    assert customer.currency == "usd"


def test_a_full_refund_of_the_period_closes_and_the_next_payment_opens(
    customer, subscribe, sandbox
):
    stripe_id = subscribe()
    run(customer)
    pay_back(customer)

    run(customer)

    assert customer.refunds.get().invoice == customer.invoices.get()
    hold = customer.holds.get()
    assert (hold.kind, hold.released_at) == ("refund", None)
    sandbox.subscription(stripe_id, "renew")
    run(customer)
    assert not customer.holds.open().exists()


@pytest.mark.parametrize(
    ("amounts", "is_held"),
    [
        ({"subtotal": 1995, "total": 0}, False),  # a coupon
        ({"subtotal": 1995, "total": 1995}, True),  # a credit of the customer
        ({"subtotal": 0, "total": 0}, True),  # a credit of a switch
    ],
)
def test_a_refund_of_an_earlier_period_leaves_one_that_a_coupon_made_free_open(
    customer, subscribe, amounts, is_held
):
    subscribe()
    run(customer)
    first = customer.invoices.get()
    pay_back(customer)
    InvoiceFactory(
        customer=customer,
        subscription=only(),
        billing_reason="subscription_cycle",
        stripe_created_at=first.stripe_created_at + timedelta(days=30),
        **amounts,
        amount_due=0,
        amount_paid=0,
        amount_remaining=0,
    )

    run(customer)

    assert customer.refunds.exists()
    assert customer.holds.open().exists() == is_held


def test_who_begins_anew_with_a_free_code_is_not_held_by_the_old_refund(
    customer, subscribe, sandbox, monthly
):
    stripe_id = subscribe()
    run(customer)
    pay_back(customer)
    sandbox.subscription(stripe_id, "cancel_now")
    run(customer)
    assert customer.holds.open().exists()

    coupon = client().v1.coupons.create({"percent_off": 100, "duration": "once"})
    client().v1.promotion_codes.create(
        {"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "FREE"}
    )
    attempt = start(customer.user, monthly)
    sandbox.pay(attempt.stripe_session_id, promotion_code="FREE")
    run(customer)

    assert customer.invoices.filter(amount_paid=0).exists()
    assert not customer.holds.open().exists()


def test_a_refund_that_fails_later_opens_what_it_closed(customer, subscribe, sandbox):
    subscribe()
    run(customer)
    pay_back(customer)
    run(customer)
    assert customer.holds.open().exists()

    sandbox.end_refund(customer.refunds.get().stripe_id, "failed")
    run(customer)

    assert customer.refunds.get().status == "failed"
    assert not customer.holds.open().exists()


def test_who_released_a_hold_is_kept_so_that_it_stays_released(
    customer, subscribe, sandbox
):
    subscribe()
    charge = client().v1.charges.list({"customer": customer.stripe_id}).data[0]
    sandbox.dispute(charge.id)
    run(customer)
    staff = UserFactory(is_staff=True)
    services.release_hold(
        hold=customer.holds.get(),
        reason="Settled",
        released_by=staff,
        at=timezone.now(),
    )

    with pytest.raises(ProtectedError), transaction.atomic():
        staff.delete()
    run(customer)

    assert not customer.holds.open().exists()


def test_an_invoice_of_no_subscription_neither_closes_nor_opens(customer, subscribe):
    subscribe()
    run(customer)
    later = timezone.now() + DAY
    extra = InvoiceFactory(customer=customer, stripe_created_at=later)
    RefundFactory(invoice=extra)

    run(customer)
    assert not customer.holds.exists()

    extra.refunds.update(status="failed")
    paid = customer.invoices.exclude(pk=extra.pk).get()
    client().v1.refunds.create({"payment_intent": paid.payment_intent_id})
    run(customer)
    assert customer.holds.open().exists()


def test_a_partial_refund_closes_nothing(customer, subscribe):
    subscribe()
    run(customer)
    pay_back(customer, amount=500)

    run(customer)

    assert customer.refunds.get().amount == 500
    assert not customer.holds.exists()


def test_a_dispute_closes_and_cancels_and_a_won_one_opens_again(
    customer, subscribe, sandbox, settings
):
    stripe_id = subscribe()
    charge = client().v1.charges.list({"customer": customer.stripe_id}).data[0]
    sandbox.dispute(charge.id)

    run(customer)
    run(customer)

    dispute = customer.disputes.get()
    assert dispute.days_left(at=dispute.stripe_created_at) == 7
    told = OutgoingEmail.objects.get(template="billing/dispute_opened")
    assert told.recipient == settings.SUPPORT_EMAIL
    assert customer.holds.open().get().kind == "dispute"
    order = customer.outbox_entries.get()
    assert (order.kind, order.subject_id) == ("cancel", stripe_id)
    sandbox.dispute(charge.id, status="won")
    run(customer)
    assert not customer.holds.open().exists()


def test_payments_that_failed_since_do_not_hide_a_dispute(customer, subscribe, sandbox):
    stripe_id = subscribe()
    charge = client().v1.charges.list({"customer": customer.stripe_id}).data[0]
    for _ in range(30):
        sandbox.subscription(stripe_id, "payment_failed")
    sandbox.dispute(charge.id)

    run(customer)

    assert customer.holds.open().get().kind == "dispute"


def test_an_inquiry_closes_nothing(customer, subscribe, sandbox):
    subscribe()
    charge = client().v1.charges.list({"customer": customer.stripe_id}).data[0]
    sandbox.dispute(charge.id, status="warning_needs_response")

    run(customer)

    assert not customer.holds.exists()
    assert not customer.outbox_entries.exists()


def test_what_staff_released_stays_released(customer, subscribe, sandbox):
    subscribe()
    charge = client().v1.charges.list({"customer": customer.stripe_id}).data[0]
    sandbox.dispute(charge.id)
    run(customer)
    staff = UserFactory()
    customer.holds.update(
        released_at=timezone.now(), released_by=staff, released_reason="Sample"
    )

    run(customer)

    assert not customer.holds.open().exists()


def test_of_two_live_subscriptions_the_paid_first_one_stays(customer, subscribe):
    first = subscribe(started_at=int(time.time()) - 60)
    second = subscribe()

    run(customer)
    run(customer)

    rows = dict(customer.subscriptions.values_list("stripe_id", "is_surplus"))
    assert rows == {first: False, second: True}
    order = customer.outbox_entries.get()
    assert (order.kind, order.subject_id) == ("cancel_surplus", second)
