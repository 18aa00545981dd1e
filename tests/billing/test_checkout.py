from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing import gateway, services, sync
from billing.access import has_entitlement
from billing.gateway.client import client
from billing.models import (
    CheckoutAttempt,
    Customer,
    Price,
    RenewalConsent,
    Subscription,
)
from tests.billing.paying import start, terms_for
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.billing import (
    AccessHoldFactory,
    CheckoutAttemptFactory,
    CustomerFactory,
    PriceFactory,
    SubscriptionFactory,
)
from tests.support import refused, together
from tools.stripe_sandbox.testing import Sandbox

DECLINED = "4000000000000002"
SESSIONS = "/v1/checkout/sessions"
pytestmark = pytest.mark.django_db


def confirm(attempt):
    return services.confirm_checkout(attempt=attempt, at=timezone.now())


def customers():
    return client().v1.customers.list().data


def sessions():
    return client().v1.checkout.sessions.list().data


def test_the_payment_page_is_opened_with_our_price_and_the_id_of_the_attempt(
    sandbox, user, monthly, settings
):
    attempt = start(user, monthly)

    assert attempt.status == "open"
    assert attempt.url.startswith(sandbox.url)
    assert attempt.expires_at > timezone.now()
    assert Customer.objects.get().user == user
    paid = sandbox.pay(attempt.stripe_session_id)
    assert paid["session"]["client_reference_id"] == str(attempt.pk)
    assert paid["session"]["amount_total"] == 1995
    assert paid["success_url"] == (
        f"{settings.SITE_URL}/account/billing/done/"
        f"?session_id={attempt.stripe_session_id}"
    )


def test_paying_opens_the_membership_once_stripe_says_so(sandbox, user, monthly):
    attempt = start(user, monthly)
    sandbox.pay(attempt.stripe_session_id)

    assert confirm(attempt)

    subscription = Subscription.objects.get()
    assert attempt.status == "completed"
    assert (subscription.status, subscription.price) == ("active", monthly)
    assert subscription.current_period_end > timezone.now()


def test_a_declined_card_leaves_the_same_page_open_and_nobody_subscribed(
    sandbox, user, monthly
):
    attempt = start(user, monthly)

    refused = sandbox.pay(attempt.stripe_session_id, card=DECLINED)

    assert refused["problem"]
    assert confirm(attempt)
    assert attempt.status == "open"
    assert not Subscription.objects.exists()
    assert start(user, monthly) == attempt
    assert not sandbox.pay(attempt.stripe_session_id)["problem"]


def test_a_second_click_comes_to_the_same_page(sandbox, user, monthly):
    first = start(user, monthly)
    second = start(user, monthly, return_path="/learn/sample/")

    assert first == second
    assert first.url == second.url
    assert second.return_path == "/learn/sample/"
    assert sandbox.requests()[f"POST {SESSIONS}"] == 1


def test_another_price_closes_the_page_of_the_first(sandbox, user, monthly):
    first = start(user, monthly)
    second = start(user, Price.objects.get(slug="yearly"))

    first.refresh_from_db()
    assert first.status == "expired"
    assert second.price.slug == "yearly"
    assert sandbox.pay(first.stripe_session_id)["problem"]
    assert CheckoutAttempt.objects.filter(status="open").get() == second
    paid = sandbox.pay(second.stripe_session_id)
    assert paid["session"]["amount_total"] == second.price.unit_amount == 19900


def test_a_page_that_expired_at_stripe_is_replaced(sandbox, user, monthly):
    first = start(user, monthly)
    gateway.expire_session(first.stripe_session_id)

    second = start(user, monthly)

    first.refresh_from_db()
    assert first.status == "expired"
    assert second != first


def test_a_page_that_was_paid_in_another_tab_is_not_paid_again(sandbox, user, monthly):
    attempt = start(user, monthly)
    sandbox.pay(attempt.stripe_session_id)

    with pytest.raises(services.AlreadySubscribedError):
        start(user, monthly)

    assert Subscription.objects.count() == 1
    assert CheckoutAttempt.objects.get().status == "completed"


def test_two_tabs_that_both_pay_end_in_one_live_subscription(sandbox, user, monthly):
    yearly = Price.objects.get(slug="yearly")
    first = start(user, monthly).stripe_session_id
    second = start(user, yearly).stripe_session_id

    problems = [sandbox.pay(page)["problem"] for page in (first, second, second)]

    over = "This checkout is no longer open."
    assert problems == [over, "", over]
    sync.sync_customer(customer=Customer.objects.get(), at=timezone.now())
    assert [row.price for row in Subscription.objects.all()] == [yearly]
    assert len(client().v1.subscriptions.list({"status": "all"}).data) == 1


def test_of_two_subscriptions_that_were_paid_all_the_same_one_goes_back(
    sandbox, user, monthly
):
    page = start(user, monthly)
    customer = Customer.objects.get()
    # As if a page had been opened that nobody here knows of.
    other = gateway.create_session(
        attempt_id="of-another-site",
        customer_id=customer.stripe_id,
        price_id=Price.objects.get(slug="yearly").stripe_price_id,
        success_url="https://www.example.com/",
        cancel_url="https://www.example.com/",
    )
    for session_id in (page.stripe_session_id, other.id):
        assert not sandbox.pay(session_id)["problem"]

    sync.sync_customer(customer=customer, at=timezone.now())
    services.work_outbox(at=timezone.now())
    sync.sync_customer(customer=customer, at=timezone.now())

    kept = Subscription.objects.live().get()
    remote = client().v1.subscriptions.list({"status": "all"}).data
    assert {row.id: row.status for row in remote}[kept.stripe_id] == "active"
    assert sorted(row.status for row in remote) == ["active", "canceled"]
    (refund,) = client().v1.refunds.list().data
    assert refund.amount == Price.objects.exclude(pk=kept.price_id).get().unit_amount
    assert has_entitlement(user, "membership", at=timezone.now())


@pytest.mark.parametrize("status", Subscription.LIVE)
def test_whoever_has_a_live_subscription_cannot_start_a_second_one(
    status, sandbox, user, monthly
):
    SubscriptionFactory(customer__user=user, status=status)

    with pytest.raises(services.AlreadySubscribedError):
        start(user, monthly)

    assert f"POST {SESSIONS}" not in sandbox.requests()


def test_a_subscription_that_no_webhook_told_us_about_is_found_at_stripe(
    sandbox, user, monthly
):
    customer = CustomerFactory(user=user, stripe_id=None)
    first = start(user, monthly)
    customer.refresh_from_db()
    CheckoutAttempt.objects.filter(pk=first.pk).update(status="expired")
    sandbox.subscribe(customer=customer.stripe_id, price=monthly.stripe_price_id)

    with pytest.raises(services.AlreadySubscribedError):
        start(user, monthly)

    assert Subscription.objects.get().status == "active"


def test_an_ended_subscription_does_not_stop_a_restart(sandbox, user, monthly):
    SubscriptionFactory(
        customer__user=user, customer__stripe_id=None, status="canceled"
    )

    assert start(user, monthly).url


def test_an_unconfirmed_address_cannot_pay(sandbox, monthly):
    user = UserFactory(is_verified=False)

    with pytest.raises(services.CheckoutRefusedError, match="Confirm your email"):
        start(user, monthly)

    assert not CheckoutAttempt.objects.exists()


def test_without_a_key_nothing_is_for_sale(user, settings):
    settings.STRIPE_SECRET_KEY = ""

    with pytest.raises(services.CheckoutRefusedError, match="not set up yet"):
        start(user, PriceFactory())


def test_a_person_has_one_open_attempt_at_most(user):
    CheckoutAttemptFactory(user=user)
    CheckoutAttemptFactory(user=user, status="failed")

    with refused("billing_checkoutattempt_one_open_per_user"):
        CheckoutAttemptFactory(user=user)


@pytest.mark.parametrize("path", ["/v1/customers", SESSIONS])
@pytest.mark.parametrize("status", [500, 429, 400])
def test_an_error_of_stripe_costs_nothing_and_the_next_click_works(
    path, status, sandbox, user, monthly
):
    sandbox.fail(path, status=status, method="POST", times=3)

    with pytest.raises(services.NotChargedError, match="You have not been charged"):
        start(user, monthly)

    sandbox.call("DELETE", "faults")
    attempt = start(user, monthly)
    assert not sandbox.pay(attempt.stripe_session_id)["problem"]


@pytest.mark.parametrize("path", ["/v1/customers", SESSIONS])
def test_an_answer_that_was_lost_on_its_way_makes_no_duplicate(
    path, sandbox, user, monthly
):
    sandbox.fail(path, method="POST", timeout_after_commit=True)

    attempt = start(user, monthly)

    assert attempt.url
    assert len(customers()) == 1
    assert len(sessions()) == 1


@pytest.mark.parametrize("times", [1, 3])
def test_an_error_after_stripe_has_made_the_customer_makes_no_second_one(
    times, sandbox, user, monthly
):
    sandbox.fail("/v1/customers", method="POST", status_after_commit=500, times=times)

    attempt = start(user, monthly)

    (made,) = customers()
    assert Customer.objects.get().stripe_id == made.id
    assert not sandbox.pay(attempt.stripe_session_id)["problem"]


def test_what_stripe_has_made_is_found_once_it_answers_again(sandbox, user, monthly):
    sandbox.fail("/v1/customers", method="POST", status_after_commit=500, times=3)
    sandbox.fail("/v1/customers", method="GET", status=429, times=3)

    with pytest.raises(services.NotChargedError):
        start(user, monthly)
    sandbox.call("DELETE", "faults")

    start(user, monthly)
    assert len(customers()) == 1


@pytest.mark.parametrize("is_on", [False, True])
def test_stripe_adds_the_tax_of_the_address_only_where_it_is_set_up(
    sandbox, user, monthly, settings, is_on
):
    settings.STRIPE_AUTOMATIC_TAX = is_on

    attempt = start(user, monthly)

    page = client().v1.checkout.sessions.retrieve(attempt.stripe_session_id)
    assert page.automatic_tax.enabled is is_on


def test_a_page_that_nobody_was_shown_for_an_error_cannot_charge(
    sandbox, user, monthly
):
    sandbox.fail(SESSIONS, method="POST", status_after_commit=500, times=3)

    with pytest.raises(services.NotChargedError):
        start(user, monthly)

    attempt = start(user, monthly)
    assert not sandbox.pay(attempt.stripe_session_id)["problem"]
    sync.sync_customer(customer=Customer.objects.get(), at=timezone.now())
    assert Subscription.objects.live().count() == 1


def test_a_lost_answer_that_outlasts_every_retry_is_made_good_by_the_next_click(
    sandbox, user, monthly
):
    sandbox.fail(SESSIONS, method="POST", timeout_after_commit=True, times=3)

    with pytest.raises(services.NotChargedError):
        start(user, monthly)

    attempt = start(user, monthly)
    assert CheckoutAttempt.objects.get() == attempt
    assert len(sessions()) == 1


def test_nobody_is_told_not_charged_while_an_earlier_page_may_have_been_paid(
    sandbox, user, monthly
):
    attempt = start(user, monthly)
    sandbox.pay(attempt.stripe_session_id)
    sandbox.fail(SESSIONS, method="GET", status=500, times=3)

    with pytest.raises(services.PaymentUnknownError, match="We are checking"):
        start(user, monthly)

    attempt.refresh_from_db()
    assert attempt.status == "open"


def test_a_page_that_stripe_has_forgotten_is_replaced(sandbox, user, monthly):
    CustomerFactory(user=user, stripe_id=None)
    forgotten = CheckoutAttemptFactory(
        user=user, price=monthly, stripe_session_id="cs_test_gone", url="https://gone/"
    )

    attempt = start(user, monthly)

    forgotten.refresh_from_db()
    assert forgotten.status == "failed"
    assert attempt.stripe_session_id != "cs_test_gone"


def test_a_customer_deleted_at_stripe_is_created_anew(sandbox, user, monthly):
    start(user, monthly)
    customer = Customer.objects.get()
    old_id = customer.stripe_id
    client().v1.customers.delete(old_id)
    sync.sync_customer(customer=customer, at=timezone.now())
    CheckoutAttempt.objects.update(status="expired")

    attempt = start(user, monthly)

    customer.refresh_from_db()
    assert attempt.url
    assert customer.stripe_id != old_id
    assert customer.deleted_at is None


def test_a_customer_that_a_wrong_key_did_not_find_pays_no_second_time(
    sandbox, user, customer, monthly, settings
):
    sandbox.subscribe(customer=customer.stripe_id, price=monthly.stripe_price_id)
    with Sandbox() as foreign:
        settings.STRIPE_API_BASE = foreign.url
        sync.sync_customer(customer=customer, at=timezone.now())

    settings.STRIPE_API_BASE = sandbox.url
    with pytest.raises(services.AlreadySubscribedError):
        start(user, monthly)

    assert len(customers()) == 1
    assert Customer.objects.get().stripe_id == customer.stripe_id


def test_the_words_that_were_agreed_to_are_kept_with_the_attempt(
    sandbox, user, monthly
):
    attempt = start(user, monthly)

    consent = RenewalConsent.objects.get()
    assert consent.attempt == attempt
    assert consent.customer == user.billing_customer
    assert (consent.unit_amount, consent.interval) == (1995, "month")
    assert consent.currency == "usd"
    assert consent.text == terms_for(user, monthly).agreement
    assert "renews at $19.95 every month until you cancel" in consent.text
    assert consent.text_version
    assert consent.agreed_at <= timezone.now()


def test_a_second_click_refreshes_the_one_consent(sandbox, user, monthly):
    start(user, monthly)
    first_at = RenewalConsent.objects.get().agreed_at
    start(user, monthly)

    assert RenewalConsent.objects.get().agreed_at > first_at


def test_the_consent_to_another_price_goes_to_the_attempt_of_that_price(
    sandbox, user, monthly
):
    first = start(user, monthly)
    second = start(user, Price.objects.get(slug="yearly"))

    assert RenewalConsent.objects.get(attempt=first).unit_amount == 1995
    assert RenewalConsent.objects.get(attempt=second).unit_amount == 19900


def test_terms_that_have_changed_since_are_not_agreed_to(sandbox, user, monthly):
    old = terms_for(user, monthly)
    dearer = replace(old, text=old.text.replace("$19.95", "$9.95"))

    with pytest.raises(services.TermsChangedError, match="agree again"):
        services.start_checkout(
            user=user, terms=dearer, return_path="", at=timezone.now()
        )

    assert not RenewalConsent.objects.exists()
    assert not CheckoutAttempt.objects.exists()


def test_the_free_days_come_first_and_the_terms_say_what_is_paid_when(
    sandbox, user, monthly
):
    Price.objects.update(trial_days=14)
    monthly.refresh_from_db()
    now = timezone.now()
    day = now + timedelta(days=14)

    terms = terms_for(user, monthly)
    attempt = start(user, monthly)
    sandbox.pay(attempt.stripe_session_id)
    confirm(attempt)

    assert "Your first 14 days are free. You pay $19.95" in terms.text
    assert f"on {day.day} {day:%B %Y}." in terms.text
    assert attempt.trial_days == 14
    assert RenewalConsent.objects.get().text == terms.agreement
    assert Subscription.objects.get().status == "trialing"
    assert Customer.objects.get().trial_used_at


@pytest.mark.parametrize("before", ["a trial", "a subscription"])
def test_a_person_has_one_trial_of_whatever_plan(before, sandbox, user, monthly):
    Price.objects.update(trial_days=14)
    monthly.refresh_from_db()
    customer = CustomerFactory(user=user, stripe_id=None)
    if before == "a trial":
        Customer.objects.update(trial_used_at=timezone.now())
    else:
        SubscriptionFactory(customer=customer, status="incomplete_expired")

    attempt = start(user, monthly)

    assert attempt.trial_days == 0
    assert "free" not in terms_for(user, monthly).text
    sandbox.pay(attempt.stripe_session_id)
    assert confirm(attempt)
    assert customer.subscriptions.live().get().status == "active"


def test_a_payment_page_with_free_days_is_closed_once_they_were_used(
    sandbox, user, monthly
):
    Price.objects.update(trial_days=14)
    monthly.refresh_from_db()
    first = start(user, monthly)
    Customer.objects.update(trial_used_at=timezone.now())

    second = start(user, monthly)

    first.refresh_from_db()
    assert first.status == "expired"
    assert (first.trial_days, second.trial_days) == (14, 0)


@pytest.mark.parametrize("kind", ["dispute", "fraud", "manual"])
def test_nobody_pays_while_the_account_is_on_hold(kind, user, monthly, settings):
    hold = AccessHoldFactory(customer__user=user, kind=kind)

    with pytest.raises(services.OnHoldError, match=settings.SUPPORT_EMAIL):
        start(user, monthly)

    assert not CheckoutAttempt.objects.exists()
    hold.released_at, hold.released_reason = timezone.now(), "Settled."
    hold.save()
    Customer.objects.update(stripe_id=None)
    assert start(user, monthly).url


@pytest.mark.parametrize("is_by_staff", [True, False])
def test_a_page_that_is_open_when_the_account_is_held_cannot_be_paid(
    sandbox, user, monthly, is_by_staff
):
    attempt = start(user, monthly)
    customer = Customer.objects.get()
    if is_by_staff:
        staff = StaffFactory()
        services.open_hold(
            customer=customer, reason="Sample", opened_by=staff, at=timezone.now()
        )
    else:
        AccessHoldFactory(customer=customer)
        sync.sync_customer(customer=customer, at=timezone.now())

    services.work_outbox(at=timezone.now())

    assert [session.status for session in sessions()] == ["expired"]
    attempt.refresh_from_db()
    assert attempt.status == "expired"


def test_whoever_got_a_full_refund_may_pay_again(sandbox, user, monthly):
    AccessHoldFactory(customer__user=user, customer__stripe_id=None, kind="refund")

    assert start(user, monthly).url


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_fifty_parallel_clicks_make_one_attempt_and_one_customer(
    sandbox, user, monthly
):
    urls = together(50 * [lambda: start(user, monthly).url])

    attempt = CheckoutAttempt.objects.get()
    assert set(urls) == {attempt.url}
    assert Customer.objects.count() == 1
    assert len(customers()) == 1
    assert len(sessions()) == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_fifty_clicks_on_the_button_lead_to_one_payment_page(
    sandbox, user, monthly, monkeypatch
):
    # Here one process is the site of all fifty and Stripe as well.
    monkeypatch.setattr("billing.gateway.client.PATIENCE_SECONDS", 60.0)
    clients = [Client() for _ in range(50)]
    for one in clients:
        one.force_login(user)
    offer = clients[0].get(reverse("billing:price-list")).context["form"].offer
    sent = {"price": "monthly", "consent": "on", "terms": offer.digest}
    address = reverse("billing:checkout-start")

    answers = together([partial(one.post, address, sent) for one in clients])

    attempt = CheckoutAttempt.objects.get()
    assert {answer.status_code for answer in answers} == {303}
    assert {answer.url for answer in answers} == {attempt.url}
    assert len(customers()) == len(sessions()) == 1
