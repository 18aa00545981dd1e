"""The lines of an outline: a page has dozens, and nodes for each would cost the most."""

from collections.abc import Iterable
from functools import cache

from django import template
from django.template.context import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.templatetags.components import badge, heroicon_outline
from courses.models import Step

register = template.Library()

NOW = SafeString('<span class="c-status c-status--now"></span>')
OPEN = SafeString('<span class="c-status"></span>')
OPTIONAL = SafeString(' <span class="muted small">(optional)</span>')
CURRENT = SafeString(' aria-current="page"')
NOTHING = SafeString()


@register.simple_tag(takes_context=True)
def lesson_lines(context: Context, steps: Iterable[Step]) -> SafeString:
    """Print one list item for each lesson: a link, or a locked line without one."""
    opens_all = context["opens_all"]
    here = context.get("open_lesson")
    shows_preview = not context.get("enrollment")
    query = context["preview_query"]
    lines = (
        _link(step, query, is_here=step.lesson.pk == here, shows_preview=shows_preview)
        if opens_all or step.lesson.is_preview
        else _locked(step)
        for step in steps
    )
    return format_html_join("\n", "<li>{}</li>", ((line,) for line in lines))


def _link(step: Step, query: str, *, is_here: bool, shows_preview: bool) -> SafeString:
    lesson = step.lesson
    return format_html(
        '<a href="{}{}"{}>{}<span>{}{}{}</span>'
        '<span class="c-lessons__time">{}</span></a>',
        lesson.get_absolute_url(),
        query,
        CURRENT if is_here else NOTHING,
        _done() if step.is_done else NOW if is_here else OPEN,
        lesson.title,
        format_html(" {}", badge("Preview"))
        if lesson.is_preview and shows_preview
        else NOTHING,
        NOTHING if lesson.is_required else OPTIONAL,
        step.length,
    )


def _locked(step: Step) -> SafeString:
    return format_html(
        '<span class="c-lessons__row">{}<span>{}</span>'
        '<span class="c-lessons__time">{}</span></span>',
        _done() if step.is_done else _status("locked", "lock-closed", "Locked: "),
        step.lesson.title,
        step.length,
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
