"""The way to Stripe: one client a process, short waits, errors of our own."""

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

import stripe
from django.conf import settings

from core.errors import DomainError

# Telemetry would write below the home directory, which a container may not have.
stripe.enable_telemetry = False
# At DEBUG the library logs whole requests and answers, with addresses and secrets.
logging.getLogger("stripe").setLevel(logging.WARNING)

RETRIES = 2
CONNECT_SECONDS = 3
PATIENCE_SECONDS = 4.0
HASTY_TIMEOUT_SECONDS = 5

_give_up_at: ContextVar[float | None] = ContextVar("give_up_at", default=None)


class GatewayError(DomainError):
    """Stripe did not do what was asked."""


class NoAnswerError(GatewayError):
    """Nobody knows whether it happened: ask again with the same idempotency key."""


class RefusedError(GatewayError):
    """Stripe answered, and answers the same for this idempotency key from now on."""


class MissingError(RefusedError):
    """Stripe has no such object, or has it no more."""


class _PatientClient(stripe.RequestsClient):
    """Starts no further try once the person at the browser has waited enough."""

    def request(  # type: ignore[override] # as in the library's own subclass
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,  # as the library declares it
    ) -> tuple[bytes, int, Mapping[str, str]]:
        give_up_at = _give_up_at.get()
        if give_up_at is not None and time.monotonic() >= give_up_at:
            raise stripe.APIConnectionError(  # type: ignore[no-untyped-call]
                "Out of time.", should_retry=False
            )
        return super().request(method, url, headers, post_data)


@contextmanager
def somebody_waits() -> Iterator[None]:
    """Keep all calls within the time that a person waits for a page."""
    give_up_at = _give_up_at.get() or time.monotonic() + PATIENCE_SECONDS
    token = _give_up_at.set(give_up_at)
    try:
        yield
    finally:
        _give_up_at.reset(token)


def is_configured() -> bool:
    return bool(settings.STRIPE_SECRET_KEY)


@lru_cache(maxsize=8)
def _built(api_key: str, base: str, timeout_seconds: int) -> stripe.StripeClient:
    return stripe.StripeClient(
        api_key,
        base_addresses={"api": base} if base else {},
        max_network_retries=RETRIES,
        http_client=_PatientClient(timeout=(CONNECT_SECONDS, timeout_seconds)),
    )


def client() -> stripe.StripeClient:
    # Built on first use: a connection must not be shared by forked workers.
    if not settings.STRIPE_SECRET_KEY:
        raise RefusedError("Online payment is not set up yet.")
    timeout = settings.STRIPE_TIMEOUT_SECONDS
    if _give_up_at.get() is not None:
        timeout = min(timeout, HASTY_TIMEOUT_SECONDS)
    return _built(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, timeout)


@contextmanager
def translated() -> Iterator[None]:
    try:
        yield
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise NoAnswerError("Stripe does not answer.") from error
    except stripe.StripeError as error:
        if error.code == "resource_missing":
            raise MissingError("Stripe does not know this object.") from error
        if error.code in {"idempotency_key_in_use", "lock_timeout"}:
            raise NoAnswerError("Stripe is still at it.") from error
        number = error.request_id or "unknown"
        raise RefusedError(f"Stripe refused request {number}.") from error
