"""The building blocks of the pages; builtins, so no template loads them."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlencode

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField
from django.template.context import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from heroicons.templatetags import heroicons

from core.richtext import render_html

register = template.Library()

MINUTE = 60
HOUR = 3600


def _render(name: str, **context: Any) -> SafeString:
    return render_to_string(f"components/{name}.html", context)


@register.simple_block_tag
def callout(
    content: str, title: str = "", tone: str = "info", level: int = 0
) -> SafeString:
    """Set a note apart; with a level the title is a heading of that level."""
    return _render("callout", content=content, title=title, tone=tone, level=level)


@register.simple_block_tag
def banner(content: str, tone: str = "info") -> SafeString:
    return _render("banner", content=content, tone=tone)


@register.simple_block_tag
def empty(content: str, title: str, art: str = "", level: int = 2) -> SafeString:
    """Say why a list is empty; the content holds the reason and one action."""
    return _render("empty", content=content, title=title, art=art, level=level)


@register.simple_tag
def badge(text: object, tone: str = "info") -> SafeString:
    return _render("badge", text=text, tone=tone)


@register.simple_tag
def breadcrumbs(*parts: str) -> SafeString:
    """Take pairs of label and address; a last single label is the current page."""
    pairs = list(zip(parts[::2], parts[1::2], strict=False))
    here = parts[-1] if len(parts) % 2 else ""
    return _render("breadcrumbs", pairs=pairs, here=here)


@register.simple_tag
def progress_ring(percent: float) -> SafeString:
    return _progress("progress_ring", percent=_percent(percent))


@register.simple_tag
def progress_bar(percent: float, label: str) -> SafeString:
    return _progress("progress_bar", percent=_percent(percent), label=label)


@lru_cache(maxsize=1024)
def _progress(name: str, *, percent: int, label: str = "") -> SafeString:
    """Draw each of the hundred pictures once a process."""
    return _render(name, percent=percent, label=label)


def _percent(value: float) -> int:
    return max(0, min(100, int(value)))


@register.simple_tag(takes_context=True)
def pagination(context: Context, page_obj: Page[Any]) -> SafeString:
    """Link the pages of a list and keep the filters of the address."""
    kept = [
        (key, value)
        for key, values in context["request"].GET.lists()
        if key != "page"
        for value in values
    ]
    base = "?" + "".join(f"{urlencode([pair])}&" for pair in kept) + "page="
    numbers = page_obj.paginator.get_elided_page_range(
        page_obj.number, on_each_side=1, on_ends=1
    )
    return _render("pagination", page_obj=page_obj, numbers=list(numbers), base=base)


@register.simple_tag
def error_summary(form: BaseForm) -> SafeString:
    """List what must be mended, each line a link to its field."""
    if not form.is_bound or form.is_valid():
        return SafeString()
    return _render(
        "error_summary",
        form_errors=[str(error) for error in form.non_field_errors()],
        field_errors=list(_field_errors(form)),
    )


def _field_errors(form: BaseForm) -> Iterator[tuple[str, str]]:
    pairs = [(field, str(error)) for field in form for error in field.errors]
    times = Counter(error for _field, error in pairs)
    for field, error in pairs:
        # The same words for several fields would be links that nobody can tell apart.
        told = f"{field.label}: {error}" if times[error] > 1 else error
        yield _field_id(field), told


def _field_id(field: BoundField) -> str:
    return field.id_for_label or f"{field.auto_id}_0"


@register.simple_tag(takes_context=True)
def nav_link(
    context: Context, label: str, name: str, *, icon: str = "", exact: bool = False
) -> SafeString:
    """Link to a named page, marked when the visitor is on it or below it."""
    path = context["request"].path
    url = _address(name)
    current = SafeString()
    if path == url:
        current = SafeString(' aria-current="page"')
    elif not exact and path.startswith(url):
        current = SafeString(' aria-current="true"')
    # Two dozen of these stand on every page: a template for each would cost more.
    return format_html('<a href="{}"{}>{}{}</a>', url, current, _icon(icon), label)


@cache
def _address(name: str) -> str:
    return reverse(name)


def _icon(name: str) -> SafeString:
    return format_html("{} ", heroicon_outline(name, size=20)) if name else SafeString()


@register.simple_tag
@cache
def heroicon_outline(name: str, *, size: int = 24, **attributes: str) -> SafeString:
    """Draw an icon of the heroicons set; each is built once a process."""
    return SafeString(heroicons.heroicon_outline(name, size=size, **attributes))


@register.filter
def rich(html: str) -> SafeString:
    return render_html(html or "")


@register.filter
def duration(seconds: int | None) -> str:
    """Write a length as a player does: 0:25, 10:25, 1:02:03."""
    total = int(seconds or 0)
    minutes, rest = divmod(total, MINUTE)
    if total < HOUR:
        return f"{minutes}:{rest:02}"
    return f"{minutes // MINUTE}:{minutes % MINUTE:02}:{rest:02}"


@register.filter
def hours(value: Decimal | float) -> str:
    """Write CE hours with one decimal, or two where the number needs them."""
    number = Decimal(str(value)).quantize(Decimal("0.01"))
    text = f"{number:f}"
    return text.removesuffix("0")


@register.filter
def minutes_words(minutes: int | None) -> str:
    """Write minutes in words: 1 minute, 38 minutes, 2 hours 5 minutes."""
    whole, rest = divmod(int(minutes or 0), MINUTE)
    parts = []
    if whole:
        parts.append(f"{whole} hour{'s' if whole > 1 else ''}")
    if rest or not whole:
        parts.append(f"{rest} minute{'s' if rest != 1 else ''}")
    return " ".join(parts)
