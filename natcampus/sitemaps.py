"""The sitemap and robots.txt: what search engines should and should not read."""

from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Guide
from core.models import PublishableModel
from courses.models import Course, Region
from natcampus import pages

PAGES = (
    "home",
    "articles:article-list",
    "articles:guide-list",
    "billing:price-list",
    "certification:verify-form",
    "courses:course-list",
    *(f"page-{page}" for page in pages.PAGES),
)
PRIVATE = ("/account/", "/accounts/", "/admin/", "/guides/d/", "/learn/", "/u/")


class SiteSitemap(Sitemap[Any]):
    """Addresses of the configured site, whatever host was asked."""

    def get_domain(self, *_args: Any, **_kwargs: Any) -> str:
        return urlsplit(settings.SITE_URL).netloc

    def get_protocol(self, *_args: Any, **_kwargs: Any) -> str:
        return urlsplit(settings.SITE_URL).scheme


class PageSitemap(SiteSitemap):
    def items(self) -> list[str]:
        return list(PAGES)

    def location(self, item: str) -> str:
        return reverse(item)


class RegionSitemap(SiteSitemap):
    def items(self) -> QuerySet[Region]:
        published = Article.objects.published(at=timezone.now())
        return Region.objects.filter(
            Exists(published.filter(region=OuterRef("pk")))
        ).order_by("pk")

    def location(self, item: Region) -> str:
        return reverse("articles:region-detail", args=[item.slug])


class PublishedSitemap(SiteSitemap):
    """The published rows of one model."""

    def __init__(self, model: type[Article | Course | Guide]) -> None:
        self.model = model

    def items(self) -> QuerySet[Any]:
        rows: Any = self.model.objects
        published: QuerySet[Any] = rows.published(at=timezone.now())
        return published.only("slug", "updated_at").order_by("pk")

    def lastmod(self, item: PublishableModel) -> date:
        # A moment would be told in the time zone of whoever asks.
        return item.updated_at.date()


SITEMAPS: dict[str, type[Sitemap[Any]] | Sitemap[Any]] = {
    "pages": PageSitemap,
    "regions": RegionSitemap,
    "articles": PublishedSitemap(Article),
    "courses": PublishedSitemap(Course),
    "guides": PublishedSitemap(Guide),
}


def robots(_request: HttpRequest) -> HttpResponse:
    """Keep crawlers out of what is private, and show them the sitemap."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in PRIVATE),
        f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")
