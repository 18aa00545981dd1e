"""The second baseline: all that a page of the site needs before it shows anything."""

from django.http import HttpRequest, HttpResponse

from courses.models import Course

BODY = b"x" * 30 * 1024


def floor(request: HttpRequest) -> HttpResponse:
    """Load session and user, make one primary-key query, answer 30 KB."""
    str(request.user)
    Course.objects.filter(pk=1).first()
    return HttpResponse(BODY)
