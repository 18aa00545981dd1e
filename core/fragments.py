"""What is the same for everybody: `{% cache 60 name edition … %}` keeps it.

A fragment lives in the process for a minute at most, and any edit in the admin ends it
at once, because the number of the newest edit is part of its key. Nothing personal may
stand in one, nor a nonce or a CSRF token.
"""

from collections.abc import Callable
from typing import TypeVar, cast

from django.contrib.admin.models import LogEntry
from django.core.cache import caches
from django.db.models import Model, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from core.models import TimestampedModel

KEPT_SECONDS = 60

# Every page asks for it: cloning a built query costs half of building it.
_NEWEST_EDIT = LogEntry.objects.order_by("-pk").values_list("pk", flat=True)[:1]
# As a column of a page's main row it saves the page a query.
EDITION = Coalesce(Subquery(_NEWEST_EDIT), 0)

Value = TypeVar("Value")


def edition(request: HttpRequest) -> int:
    """Return the number of the newest edit in the admin, read once a request."""
    known: int | None = getattr(request, "edition", None)
    if known is None:
        known = next(iter(_NEWEST_EDIT.all()), 0)
        request.edition = known  # type: ignore[attr-defined] # ours
    return known


def note_edition(request: HttpRequest, row: Model) -> None:
    """Remember the newest edit that came along with a row, as its column `edition`."""
    request.edition = row.edition  # type: ignore[attr-defined] # ours


def version(request: HttpRequest, row: TimestampedModel) -> str:
    """Return what is new when the row is saved, or anything edited in the admin."""
    return f"{edition(request)}-{row.pk}-{row.updated_at.timestamp()}"


def kept(key: str, make: Callable[[], Value]) -> Value:
    """Return a value that is kept as markup is; each caller gets a copy of its own."""
    return cast(
        "Value", caches["template_fragments"].get_or_set(key, make, KEPT_SECONDS)
    )
