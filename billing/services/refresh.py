"""Reads again what may have changed without a word: access stays right by itself."""

import logging
from datetime import datetime, timedelta
from time import monotonic

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from billing import gateway, sync
from billing.models import CheckoutAttempt, Customer, Subscription
from billing.services.bad_rows import BAD_ROW

logger = logging.getLogger(__name__)

OVERDUE_AFTER = timedelta(hours=1)
TIME_TO_PAY = timedelta(minutes=2)
# Less than the ten minutes between two visits, which do not begin at equal moments.
REST = timedelta(minutes=8)
REFRESHED_AT_ONCE = 200


def refresh_stale(*, at: datetime) -> int:
    """Read the customers who wait for something; say how many were read."""
    if not gateway.is_configured():
        return 0
    longest_unread = F("synced_at").asc(nulls_first=True)
    began = monotonic()
    refreshed = 0
    for customer in _stale(at=at).order_by(longest_unread, "pk")[:REFRESHED_AT_ONCE]:
        try:
            # The claim of a customer carries the moment at which it is read.
            now = at + timedelta(seconds=monotonic() - began)
            sync.sync_customer(customer=customer, at=now)
        except sync.SyncBusyError:
            continue
        except gateway.NoAnswerError:
            logger.warning("stripe does not answer: the rest is read next time")
            break
        except BAD_ROW:
            logger.exception("customer %s cannot be read", customer)
        else:
            refreshed += 1
    return refreshed


def close_overdue_attempts(*, at: datetime) -> int:
    """Close the attempts whose page is over, or never came; say how many there were."""
    if not gateway.is_configured():
        return 0
    status = CheckoutAttempt.Status
    overdue = CheckoutAttempt.objects.filter(
        status=status.OPEN, expires_at__lte=at - OVERDUE_AFTER
    ).order_by("expires_at")
    closed = 0
    for attempt in overdue[:REFRESHED_AT_ONCE]:
        try:
            is_over = _is_over(attempt)
        except gateway.GatewayError as error:
            logger.warning("open payment pages are closed next time: %s", error)
            break
        if is_over:
            still_open = CheckoutAttempt.objects.filter(pk=attempt.pk, status="open")
            closed += still_open.update(status=status.EXPIRED)
    return closed


def _is_over(attempt: CheckoutAttempt) -> bool:
    """Ask Stripe about the page; one that was paid is left to who reads its customer."""
    if not attempt.stripe_session_id:
        return True
    try:
        session = gateway.retrieve_session(attempt.stripe_session_id)
    except gateway.MissingError:
        return True
    return session.status == "expired"


def _stale(*, at: datetime) -> QuerySet[Customer]:
    """Find who may have paid, and whose payment or period is due."""
    paying = CheckoutAttempt.objects.filter(
        user=OuterRef("user"),
        status=CheckoutAttempt.Status.OPEN,
        stripe_session_id__isnull=False,
        created_at__lte=at - TIME_TO_PAY,
    )
    status = Subscription.Status
    is_due = Q(status__in=(status.PAST_DUE, status.INCOMPLETE))
    is_over = Q(status__in=(status.ACTIVE, status.TRIALING)) & (
        Q(current_period_end__lte=at) | Q(cancel_at__lte=at)
    )
    due = Subscription.objects.filter(
        is_due | is_over, customer=OuterRef("pk"), synced_at__lte=at - REST
    )
    return Customer.objects.filter(
        Exists(paying) | Exists(due), stripe_id__isnull=False, deleted_at__isnull=True
    )
