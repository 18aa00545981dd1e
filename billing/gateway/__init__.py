"""The only package that speaks to Stripe: plain values in, our own types out."""

from billing.gateway.calls import (
    RemoteSession,
    RemoteSubscription,
    create_customer,
    create_portal_session,
    create_session,
    ensure_price,
    ensure_product,
    expire_session,
    has_customer,
    list_subscriptions,
    retrieve_session,
)
from billing.gateway.client import (
    GatewayError,
    MissingError,
    NoAnswerError,
    RefusedError,
    is_configured,
    somebody_waits,
)
from billing.gateway.events import RemoteEvent, UnverifiedError, verify_event

__all__ = [
    "GatewayError",
    "MissingError",
    "NoAnswerError",
    "RefusedError",
    "RemoteEvent",
    "RemoteSession",
    "RemoteSubscription",
    "UnverifiedError",
    "create_customer",
    "create_portal_session",
    "create_session",
    "ensure_price",
    "ensure_product",
    "expire_session",
    "has_customer",
    "is_configured",
    "list_subscriptions",
    "retrieve_session",
    "somebody_waits",
    "verify_event",
]
