from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from billing import gateway, jobs, services, sync
from billing.gateway.client import client
from billing.models import Customer, Invoice, Price, Subscription
from billing.services.notices import renewing
from mail.models import OutgoingEmail
from tests.factories.billing import AccessHoldFactory, CustomerFactory, PriceFactory
from tests.support import written

SUBSCRIPTIONS = "/v1/subscriptions"
DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def subscribe(sandbox, user, monthly):
    """Return a function that gives the person a subscription at the sandbox."""

    def build(status="active", price=monthly, **more):
        now = timezone.now()
        customer = CustomerFactory(user=user)
        customer.stripe_id = gateway.create_customer(
            user_id=user.pk, email=user.email, name=user.name, key=str(user.pk)
        )
        customer.save()
        sandbox.subscribe(
            customer=customer.stripe_id,
            price=price.stripe_price_id,
            status=status,
            **more,
        )
        sync.sync_customer(customer=customer, at=now)
        return Subscription.objects.get()

    return build


def test_an_end_behind_other_renewals_is_shown_and_still_lets_cancel(
    subscribe, user, client
):
    row = subscribe()
    distant = row.current_period_end + 90 * DAY
    params = {"cancel_at": int(distant.timestamp())}
    gateway.client.client().v1.subscriptions.update(row.stripe_id, params)
    sync.sync_customer(customer=row.customer, at=timezone.now())
    client.force_login(user)
    page = client.get("/account/billing/").content.decode()
    assert "You pay each renewal before that day" in page
    assert written(distant) in page
    assert "Nothing more is charged" not in page
    assert list(renewing())

    canceled = services.cancel_subscription(user=user, at=timezone.now())

    assert canceled.ends_at == canceled.current_period_end
    assert not list(renewing())


@pytest.fixture
def remote(monkeypatch):
    """Let Stripe pause and resume by what it lists afterwards."""

    class Remote:
        def __init__(self):
            self.calls = []
            self.status = ""
            self.error = None
            monkeypatch.setattr(gateway, "pause_subscription", self.become("paused"))
            monkeypatch.setattr(gateway, "resume_subscription", self.become("active"))
            monkeypatch.setattr(gateway, "list_subscriptions", self.list)

        def become(self, status):
            def call(subscription_id):
                self.calls.append((status, subscription_id))
                if self.error:
                    raise self.error
                self.status = status

            return call

        def list(self, customer_id):
            found = ASK(customer_id)
            for one in found:
                object.__setattr__(one, "status", self.status or one.status)
            return found

    return Remote()


ASK = gateway.list_subscriptions


def cancel(user):
    return services.cancel_subscription(user=user, at=timezone.now())


def keep(user):
    return services.keep_subscription(user=user, at=timezone.now())


def pause(user, months=2, at=None):
    return services.pause_subscription(
        user=user, months=months, at=at or timezone.now()
    )


def resume(user):
    return services.resume_subscription(user=user, at=timezone.now())


def preview(user):
    return services.preview_switch(user=user, at=timezone.now())


def switch(user, offer):
    return services.switch_price(
        user=user,
        price=offer.price,
        prorated_at=offer.prorated_at,
        after_invoice=offer.after_invoice,
        at=timezone.now(),
    )


def test_a_cancellation_leaves_the_paid_time_and_twice_is_once(
    sandbox, subscribe, user
):
    paid_until = subscribe().current_period_end

    assert cancel(user).ends_at == paid_until
    assert cancel(user).ends_at == paid_until

    row = Subscription.objects.get()
    assert (row.status, row.cancel_at_period_end) == ("active", True)
    assert sandbox.requests()["POST /v1/subscriptions/{id}"] == 1


@pytest.mark.parametrize("status", ["past_due", "unpaid"])
def test_without_paid_time_a_cancellation_ends_at_once(
    status, sandbox, subscribe, user
):
    subscribe(status)

    assert cancel(user).status == "canceled"


@pytest.mark.parametrize("status", ["past_due", "unpaid"])
def test_what_was_paid_a_moment_ago_is_not_lost_by_a_cancellation(
    sandbox, subscribe, user, status
):
    row = subscribe(status)
    sandbox.subscription(row.stripe_id, "pay")

    left = cancel(user)

    assert left.status == "active"
    assert left.ends_at > timezone.now()


def test_the_free_days_can_be_canceled_to_their_end(sandbox, subscribe, user):
    trial_ends_at = subscribe("trialing").trial_ends_at

    assert cancel(user).ends_at == trial_ends_at


def test_a_cancellation_is_taken_back_however_it_was_scheduled(
    sandbox, subscribe, user
):
    row = subscribe("canceling")  # as the portal does it: by the moment alone
    assert row.cancel_at
    assert not row.cancel_at_period_end

    assert keep(user).ends_at is None
    assert keep(user).ends_at is None

    cancel(user)
    assert keep(user).ends_at is None


@pytest.mark.parametrize("change", [cancel, keep, pause, resume, preview])
def test_whoever_has_no_subscription_can_change_none(change, sandbox, user):
    CustomerFactory(user=user)

    with pytest.raises(services.ChangeRefusedError, match="no membership"):
        change(user)


@pytest.mark.parametrize("change", [keep, pause, resume, preview])
@pytest.mark.parametrize("kind", ["dispute", "fraud", "manual", "refund"])
def test_a_membership_on_hold_is_only_canceled(kind, change, sandbox, subscribe, user):
    AccessHoldFactory(customer=subscribe().customer, kind=kind)

    with pytest.raises(services.ChangeRefusedError, match="on hold"):
        change(user)

    assert cancel(user).ends_at


def test_an_answer_that_was_lost_is_found_by_reading_stripe(sandbox, subscribe, user):
    subscribe()
    sandbox.fail(SUBSCRIPTIONS, method="POST", timeout_after_commit=True, times=3)

    assert cancel(user).ends_at


def test_a_change_that_stripe_refuses_changes_nothing_and_says_so(
    sandbox, subscribe, user
):
    subscribe()
    sandbox.fail(SUBSCRIPTIONS, method="POST", status=400, times=3)

    with pytest.raises(services.ChangeRefusedError, match="Nothing was changed"):
        cancel(user)

    assert Subscription.objects.get().ends_at is None


def test_a_stripe_that_is_down_is_being_asked_again(sandbox, subscribe, user):
    subscribe()
    sandbox.fail(status=500, times=50)

    with pytest.raises(services.ChangeUnknownError, match="We are checking"):
        cancel(user)


def test_a_change_waits_for_who_reads_the_customer_at_this_moment(
    sandbox, subscribe, user, monkeypatch
):
    row = subscribe()
    busy_until_third = iter([True, True])
    read = sync.sync_customer

    def busy_at_first(*, customer, at):
        claimed_at = timezone.now() if next(busy_until_third, False) else None
        Customer.objects.filter(pk=customer.pk).update(sync_claimed_at=claimed_at)
        read(customer=customer, at=at)

    monkeypatch.setattr(sync, "sync_customer", busy_at_first)

    assert cancel(user).ends_at == row.current_period_end


def test_a_switch_costs_what_its_preview_said_and_twice_is_once(
    sandbox, subscribe, user
):
    subscribe()

    offer = preview(user)
    switch(user, offer)
    row = switch(user, offer)

    newest = row.customer.invoices.order_by("-pk")[0]
    paid = {invoice.total for invoice in row.customer.invoices.all()}
    assert offer.price.slug == row.price.slug == "yearly"
    assert offer.due_now in paid
    assert newest.status == "paid"
    assert row.customer.invoices.count() == 2
    assert len(row.raw["items"]["data"]) == 1
    days = (offer.renews_at - row.current_period_end) / DAY
    assert abs(days) < 1


def test_a_switch_to_a_shorter_interval_shows_a_credit(
    sandbox, subscribe, user, monthly
):
    subscribe(price=Price.objects.get(slug="yearly"))

    offer = preview(user)

    assert offer.price == monthly
    assert offer.due_now < 0
    assert offer.credit == -offer.due_now


def test_the_credit_of_a_switch_is_kept_and_the_renewal_takes_it(
    sandbox, subscribe, user
):
    row = subscribe(price=Price.objects.get(slug="yearly"))
    offer = preview(user)
    customer = switch(user, offer).customer
    assert customer.credit == offer.credit > 1995
    assert "it pays your next invoices first" in customer.credit_words

    sandbox.subscription(row.stripe_id, "renew")
    services.refresh_customer(customer=customer, at=timezone.now())
    customer.refresh_from_db()

    newest = customer.invoices.order_by("-stripe_created_at", "-pk")[0]
    assert (newest.total, newest.amount_due, newest.paid_by_credit) == (1995, 0, 1995)
    assert customer.credit == offer.credit - 1995


def test_the_preview_takes_the_credit_off(sandbox, subscribe, user):
    subscribe()
    full = preview(user)
    customer = Customer.objects.get()
    client().v1.customers.update(customer.stripe_id, {"balance": -1000})

    offer = preview(user)

    assert offer.paid_by_credit == 1000
    assert abs(full.due_now - offer.due_now - 1000) <= 1


def test_the_days_that_a_pause_leaves_are_a_credit_at_once(sandbox, subscribe, user):
    subscribe()

    customer = pause(user).customer

    assert 1900 < customer.credit <= 1995


@pytest.mark.parametrize("status", ["trialing", "canceling", "past_due", "unpaid"])
def test_only_a_membership_that_is_paid_and_renews_may_switch_or_pause(
    status, sandbox, subscribe, user
):
    subscribe(status)

    with pytest.raises(services.ChangeRefusedError):
        preview(user)
    with pytest.raises(services.ChangeRefusedError):
        pause(user)


def test_nobody_switches_to_a_price_that_was_not_offered(sandbox, subscribe, user):
    subscribe()
    offer = preview(user)
    Price.objects.filter(pk=offer.price.pk).update(is_active=False)

    with pytest.raises(services.ChangeRefusedError, match="cannot switch"):
        switch(user, offer)

    assert Subscription.objects.get().price.slug == "monthly"


def test_a_switch_that_the_card_does_not_pay_leaves_the_price(sandbox, subscribe, user):
    subscribe()
    offer = preview(user)
    sandbox.fail(SUBSCRIPTIONS, method="POST", status=402, times=3)

    with pytest.raises(services.ChangeRefusedError, match="nothing has changed"):
        switch(user, offer)

    assert Subscription.objects.get().price.slug == "monthly"


def test_a_switch_that_is_not_paid_waits_for_no_later_payment(sandbox, subscribe, user):
    row = subscribe(card="4000000000000341")
    offer = preview(user)

    with pytest.raises(services.ChangeRefusedError, match="nothing has changed"):
        switch(user, offer)

    row.refresh_from_db()
    assert (row.price.slug, row.status) == ("monthly", "active")
    assert client().v1.subscriptions.retrieve(row.stripe_id).pending_update is None
    unpaid = Invoice.objects.get(stripe_id=row.latest_invoice_id)
    assert (unpaid.status, unpaid.amount_paid) == ("void", 0)
    assert not Invoice.objects.filter(status="open").exists()
    assert not OutgoingEmail.objects.filter(template__contains="failed").exists()


def test_a_pause_keeps_its_last_day_and_twice_is_once(remote, subscribe, user):
    row = subscribe()
    start = datetime(2027, 1, 31, 12, tzinfo=UTC)

    assert (
        pause(user, months=1, at=start).resumes_at.date()
        == datetime(2027, 2, 28, tzinfo=UTC).date()
    )
    pause(user, months=3)

    row.refresh_from_db()
    assert row.status == "paused"
    assert row.resumes_at.month == 2
    assert remote.calls == [("paused", row.stripe_id)]


@pytest.mark.parametrize("months", [0, 4, -1, 1200])
def test_a_pause_lasts_one_to_three_months(months, remote, subscribe, user):
    subscribe()

    with pytest.raises(services.ChangeRefusedError, match="1, 2 or 3 months"):
        pause(user, months=months)

    assert remote.calls == []


def test_a_pause_that_stripe_refuses_leaves_no_end_of_a_pause(remote, subscribe, user):
    subscribe()
    remote.error = gateway.RefusedError("No.")

    with pytest.raises(services.ChangeRefusedError, match="Nothing was changed"):
        pause(user)

    row = Subscription.objects.get()
    assert (row.status, row.resumes_at) == ("active", None)


def test_a_pause_whose_answer_was_lost_ends_on_its_day_all_the_same(
    remote, subscribe, user, monkeypatch
):
    row = subscribe()
    down = gateway.NoAnswerError("Stripe does not answer.")

    def lost(_subscription_id):
        remote.status = "paused"
        raise down

    def silent(_customer_id):
        raise down

    monkeypatch.setattr(gateway, "pause_subscription", lost)
    monkeypatch.setattr(gateway, "list_subscriptions", silent)
    with pytest.raises(services.ChangeUnknownError):
        pause(user)

    monkeypatch.setattr(gateway, "list_subscriptions", remote.list)
    sync.sync_customer(customer=row.customer, at=timezone.now())
    row.refresh_from_db()
    assert row.status == "paused"
    assert row.resumes_at > timezone.now() + 50 * DAY


def test_a_pause_is_ended_early_with_one_click(remote, subscribe, user):
    subscribe()
    pause(user)

    row = resume(user)
    resume(user)

    assert (row.status, row.resumes_at) == ("active", None)
    assert len(remote.calls) == 2


def test_the_job_ends_the_pauses_whose_day_has_come(remote, subscribe, user):
    subscribe()
    pause(user, at=timezone.now() - 100 * DAY)

    jobs.resume_due_subscriptions()
    jobs.resume_due_subscriptions()

    assert Subscription.objects.get().status == "active"
    assert len(remote.calls) == 2


def test_the_pause_of_a_closed_account_is_not_ended(remote, subscribe, user):
    subscribe()
    pause(user, at=timezone.now() - 100 * DAY)
    user.is_active = False
    user.save()

    assert services.resume_due(at=timezone.now()) == 0

    assert len(remote.calls) == 1


def test_a_pause_goes_on_until_its_day(remote, subscribe, user):
    subscribe()
    pause(user)

    assert services.resume_due(at=timezone.now()) == 0

    assert Subscription.objects.get().status == "paused"


def test_a_pause_that_does_not_end_is_tried_again_the_next_day(remote, subscribe, user):
    subscribe()
    pause(user, at=timezone.now() - 100 * DAY)
    remote.error = gateway.RefusedError("The card was declined.")
    now = timezone.now()

    assert services.resume_due(at=now) == 0
    assert services.resume_due(at=now) == 0

    row = Subscription.objects.get()
    assert (row.status, row.resumes_at) == ("paused", now + DAY)
    assert len(remote.calls) == 2


def test_a_pause_is_not_ended_while_stripe_is_silent_or_the_account_is_on_hold(
    remote, subscribe, user
):
    row = subscribe()
    pause(user, at=timezone.now() - 100 * DAY)
    remote.error = gateway.NoAnswerError("Stripe does not answer.")

    assert services.resume_due(at=timezone.now()) == 0
    remote.error = None
    AccessHoldFactory(customer=row.customer)
    assert services.resume_due(at=timezone.now()) == 0

    assert len(remote.calls) == 2
    assert Subscription.objects.get().resumes_at < timezone.now()


def test_a_price_in_another_currency_is_no_choice(sandbox, subscribe, user):
    subscribe()
    Price.objects.filter(slug="yearly").update(is_active=False)
    PriceFactory(slug="yearly-euro", interval="year", currency="eur")

    with pytest.raises(services.ChangeRefusedError, match="no other way to pay"):
        preview(user)
