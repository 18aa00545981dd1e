"""Reads all that Stripe says about one customer; nothing is written here."""

from dataclasses import dataclass, field

from billing import gateway
from billing.models import CheckoutAttempt, Customer


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What Stripe said about one customer at one moment."""

    customer: gateway.RemoteCustomer
    is_complete: bool = False  # what it does not name, Stripe does not have
    subscriptions: list[gateway.RemoteSubscription] = field(default_factory=list)
    invoices: list[gateway.RemoteInvoice] = field(default_factory=list)
    payments: gateway.RemotePayments = field(default_factory=gateway.RemotePayments)
    sessions: list[gateway.RemoteSession] = field(default_factory=list)


def take_picture(customer: Customer) -> Picture:
    stripe_id = customer.stripe_id
    if stripe_id is None:
        return Picture(customer=gateway.RemoteCustomer())
    found = gateway.retrieve_customer(stripe_id)
    sessions = _sessions(customer)
    try:
        return Picture(
            customer=found,
            is_complete=True,
            subscriptions=gateway.list_subscriptions(stripe_id),
            invoices=gateway.list_invoices(stripe_id),
            payments=gateway.list_payments(stripe_id, refunded=_refunded(customer)),
            sessions=sessions,
        )
    except gateway.MissingError:
        # Stripe lists nothing of a customer that it never had.
        return Picture(customer=found, sessions=sessions)


def _refunded(customer: Customer) -> set[str]:
    """Return the payments with refunds here: one that failed shows no more there."""
    return set(customer.refunds.values_list("charge_id", flat=True))


def _sessions(customer: Customer) -> list[gateway.RemoteSession]:
    """Ask about the pages that are open here; one that Stripe forgot says nothing."""
    open_attempts = CheckoutAttempt.objects.filter(
        user__billing_customer=customer, status="open", stripe_session_id__isnull=False
    )
    sessions = []
    for session_id in open_attempts.values_list("stripe_session_id", flat=True):
        try:
            sessions.append(gateway.retrieve_session(session_id or ""))
        except gateway.MissingError:
            continue
    return sessions
