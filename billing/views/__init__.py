"""What members and those who may become one see of their payments."""

from billing.views.changes import (
    SubscriptionCancel,
    SubscriptionPause,
    SubscriptionSwitch,
    keep_subscription,
    resume_subscription,
)
from billing.views.overview import SubscriptionDetail, open_invoice, open_portal
from billing.views.pricing import CheckoutDone, CheckoutStart, PriceList

__all__ = [
    "CheckoutDone",
    "CheckoutStart",
    "PriceList",
    "SubscriptionCancel",
    "SubscriptionDetail",
    "SubscriptionPause",
    "SubscriptionSwitch",
    "keep_subscription",
    "open_invoice",
    "open_portal",
    "resume_subscription",
]
