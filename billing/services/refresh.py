"""Reads again what may have changed without a word: access stays right by itself."""

import logging
from datetime import datetime, timedelta
from time import monotonic

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from billing import gateway, sync
from billing.models import CheckoutAttempt, Customer, Subscription
from billing.services.bad_rows import BAD_ROW

logger = logging.getLogger(__name__)

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
