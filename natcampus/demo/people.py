"""Professions, regions, jurisdictions, sample faculty and the medical disclaimer."""

from datetime import datetime, timedelta

from django.contrib.flatpages.models import FlatPage
from django.contrib.sites.models import Site

from accounts.models import Profession
from certification.models import Signatory
from courses.models import Disclaimer, Instructor, Region
from natcampus.demo import sources
from natcampus.jurisdictions import sync_jurisdictions


def load(*, at: datetime) -> None:
    people = sources.read("people.toml")
    for weight, row in enumerate(people["professions"]):
        Profession.objects.update_or_create(
            slug=row["slug"],
            defaults={
                "name": row["name"],
                "name_plural": row["plural"],
                "weight": weight,
            },
        )
    for weight, row in enumerate(people["regions"]):
        Region.objects.update_or_create(
            slug=row["slug"],
            defaults={
                "name": row["name"],
                "summary": row["summary"],
                "weight": weight,
            },
        )
    sync_jurisdictions()
    for row in people["instructors"]:
        Instructor.objects.update_or_create(
            slug=row["slug"],
            defaults={
                "name": row["name"],
                "credentials": row["credentials"],
                "bio": as_html(row["bio"]),
            },
        )
    Signatory.objects.get_or_create(
        name="Sample Signatory",
        title="Program director (sample)",
        # Before the oldest course that a demo account has completed.
        defaults={"valid_from": at.date() - timedelta(days=365)},
    )


def as_html(text: str) -> str:
    return text if text.lstrip().startswith("<") else f"<p>{text.strip()}</p>"


def load_pages(*, at: datetime) -> None:
    """Fill the pages that an owner edits: legal, help, contact, about."""
    pages = sources.read("pages.toml")
    disclaimer = pages["disclaimer"]
    Disclaimer.objects.get_or_create(
        version=disclaimer["version"],
        defaults={"text": disclaimer["text"], "in_force_from": at},
    )
    site = Site.objects.get_current()
    for row in pages["pages"]:
        page, _created = FlatPage.objects.update_or_create(
            url=row["url"], defaults={"title": row["title"], "content": row["body"]}
        )
        page.sites.add(site)
