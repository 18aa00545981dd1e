"""What we ask of Stripe, each call with plain values and an answer of our own type."""

from dataclasses import dataclass
from datetime import UTC, datetime

import stripe
from django.conf import settings
from stripe.params.checkout import SessionCreateParams

from billing.gateway.client import MissingError, RefusedError, client, translated
from billing.gateway.mirror import id_of


@dataclass(frozen=True, kw_only=True)
class RemoteSession:
    """A checkout session at Stripe."""

    id: str
    status: str
    url: str
    expires_at: datetime


def create_customer(*, user_id: int, email: str, name: str, key: str) -> str:
    """Create the customer, or return the one that this key created before."""
    try:
        with translated():
            customer = client().v1.customers.create(
                {
                    "email": email,
                    "name": name,
                    "metadata": {"user_id": str(user_id), "key": key},
                },
                {"idempotency_key": key},
            )
    except RefusedError:
        # A failure of Stripe's own may come after the deed, and is repeated for the key.
        if created := _customer_of(key, email=email):
            return created
        raise
    return customer.id


def _customer_of(key: str, *, email: str) -> str:
    with translated():
        found = client().v1.customers.list({"email": email, "limit": 100})
    for row in found.data:
        if row.metadata and row.metadata.to_dict().get("key") == key:
            return row.id
    return ""


def customer_of_charge(charge_id: str) -> str:
    """Return whose payment it was; nobody's if Stripe does not say."""
    with translated():
        return id_of(client().v1.charges.retrieve(charge_id).customer)


def is_to_be_acted_on(warning_id: str) -> bool:
    """Say whether a fraud warning stands that no refund or dispute has answered."""
    try:
        with translated():
            warnings = client().v1.radar.early_fraud_warnings
            return warnings.retrieve(warning_id).actionable
    except MissingError:
        return False


def create_session(
    *,
    attempt_id: str,
    customer_id: str,
    price_id: str,
    success_url: str,
    cancel_url: str,
    trial_days: int = 0,
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
    if settings.STRIPE_AUTOMATIC_TAX:
        params["automatic_tax"] = {"enabled": True}
        params["customer_update"] = {"address": "auto", "name": "auto"}
    if trial_days:
        params["subscription_data"] = {
            "metadata": metadata,
            "trial_period_days": trial_days,
            "trial_settings": {"end_behavior": {"missing_payment_method": "cancel"}},
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


def create_portal_session(
    *, customer_id: str, return_url: str, done_url: str, flow: str
) -> str:
    """Return the address of Stripe's portal, opened at one flow if one is named.

    Who ends the flow comes back to its own address, who turns back to the other.
    """
    with translated():
        if flow == "payment_method_update":
            session = client().v1.billing_portal.sessions.create(
                {
                    "customer": customer_id,
                    "return_url": return_url,
                    "flow_data": {
                        "type": "payment_method_update",
                        "after_completion": {
                            "type": "redirect",
                            "redirect": {"return_url": done_url},
                        },
                    },
                }
            )
        else:
            session = client().v1.billing_portal.sessions.create(
                {"customer": customer_id, "return_url": return_url}
            )
    return session.url


def _session(session: stripe.checkout.Session) -> RemoteSession:
    return RemoteSession(
        id=session.id,
        status=session.status or "",
        url=session.url or "",
        expires_at=datetime.fromtimestamp(session.expires_at, tz=UTC),
    )
