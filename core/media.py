"""Hands out private files: in ranges, so that videos seek, or through the web server."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.conf import settings
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.utils.cache import get_conditional_response
from django.utils.http import (
    content_disposition_header,
    http_date,
    parse_http_date_safe,
)

if TYPE_CHECKING:
    from django.db.models.fields.files import FieldFile

CHUNK_BYTES = 64 * 1024
# An open-ended range ends here, so that a paused player does not hold a worker.
LONGEST_OPEN_RANGE = 4 * 1024 * 1024
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


class UnsatisfiableRangeError(Exception):
    """The requested range starts behind the end of the file."""


def serve_private(
    request: HttpRequest,
    file: FieldFile,
    *,
    content_type: str,
    filename: str = "",
    is_attachment: bool = True,
) -> HttpResponseBase:
    """Answer with the file or the part of it that was asked for; the caller checks access."""
    try:
        size = file.size
        modified = int(file.storage.get_modified_time(file.name or "").timestamp())
    except FileNotFoundError as error:
        raise Http404("The file is not stored here.") from error
    etag = _etag(file.name or "", size, modified)
    unchanged = get_conditional_response(request, etag=etag, last_modified=modified)
    response = unchanged or _content(request, file, size, etag, modified)
    response.headers["ETag"] = etag
    response.headers["Last-Modified"] = http_date(modified)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if response.status_code in {200, 206}:
        response.headers["Content-Type"] = content_type
    if filename:
        response.headers["Content-Disposition"] = (
            content_disposition_header(is_attachment, filename) or ""
        )
    return response


def _content(
    request: HttpRequest, file: FieldFile, size: int, etag: str, modified: int
) -> HttpResponseBase:
    if settings.PRIVATE_MEDIA_ACCEL:
        path = f"{settings.PRIVATE_MEDIA_ACCEL.rstrip('/')}/{quote(file.name or '')}"
        return HttpResponse(headers={"X-Accel-Redirect": path})
    try:
        part = _requested_part(request, size, etag, modified)
    except UnsatisfiableRangeError:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    first, last = part or (0, size - 1)
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse()
    else:
        response = StreamingHttpResponse(_chunks(file, first, last))
    response.headers["Content-Length"] = str(last - first + 1)
    if part:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


def _requested_part(
    request: HttpRequest, size: int, etag: str, modified: int
) -> tuple[int, int] | None:
    """Return the first and last byte of a single valid range; else the whole file."""
    match = _RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if not match or not _same_version(request, etag, modified):
        return None
    start, end = match.groups()
    if start:
        first = int(start)
        last = min(int(end), size - 1) if end else size - 1
        if end and int(end) < first:
            return None
        if not end:
            last = min(last, first + LONGEST_OPEN_RANGE - 1)
    elif end:
        first, last = max(size - int(end), 0), size - 1
    else:
        return None
    if first >= size or (not start and int(end) == 0):
        raise UnsatisfiableRangeError
    return first, last


def _same_version(request: HttpRequest, etag: str, modified: int) -> bool:
    condition = request.headers.get("If-Range")
    if not condition:
        return True
    return condition == etag or parse_http_date_safe(condition) == modified


def _etag(name: str, size: int, modified: int) -> str:
    digest = hashlib.sha256(f"{name}:{size}:{modified}".encode()).hexdigest()
    return f'"{digest[:32]}"'


def _chunks(file: FieldFile, first: int, last: int) -> Iterator[bytes]:
    left = last - first + 1
    with file.storage.open(file.name or "", "rb") as source:
        source.seek(first)
        while left > 0 and (chunk := source.read(min(CHUNK_BYTES, left))):
            left -= len(chunk)
            yield chunk
