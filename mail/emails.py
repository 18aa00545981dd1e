"""Turns the templates of an email into its subject and its two bodies."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import css_inline
from django.conf import settings
from django.template import Context, Engine
from django.utils import timezone

from core.zones import zone
from mail.models import unsubscribe_url

_INLINER = css_inline.CSSInliner(
    keep_at_rules=True, load_remote_stylesheets=False, minify_css=True
)


@dataclass(frozen=True, kw_only=True)
class Site:
    """What every email may say about the sender."""

    site_url: str
    site_name: str
    provider_name: str
    provider_address: str
    support_email: str


@dataclass(frozen=True, kw_only=True)
class Rendered:
    subject: str
    body_text: str
    body_html: str


def render(
    *,
    template: str,
    address: str,
    category: str,
    context: Mapping[str, object],
    time_zone: str = "",
) -> Rendered:
    """Render templates/emails/<template>.* with the days of the reader's time zone."""
    values = {
        "category": category,
        "unsubscribe_url": unsubscribe_url(address=address, category=category),
        **context,
        "site": site(),
    }
    with timezone.override(zone(time_zone)):
        return _rendered(template, values)


def _rendered(template: str, values: dict[str, object]) -> Rendered:
    """Fill the three templates; the HTML twin gets its CSS inlined."""
    text = _render(f"emails/{template}.body.txt", values, autoescape=False)
    return Rendered(
        subject=_one_line(
            _render(f"emails/{template}.subject.txt", values, autoescape=False)
        ),
        body_text=re.sub(r"\n{3,}", "\n\n", text).strip() + "\n",
        body_html=_INLINER.inline(
            _render(f"emails/{template}.body.html", values, autoescape=True)
        ),
    )


def site() -> Site:
    return Site(
        site_url=settings.SITE_URL,
        site_name=settings.SITE_NAME,
        provider_name=settings.PROVIDER_NAME,
        provider_address=settings.PROVIDER_ADDRESS,
        support_email=settings.SUPPORT_EMAIL,
    )


def _render(name: str, values: dict[str, object], *, autoescape: bool) -> str:
    template = Engine.get_default().get_template(name)
    return template.render(Context(values, autoescape=autoescape))


def _one_line(subject: str) -> str:
    return " ".join(subject.split())[:200]
