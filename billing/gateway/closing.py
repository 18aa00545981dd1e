"""What ends at Stripe for good: a second subscription, and the customer of nobody."""

import stripe

from billing.gateway.calls import expire_session, retrieve_session
from billing.gateway.changes import cancel_now, refund_payment
from billing.gateway.client import MissingError, RefusedError, client, translated
from billing.gateway.mirror import payment_intent_id, retrieve_customer

CLOSED_NAME = "Closed account"
ENDED = {"canceled", "incomplete_expired"}


def refund_latest(subscription_id: str, *, key: str) -> None:
    """Send back what the last invoice of a subscription took, if it took anything."""
    try:
        with translated():
            found = client().v1.subscriptions.retrieve(
                subscription_id, {"expand": ["latest_invoice.payments"]}
            )
    except MissingError:
        return
    invoice = found.latest_invoice
    if not isinstance(invoice, stripe.Invoice) or not invoice.amount_paid:
        return
    if intent_id := payment_intent_id(invoice):
        refund_payment(intent_id, key=key)


def close_customer(customer_id: str) -> None:
    """End all that could still take money, then forget whose it was."""
    if retrieve_customer(customer_id).is_gone:
        return
    # Pages first: a payment that slips through becomes a subscription listed below.
    for session_id in _open_sessions(customer_id):
        close_page(session_id)
    for subscription_id in _living(customer_id):
        cancel_now(subscription_id)
    with translated():
        client().v1.customers.update(
            customer_id,
            {
                "name": CLOSED_NAME,
                "email": "",
                "phone": "",
                "address": "",
                "shipping": "",
                "metadata": {"user_id": ""},
            },
        )


def _open_sessions(customer_id: str) -> list[str]:
    with translated():
        page = client().v1.checkout.sessions.list(
            {"customer": customer_id, "status": "open", "limit": 100}
        )
        return [session.id for session in page.auto_paging_iter()]


def _living(customer_id: str) -> list[str]:
    with translated():
        page = client().v1.subscriptions.list(
            {"customer": customer_id, "status": "all", "limit": 100}
        )
        return [
            found.id for found in page.auto_paging_iter() if found.status not in ENDED
        ]


def close_page(session_id: str) -> None:
    """Close a payment page; one that is paid or over stays so."""
    try:
        expire_session(session_id)
    except MissingError:
        return
    except RefusedError:
        if retrieve_session(session_id).status == "open":
            raise
