"""Middleware of the site: health, logs, headers, sessions, own time, staff MFA."""

from collections.abc import Callable
from http import HTTPStatus
from typing import cast

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.core.cache import cache
from django.core.exceptions import BadRequest
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.crypto import salted_hmac
from django.utils.log import log_response
from django.views.defaults import bad_request, page_not_found
from django_structlog.middlewares import RequestMiddleware

from accounts.models import User
from core.zones import zone

GetResponse = Callable[[HttpRequest], HttpResponse]

SESSION_NOTED_SECONDS = 300
PERMISSIONS_POLICY = (
    "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), "
    "microphone=(), payment=(), usb=()"
)


def health(get_response: GetResponse) -> GetResponse:
    """Answer monitors first, before hosts, sessions and redirects are looked at."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz/":
            return JsonResponse({"status": "ok"})
        if request.path == "/readyz/":
            return _readiness()
        return get_response(request)

    return middleware


def _readiness() -> HttpResponse:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "database unavailable"}, status=503)
    return JsonResponse({"status": "ok"})


class RequestLog(RequestMiddleware):
    """Puts the id of the request into every line, Django's own about refusals too."""

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            # Django would write its line when the id is forgotten already.
            log_response(
                *("%s: %s", response.reason_phrase, request.path),
                response=response,
                request=request,
            )
        super().handle_response(request, response)


def user_in_log(get_response: GetResponse) -> GetResponse:
    """Put the number of the user into the lines too, once it is known."""

    def middleware(request: HttpRequest) -> HttpResponse:
        RequestMiddleware.bind_user_id(request)
        return get_response(request)

    return middleware


def response_headers(get_response: GetResponse) -> GetResponse:
    """Keep personal pages out of every cache, unless a view has said otherwise."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        if "Cache-Control" not in response.headers:
            patch_cache_control(response, private=True, no_store=True)
        if "public" in response.headers["Cache-Control"]:
            del response.headers["Vary"]  # the session was looked at, and not used
        else:
            patch_vary_headers(response, ["Cookie"])
        return response

    return middleware


def readable_requests(get_response: GetResponse) -> GetResponse:
    """Refuse null characters: no browser sends them, and PostgreSQL stores none."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if _is_readable(request):
            return get_response(request)
        return bad_request(request, BadRequest())

    return middleware


def _is_readable(request: HttpRequest) -> bool:
    # The query keeps its escapes; in a cookie Django has resolved them already.
    return (
        "\0" not in request.path_info
        and "%00" not in request.META.get("QUERY_STRING", "")
        and not any("\0" in value for value in request.COOKIES.values())
    )


def user_sessions(get_response: GetResponse) -> GetResponse:
    """Note that a session is in use; once in five minutes, since a note is a write."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if _is_logged_in(request):
            note = f"session-noted:{_digest(request)}"
            if cache.add(note, value=True, timeout=SESSION_NOTED_SECONDS):
                UserSession.objects.create_from_request(request)
        return get_response(request)

    return middleware


def _is_logged_in(request: HttpRequest) -> bool:
    """Tell it without a query for visitors who have no login in their session."""
    return SESSION_KEY in request.session and request.user.is_authenticated


def _digest(request: HttpRequest) -> str:
    key = request.session.session_key or ""
    return salted_hmac("natcampus.user_sessions", key).hexdigest()


def own_time(get_response: GetResponse) -> GetResponse:
    """Tell each person moments by the clock of where they live."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not _is_logged_in(request):
            return get_response(request)
        user = cast("User", request.user)
        with timezone.override(zone(user.time_zone)):
            return get_response(request)

    return middleware


def staff_mfa(get_response: GetResponse) -> GetResponse:
    """Send staff without a second factor to set one up before they see the admin."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.STAFF_MFA_REQUIRED and _needs_mfa(request):
            messages.info(
                request, "Set up two-factor authentication to open the administration."
            )
            return redirect("mfa_index")
        return get_response(request)

    return middleware


def _needs_mfa(request: HttpRequest) -> bool:
    if not request.path.startswith("/admin/") or not request.user.is_staff:
        return False
    factors = Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES)
    return not factors.filter(user=request.user.pk).exists()


def our_error_pages(get_response: GetResponse) -> GetResponse:
    """Show our own page where Django shows a list of addresses, or nothing at all."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code == HTTPStatus.NOT_FOUND and _is_technical(response):
            return page_not_found(request, Http404())
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            return _with_words(request, response)
        return response

    return middleware


def _with_words(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if not response.content and request.accepts("text/html"):
        response.content = render_to_string("405.html", request=request)
    return response


def _is_technical(response: HttpResponse) -> bool:
    return settings.DEBUG and b"<code>DEBUG = True</code>" in response.content
