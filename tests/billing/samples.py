"""One of each email about money, composed of rows that no database holds."""

from datetime import date, timedelta

from billing import emails
from billing.models import PriceChangeNotice
from tests.factories.billing import (
    CustomerFactory,
    DisputeFactory,
    InvoiceFactory,
    PriceChangeFactory,
    PriceFactory,
    RefundFactory,
    RenewalConsentFactory,
    SubscriptionFactory,
)

DAY = timedelta(days=1)


def office_samples(*, user, at):
    """Compose what the office is told, which greets nobody."""
    customer = CustomerFactory.build(user=user)
    dispute = DisputeFactory.build(
        pk=1,
        invoice=InvoiceFactory.build(customer=customer),
        customer=customer,
        evidence_due_at=at + 7 * DAY,
    )
    return [emails.dispute_opened(dispute, at=at)]


def billing_samples(*, user, at):
    monthly = PriceFactory.build()
    yearly = PriceFactory.build(yearly=True, plan=monthly.plan)
    customer = CustomerFactory.build(
        user=user,
        card_brand="visa",
        card_last4="4242",
        card_expiry_date=date(2030, 9, 30),
    )
    member = SubscriptionFactory.build(
        pk=1,
        customer=customer,
        price=monthly,
        now=at,
        past_due_since=at - DAY,
        trial_ends_at=at + 3 * DAY,
        cancel_at=at + 15 * DAY,
        resumes_at=at + 30 * DAY,
    )
    paid = InvoiceFactory.build(
        customer=customer,
        subscription=member,
        tax=195,
        period_start=at,
        period_end=at + 30 * DAY,
        pk=1,
        invoice_pdf="https://pay.example/invoice.pdf",
    )
    unpaid = InvoiceFactory.build(
        customer=customer,
        subscription=member,
        status="open",
        amount_remaining=1995,
        next_payment_attempt_at=at + 3 * DAY,
        pk=7,
        hosted_invoice_url="https://pay.example/invoice",
    )
    refund = RefundFactory.build(invoice=paid, customer=customer)
    consent = RenewalConsentFactory.build(customer=customer, agreed_at=at)
    change = PriceChangeFactory.build(from_price=monthly, to_price=yearly)
    notice = PriceChangeNotice(
        pk=1, change=change, subscription=member, takes_effect_at=at
    )
    return [
        emails.started(member, user=user, paid=paid, consent=consent),
        emails.receipt(paid, user=user),
        emails.payment_failed(unpaid, subscription=member, user=user, step="0", at=at),
        emails.confirm_payment(unpaid, user=user),
        emails.card_expiring(member, user=user, step="30"),
        emails.trial_ending(member, user=user),
        emails.canceled(member, user=user),
        emails.ended(member, user=user),
        emails.paused(member, user=user),
        emails.resumed(member, user=user),
        emails.kept(member, before=member, user=user, is_held=False),
        emails.price_changed(member, before=monthly, after=yearly, user=user),
        emails.price_will_change(notice, user=user),
        emails.price_stays(notice, user=user),
        emails.renewal_reminder(member, user=user, year=2027),
        emails.refunded(refund, user=user, is_closed=True),
        emails.charged_twice(refund, subscription=member, user=user),
    ]
