"""What Stripe tells us: a webhook is believed only when its signature is right."""

import json
import logging
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import stripe
from django.conf import settings

from billing.gateway.client import GatewayError, client, translated

logger = logging.getLogger(__name__)

TOLERANCE = timedelta(minutes=5)
TYPES_AT_ONCE = 20  # as many as Stripe accepts in one question
LONGEST_VERSION = 40
_ID = re.compile(r"[\w.-]{1,80}", re.ASCII)


class UnverifiedError(GatewayError):
    """A webhook that Stripe did not sign, signed long ago or never sends."""


@dataclass(frozen=True, kw_only=True)
class RemoteEvent:
    """A webhook delivery whose signature was right."""

    id: str
    type: str
    api_version: str
    is_live: bool
    created_at: datetime
    customer_id: str
    object_id: str
    charge_id: str
    body: str


def verify_event(payload: bytes, *, signature: str, at: datetime) -> RemoteEvent:
    """Return what Stripe sent, or raise when any part of it is not as Stripe sends it."""
    try:
        text = payload.decode()
        _verify_signature(text, signature=signature, at=at)
        return _event(text)
    except (
        stripe.SignatureVerificationError,
        ArithmeticError,
        AttributeError,
        LookupError,
        OSError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        raise UnverifiedError("This is not an event that Stripe sent.") from error


def list_events(*, types: Collection[str], since: datetime) -> Iterator[RemoteEvent]:
    """Yield what Stripe has to tell since then, whether it was delivered or not."""
    ordered = sorted(types)
    for start in range(0, len(ordered), TYPES_AT_ONCE):
        with translated():
            page = client().v1.events.list(
                {
                    "types": ordered[start : start + TYPES_AT_ONCE],
                    "created": {"gte": int(since.timestamp())},
                    "limit": 100,
                }
            )
            for found in page.auto_paging_iter():
                try:
                    yield _event(json.dumps(found.to_dict(for_json=True)))
                except (AttributeError, LookupError, TypeError, ValueError):
                    logger.exception("event %s cannot be read", found.id)


def _verify_signature(text: str, *, signature: str, at: datetime) -> None:
    parts = [part.partition("=") for part in signature.split(",")]
    signed_at = int({name: value for name, _, value in reversed(parts)}["t"])
    # The library lets a time stamp of the future pass.
    if abs(at.timestamp() - signed_at) > TOLERANCE.total_seconds():
        raise ValueError("The time stamp is too far away.")
    secrets = settings.STRIPE_WEBHOOK_SECRETS
    if not any(_is_signed_with(secret, text, signature) for secret in secrets):
        raise ValueError("No secret fits the signature.")


def _is_signed_with(secret: str, text: str, signature: str) -> bool:
    try:
        return bool(stripe.WebhookSignature.verify_header(text, signature, secret))
    except stripe.SignatureVerificationError:
        return False


def _event(text: str) -> RemoteEvent:
    event = json.loads(text)
    subject = event["data"]["object"]
    if event["object"] != "event":
        raise ValueError("Not a snapshot event.")
    customer = subject.get("customer")
    if subject["object"] == "customer":
        customer = subject["id"]
    elif isinstance(customer, dict):
        customer = customer["id"]
    charge = subject.get("charge")
    if isinstance(charge, dict):
        charge = charge["id"]
    return RemoteEvent(
        id=_checked(event["id"]),
        type=_checked(event["type"]),
        api_version=_checked(event.get("api_version") or "none")[:LONGEST_VERSION],
        is_live=event["livemode"] is True,
        created_at=datetime.fromtimestamp(event["created"], tz=UTC),
        customer_id=_checked(customer) if customer else "",
        object_id=_checked(subject.get("id") or "none"),
        charge_id=_checked(charge) if charge else "",
        body=text,
    )


def _checked(value: str) -> str:
    if not _ID.fullmatch(value):
        raise ValueError("Not an id of Stripe.")
    return value
