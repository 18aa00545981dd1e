"""What Stripe says about a customer, reduced to what the rows keep."""

import logging
from collections.abc import Iterator, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import stripe

from billing.gateway.client import MissingError, client, translated

logger = logging.getLogger(__name__)

RECENT = 24  # invoices that a visit looks at: two years of months
# Tries that failed count too: a few of them must not hide a dispute.
PAYMENTS = 100
# What names a person, wherever it stands: the account knows it, Stripe shows it.
PERSONAL = frozenset(
    {
        *("customer_name", "customer_email", "customer_phone", "customer_address"),
        *("customer_shipping", "customer_tax_ids", "customer_details"),
        *("billing_details", "shipping", "shipping_details", "wallet"),
        *("email", "phone", "address", "payer_email", "receipt_email"),
    }
)


@dataclass(frozen=True, kw_only=True)
class RemoteCustomer:
    """A customer at Stripe; one that was deleted, or never was, is gone."""

    is_gone: bool = False
    currency: str = ""
    balance: int = 0  # less than nothing is a credit
    card_brand: str = ""
    card_last4: str = ""
    card_expiry_date: date | None = None


@dataclass(frozen=True, kw_only=True)
class RemoteSubscription:
    """A subscription at Stripe."""

    id: str
    customer_id: str
    status: str
    price_id: str
    item_id: str
    quantity: int
    currency: str
    current_period_start: datetime | None
    current_period_end: datetime | None
    cancel_at: datetime | None
    cancel_at_period_end: bool
    canceled_at: datetime | None
    ended_at: datetime | None
    trial_ends_at: datetime | None
    paused_at: datetime | None
    latest_invoice_id: str
    unpaid_since: datetime | None
    created_at: datetime
    card: RemoteCustomer = field(default_factory=RemoteCustomer)
    raw: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True)
class RemoteInvoice:
    """An invoice at Stripe; amounts in the smallest unit of its currency."""

    id: str
    subscription_id: str
    number: str
    status: str
    billing_reason: str
    price_id: str
    currency: str
    subtotal: int
    tax: int
    total: int
    amount_due: int
    amount_paid: int
    amount_remaining: int
    period_start: datetime | None
    period_end: datetime | None
    created_at: datetime
    paid_at: datetime | None
    attempt_count: int
    next_payment_attempt_at: datetime | None
    needs_confirmation: bool
    payment_intent_id: str
    hosted_invoice_url: str
    invoice_pdf: str
    raw: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True)
class RemoteMovement:
    """A refund or a dispute at Stripe."""

    id: str
    charge_id: str
    payment_intent_id: str
    currency: str
    amount: int
    status: str
    reason: str
    created_at: datetime
    evidence_due_at: datetime | None = None  # of a dispute that the bank hears us on


@dataclass(frozen=True, kw_only=True)
class RemotePayments:
    """What became of the money of one customer after it was paid."""

    refunds: list[RemoteMovement] = field(default_factory=list)
    disputes: list[RemoteMovement] = field(default_factory=list)
    frauds: list[str] = field(default_factory=list)  # ids of charges


def retrieve_customer(customer_id: str) -> RemoteCustomer:
    # In one call: a card that Stripe misses must not look like a customer that is gone.
    try:
        with translated():
            found = client().v1.customers.retrieve(
                customer_id, {"expand": ["invoice_settings.default_payment_method"]}
            )
    except MissingError:
        return RemoteCustomer(is_gone=True)
    if getattr(found, "deleted", False):
        return RemoteCustomer(is_gone=True)
    settings = found.invoice_settings
    card = _card(settings and settings.default_payment_method)
    return replace(card, currency=found.currency or "", balance=found.balance or 0)


def list_subscriptions(customer_id: str) -> list[RemoteSubscription]:
    """Return every subscription the customer ever had."""
    with translated():
        page = client().v1.subscriptions.list(
            {
                "customer": customer_id,
                "status": "all",
                "limit": 100,
                "expand": ["data.latest_invoice", "data.default_payment_method"],
            }
        )
        return [_subscription(found) for found in page.auto_paging_iter()]


def list_all_subscriptions() -> Iterator[RemoteSubscription]:
    """Yield every subscription of the account, of people that we know or not."""
    with translated():
        page = client().v1.subscriptions.list(
            {"status": "all", "limit": 100, "expand": ["data.latest_invoice"]}
        )
        for found in page.auto_paging_iter():
            try:
                told = _subscription(found)
            except (AttributeError, LookupError, TypeError, ValueError):
                logger.exception("subscription %s cannot be read", found.id)
                continue
            yield replace(told, raw={})  # nobody needs it, and there are many


def list_invoices(customer_id: str) -> list[RemoteInvoice]:
    """Return the newest invoices; older ones have been told before."""
    with translated():
        page = client().v1.invoices.list(
            {"customer": customer_id, "limit": RECENT, "expand": ["data.payments"]}
        )
        return [_invoice(found) for found in page.data]


def invoice_addresses(invoice_id: str) -> tuple[str, str]:
    """Return the addresses of the invoice's page and of its file."""
    with translated():
        found = client().v1.invoices.retrieve(invoice_id)
    return found.hosted_invoice_url or "", found.invoice_pdf or ""


def list_payments(customer_id: str, *, refunded: Set[str]) -> RemotePayments:
    """Return the refunds and the disputes of the newest payments.

    Payments in `refunded` are looked into although they show no refund now.
    """
    told = RemotePayments()
    with translated():
        v1 = client().v1
        tried = v1.charges.list({"customer": customer_id, "limit": PAYMENTS})
        for charge in tried.data:
            if charge.amount_refunded or charge.id in refunded:
                found = v1.refunds.list({"charge": charge.id, "limit": 100})
                told.refunds.extend(_movement(refund) for refund in found.data)
            if charge.disputed:
                contested = v1.disputes.list({"charge": charge.id, "limit": 100})
                told.disputes.extend(_movement(dispute) for dispute in contested.data)
            if _is_fraudulent(charge):
                told.frauds.append(charge.id)
    return told


def _is_fraudulent(charge: stripe.Charge) -> bool:
    told = charge.fraud_details
    reports = (getattr(told, name, None) for name in ("user_report", "stripe_report"))
    return "fraudulent" in reports


def _card(method: Any) -> RemoteCustomer:
    card = getattr(method, "card", None)
    if card is None:
        return RemoteCustomer()
    return RemoteCustomer(
        card_brand=card.brand or "",
        card_last4=card.last4 or "",
        card_expiry_date=_last_day(card.exp_year, card.exp_month),
    )


def _last_day(year: int, month: int) -> date:
    # A card is good to the end of its month.
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    return first_of_next - timedelta(days=1)


def _subscription(found: stripe.Subscription) -> RemoteSubscription:
    # Periods live on the items: the subscription itself has none since 2025.
    item = found["items"].data[0] if found["items"].data else None
    invoice = found.latest_invoice
    return RemoteSubscription(
        id=found.id,
        customer_id=id_of(found.customer),
        status=found.status,
        price_id=item.price.id if item else "",
        item_id=item.id if item else "",
        quantity=(item.quantity if item else None) or 1,
        currency=found.currency,
        current_period_start=moment(item and item.current_period_start),
        current_period_end=moment(item and item.current_period_end),
        cancel_at=moment(found.cancel_at),
        cancel_at_period_end=found.cancel_at_period_end,
        canceled_at=moment(found.canceled_at),
        ended_at=moment(found.ended_at),
        trial_ends_at=moment(found.trial_end),
        paused_at=_paused_at(found),
        latest_invoice_id=id_of(invoice),
        unpaid_since=_unpaid_since(invoice),
        created_at=datetime.fromtimestamp(found.created, tz=UTC),
        card=_card(found.default_payment_method),
        raw=_storable(found.to_dict(for_json=True)),
    )


def _paused_at(found: stripe.Subscription) -> datetime | None:
    details = getattr(found, "status_details", None)
    paused = getattr(details, "paused", None)
    return moment(getattr(paused, "transitioned_at", None))


def _unpaid_since(invoice: object) -> datetime | None:
    if not isinstance(invoice, stripe.Invoice) or invoice.status != "open":
        return None
    return moment(invoice.status_transitions.finalized_at or invoice.created)


def _invoice(found: stripe.Invoice) -> RemoteInvoice:
    parent = found.parent
    details = parent.subscription_details if parent else None
    intent_id = payment_intent_id(found)
    is_tried = found.status == "open" and bool(found.attempt_count and intent_id)
    return RemoteInvoice(
        id=found.id or "",
        subscription_id=id_of(details.subscription) if details else "",
        number=found.number or "",
        status=found.status or "draft",
        billing_reason=found.billing_reason or "",
        price_id=_price_id(found),
        currency=found.currency,
        subtotal=found.subtotal,
        tax=sum(tax.amount for tax in found.total_taxes or []),
        total=found.total,
        amount_due=found.amount_due,
        amount_paid=found.amount_paid,
        amount_remaining=found.amount_remaining,
        period_start=moment(found.period_start),
        period_end=moment(found.period_end),
        created_at=datetime.fromtimestamp(found.created, tz=UTC),
        paid_at=moment(found.status_transitions.paid_at),
        attempt_count=found.attempt_count,
        next_payment_attempt_at=moment(found.next_payment_attempt),
        needs_confirmation=is_tried and is_asked_to_confirm(intent_id),
        payment_intent_id=intent_id,
        hosted_invoice_url=found.hosted_invoice_url or "",
        invoice_pdf=found.invoice_pdf or "",
        raw=_storable(found.to_dict(for_json=True)),
    )


def _price_id(found: stripe.Invoice) -> str:
    """Return what the subscription costs from this invoice on.

    After a switch the old price is there too, as the credit for its rest.
    """
    priced = [
        (line.amount >= 0, line.period.end, id_of(line.pricing.price_details.price))
        for line in found.lines.data
        if line.pricing and line.pricing.price_details
    ]
    return max(priced)[-1] if priced else ""


def payment_intent_id(found: stripe.Invoice) -> str:
    """Return what paid an invoice whose payments were asked for as well."""
    payments = getattr(found, "payments", None)
    for payment in payments.data if payments else []:
        if payment.payment.payment_intent:
            return id_of(payment.payment.payment_intent)
    return ""


def is_asked_to_confirm(intent_id: str) -> bool:
    """Say whether the bank waits for a word of the payer."""
    intent = client().v1.payment_intents.retrieve(intent_id)
    return intent.status == "requires_action"


def _movement(found: stripe.Refund | stripe.Dispute) -> RemoteMovement:
    return RemoteMovement(
        id=found.id,
        charge_id=id_of(found.charge),
        payment_intent_id=id_of(found.payment_intent),
        currency=found.currency,
        amount=found.amount,
        status=found.status or "",
        reason=found.reason or "",
        created_at=datetime.fromtimestamp(found.created, tz=UTC),
        evidence_due_at=_evidence_due_at(found),
    )


def _evidence_due_at(found: stripe.Refund | stripe.Dispute) -> datetime | None:
    details = getattr(found, "evidence_details", None)
    due_by = getattr(details, "due_by", None)
    return datetime.fromtimestamp(due_by, tz=UTC) if due_by else None


def _storable(value: Any) -> Any:  # a part of an object: anything that JSON can hold
    """Leave out who it is, and replace what PostgreSQL refuses in what members type."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode(errors="replace").decode()
    if isinstance(value, dict):
        return {
            key: _storable(part) for key, part in value.items() if key not in PERSONAL
        }
    if isinstance(value, list):
        return [_storable(part) for part in value]
    return value


def id_of(value: Any) -> str:
    """Return the id of what Stripe gives as an id, as the whole object, or not at all."""
    if value is None:
        return ""
    return value if isinstance(value, str) else str(value.id)


def moment(timestamp: int | None) -> datetime | None:
    return datetime.fromtimestamp(timestamp, tz=UTC) if timestamp else None
