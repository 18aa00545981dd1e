"""What ends at Stripe for good: a second subscription, and the customer of nobody."""

from billing.gateway.calls import expire_session, retrieve_session
from billing.gateway.changes import cancel_now, refund_payment
from billing.gateway.client import MissingError, RefusedError, client, translated
from billing.gateway.mirror import payment_intent_id, retrieve_customer

CLOSED_NAME = "Closed account"
ENDED = {"canceled", "incomplete_expired"}


def refund_since(subscription_id: str, *, last_invoice_id: str, key: str) -> None:
    """Send back what a subscription took after an invoice, and its last payment by then.

    The invoice tells the time: our clock and Stripe's are not the same.
    """
    is_after = True
    try:
        with translated():
            page = client().v1.invoices.list(
                {
                    "subscription": subscription_id,
                    "limit": 100,
                    "expand": ["data.payments"],
                }
            )
            for invoice in page.auto_paging_iter():
                is_after = is_after and invoice.id != last_invoice_id
                intent_id = payment_intent_id(invoice) if invoice.amount_paid else ""
                if intent_id:
                    refund_payment(intent_id, key=f"{key}-{invoice.id}")
                if not is_after:
                    return  # what was paid before it was for the months before
    except MissingError:
        return


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
                "metadata": {"user_id": "", "key": ""},
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
