from datetime import UTC, datetime, timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from billing.models import (
    AccessGrant,
    AccessHold,
    CheckoutAttempt,
    Customer,
    Dispute,
    Invoice,
    OutboxEntry,
    Plan,
    Price,
    PriceChange,
    ReconcileRun,
    Refund,
    RenewalConsent,
    StripeEvent,
    Subscription,
)
from tests.factories.accounts import UserFactory

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
MONTH = timedelta(days=30)


class PlanFactory(DjangoModelFactory[Plan]):
    class Meta:
        model = Plan
        django_get_or_create = ("slug",)

    slug = "membership"
    name = "Membership"
    entitlement = factory.SelfAttribute("slug")


class PriceFactory(DjangoModelFactory[Price]):
    class Meta:
        model = Price
        django_get_or_create = ("slug",)

    plan = factory.SubFactory(PlanFactory)
    slug = "monthly"
    unit_amount = 1995
    interval = "month"
    stripe_price_id = factory.LazyAttribute(lambda row: f"price_{row.slug}")

    class Params:
        yearly = factory.Trait(slug="yearly", unit_amount=19900, interval="year")


class CustomerFactory(DjangoModelFactory[Customer]):
    class Meta:
        model = Customer
        django_get_or_create = ("user",)

    user = factory.SubFactory(UserFactory)
    stripe_id = factory.Sequence("cus_{}".format)


class CheckoutAttemptFactory(DjangoModelFactory[CheckoutAttempt]):
    class Meta:
        model = CheckoutAttempt

    user = factory.SubFactory(UserFactory)
    price = factory.SubFactory(PriceFactory)


class SubscriptionFactory(DjangoModelFactory[Subscription]):
    """An active subscription in the middle of its month, today or at `now`."""

    class Meta:
        model = Subscription

    stripe_id = factory.Sequence("sub_{}".format)
    customer = factory.SubFactory(CustomerFactory)
    status = "active"
    price = factory.SubFactory(PriceFactory)
    current_period_start = factory.LazyAttribute(lambda row: row.now - MONTH / 2)
    current_period_end = factory.LazyAttribute(lambda row: row.now + MONTH / 2)
    stripe_created_at = factory.SelfAttribute("current_period_start")
    synced_at = factory.SelfAttribute("now")

    class Params:
        now = factory.LazyFunction(timezone.now)


class AccessGrantFactory(DjangoModelFactory[AccessGrant]):
    class Meta:
        model = AccessGrant

    user = factory.SubFactory(UserFactory)
    plan = factory.SubFactory(PlanFactory)
    valid_from = NOON - MONTH
    is_lifetime = factory.LazyAttribute(lambda grant: grant.valid_until is None)
    valid_until = None
    reason = "Sample reason"


class StripeEventFactory(DjangoModelFactory[StripeEvent]):
    class Meta:
        model = StripeEvent

    event_id = factory.Sequence("evt_{}".format)
    type = "customer.subscription.updated"
    stripe_created_at = NOON
    body = "{}"
    status = "received"
    received_at = NOON
    next_attempt_at = NOON
    processed_at = factory.LazyAttribute(
        lambda row: row.received_at if row.status == "processed" else None
    )


class InvoiceFactory(DjangoModelFactory[Invoice]):
    """A paid month."""

    class Meta:
        model = Invoice

    stripe_id = factory.Sequence("in_{}".format)
    customer = factory.SubFactory(CustomerFactory)
    number = factory.Sequence("NAT-{:04}".format)
    status = "paid"
    billing_reason = "subscription_cycle"
    currency = "usd"
    subtotal = 1995
    total = factory.SelfAttribute("subtotal")
    amount_due = factory.SelfAttribute("subtotal")
    amount_paid = factory.SelfAttribute("subtotal")
    amount_remaining = 0
    payment_intent_id = factory.Sequence("pi_{}".format)
    stripe_created_at = NOON
    paid_at = NOON
    synced_at = NOON


class RefundFactory(DjangoModelFactory[Refund]):
    class Meta:
        model = Refund

    stripe_id = factory.Sequence("re_{}".format)
    invoice = factory.SubFactory(InvoiceFactory)
    customer = factory.SelfAttribute("invoice.customer")
    charge_id = factory.Sequence("ch_{}".format)
    currency = "usd"
    amount = 1995
    status = "succeeded"
    stripe_created_at = NOON
    synced_at = NOON


class DisputeFactory(DjangoModelFactory[Dispute]):
    class Meta:
        model = Dispute

    stripe_id = factory.Sequence("du_{}".format)
    invoice = factory.SubFactory(InvoiceFactory)
    customer = factory.SelfAttribute("invoice.customer")
    charge_id = factory.Sequence("ch_{}".format)
    currency = "usd"
    amount = 1995
    status = "needs_response"
    stripe_created_at = NOON
    synced_at = NOON


class AccessHoldFactory(DjangoModelFactory[AccessHold]):
    class Meta:
        model = AccessHold

    customer = factory.SubFactory(CustomerFactory)
    kind = "dispute"
    source_id = factory.Sequence("du_{}".format)
    reason = "Sample reason"
    opened_at = NOON


class RenewalConsentFactory(DjangoModelFactory[RenewalConsent]):
    class Meta:
        model = RenewalConsent

    customer = factory.SubFactory(CustomerFactory)
    text_version = "2026-11"
    text = "I agree to the renewal."
    currency = "usd"
    unit_amount = 1995
    interval = "month"
    agreed_at = NOON


class OutboxEntryFactory(DjangoModelFactory[OutboxEntry]):
    class Meta:
        model = OutboxEntry

    kind = "cancel"
    customer = factory.SubFactory(CustomerFactory)
    subject_id = factory.Sequence("sub_{}".format)
    key = factory.Sequence("key-{}".format)
    next_attempt_at = NOON


class ReconcileRunFactory(DjangoModelFactory[ReconcileRun]):
    class Meta:
        model = ReconcileRun

    started_at = NOON


class PriceChangeFactory(DjangoModelFactory[PriceChange]):
    class Meta:
        model = PriceChange

    from_price = factory.SubFactory(PriceFactory, slug="monthly-old", is_active=False)
    to_price = factory.SubFactory(PriceFactory, unit_amount=2495)
    starts_date = factory.LazyFunction(
        lambda: timezone.localdate() + timedelta(days=10)
    )
