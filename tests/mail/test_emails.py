"""What all emails of the site have in common, whichever app composes them."""

import re
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Engine

from articles.models import Guide
from certification.models import Certificate
from courses.models import Course, Lesson

FOLDER = Path(settings.BASE_DIR) / "templates" / "emails"
NAMES = sorted(
    str(path.relative_to(FOLDER)).removesuffix(".subject.txt")
    for path in FOLDER.rglob("*.subject.txt")
)


def longest(model, *names):
    """Return an object whose texts are as long as its columns allow."""
    lengths = {name: model._meta.get_field(name).max_length for name in names}
    return model(**{name: "W" * length for name, length in lengths.items()})


@pytest.mark.parametrize("name", NAMES)
def test_every_subject_is_short_whatever_the_titles_are(name):
    values = {
        "certificate": longest(Certificate, "number", "course_title"),
        "course": longest(Course, "title"),
        "guide": longest(Guide, "title"),
        "lesson": longest(Lesson, "title"),
        "subject": "W" * 120,
        "amount": "KWD 1,234,567.890",
        "before": "KWD 1,234,567.890 a month",
        "price": "KWD 1,234,567.890 a month",
        "total": 10_000,
        "invoice": {"covered_from": date(2026, 9, 30)},
        **dict.fromkeys(("ends_at", "expiry_date", "renews_at"), date(2026, 9, 30)),
        **dict.fromkeys(("is_closed", "is_last"), True),
    }
    template = Engine.get_default().get_template(f"emails/{name}.subject.txt")

    subject = template.render(Context(values)).strip()

    assert 0 < len(subject) <= 50


@pytest.mark.parametrize("name", NAMES)
def test_every_email_has_a_line_for_the_list_of_the_inbox(name):
    source, preheader = f"emails/{name}.body.html", None
    while source and not preheader:
        text = (FOLDER.parent / source).read_text()
        preheader = re.search(r"{% block preheader %}([^{]|{{)", text)
        parent = re.search(r'{% extends "([^"]+)" %}', text)
        source = parent and parent[1]

    assert preheader
