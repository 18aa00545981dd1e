"""Markup that is the same for everybody: `{% cache 60 name edition … %}` keeps it.

A fragment lives in the process for a minute at most, and any edit in the admin ends it
at once, because the number of the newest edit is part of its key. Nothing personal may
stand in one, nor a nonce or a CSRF token.
"""

from django.contrib.admin.models import LogEntry
from django.http import HttpRequest

from core.models import TimestampedModel

# Every page asks for it: cloning a built query costs half of building it.
_NEWEST_EDIT = LogEntry.objects.order_by("-pk").values_list("pk", flat=True)[:1]


def edition(request: HttpRequest) -> int:
    """Return the number of the newest edit in the admin, read once a request."""
    known: int | None = getattr(request, "edition", None)
    if known is None:
        known = next(iter(_NEWEST_EDIT.all()), 0)
        request.edition = known  # type: ignore[attr-defined] # ours
    return known


def version(request: HttpRequest, row: TimestampedModel) -> str:
    """Return what is new when the row is saved, or anything edited in the admin."""
    return f"{edition(request)}-{row.pk}-{row.updated_at.timestamp()}"
