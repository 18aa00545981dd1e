"""Every change to what people buy and what we know about it."""

from billing.services.catalog import sync_plans
from billing.services.checkout import (
    AlreadySubscribedError,
    CheckoutRefusedError,
    NotChargedError,
    PaymentUnknownError,
    confirm_checkout,
    refresh_customer,
    start_checkout,
)
from billing.services.events import (
    EventRefusedError,
    receive_event,
    replay_event,
    sweep_events,
)
from billing.services.grants import GrantRefusedError, grant_access, revoke_grant
from billing.services.portal import PortalUnavailableError, open_portal

__all__ = [
    "AlreadySubscribedError",
    "CheckoutRefusedError",
    "EventRefusedError",
    "GrantRefusedError",
    "NotChargedError",
    "PaymentUnknownError",
    "PortalUnavailableError",
    "confirm_checkout",
    "grant_access",
    "open_portal",
    "receive_event",
    "refresh_customer",
    "replay_event",
    "revoke_grant",
    "start_checkout",
    "sweep_events",
    "sync_plans",
]
