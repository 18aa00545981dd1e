import json
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import services as accounts
from accounts.models import User
from billing import gateway, services, sync, tasks
from billing.gateway.client import client as stripe
from billing.models import (
    CheckoutAttempt,
    Customer,
    Invoice,
    OutboxEntry,
    Refund,
    RenewalConsent,
    Subscription,
)
from tests.billing.paying import start
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.billing import CustomerFactory, RenewalConsentFactory

DOWN = "http://127.0.0.1:9"
pytestmark = pytest.mark.django_db


@pytest.fixture
def member(sandbox, customer, monthly):
    sandbox.subscribe(customer=customer.stripe_id, price=monthly.stripe_price_id)
    sync.sync_customer(customer=customer, at=timezone.now())
    return customer


def work(*, later=timedelta()):
    return services.work_outbox(at=timezone.now() + later)


def at_stripe(customer):
    return stripe().v1.customers.retrieve(customer.stripe_id)


def statuses_at_stripe(customer):
    return {found.status for found in gateway.list_subscriptions(customer.stripe_id)}


def test_who_is_deleted_is_billed_no_more_and_forgotten_at_stripe(member, user):
    user.delete()

    assert work() == 1

    member.refresh_from_db()
    remote = at_stripe(member)
    assert statuses_at_stripe(member) == {"canceled"}
    assert (remote.email, remote.name) == (None, "Closed account")
    assert not remote.metadata.to_dict()
    assert not member.exists_at_stripe
    assert member.card_last4 == ""
    assert Subscription.objects.get().status == "canceled"


def test_what_was_paid_and_agreed_to_stays_on_record(member, user):
    RenewalConsentFactory(customer=member)
    user.delete()

    work()

    assert Invoice.objects.get().customer == member
    assert RenewalConsent.objects.get().customer == member
    assert Subscription.objects.get().customer == member
    assert at_stripe(member).id == member.stripe_id


def test_every_subscription_of_the_customer_ends_known_here_or_not(
    sandbox, member, monthly, user
):
    for _number in range(2):
        sandbox.subscribe(customer=member.stripe_id, price=monthly.stripe_price_id)
    user.delete()

    work()

    assert len(gateway.list_subscriptions(member.stripe_id)) == 3
    assert statuses_at_stripe(member) == {"canceled"}


def test_a_page_that_is_open_cannot_be_paid_any_more(sandbox, customer, monthly, user):
    attempt = start(user, monthly)
    user.delete()
    assert not CheckoutAttempt.objects.exists()

    assert work() == 1

    assert gateway.retrieve_session(attempt.stripe_session_id).status == "expired"


@pytest.mark.parametrize("step", ["create_customer", "create_session"])
def test_who_is_deleted_while_a_page_opens_is_forgotten_too(
    sandbox, user, monthly, monkeypatch, step
):
    ask = getattr(gateway, step)

    def ask_and_delete(**values):
        answer = ask(**values)
        User.objects.get(pk=user.pk).delete()
        return answer

    monkeypatch.setattr(gateway, step, ask_and_delete)

    with pytest.raises(services.CheckoutRefusedError):
        start(user, monthly)

    assert work() == 1
    customer = Customer.objects.get()
    assert not customer.exists_at_stripe
    assert at_stripe(customer).name == "Closed account"
    sessions = stripe().v1.checkout.sessions.list({"customer": customer.stripe_id})
    assert all(session.status == "expired" for session in sessions.data)


def test_a_page_that_was_paid_at_the_last_moment_bills_no_more(
    sandbox, customer, monthly, user, monkeypatch
):
    start(user, monthly)
    user.delete()
    expire = stripe().v1.checkout.sessions.expire

    def too_late(_service, session_id, *_arguments):
        sandbox.pay(session_id)
        return expire(session_id)

    monkeypatch.setattr(type(stripe().v1.checkout.sessions), "expire", too_late)

    assert work() == 1

    assert statuses_at_stripe(customer) == {"canceled"}


def test_a_stripe_that_is_down_delays_the_end_and_loses_nothing(
    sandbox, member, user, settings
):
    settings.STRIPE_API_BASE = DOWN
    user.delete()
    assert work() == 0
    member.refresh_from_db()
    assert member.exists_at_stripe

    settings.STRIPE_API_BASE = sandbox.url
    assert work(later=tasks.FIRST_PAUSE) == 1

    member.refresh_from_db()
    assert statuses_at_stripe(member) == {"canceled"}
    assert not member.exists_at_stripe


def test_an_end_that_broke_off_is_taken_up_again(sandbox, member, user):
    user.delete()
    sandbox.fail("/v1/customers", method="POST", status=500, times=3)
    assert work() == 0

    assert work(later=tasks.FIRST_PAUSE) == 1

    assert at_stripe(member).name == "Closed account"


def test_a_customer_who_is_deleted_at_stripe_is_closed_here(member, user):
    user.delete()
    stripe().v1.customers.delete(member.stripe_id)

    assert work() == 1

    member.refresh_from_db()
    assert not member.exists_at_stripe


def test_the_end_is_ordered_in_the_transaction_of_the_deletion(member, user):
    with transaction.atomic():
        user.delete()
        assert OutboxEntry.objects.filter(kind="close").exists()
        transaction.set_rollback(True)

    assert User.objects.filter(email=member.user.email).exists()
    assert not OutboxEntry.objects.exists()


def test_many_people_are_deleted_at_once(member, user):
    other = CustomerFactory()

    User.objects.filter(pk__in=[user.pk, other.user_id]).delete()

    entries = OutboxEntry.objects.filter(kind="close")
    assert {entry.customer for entry in entries} == {member, other}


def test_the_administration_deletes_like_everybody_else(client, member, user):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    client.post(f"/admin/accounts/user/{user.pk}/delete/", {"post": "yes"})

    assert not User.objects.filter(pk=user.pk).exists()
    assert LogEntry.objects.exists()
    assert OutboxEntry.objects.get().kind == "close"


def test_who_never_came_to_stripe_is_only_deleted(user):
    CustomerFactory(user=user, stripe_id=None)

    user.delete()

    assert not OutboxEntry.objects.exists()
    assert Customer.objects.get().user is None


def test_who_is_deactivated_keeps_paying(member, user):
    user.is_active = False
    user.save()

    assert not OutboxEntry.objects.exists()


def test_late_news_of_a_closed_customer_do_not_open_it_again(member, user):
    user.delete()
    work()
    member.refresh_from_db()

    sync.sync_customer(customer=member, at=timezone.now())

    member.refresh_from_db()
    assert not member.exists_at_stripe


@pytest.fixture
def confirm(client, user):
    """Return a function that clicks the link which confirms a new address."""

    def do(email):
        client.force_login(user)
        waiting = EmailAddress.objects.create(user=user, email=email)
        key = EmailConfirmationHMAC(waiting).key
        return client.post(f"/accounts/confirm-email/{key}/")

    return do


def test_a_new_address_is_told_to_stripe(member, user, confirm):
    confirm("new@example.com")

    user.refresh_from_db()
    assert user.email == "new@example.com"
    assert OutboxEntry.objects.get().kind == "email"
    assert work() == 1
    assert at_stripe(member).email == "new@example.com"


def test_the_address_changes_only_together_with_its_order(
    member, user, confirm, monkeypatch
):
    def fail(**_arguments):
        raise RuntimeError("Sample")

    monkeypatch.setattr(services, "follow_email", fail)

    with pytest.raises(RuntimeError):
        confirm("new@example.com")

    user.refresh_from_db()
    assert user.email != "new@example.com"


def test_an_address_of_somebody_who_left_meanwhile_is_not_told(member, user):
    services.follow_email(user=user, at=timezone.now())
    user.delete()

    assert work() == 2

    assert at_stripe(member).email is None


def test_what_is_read_after_the_end_brings_no_card_back(member, user):
    member.refresh_from_db()
    assert member.card_last4 == "4242"
    user.delete()
    work()

    sync.sync_customer(customer=Customer.objects.get(), at=timezone.now())

    closed = Customer.objects.get()
    assert (closed.card_brand, closed.card_last4) == ("", "")
    assert closed.card_expiry_date is None
    assert "4242" not in json.dumps(Subscription.objects.get().raw)


# Accounts that are closed and kept


@pytest.mark.ignore_template_errors  # of Django's own password widget
def test_who_is_deactivated_in_the_administration_is_billed_no_more(
    member, user, client, settings
):
    settings.STAFF_MFA_REQUIRED = False
    client.force_login(StaffFactory(is_superuser=True))
    page = reverse("admin:accounts_user_change", args=[user.pk])
    form = {"time_zone": user.time_zone, "name": user.name}
    form |= {"licenses-TOTAL_FORMS": 0, "licenses-INITIAL_FORMS": 0}

    refused = client.post(page, form)
    assert "Say why the account is closed" in refused.content.decode()
    assert statuses_at_stripe(member) == {"active"}

    form |= {"closing_reason": "Asked for it by phone"}
    assert client.post(page, form).status_code == 302

    user.refresh_from_db()
    assert not user.is_active
    told = LogEntry.objects.values_list("change_message", flat=True)
    assert "Closed: Asked for it by phone" in told
    assert work() == 1
    assert statuses_at_stripe(member) == {"canceled"}
    assert at_stripe(member).email == user.email
    assert not Refund.objects.exists()
    assert Subscription.objects.get().status == "canceled"
    client.post(page, form | {"is_active": "on"})
    assert work() == 0


def test_a_subscription_that_a_deactivated_person_began_meanwhile_is_canceled(
    sandbox, customer, monthly, user
):
    accounts.deactivate(user=user)
    sandbox.subscribe(customer=customer.stripe_id, price=monthly.stripe_price_id)

    run = services.reconcile(at=timezone.now())

    kinds = {told["kind"] for told in run.differences}
    assert "live subscription of a deactivated user" in kinds
    work()
    assert statuses_at_stripe(customer) == {"canceled"}
    assert services.reconcile(at=timezone.now()).differing == 0


def test_the_open_payment_page_of_a_deactivated_person_is_taken_back(
    customer, monthly, user
):
    attempt = start(user, monthly)

    accounts.deactivate(user=user)
    work()

    session = gateway.retrieve_session(attempt.stripe_session_id)
    assert session.status == "expired"


def test_a_page_that_opens_while_its_person_is_deactivated_is_never_shown(
    customer, monthly, user, monkeypatch
):
    create = gateway.create_session

    def slowly(**values):
        accounts.deactivate(user=User.objects.get(pk=user.pk))
        return create(**values)

    monkeypatch.setattr(gateway, "create_session", slowly)

    with pytest.raises(services.CheckoutRefusedError, match="closed"):
        start(user, monthly)

    sessions = stripe().v1.checkout.sessions.list({"customer": customer.stripe_id})
    assert [session.status for session in sessions.data] == ["expired"]
    assert CheckoutAttempt.objects.get().stripe_session_id is None


def test_an_order_about_a_deactivated_person_that_was_given_up_is_taken_up(
    member, user
):
    accounts.deactivate(user=user)
    OutboxEntry.objects.update(parked_at=timezone.now(), attempts=20)

    services.reconcile(at=timezone.now())

    assert work() == 1
    assert statuses_at_stripe(member) == {"canceled"}


def test_a_second_subscription_of_a_deactivated_person_is_sent_back_as_ever(
    sandbox, member, monthly, user
):
    second = sandbox.subscribe(
        customer=member.stripe_id, price=monthly.stripe_price_id
    )["id"]
    sync.sync_customer(customer=member, at=timezone.now())
    OutboxEntry.objects.update(next_attempt_at=timezone.now() + timedelta(minutes=5))

    accounts.deactivate(user=user)
    work()
    work(later=timedelta(minutes=10))

    assert statuses_at_stripe(member) == {"canceled"}
    assert Refund.objects.get().invoice.subscription.stripe_id == second


def test_deactivating_who_pays_nothing_orders_nothing(user):
    accounts.deactivate(user=user)

    assert not OutboxEntry.objects.exists()
