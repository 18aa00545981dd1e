"""The pages of the articles: index, region and article."""

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Page
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.views.generic import DetailView, ListView

from accounts.models import User
from articles.forms import GuideRequestForm
from articles.models import Article, Block, Guide, Topic
from billing.models import Price
from core.fragments import version
from core.jsonld import json_ld
from core.preview import may_preview
from courses.models import Course, Disclaimer, Enrollment, Region

A_PAGE = 12
LONGEST_SEARCH = 80
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


class ArticleList(ListView[Article]):
    """All articles, the newest first; the first one leads, unless words are sought."""

    paginate_by = A_PAGE

    @cached_property
    def words(self) -> str:
        return self.request.GET.get("q", "").strip()[:LONGEST_SEARCH]

    def get_queryset(self) -> Any:
        articles = Article.objects.published(at=timezone.now()).newest_first()
        return articles.naming(self.words) if self.words else articles

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        context = super().get_context_data(**kwargs)
        page = context["page_obj"]
        return {
            **context,
            "regions": regions_with_articles(at=now),
            "lead": self.lead(page),
            "words": self.words,
            "guides": published_guides(at=now)[:3],
            "canonical_url": canonical(self.request, page=page.number),
        }

    def lead(self, page: Page[Article]) -> Article | None:
        if self.words or page.number > 1 or not page.object_list:
            return None
        return page.object_list[0]


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

    queryset = Article.objects.with_page_facts()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        now = timezone.now()
        article = self.get_object()
        status = article.publication_status(at=now)
        if status == "published" or may_preview(request, article):
            self.object = article
            return self.render_to_response(
                self.get_context_data(
                    status=status,
                    version=version(request, article),
                    page=ArticlePage(article, request.user, at=now),
                )
            )
        if status == "unpublished":
            return gone(request, article, at=now)
        raise Http404


class ArticlePage:
    """What stands around an article; read only when no fragment holds it already."""

    def __init__(
        self, article: Article, user: User | AnonymousUser, *, at: datetime
    ) -> None:
        self.article = article
        self.user = user
        self.at = at
        guide = article.guide
        is_offered = guide and guide.publication_status(at=at) == "published"
        self.guide = guide if is_offered else None

    @cached_property
    def canonical_url(self) -> str:
        return f"{settings.SITE_URL}{self.article.get_absolute_url()}"

    @cached_property
    def social_image(self) -> str:
        return f"{settings.SITE_URL}{self.article.plate.url}"

    @cached_property
    def structured_data(self) -> SafeString:
        return structured_data(self.article)

    @cached_property
    def sections(self) -> list[tuple[str, Block]]:
        return sections(self.article.blocks.in_order())

    @cached_property
    def techniques_anchor(self) -> str:
        kind = Block.Kind.TECHNIQUES
        return next(
            (anchor for anchor, block in self.sections if block.kind == kind), ""
        )

    @cached_property
    def disclaimer(self) -> Disclaimer | None:
        return Disclaimer.objects.in_force(at=self.at)

    @cached_property
    def guide_form(self) -> GuideRequestForm:
        return GuideRequestForm(initial={"article": self.article.slug})

    @cached_property
    def related(self) -> list[Article]:
        return Article.objects.related_to(self.article, at=self.at)

    @property
    def stays_in_region(self) -> bool:
        return all(other.region_id == self.article.region_id for other in self.related)

    @cached_property
    def course(self) -> Course | None:
        course = self.article.course
        is_open = course and course.publication_status(at=self.at) == "published"
        return course if is_open else None

    @property
    def entitlement(self) -> str:
        return self.course.required_entitlement if self.course else ""

    @cached_property
    def price(self) -> Price | None:
        return Price.objects.on_sale().first()

    @property
    def has_preview(self) -> bool:
        return bool(getattr(self.article, "has_preview", False))

    @cached_property
    def continue_url(self) -> str:
        """Return the classroom for those who are enrolled, else where to enroll."""
        if self.course is None or not self.user.is_authenticated:
            return reverse("home-learning")
        mine = Enrollment.objects.filter(user=self.user, course=self.course)
        if mine.exists():
            return reverse("courses:classroom-detail", args=[self.course.slug])
        return self.course.get_absolute_url()


def gone(request: HttpRequest, article: Article, *, at: datetime) -> HttpResponse:
    """Say that the article was withdrawn, and offer what is near it."""
    related = Article.objects.related_to(article, at=at)
    context = {"article": article, "related": related}
    return render(request, "articles/article_gone.html", context, status=410)


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
