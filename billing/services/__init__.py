"""Every change to what people buy and what we know about it."""

from billing.services.accounts import close_account, follow_email
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
    backfill_events,
    receive_event,
    replay_event,
    sweep_events,
)
from billing.services.grants import GrantRefusedError, grant_access, revoke_grant
from billing.services.notices import send_dated_notices
from billing.services.outbox import retry_entry, work_outbox
from billing.services.portal import PortalUnavailableError, open_portal
from billing.services.reconciliation import reconcile
from billing.services.refresh import refresh_stale

__all__ = [
    "AlreadySubscribedError",
    "CheckoutRefusedError",
    "EventRefusedError",
    "GrantRefusedError",
    "NotChargedError",
    "PaymentUnknownError",
    "PortalUnavailableError",
    "backfill_events",
    "close_account",
    "confirm_checkout",
    "follow_email",
    "grant_access",
    "open_portal",
    "receive_event",
    "reconcile",
    "refresh_customer",
    "refresh_stale",
    "replay_event",
    "retry_entry",
    "revoke_grant",
    "send_dated_notices",
    "start_checkout",
    "sweep_events",
    "sync_plans",
    "work_outbox",
]
