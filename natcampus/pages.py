"""The pages of text that links and routes count on; their words are the owner's."""

from django.conf import settings
from django.contrib.flatpages.models import FlatPage
from django.contrib.sites.models import Site
from django.db import transaction
from django.db.models import QuerySet

PAGES = {
    "about": "About us",
    "accessibility": "Accessibility",
    "contact": "Contact",
    "help": "Help",
    "legal/cookies": "Cookies",
    "legal/medical-disclaimer": "Medical disclaimer",
    "legal/privacy": "Privacy",
    "legal/refunds": "Refunds",
    "legal/terms": "Terms of use",
}
UNWRITTEN = "This page has not been written yet"


@transaction.atomic
def sync_pages() -> list[FlatPage]:
    """Create the pages that are missing; a page that exists keeps its words."""
    site = Site.objects.get_current()
    created = []
    for address, title in PAGES.items():
        page, is_new = FlatPage.objects.get_or_create(
            url=f"/{address}/",
            defaults={
                "title": title,
                "content": f"<p>{UNWRITTEN}. Write to {settings.SUPPORT_EMAIL}.</p>",
            },
        )
        page.sites.add(site)
        if is_new:
            created.append(page)
    return created


def unwritten_pages() -> QuerySet[FlatPage]:
    """Return the pages that still have the words they began with."""
    return FlatPage.objects.filter(content__contains=UNWRITTEN)
