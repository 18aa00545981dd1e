"""Every change to what people buy and what we know about it."""

from billing.services.accounts import close_account, follow_email
from billing.services.catalog import (
    PriceRefusedError,
    check_new_amount,
    replace_price,
    subscribers_of,
    sync_plans,
    sync_plans_at_once,
)
from billing.services.checkout import (
    AlreadySubscribedError,
    CheckoutRefusedError,
    NotChargedError,
    OnHoldError,
    PaymentUnknownError,
    TermsChangedError,
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
from billing.services.holds import HoldRefusedError, open_hold, release_hold
from billing.services.notices import send_dated_notices
from billing.services.outbox import retry_entry, work_outbox
from billing.services.portal import (
    PortalUnavailableError,
    invoice_address,
    open_portal,
)
from billing.services.price_changes import (
    PriceChangeRefusedError,
    announce_price_changes,
    apply_price_changes,
    first_day,
    plan_price_change,
    successor,
    withdraw_price_change,
)
from billing.services.reconciliation import reconcile
from billing.services.refresh import refresh_stale
from billing.services.reports import MoneyReport, MonthOfMoney, money_report
from billing.services.subscriptions import (
    ChangeRefusedError,
    ChangeUnknownError,
    SwitchOffer,
    cancel_subscription,
    current_subscription,
    ends_at_once,
    is_running,
    keep_subscription,
    pause_subscription,
    preview_switch,
    resume_due,
    resume_subscription,
    switch_price,
    switchable_price,
)
from billing.services.terms import Offer, Terms, offer_for, terms_of

__all__ = [
    "AlreadySubscribedError",
    "ChangeRefusedError",
    "ChangeUnknownError",
    "CheckoutRefusedError",
    "EventRefusedError",
    "GrantRefusedError",
    "HoldRefusedError",
    "MoneyReport",
    "MonthOfMoney",
    "NotChargedError",
    "Offer",
    "OnHoldError",
    "PaymentUnknownError",
    "PortalUnavailableError",
    "PriceChangeRefusedError",
    "PriceRefusedError",
    "SwitchOffer",
    "Terms",
    "TermsChangedError",
    "announce_price_changes",
    "apply_price_changes",
    "backfill_events",
    "cancel_subscription",
    "check_new_amount",
    "close_account",
    "confirm_checkout",
    "current_subscription",
    "ends_at_once",
    "first_day",
    "follow_email",
    "grant_access",
    "invoice_address",
    "is_running",
    "keep_subscription",
    "money_report",
    "offer_for",
    "open_hold",
    "open_portal",
    "pause_subscription",
    "plan_price_change",
    "preview_switch",
    "receive_event",
    "reconcile",
    "refresh_customer",
    "refresh_stale",
    "release_hold",
    "replace_price",
    "replay_event",
    "resume_due",
    "resume_subscription",
    "retry_entry",
    "revoke_grant",
    "send_dated_notices",
    "start_checkout",
    "subscribers_of",
    "successor",
    "sweep_events",
    "switch_price",
    "switchable_price",
    "sync_plans",
    "sync_plans_at_once",
    "terms_of",
    "withdraw_price_change",
    "work_outbox",
]
