"""Plans, what people bought of them, and what Stripe told about it."""

from billing.models.checkout import CheckoutAttempt, RenewalConsent
from billing.models.customers import Customer
from billing.models.events import (
    EventListing,
    OutboxEntry,
    ReconcileRun,
    StripeEvent,
)
from billing.models.grants import AccessGrant, AccessHold
from billing.models.invoices import Dispute, Invoice, Refund
from billing.models.money import SYMBOLS, digits_of, display_amount, plain_amount
from billing.models.plans import Plan, Price
from billing.models.price_changes import PriceChange, PriceChangeNotice, next_price
from billing.models.subscriptions import Subscription

__all__ = [
    "SYMBOLS",
    "AccessGrant",
    "AccessHold",
    "CheckoutAttempt",
    "Customer",
    "Dispute",
    "EventListing",
    "Invoice",
    "OutboxEntry",
    "Plan",
    "Price",
    "PriceChange",
    "PriceChangeNotice",
    "ReconcileRun",
    "Refund",
    "RenewalConsent",
    "StripeEvent",
    "Subscription",
    "digits_of",
    "display_amount",
    "next_price",
    "plain_amount",
]
