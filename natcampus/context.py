"""What every page of the site may use."""

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.views import THEMES
from billing.access import access_for
from core.fragments import edition


def site(request: HttpRequest) -> dict[str, object]:
    """Add the nonce, the names of the site, the theme and, when asked, the access."""
    theme = request.COOKIES.get("theme", "")
    return {
        "csp_nonce": request.csp_nonce,  # type: ignore[attr-defined] # set by CSPMiddleware
        "site_name": settings.SITE_NAME,
        "provider_name": settings.PROVIDER_NAME,
        "support_email": settings.SUPPORT_EMAIL,
        "theme": theme if theme in THEMES else "",
        "environment": _environment(),
        "viewer_access": _access(request),
        "edition": SimpleLazyObject(lambda: edition(request)),
        "page_name": _page_name(request),
    }


def _page_name(request: HttpRequest) -> str:
    """Name the page, for what differs between pages; an unknown address has no name."""
    match = request.resolver_match
    return match.view_name if match else ""


def _environment() -> str:
    """Name the kind of site for the badge of the admin."""
    if settings.DEBUG:
        return "Development"
    return "Live" if settings.STRIPE_IS_LIVE else "Test payments"


def _access(request: HttpRequest) -> object:
    """Compute the access once a request, however many templates ask for it."""
    known = getattr(request, "viewer_access", None)
    if known is None:
        known = SimpleLazyObject(lambda: access_for(request.user, at=timezone.now()))
        request.viewer_access = known  # type: ignore[attr-defined] # ours
    return known
