"""What we ask of Stripe, each call with plain values and an answer of our own type."""

from dataclasses import dataclass
from datetime import UTC, datetime

import stripe
from stripe.params.checkout import SessionCreateParams

from billing.gateway.client import MissingError, client, translated


@dataclass(frozen=True, kw_only=True)
class RemoteSession:
    """A checkout session at Stripe."""

    id: str
    status: str
    url: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class RemoteSubscription:
    """A subscription at Stripe, reduced to what the rows keep."""

    id: str
    status: str
    price_id: str
    item_id: str
    current_period_start: datetime | None
    current_period_end: datetime | None
    cancel_at: datetime | None
    cancel_at_period_end: bool
    canceled_at: datetime | None
    ended_at: datetime | None
    latest_invoice_id: str
    unpaid_since: datetime | None
    created_at: datetime


def create_customer(*, user_id: int, email: str, name: str, key: str) -> str:
    """Create the customer, or return the one that this key created before."""
    with translated():
        customer = client().v1.customers.create(
            {"email": email, "name": name, "metadata": {"user_id": str(user_id)}},
            {"idempotency_key": key},
        )
    return customer.id


def has_customer(customer_id: str) -> bool:
    """Say whether Stripe has this customer; a deleted one still answers."""
    try:
        with translated():
            customer = client().v1.customers.retrieve(customer_id)
    except MissingError:
        return False
    return not getattr(customer, "deleted", False)


def create_session(
    *,
    attempt_id: str,
    customer_id: str,
    price_id: str,
    success_url: str,
    cancel_url: str,
) -> RemoteSession:
    """Create the payment page of an attempt, or return the one it already has."""
    metadata = {"attempt": attempt_id}
    params: SessionCreateParams = {
        "mode": "subscription",
        "customer": customer_id,
        "client_reference_id": attempt_id,
        "line_items": [{"price": price_id, "quantity": 1}],
        "metadata": metadata,
        "subscription_data": {"metadata": metadata},
        "allowed_payment_method_types": ["card"],
        "payment_method_collection": "always",
        "allow_promotion_codes": True,
        "success_url": success_url,
        "cancel_url": cancel_url,
    }
    with translated():
        sessions = client().v1.checkout.sessions
        session = sessions.create(params, {"idempotency_key": attempt_id})
    return _session(session)


def retrieve_session(session_id: str) -> RemoteSession:
    with translated():
        return _session(client().v1.checkout.sessions.retrieve(session_id))


def expire_session(session_id: str) -> None:
    """Close a payment page that nobody has paid on; refused when somebody has."""
    with translated():
        client().v1.checkout.sessions.expire(session_id)


def list_subscriptions(customer_id: str) -> list[RemoteSubscription]:
    """Return every subscription the customer ever had."""
    with translated():
        page = client().v1.subscriptions.list(
            {
                "customer": customer_id,
                "status": "all",
                "limit": 100,
                "expand": ["data.latest_invoice"],
            }
        )
        return [_subscription(found) for found in page.auto_paging_iter()]


def create_portal_session(*, customer_id: str, return_url: str, flow: str) -> str:
    """Return the address of Stripe's portal, opened at one flow if one is named."""
    with translated():
        if flow == "payment_method_update":
            session = client().v1.billing_portal.sessions.create(
                {
                    "customer": customer_id,
                    "return_url": return_url,
                    "flow_data": {"type": "payment_method_update"},
                }
            )
        else:
            session = client().v1.billing_portal.sessions.create(
                {"customer": customer_id, "return_url": return_url}
            )
    return session.url


def ensure_product(*, product_id: str, name: str) -> None:
    """Create the product under our own id, or bring its name up to date."""
    with translated():
        products = client().v1.products
        try:
            product = products.retrieve(product_id)
        except stripe.InvalidRequestError as error:
            if error.code != "resource_missing":
                raise
            products.create({"id": product_id, "name": name})
            return
        if product.name != name:
            products.update(product_id, {"name": name})


def ensure_price(
    *, product_id: str, lookup_key: str, currency: str, amount: int, interval: str
) -> str:
    """Return the id of the price with this key and these terms; create it if need be."""
    with translated():
        prices = client().v1.prices
        for found in prices.list({"lookup_keys": [lookup_key], "active": True}).data:
            terms = (found.currency, found.unit_amount, _interval(found))
            if terms == (currency, amount, interval):
                return found.id
        created = prices.create(
            {
                "product": product_id,
                "currency": currency,
                "unit_amount": amount,
                "recurring": {"interval": "year" if interval == "year" else "month"},
                "lookup_key": lookup_key,
                "transfer_lookup_key": True,
            }
        )
    return created.id


def _session(session: stripe.checkout.Session) -> RemoteSession:
    return RemoteSession(
        id=session.id,
        status=session.status or "",
        url=session.url or "",
        expires_at=datetime.fromtimestamp(session.expires_at, tz=UTC),
    )


def _subscription(found: stripe.Subscription) -> RemoteSubscription:
    # Periods live on the items: the subscription itself has none since 2025.
    item = found["items"].data[0] if found["items"].data else None
    invoice = found.latest_invoice
    return RemoteSubscription(
        id=found.id,
        status=found.status,
        price_id=item.price.id if item else "",
        item_id=item.id if item else "",
        current_period_start=_moment(item and item.current_period_start),
        current_period_end=_moment(item and item.current_period_end),
        cancel_at=_moment(found.cancel_at),
        cancel_at_period_end=found.cancel_at_period_end,
        canceled_at=_moment(found.canceled_at),
        ended_at=_moment(found.ended_at),
        latest_invoice_id=invoice.id if isinstance(invoice, stripe.Invoice) else "",
        unpaid_since=_unpaid_since(invoice),
        created_at=datetime.fromtimestamp(found.created, tz=UTC),
    )


def _unpaid_since(invoice: object) -> datetime | None:
    if not isinstance(invoice, stripe.Invoice) or invoice.status != "open":
        return None
    return _moment(invoice.status_transitions.finalized_at or invoice.created)


def _moment(timestamp: int | None) -> datetime | None:
    return datetime.fromtimestamp(timestamp, tz=UTC) if timestamp else None


def _interval(price: stripe.Price) -> str:
    return price.recurring.interval if price.recurring else ""
