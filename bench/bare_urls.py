"""The first baseline: a Django view without middleware, session or query."""

from django.http import HttpRequest, HttpResponse
from django.urls import path


def bare(_request: HttpRequest) -> HttpResponse:
    """Answer at once."""
    return HttpResponse(b"ok")


urlpatterns = [path("bare/", bare)]
