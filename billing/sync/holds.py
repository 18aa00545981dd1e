"""Opens and releases the holds that follow from refunds, disputes and frauds."""

from datetime import datetime

from django.db.models import Q, Sum

from billing.models import (
    AccessHold,
    CheckoutAttempt,
    Customer,
    Dispute,
    Invoice,
    OutboxEntry,
    Refund,
    Subscription,
)
from billing.sync.picture import Picture

FRAUD_WARNING = "radar.early_fraud_warning.created"
# An inquiry (warning_…) takes no money and holds nothing; a lost dispute stays closed.
HOLDING = {"needs_response", "under_review", "lost"}
RELEASING = {"won", "prevented", "warning_closed"}


def settle_holds(customer: Customer, picture: Picture, *, at: datetime) -> None:
    for dispute in customer.disputes.all():
        _settle_dispute(dispute, at=at)
    for charge_id in picture.payments.frauds:
        hold_for_fraud(customer, charge_id=charge_id, at=at)
    _settle_refunds(customer, at=at)
    close_pages(customer, at=at)
    if customer.user is not None and not customer.user.is_active:
        cancel_all(customer, at=at)


def hold_for_fraud(customer: Customer, *, charge_id: str, at: datetime) -> None:
    """Close what a payment opened that its card's owner does not know of."""
    _open(
        customer,
        kind=AccessHold.Kind.FRAUD,
        source_id=charge_id,
        reason="The payment was reported as fraudulent.",
        at=at,
    )


def cancel_all(customer: Customer, *, at: datetime) -> None:
    """Stop billing somebody whose account was deactivated, whoever finds that first."""
    # A second one is canceled by an order of its own, which sends its money back.
    for row in customer.subscriptions.live().filter(is_surplus=False):
        entry = OutboxEntry.objects.write(
            OutboxEntry.Kind.CANCEL,
            customer=customer,
            key=f"inactive-{row.stripe_id}",
            subject_id=row.stripe_id,
            at=at,
        )
        OutboxEntry.objects.insist(entry, at=at)
    _take_pages_back(customer, at=at)


def close_pages(customer: Customer, *, at: datetime) -> None:
    """Take the payment pages back that stand open while nobody may pay."""
    if customer.holds.blocking().exists():
        _take_pages_back(customer, at=at)


def _take_pages_back(customer: Customer, *, at: datetime) -> None:
    opened = CheckoutAttempt.objects.filter(
        user__billing_customer=customer, status="open", stripe_session_id__isnull=False
    )
    for session_id in opened.values_list("stripe_session_id", flat=True):
        OutboxEntry.objects.write(
            OutboxEntry.Kind.EXPIRE,
            customer=customer,
            key=f"expire-{session_id}",
            subject_id=session_id or "",
            at=at,
        )


def _settle_dispute(dispute: Dispute, *, at: datetime) -> None:
    if dispute.status in HOLDING:
        _open(
            dispute.customer,
            kind=AccessHold.Kind.DISPUTE,
            source_id=dispute.stripe_id,
            reason=f"A payment is disputed ({dispute.reason or 'no reason given'}).",
            at=at,
        )
        _cancel_disputed(dispute, at=at)
    elif dispute.status in RELEASING:
        _release(
            dispute.customer,
            kind=AccessHold.Kind.DISPUTE,
            sources=[dispute.stripe_id],
            reason=f"The dispute is over: {dispute.status}.",
            at=at,
        )


def _cancel_disputed(dispute: Dispute, *, at: datetime) -> None:
    """Stop billing who contests a payment."""
    for row in dispute.customer.subscriptions.live():
        if row.stripe_created_at > dispute.stripe_created_at:
            continue
        entry = OutboxEntry.objects.write(
            OutboxEntry.Kind.CANCEL,
            customer=dispute.customer,
            key=f"disputed-{dispute.stripe_id}-{row.stripe_id}",
            subject_id=row.stripe_id,
            at=at,
        )
        OutboxEntry.objects.insist(entry, at=at)


def _settle_refunds(customer: Customer, *, at: datetime) -> None:
    """Hold while the newest paid period was given back in full; a later one opens.

    A renewal that a coupon makes free is a period too, which no refund of an earlier one
    closes. One that a credit pays is not: the refunded payment may have left the credit.
    """
    is_free = Q(billing_reason="subscription_cycle", total=0, subtotal__gt=0)
    paid = customer.invoices.filter(
        is_free | Q(amount_paid__gt=0),
        status=Invoice.Status.PAID,
        subscription__is_surplus=False,  # a second one is given back, the first stays
    )
    newest = paid.order_by("-stripe_created_at", "-pk").first()
    is_given_back = (
        newest is not None
        and _is_given_back(newest)
        and not _has_begun_anew(customer, newest)
    )
    if newest is not None and is_given_back:
        _open(
            customer,
            kind=AccessHold.Kind.REFUND,
            source_id=newest.stripe_id,
            reason=f"Invoice {newest} was refunded in full.",
            at=at,
        )
    held = customer.holds.open().filter(kind=AccessHold.Kind.REFUND)
    moot = (
        held.exclude(source_id=newest.stripe_id) if is_given_back and newest else held
    )
    _release(
        customer,
        kind=AccessHold.Kind.REFUND,
        sources=list(moot.values_list("source_id", flat=True)),
        reason="The refund did not go through, or the period after it was paid.",
        at=at,
    )


def _is_given_back(invoice: Invoice) -> bool:
    given_back = invoice.refunds.filter(status__in=Refund.GIVEN_BACK)
    total = given_back.aggregate(total=Sum("amount"))["total"] or 0
    return bool(invoice.amount_paid and total >= invoice.amount_paid)


def _has_begun_anew(customer: Customer, refunded: Invoice) -> bool:
    """Say whether another subscription runs since, be it without a payment yet."""
    status = Subscription.Status
    running = customer.subscriptions.filter(
        is_surplus=False,
        status__in=(status.ACTIVE, status.TRIALING),
        stripe_created_at__gte=refunded.stripe_created_at,
    )
    return any(row.pk != refunded.subscription_id for row in running.only("pk"))


def _open(
    customer: Customer, *, kind: str, source_id: str, reason: str, at: datetime
) -> None:
    """Open the hold, again if it closed by itself; what staff released stays so."""
    hold, _is_new = AccessHold.objects.get_or_create(
        kind=kind,
        source_id=source_id,
        defaults={"customer": customer, "reason": reason, "opened_at": at},
    )
    by_itself = Q(released_at__isnull=False, released_by__isnull=True)
    AccessHold.objects.filter(by_itself, pk=hold.pk).update(
        released_at=None, released_reason="", opened_at=at, reason=reason
    )


def _release(
    customer: Customer, *, kind: str, sources: list[str], reason: str, at: datetime
) -> None:
    customer.holds.open().filter(kind=kind, source_id__in=sources).update(
        released_at=at, released_reason=reason
    )
