import re
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST

if TYPE_CHECKING:
    from accounts.models import User

LONGEST_PATH = 300
_PATH = re.compile(r"/[^\x00-\x20\\\x7f]*")
_SANDBOX = (
    "sandbox allow-popups allow-popups-to-escape-sandbox"
    " allow-top-navigation-by-user-activation;"
    " default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


# For what is the same whoever asks; no cookie may change it.
public_for_an_hour = cache_control(public=True, max_age=3600)


class AuthenticatedHttpRequest(HttpRequest):
    """The request of a view behind a login: its user is never anonymous."""

    user: "User"


class HttpResponseSeeOther(HttpResponseRedirect):
    """Send the browser on with GET, whatever method brought it here."""

    status_code = 303


View = Callable[..., HttpResponseBase]


def is_script(request: HttpRequest) -> bool:
    """Tell whether htmx asks, for a part of a page."""
    return request.headers.get("HX-Request") == "true"


def no_login_page(view: View) -> View:
    """Tell the script of a page that its session has ended; others log in and return."""

    @wraps(view)
    def wrapper(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        if is_script(request) and not request.user.is_authenticated:
            return HttpResponse(status=HTTPStatus.UNAUTHORIZED)
        return view(request, **kwargs)

    return wrapper


def posted_from(page: str) -> Callable[[View], View]:
    """Take POST alone; who opens the address is led to the page with the form.

    A refused form leaves its address in the browser, where people load it again.
    """

    def decorate(view: View) -> View:
        posted = require_POST(view)

        @wraps(view)
        def wrapper(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            if request.method in {"GET", "HEAD"}:
                return HttpResponseRedirect(reverse(page, kwargs=kwargs))
            return posted(request, **kwargs)

        return wrapper

    return decorate


def whole_number(text: str) -> int:
    """Read a number from a form; what is none becomes 0, which names nothing."""
    return int(text) if text.isdecimal() and len(text) < 18 else 0  # noqa: PLR2004 - fits a database id


def sandboxed_html(html: str) -> HttpResponse:
    """Answer with a document that is shown as it is, but whose scripts never run."""
    # Links leave the frame that shows the document.
    response = HttpResponse(html.replace("<head>", '<head><base target="_top">', 1))
    response["Content-Security-Policy"] = _SANDBOX
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def local_path(text: str) -> str:
    """Return the text if it is a path of this site to go back to, else nothing."""
    is_path = len(text) <= LONGEST_PATH and _PATH.fullmatch(text)
    if is_path and url_has_allowed_host_and_scheme(text, allowed_hosts=None):
        return text
    return ""
