"""What members read about their money: each email once, by the key of its fact."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from billing.models import (
    Customer,
    Dispute,
    Invoice,
    Price,
    PriceChangeNotice,
    Refund,
    RenewalConsent,
    Subscription,
    display_amount,
    next_price,
)
from mail.models import Category
from mail.services import Email

STRIPE_PAGES = "https://dashboard.stripe.com"


def started(
    subscription: Subscription,
    *,
    user: User,
    paid: Invoice | None = None,
    consent: RenewalConsent | None = None,
) -> Email:
    """Acknowledge what was agreed: price, dates, consent, how to cancel."""
    return _email(
        "started",
        user=user,
        key=f"subscription-started:{subscription.stripe_id}",
        subscription=subscription,
        price=subscription.price,
        is_trial=subscription.status == Subscription.Status.TRIALING,
        paid=_facts(paid) if paid else None,
        consent=consent,
    )


def receipt(invoice: Invoice, *, user: User) -> Email:
    return _email(
        "receipt",
        user=user,
        key=f"receipt:{invoice.stripe_id}",
        subscription=invoice.subscription,
        is_dead=invoice.is_dead,
        card=_card(invoice.customer),
        **_facts(invoice),
    )


def payment_failed(
    invoice: Invoice,
    *,
    subscription: Subscription,
    user: User,
    step: str,
    at: datetime,
) -> Email:
    """Ask to pay, with another card or not; the step is a number of days, or `last`."""
    access_until = subscription.grace_ends_at
    return _email(
        "payment_failed",
        user=user,
        key=f"payment-failed:{invoice.stripe_id}:{step}",
        invoice=invoice,
        amount=_money(invoice.amount_remaining, invoice.currency),
        access_until=access_until,
        is_closed=access_until is None or access_until <= at,
        is_last=step == "last",
        retry_at=invoice.tried_again_at(at=at),
        card=_card(invoice.customer),
        card_url=card_url(),
        button_url=_pay_url(invoice),
    )


def confirm_payment(invoice: Invoice, *, user: User) -> Email:
    """Lead to the page on which the bank asks the member."""
    return _email(
        "confirm_payment",
        user=user,
        key=f"confirm-payment:{invoice.stripe_id}",
        amount=_money(invoice.amount_remaining, invoice.currency),
        button_url=_pay_url(invoice),
    )


def card_expiring(subscription: Subscription, *, user: User, step: str) -> Email:
    customer = subscription.customer
    return _email(
        "card_expiring",
        user=user,
        key=f"card-expiring:{customer.pk}:{customer.card_expiry_date}:{step}",
        card=_card(customer),
        expiry_date=customer.card_expiry_date,
        subscription=subscription,
        button_url=card_url(),
    )


def trial_ending(subscription: Subscription, *, user: User) -> Email:
    return _email(
        "trial_ending",
        user=user,
        key=f"trial-ending:{_of(subscription, subscription.trial_ends_at)}",
        price=next_price(subscription),
        ends_at=subscription.trial_ends_at,
    )


def canceled(subscription: Subscription, *, user: User, is_held: bool = False) -> Email:
    return _email(
        "canceled",
        user=user,
        key=f"subscription-canceled:{_cancellation(subscription)}",
        ends_at=subscription.ends_at,
        is_held=is_held,
    )


def kept(
    subscription: Subscription, *, before: Subscription, user: User, is_held: bool
) -> Email:
    """Confirm that a cancellation was taken back, once for each cancellation."""
    return _email(
        "kept",
        user=user,
        key=f"subscription-kept:{_cancellation(before)}",
        subscription=subscription,
        price=next_price(subscription),
        is_held=is_held,
    )


def ended(
    subscription: Subscription, *, user: User, is_disputed: bool = False
) -> Email:
    key = f"{subscription.stripe_id}:{subscription.latest_invoice_id}"
    return _email(
        "ended",
        user=user,
        key=f"subscription-ended:{key}",
        is_unpaid=subscription.ended_unpaid,
        is_payable=subscription.status == Subscription.Status.UNPAID,
        is_disputed=is_disputed,
        ended_at=subscription.ended_at or subscription.synced_at,
    )


def paused(subscription: Subscription, *, user: User) -> Email:
    paused_at = subscription.paused_at or subscription.synced_at
    return _email(
        "paused",
        user=user,
        key=f"subscription-paused:{_of(subscription, paused_at)}",
        resumes_at=subscription.resumes_at,
        credit=subscription.customer.credit_words,
    )


def resumed(subscription: Subscription, *, user: User) -> Email:
    begins_at = subscription.current_period_start
    return _email(
        "resumed",
        user=user,
        key=f"subscription-resumed:{_of(subscription, begins_at)}",
        subscription=subscription,
        price=subscription.price,
    )


def price_changed(
    subscription: Subscription, *, before: Price, after: Price, user: User
) -> Email:
    change = f"{before.pk}-{after.pk}:{subscription.latest_invoice_id}"
    return _email(
        "price_changed",
        user=user,
        key=f"price-changed:{subscription.stripe_id}:{change}",
        before=before,
        price=after,
        changed_at=subscription.synced_at,
        subscription=subscription,
    )


def price_will_change(notice: PriceChangeNotice, *, user: User) -> Email:
    return _email(
        "price_will_change",
        user=user,
        key=f"price-will-change:{notice.pk}",
        before=notice.change.from_price,
        price=notice.change.to_price,
        renews_at=notice.takes_effect_at,
    )


def price_stays(notice: PriceChangeNotice, *, user: User) -> Email:
    return _email(
        "price_stays",
        user=user,
        key=f"price-stays:{notice.pk}",
        price=notice.change.from_price,
        renews_at=notice.takes_effect_at,
    )


def renewal_reminder(subscription: Subscription, *, user: User, year: int) -> Email:
    return _email(
        "renewal_reminder",
        user=user,
        key=f"renewal-reminder:{subscription.stripe_id}:{year}",
        price=next_price(subscription),
        renews_at=subscription.current_period_end,
    )


def refunded(refund: Refund, *, user: User, is_closed: bool) -> Email:
    subscription = refund.invoice.subscription if refund.invoice else None
    return _email(
        "refunded",
        user=user,
        key=f"refund:{refund.stripe_id}",
        amount=_money(refund.amount, refund.currency),
        sent_at=refund.stripe_created_at,
        invoice=refund.invoice,
        is_closed=is_closed,
        is_renewing=subscription is not None
        and subscription.status in Subscription.LIVE
        and subscription.ends_at is None,
    )


def charged_twice(refund: Refund, *, subscription: Subscription, user: User) -> Email:
    return _email(
        "charged_twice",
        user=user,
        key=f"charged-twice:{subscription.stripe_id}",
        amount=_money(refund.amount, refund.currency),
    )


def dispute_opened(dispute: Dispute, *, at: datetime) -> Email:
    """Tell the office, once, that a bank wants an answer, and until when."""
    page = reverse("admin:billing_dispute_change", args=[dispute.pk])
    mode = "" if settings.STRIPE_IS_LIVE else "/test"
    is_inquiry = dispute.status.startswith("warning")
    # An inquiry may become a dispute, which takes money: that is told again.
    kind = "inquiry" if is_inquiry else "dispute"
    return Email(
        template="billing/dispute_opened",
        to=settings.SUPPORT_EMAIL,
        category=Category.BILLING,
        dedupe_key=f"{kind}-opened:{dispute.stripe_id}",
        context={
            "amount": _money(dispute.amount, dispute.currency),
            "dispute": dispute,
            "member": dispute.customer.user,
            "reason": dispute.reason.replace("_", " "),
            "is_inquiry": is_inquiry,
            "days_left": dispute.days_left(at=at),
            "admin_url": settings.SITE_URL + page,
            "stripe_url": f"{STRIPE_PAGES}{mode}/payments/{dispute.charge_id}",
        },
    )


def billing_url() -> str:
    return settings.SITE_URL + reverse("billing:subscription-detail")


def card_url() -> str:
    """Return the place of the billing page where the card is changed."""
    return f"{billing_url()}#card"


def _pay_url(invoice: Invoice) -> str:
    """Return where an invoice is paid: Stripe's own address ends after a month."""
    if not invoice.hosted_invoice_url:
        return billing_url()
    return settings.SITE_URL + reverse("billing:invoice-open", args=[invoice.pk])


def _document_url(invoice: Invoice) -> str:
    """Return where the PDF is asked of Stripe, whose own address of it ends too."""
    if not invoice.invoice_pdf:
        return _pay_url(invoice)
    return settings.SITE_URL + reverse("billing:invoice-pdf", args=[invoice.pk])


def _money(amount: int, currency: str) -> str:
    """Write money that moves with its cents, as the billing page does: $5.00."""
    return display_amount(amount, currency, is_long=True)


def _email(name: str, *, user: User, key: str, **context: object) -> Email:
    return Email(
        template=f"billing/{name}",
        to=user.email,
        user=user,
        category=Category.BILLING,
        dedupe_key=key,
        context={"user": user, "billing_url": billing_url(), **context},
    )


def _facts(invoice: Invoice) -> dict[str, object]:
    """Return what was paid, the tax in it, which is often none, and the document."""
    tax = _money(invoice.tax, invoice.currency) if invoice.tax else ""
    return {
        "invoice": invoice,
        "amount": _money(invoice.amount_paid, invoice.currency),
        "tax": tax,
        "document_url": _document_url(invoice),
    }


def _card(customer: Customer) -> str:
    if not customer.card_last4:
        return ""
    brand = customer.card_brand.replace("_", " ").title() or "card"
    return f"{brand} ending in {customer.card_last4}"


def _cancellation(subscription: Subscription) -> str:
    """Name one cancellation: the same end may be chosen, taken back and chosen again."""
    asked_at = subscription.canceled_at
    asked = f":{asked_at.timestamp():.0f}" if asked_at else ""
    return f"{_of(subscription, subscription.ends_at)}{asked}"


def _of(subscription: Subscription, moment: datetime | None) -> str:
    day = moment.date().isoformat() if moment else "unknown"
    return f"{subscription.stripe_id}:{day}"
