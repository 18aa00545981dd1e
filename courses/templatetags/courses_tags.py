"""The lines of an outline: a page has dozens, so each is printed once and remembered."""

from collections.abc import Callable, Iterable
from functools import cache, lru_cache

from django import template
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.templatetags.components import badge, heroicon_outline
from courses.models import Course, Step

register = template.Library()

NOW = SafeString('<span class="c-status c-status--now"></span>')
OPEN = SafeString('<span class="c-status"></span>')
OPTIONAL = SafeString(' <span class="muted small">(optional)</span>')
CURRENT = SafeString(' aria-current="page"')
NOTHING = SafeString()


MOST_STARS = 5


@register.simple_tag
@cache
def stars(number: int) -> SafeString:
    """Draw five stars, so many of them filled, and say it in words."""
    full = heroicon_outline("star", size=20, fill="currentColor")
    empty = heroicon_outline("star", size=20)
    return format_html(
        '<span class="c-stars" role="img" aria-label="{} of {} stars">{}</span>',
        number,
        MOST_STARS,
        SafeString(full * number + empty * (MOST_STARS - number)),
    )


@register.simple_tag(takes_context=True)
def lesson_lines(context: Context, steps: Iterable[Step]) -> SafeString:
    """Print one list item for each lesson: a link, or a locked line without one."""
    opens_all = context["opens_all"]
    comes_first = _order_of(context)
    here = context.get("open_lesson")
    shows_preview = not context.get("enrollment")
    query = context["preview_query"]
    return SafeString(
        "\n".join(
            _link(
                step.lesson.get_absolute_url() + query,
                step.lesson.title,
                step.length,
                state=_state(step, here),
                is_preview=step.lesson.is_preview and shows_preview,
                is_optional=not step.lesson.is_required,
            )
            if (opens_all and not comes_first(step)) or step.lesson.is_preview
            else _locked(step.lesson.title, step.length, is_done=step.is_done)
            for step in steps
        )
    )


def _order_of(context: Context) -> Callable[[Step], object]:
    """Return what tells whether a lesson of this learner has to wait for another."""
    course, outline = context["course"], context["outline"]
    if not context.get("enrollment") or course.order == Course.Order.FREE:
        return lambda _step: None
    return lambda step: outline.comes_first(step, course.order)


def _state(step: Step, here: int | None) -> tuple[bool, bool]:
    """Return whether the lesson is done, and whether it is the one on the page."""
    return step.is_done, step.lesson.pk == here


@lru_cache(maxsize=2048)
def _link(
    path: str,
    title: str,
    length: str,
    *,
    state: tuple[bool, bool],
    is_preview: bool,
    is_optional: bool,
) -> SafeString:
    is_done, is_here = state
    return format_html(
        '<li><a href="{}"{}>{}<span>{}{}{}</span>'
        '<span class="c-lessons__time">{}</span></a></li>',
        path,
        CURRENT if is_here else NOTHING,
        _done() if is_done else NOW if is_here else OPEN,
        title,
        format_html(" {}", badge("Preview")) if is_preview else NOTHING,
        OPTIONAL if is_optional else NOTHING,
        length,
    )


@lru_cache(maxsize=2048)
def _locked(title: str, length: str, *, is_done: bool) -> SafeString:
    return format_html(
        '<li><span class="c-lessons__row">{}<span>{}</span>'
        '<span class="c-lessons__time">{}</span></span></li>',
        _done() if is_done else _status("locked", "lock-closed", "Locked: "),
        title,
        length,
    )


def _done() -> SafeString:
    return _status("done", "check", "Completed: ")


@cache
def _status(name: str, icon: str, words: str) -> SafeString:
    return format_html(
        '<span class="c-status c-status--{}">{}<span class="vh">{}</span></span>',
        name,
        heroicon_outline(icon, size=16),
        words,
    )
