"""Middleware of the site: health, headers of signed-in pages, MFA of the staff."""

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.cache import patch_cache_control, patch_vary_headers

GetResponse = Callable[[HttpRequest], HttpResponse]

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


def response_headers(get_response: GetResponse) -> GetResponse:
    """Keep personal pages out of every cache, unless a view has said otherwise."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        if "Cache-Control" not in response.headers:
            patch_cache_control(response, private=True, no_store=True)
        patch_vary_headers(response, ["Cookie"])
        return response

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
    return not Authenticator.objects.filter(user=request.user.pk).exists()
