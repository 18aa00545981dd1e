"""Derives notices from what has changed, never from the kind of an event."""

from billing import emails
from billing.models import Customer, Subscription
from billing.sync.rows import Changes

OPENING = {Subscription.Status.ACTIVE, Subscription.Status.TRIALING}


def announce(customer: Customer, changes: Changes) -> None:
    """Queue each notice once: the outbox knows what it has sent before."""
    if customer.user is None:
        return
    for before, row in changes.subscriptions:
        if not row.is_surplus:
            _about_subscription(before, row)


def _about_subscription(before: Subscription | None, row: Subscription) -> None:
    user = row.customer.user
    is_new = before is None or before.status == Subscription.Status.INCOMPLETE
    if is_new and row.status in OPENING and row.price and user:
        emails.started(row, user=user).queue()
