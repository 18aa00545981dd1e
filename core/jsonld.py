"""Structured data for search engines, safe inside a script element."""

import json
from collections.abc import Mapping

from django.utils.safestring import SafeString, mark_safe

# A closing tag or a comment in a title must not end the script element.
_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


def json_ld(data: Mapping[str, object]) -> SafeString:
    """Return a schema.org graph as the text of a script element."""
    graph = {"@context": "https://schema.org", **data}
    text = json.dumps(graph, ensure_ascii=False).translate(_ESCAPES)
    return mark_safe(text)  # noqa: S308 - nothing in it can leave the element
