"""Where Stripe tells us that something happened."""

from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing import services

MAX_BYTES = 1024 * 1024
MAX_DIGITS = 7


@csrf_exempt
@login_not_required
@require_POST
@transaction.non_atomic_requests
def receive(request: HttpRequest) -> HttpResponse:
    """Store a signed event and answer at once; a worker does the rest."""
    payload = request.body if _is_small(request) else b""
    try:
        services.receive_event(
            payload=payload,
            signature=request.headers.get("Stripe-Signature", ""),
            at=timezone.now(),
        )
    except services.EventRefusedError:
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    return HttpResponse(status=HTTPStatus.OK)


def _is_small(request: HttpRequest) -> bool:
    length = request.headers.get("Content-Length") or "0"
    return length.isdecimal() and len(length) <= MAX_DIGITS and int(length) <= MAX_BYTES
