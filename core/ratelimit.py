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
    """Count one try; return whether it is still within the limit."""
    key = f"limit:{name}:{who}"
    tries = cache.get(key, 0) + 1
    cache.set(key, tries, seconds)
    return bool(tries <= limit)
