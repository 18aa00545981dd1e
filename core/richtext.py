"""Rich text: edited in the admin, sanitized on save and again on render."""

from typing import Any

import nh3
from django.db import models
from django.utils.safestring import SafeString, mark_safe
from django_prose_editor.fields import ProseEditorField

EXTENSIONS: dict[str, Any] = {
    "Bold": True,
    "Italic": True,
    "BulletList": True,
    "OrderedList": True,
    "ListItem": True,
    "Blockquote": True,
    "Heading": {"levels": [2, 3, 4]},
    "Link": {"enableTarget": False, "protocols": ["http", "https", "mailto"]},
    "HardBreak": True,
    "History": True,
}
_CLEANER = nh3.Cleaner(
    tags={
        *(
            "p",
            "h2",
            "h3",
            "h4",
            "ul",
            "ol",
            "li",
            "strong",
            "em",
            "a",
            "blockquote",
            "br",
        )
    },
    attributes={"a": {"href", "title"}},
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener",
)


def clean_html(html: str) -> str:
    """Drop every tag, attribute and address that our rich text does not use."""
    return _CLEANER.clean(html)


def render_html(html: str) -> SafeString:
    """Return stored rich text as markup, sanitized once more on its way out."""
    return mark_safe(clean_html(html))  # noqa: S308 - sanitized in the same expression


class RichTextField(ProseEditorField):  # type: ignore[misc] # the base is untyped
    """Rich text that is sanitized in forms, and in every save that skips them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("extensions", EXTENSIONS)
        kwargs["sanitize"] = clean_html
        super().__init__(*args, **kwargs)

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        html = clean_html(getattr(model_instance, self.attname) or "")
        setattr(model_instance, self.attname, html)
        return html
