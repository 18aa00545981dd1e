"""The pages of the articles: index, region and article."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.views.generic import DetailView, ListView

from accounts.models import User
from articles.forms import GuideRequestForm
from articles.models import Article, Block, Guide, Topic
from billing.models import Price
from core.jsonld import json_ld
from core.preview import may_preview
from courses.models import Disclaimer, Enrollment, Lesson, Region

A_PAGE = 12
RELATED = 3
KEPT_FOR = 600
# Anchors that the page itself uses.
RESERVED_ANCHORS = (
    "main",
    "guide",
    "guide-title",
    "disclaimer",
    "disclaimer-title",
    "related",
    "plan-band",
)


@dataclass(frozen=True, kw_only=True)
class Text:
    """What an article says, as markup: the same for every reader."""

    contents: SafeString
    body: SafeString
    techniques_anchor: str


class ArticleList(ListView[Article]):
    """All articles, the newest first; the first one leads."""

    paginate_by = A_PAGE

    def get_queryset(self) -> Any:
        return Article.objects.published(at=timezone.now()).newest_first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        context = super().get_context_data(**kwargs)
        page = context["page_obj"]
        return {
            **context,
            "regions": regions_with_articles(at=now),
            "lead": page.object_list[0] if page.number == 1 and page else None,
            "guides": published_guides(at=now)[:3],
            "canonical_url": canonical(self.request, page=page.number),
        }


class RegionDetail(ListView[Article]):
    """What there is about one region: muscles, articles and guides."""

    template_name = "articles/region_detail.html"
    paginate_by = A_PAGE

    @cached_property
    def region(self) -> Region:
        return get_object_or_404(Region, slug=self.kwargs["slug"])

    def get_queryset(self) -> Any:
        published = Article.objects.published(at=timezone.now())
        return published.filter(region=self.region).newest_first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        context = super().get_context_data(**kwargs)
        topics = Topic.objects.filter(region=self.region, kind=Topic.Kind.MUSCLE)
        return {
            **context,
            "region": self.region,
            "regions": regions_with_articles(at=now),
            "muscles": topics.order_by("name"),
            "guides": published_guides(at=now).filter(region=self.region),
            "canonical_url": canonical(self.request, page=context["page_obj"].number),
        }


class ArticleDetail(DetailView[Article]):
    """One article; withdrawn ones say so, drafts open to staff and preview links."""

    queryset = Article.objects.select_related(
        "region", "author", "reviewer", "guide__region", "course"
    )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        now = timezone.now()
        article = self.get_object()
        status = article.publication_status(at=now)
        if status == "published" or may_preview(request, article):
            self.object = article
            return self.render_to_response(self.get_context_data(status=status))
        if status == "unpublished":
            return gone(request, article, at=now)
        raise Http404

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        article = self.object
        guide = article.guide
        if guide and guide.publication_status(at=now) != "published":
            guide = None
        return {
            **super().get_context_data(**kwargs),
            "text": text_of(article),
            "guide": guide,
            "guide_form": GuideRequestForm(initial={"article": article.slug}),
            "disclaimer": disclaimer(at=now),
            "related": related_to(article, at=now),
            "plan_band": PlanBand(article, self.request.user, at=now),
            "canonical_url": settings.SITE_URL + article.get_absolute_url(),
            "social_image": settings.SITE_URL + article.plate.url,
            "structured_data": structured_data(article),
        }


class PlanBand:
    """The course beside an article; a template asks only for what it shows."""

    def __init__(
        self, article: Article, user: User | AnonymousUser, *, at: datetime
    ) -> None:
        self.user = user
        course = article.course
        if course and course.publication_status(at=at) != "published":
            course = None
        self.course = course
        self.entitlement = course.required_entitlement if course else ""

    @cached_property
    def price(self) -> Price | None:
        return Price.objects.on_sale().first()

    @cached_property
    def has_preview(self) -> bool:
        return Lesson.objects.filter(course=self.course, is_preview=True).exists()

    @cached_property
    def continue_url(self) -> str:
        """Return the classroom for those who are enrolled, else where to enroll."""
        if self.course is None or not self.user.is_authenticated:
            return reverse("home-learning")
        mine = Enrollment.objects.filter(user=self.user, course=self.course)
        if mine.exists():
            return reverse("courses:classroom-detail", args=[self.course.slug])
        return self.course.get_absolute_url()


def related_to(article: Article, *, at: datetime) -> list[Article]:
    """Return what to read next; which ones they are may be ten minutes old."""
    key = f"article-related:{article.pk}:{article.updated_at.timestamp()}"
    stored: list[int] = cache.get(key, [])
    rows = Article.objects.published(at=at).select_related("region").in_bulk(stored)
    if stored and len(rows) == len(stored):
        return [rows[pk] for pk in stored]
    related = Article.objects.related_to(article, at=at)
    if len(related) == RELATED:
        cache.set(key, [other.pk for other in related], KEPT_FOR)
    return related


def gone(request: HttpRequest, article: Article, *, at: datetime) -> HttpResponse:
    """Say that the article was withdrawn, and offer what is near it."""
    related = Article.objects.related_to(article, at=at)
    context = {"article": article, "related": related}
    return render(request, "articles/article_gone.html", context, status=410)


def text_of(article: Article) -> Text:
    """Render the sections, or take them from the cache until the article is saved."""
    key = f"article-text:{article.pk}:{article.updated_at.timestamp()}"
    stored: Text | None = cache.get(key)
    if stored is None:
        stored = render_text(article)
        cache.set(key, stored, KEPT_FOR)
    return stored


def render_text(article: Article) -> Text:
    context = {"sections": sections(article.blocks.in_order())}
    techniques = (
        anchor
        for anchor, block in context["sections"]
        if block.kind == Block.Kind.TECHNIQUES
    )
    return Text(
        contents=render_to_string("articles/_toc.html", context),
        body=render_to_string("articles/_sections.html", context),
        techniques_anchor=next(techniques, ""),
    )


def sections(blocks: Iterable[Block]) -> list[tuple[str, Block]]:
    """Pair each block with an anchor that stands once on the page."""
    taken = set(RESERVED_ANCHORS)
    pairs = []
    for block in blocks:
        base = slugify(block.heading) or "section"
        anchor, number = base, 2
        while anchor in taken:
            anchor, number = f"{base}-{number}", number + 1
        taken.add(anchor)
        pairs.append((anchor, block))
    return pairs


def disclaimer(*, at: datetime) -> Disclaimer | None:
    in_force = Disclaimer.objects.filter(in_force_from__lte=at)
    return in_force.order_by("-in_force_from", "-pk").first()


def regions_with_articles(*, at: datetime) -> Any:
    articles = Article.objects.published(at=at).filter(region=OuterRef("pk"))
    return Region.objects.filter(Exists(articles)).order_by("weight", "name")


def published_guides(*, at: datetime) -> Any:
    return (
        Guide.objects.published(at=at)
        .select_related("region")
        .order_by("region__weight", "title")
    )


def canonical(request: HttpRequest, *, page: int) -> str:
    """Return the one address of a list page: filters and first pages fall away."""
    return settings.SITE_URL + request.path + (f"?page={page}" if page > 1 else "")


def structured_data(article: Article) -> SafeString:
    """Describe the article, its review and its place in the site to search engines."""
    url = settings.SITE_URL + article.get_absolute_url()
    page: dict[str, object] = {"@type": "MedicalWebPage", "@id": url}
    if article.reviewer and article.reviewed_date:
        page["reviewedBy"] = {"@type": "Person", "name": article.reviewer.name}
        page["lastReviewed"] = article.reviewed_date.isoformat()
    publisher = {"@type": "Organization", "name": settings.PROVIDER_NAME}
    author = article.author
    about: dict[str, object] = {
        "@type": "Article",
        "headline": article.title,
        "description": article.description,
        "image": settings.SITE_URL + article.plate.url,
        "author": {"@type": "Person", "name": author.name} if author else publisher,
        "publisher": publisher,
        "dateModified": article.updated_at.isoformat(),
        "wordCount": article.word_count,
        "mainEntityOfPage": page,
    }
    if article.published_at:
        about["datePublished"] = article.published_at.isoformat()
    trail = (
        ("Home", settings.SITE_URL + "/"),
        ("Articles", settings.SITE_URL + reverse("articles:article-list")),
        (
            article.region.name,
            settings.SITE_URL
            + reverse("articles:region-detail", args=[article.region.slug]),
        ),
        (article.title, url),
    )
    crumbs = [
        {"@type": "ListItem", "position": number, "name": name, "item": address}
        for number, (name, address) in enumerate(trail, start=1)
    ]
    return json_ld(
        {
            "@graph": [
                about,
                {"@type": "BreadcrumbList", "itemListElement": crumbs},
            ]
        }
    )
