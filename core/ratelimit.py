"""A small limiter over the shared cache, for endpoints that allauth does not guard."""

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

HOUR = 3600


def client_ip(request: HttpRequest) -> str:
    """Return the visitor's address, counted from our own proxies outward."""
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    if proxies and len(forwarded) >= proxies:
        return forwarded[-proxies].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def hit(name: str, who: str, *, limit: int, seconds: int = HOUR) -> bool:
    """Count one try; return whether it is still within the limit.

    Each try takes a place that comes free again by itself: tries at the same moment
    never share one, and a refused try keeps nobody out for longer.
    """
    places = (f"limit:{name}:{who}:{number}" for number in range(limit))
    return any(cache.add(place, value=True, timeout=seconds) for place in places)
