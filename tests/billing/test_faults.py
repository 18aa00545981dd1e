"""Every page and job that asks Stripe, and everything that may go wrong on the way."""

import time
from contextlib import contextmanager, nullcontext
from datetime import timedelta

import pytest
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from billing import gateway, jobs, sync, tasks
from billing.gateway import client as way
from billing.gateway.client import client as stripe
from billing.models import (
    CheckoutAttempt,
    Customer,
    Invoice,
    Price,
    Subscription,
)
from tests.billing.paying import start
from tests.factories.accounts import StaffFactory
from tests.factories.billing import OutboxEntryFactory, StripeEventFactory

ALWAYS = 10_000
NOBODY_LISTENS = "http://127.0.0.1:9"
# While it is broken, all runs forty times as fast: ten seconds are a quarter of one.
FASTER = 40
SLOW_SECONDS = 10 / FASTER
LONGEST_SECONDS = 12 / FASTER
MARGIN_SECONDS = 1.5  # for what the page itself costs on a busy machine
CALLS_MARGIN_SECONDS = 0.15  # for what its calls cost beside waiting
FAULTS = {
    "down": {},
    "slow": {"delay_seconds": SLOW_SECONDS},
    "500": {"status": 500},
    "429": {"status": 429},
    "reset": {"reset": True},
    "answer lost": {"timeout_after_commit": True},
}
NOT_CHARGED = "You have not been charged"
CHECKING = "We are checking"
BILLING = "/account/billing/"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.parametrize("fault", FAULTS),
    pytest.mark.sqlite,  # how Stripe fails is the same for every database
]


ASK = way._PatientClient.request
waits = []


def timed(self, *arguments):
    """Ask Stripe, and note how long that took."""
    started_at = time.monotonic()
    try:
        return ASK(self, *arguments)
    finally:
        waits.append(time.monotonic() - started_at)


@pytest.fixture
def broken(sandbox, fault):
    """Return a function that breaks the way to Stripe for as long as it is entered."""

    @contextmanager
    def break_it():
        changed = {"STRIPE_TIMEOUT_SECONDS": SLOW_SECONDS / 2}
        if fault == "down":
            changed["STRIPE_API_BASE"] = NOBODY_LISTENS
        else:
            sandbox.fail(times=ALWAYS, **FAULTS[fault])
        with pytest.MonkeyPatch.context() as patch, override_settings(**changed):
            for name in ("PATIENCE_SECONDS", "HASTY_TIMEOUT_SECONDS"):
                patch.setattr(way, name, getattr(way, name) / FASTER)
            patch.setattr(way._PatientClient, "request", timed)
            yield
        sandbox.call("DELETE", "faults")

    return break_it


@pytest.fixture
def buyer(client, user, monthly):
    client.force_login(user)
    return client


@pytest.fixture
def member(buyer, sandbox, customer, monthly):
    sandbox.subscribe(customer=customer.stripe_id, price=monthly.stripe_price_id)
    read(customer)
    return buyer


@pytest.fixture
def owner(client, settings):
    settings.STAFF_MFA_REQUIRED = False
    client.force_login(StaffFactory(is_superuser=True))
    return client


def read(customer):
    sync.sync_customer(customer=customer, at=timezone.now())


def text_of(response):
    return " ".join(response.content.decode().split())


def start_payment(client, **options):
    offer = client.get("/pricing/").context["form"].offer
    choice = {"price": "monthly", "consent": "on", "terms": offer.digest}
    return client.post(f"{BILLING}start/", choice, **options)


def page_after(action, *arguments, **options):
    """Return what the person reads, who waits no longer than twelve seconds."""
    waits.clear()
    started_at = time.monotonic()
    response = action(*arguments, **options)
    assert time.monotonic() - started_at < LONGEST_SECONDS + MARGIN_SECONDS
    assert sum(waits) < LONGEST_SECONDS + CALLS_MARGIN_SECONDS
    assert response.status_code == 200
    return text_of(response)


def press(client, name, **values):
    return page_after(client.post, f"{BILLING}{name}/", values, follow=True)


def look(client, path):
    return page_after(client.get, f"{BILLING}{path}", follow=True)


def remote(customer):
    """Return the one subscription that the customer has at Stripe."""
    found = {"customer": customer.stripe_id, "status": "all"}
    (only,) = stripe().v1.subscriptions.list(found).data
    return only


def is_ending(subscription):
    return bool(subscription.cancel_at or subscription.cancel_at_period_end)


def test_nobody_is_told_not_charged_but_who_was_not_and_all_pay_once(
    buyer, broken, sandbox, user, monthly
):
    with broken():
        assert NOT_CHARGED in page_after(start_payment, buyer, follow=True)
    attempt = start(user, monthly)
    assert start_payment(buyer).url == attempt.url
    assert len(stripe().v1.customers.list().data) == 1
    assert len(stripe().v1.checkout.sessions.list().data) == 1

    sandbox.pay(attempt.stripe_session_id)
    done = f"done/?session_id={attempt.stripe_session_id}"
    with broken():
        again = page_after(start_payment, buyer, follow=True)
        waiting = look(buyer, done)
    assert CHECKING in again
    assert "Confirming your payment" in waiting
    assert NOT_CHARGED not in again + waiting

    assert "Confirming your payment" not in look(buyer, done)
    assert start_payment(buyer).url == BILLING
    assert CheckoutAttempt.objects.filter(status="completed").count() == 1
    assert Subscription.objects.get().status == "active"


def test_what_is_known_is_shown_and_what_is_not_open_is_told(member, broken):
    invoice = Invoice.objects.get()
    before = Customer.objects.get().synced_at

    with broken():
        assert "Next payment" in look(member, "?updated=1")
        assert "Nothing was changed" in press(member, "portal")
        opened = member.get(f"{BILLING}invoices/{invoice.pk}/")

    assert opened.url == invoice.hosted_invoice_url
    assert Customer.objects.get().synced_at == before
    assert member.post(f"{BILLING}portal/").status_code == 303


def test_a_cancellation_and_its_end_are_checked_until_they_are_known(
    member, broken, customer
):
    with broken():
        assert CHECKING in press(member, "cancel")
    press(member, "cancel")
    assert is_ending(remote(customer))

    with broken():
        assert CHECKING in press(member, "keep")
    press(member, "keep")
    assert not is_ending(remote(customer))


def test_a_pause_and_its_end_are_checked_until_they_are_known(member, broken, customer):
    with broken():
        assert CHECKING in press(member, "pause", months="1")
    press(member, "pause", months="1")
    assert remote(customer).status == "paused"

    with broken():
        assert CHECKING in press(member, "resume")
    press(member, "resume")
    assert remote(customer).status == "active"


def test_a_switch_is_paid_once_and_only_by_its_preview(member, broken, customer):
    offer = member.get(f"{BILLING}switch/").context["signed"]

    with broken():
        assert "Next payment" in look(member, "switch/")
        assert CHECKING in press(member, "switch", offer=offer)
    press(member, "switch", offer=offer)

    yearly = Price.objects.get(slug="yearly")
    items = remote(customer)["items"].data
    assert [item.price.id for item in items] == [yearly.stripe_price_id]
    read(customer)
    assert customer.invoices.filter(billing_reason="subscription_update").count() == 1


def test_the_staff_reads_what_was_not_done_and_does_it_later(
    owner, broken, customer, monthly
):
    customers = reverse("admin:billing_customer_changelist")
    prices = reverse("admin:billing_price_changelist")
    new_amount = reverse("admin:billing_price_new_amount", args=[monthly.pk])
    wanted = {"amount": "24.95", "confirmed": "1"}
    sync_now = {
        "action": "sync_now",
        "_selected_action": [customer.pk],
        "reason": "Asks why",
    }
    create = {"action": "create_at_stripe", "_selected_action": [monthly.pk]}

    with broken():
        read_now = page_after(owner.post, customers, sync_now, follow=True)
        put_on_sale = page_after(owner.post, new_amount, wanted, follow=True)
    assert "1 customer is not read" in read_now
    assert "nobody can pay the new amount yet" in put_on_sale

    read_later = page_after(owner.post, customers, sync_now, follow=True)
    assert "1 customer is up to date" in read_later
    assert "at Stripe" in page_after(owner.post, prices, create, follow=True)
    new = Price.objects.get(unit_amount=2495)
    found = stripe().v1.prices.list({"lookup_keys": [new.slug]}).data
    assert [price.id for price in found] == [new.stripe_price_id]


def test_events_and_what_stripe_must_be_told_wait_until_it_answers(
    broken, sandbox, customer, monthly
):
    told = sandbox.subscribe(customer=customer.stripe_id, price=monthly.stripe_price_id)
    event = StripeEventFactory(stripe_customer_id=customer.stripe_id)
    entry = OutboxEntryFactory(customer=customer, kind="cancel", subject_id=told["id"])

    with broken():
        tasks.process_event(event_id=event.pk)
        assert not tasks.work_entry(entry.pk, at=timezone.now())

    event.refresh_from_db()
    assert (event.status, event.attempts) == ("received", 1)
    tasks.process_event(event_id=event.pk)
    event.refresh_from_db()
    assert event.status == "processed"
    assert Subscription.objects.get().status == "active"
    assert tasks.work_entry(entry.pk, at=timezone.now() + timedelta(minutes=1))
    assert remote(customer).status == "canceled"


def test_the_jobs_change_nothing_and_are_made_good(broken, sandbox, customer, monthly):
    sandbox.subscribe(customer=customer.stripe_id, price=monthly.stripe_price_id)
    read(customer)
    yesterday = timezone.now() - timedelta(days=1)
    for job in (jobs.refresh_stale, jobs.reconcile):
        Subscription.objects.update(status="past_due", synced_at=yesterday)
        Customer.objects.update(synced_at=yesterday)
        # Of a night without a comparison the staff must hear.
        silent = job != jobs.reconcile
        with broken(), nullcontext() if silent else pytest.raises(gateway.GatewayError):
            job()
        assert Subscription.objects.get().status == "past_due"

        job()

        assert Subscription.objects.get().status == "active"
