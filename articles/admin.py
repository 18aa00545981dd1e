from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.forms import BaseModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from nested_admin import NestedModelAdmin, NestedStackedInline

from articles import services
from articles.forms import ArticleForm, BlockForm, TechniqueForm
from articles.models import (
    AnatomyRow,
    Article,
    Block,
    Guide,
    GuideRequest,
    Technique,
    Topic,
)
from core.admin import (
    PublicationFilter,
    PublishableAdminMixin,
    ReadOnlyAdmin,
    RichTextAdminMixin,
)


class AnatomyRowInline(NestedStackedInline):  # type: ignore[misc] # the base is untyped
    model = AnatomyRow
    extra = 0
    ordering = ["number"]
    verbose_name_plural = "anatomy table (for the kind “Anatomy table”)"


class TechniqueInline(NestedStackedInline):  # type: ignore[misc] # the base is untyped
    model = Technique
    form = TechniqueForm
    extra = 0
    ordering = ["weight", "pk"]
    sortable_field_name = "weight"
    verbose_name_plural = "technique cards (for the kind “Technique cards”)"


class BlockInline(NestedStackedInline):  # type: ignore[misc] # the base is untyped
    model = Block
    form = BlockForm
    extra = 0
    ordering = ["weight", "pk"]
    sortable_field_name = "weight"
    inlines = [AnatomyRowInline, TechniqueInline]


@admin.register(Article)
class ArticleAdmin(PublishableAdminMixin, RichTextAdminMixin, NestedModelAdmin):  # type: ignore[misc] # the base is untyped
    """One page for the whole article: facts, then its sections in their order."""

    form = ArticleForm
    list_display = ["title", "publication", "region", "author", "published_at"]
    list_filter = [PublicationFilter, "region", "author"]
    list_select_related = ["region", "author"]
    search_fields = ["title", "dek", "slug", "topics__name"]
    date_hierarchy = "published_at"
    ordering = ["-published_at", "-pk"]
    prepopulated_fields = {"slug": ["title"]}
    filter_horizontal = ["topics"]
    readonly_fields = ["preview_link", "word_count"]
    inlines = [BlockInline]
    fieldsets = [
        (None, {"fields": ["title", "slug", "dek", "region", "topics"]}),
        ("Pictures", {"fields": ["plate", "plate_alt", "thumbnail"]}),
        ("Author and review", {"fields": ["author", "reviewer", "reviewed_date"]}),
        ("What it leads to", {"fields": ["guide", "course"]}),
        ("Search engines", {"fields": ["description"]}),
        (
            "Publication",
            {
                "fields": [
                    "published_at",
                    "unpublished_at",
                    "preview_link",
                    "word_count",
                ]
            },
        ),
    ]

    def save_related(
        self,
        request: HttpRequest,
        form: BaseModelForm[Article],
        formsets: Any,
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        super().save_related(request, form, formsets, change)
        services.count_words(article=form.instance)


@admin.register(Topic)
class TopicAdmin(admin.ModelAdmin[Topic]):
    list_display = ["name", "kind", "region", "article_count"]
    list_filter = ["kind", "region"]
    list_select_related = ["region"]
    search_fields = ["name", "slug"]
    ordering = ["kind", "name"]
    prepopulated_fields = {"slug": ["name"]}
    fields = ["name", "slug", "kind", "region", "summary"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Topic]:
        return super().get_queryset(request).annotate(total=Count("articles"))

    @admin.display(description="articles", ordering="total")
    def article_count(self, topic: Any) -> int:
        return int(topic.total)


@admin.register(Guide)
class GuideAdmin(PublishableAdminMixin, admin.ModelAdmin[Guide]):
    list_display = [
        "title",
        "publication",
        "region",
        "request_count",
        "download_count",
        "published_at",
    ]
    list_filter = [PublicationFilter, "region"]
    list_select_related = ["region"]
    search_fields = ["title", "slug", "summary"]
    date_hierarchy = "published_at"
    ordering = ["title"]
    prepopulated_fields = {"slug": ["title"]}
    readonly_fields = ["preview_link"]
    fieldsets = [
        (None, {"fields": ["title", "slug", "summary", "region"]}),
        ("What people get", {"fields": ["file", "page_count", "contents", "cover"]}),
        (
            "Publication",
            {"fields": ["published_at", "unpublished_at", "preview_link"]},
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Guide]:
        downloaded = Q(requests__downloaded_at__isnull=False)
        return (
            super()
            .get_queryset(request)
            .annotate(
                total=Count("requests"),
                downloaded=Count("requests", filter=downloaded),
            )
        )

    @admin.display(description="requests", ordering="total")
    def request_count(self, guide: Any) -> SafeString:
        url = reverse("admin:articles_guiderequest_changelist")
        return format_html(
            '<a href="{}?guide__id__exact={}">{}</a>', url, guide.pk, guide.total
        )

    @admin.display(description="downloads", ordering="downloaded")
    def download_count(self, guide: Any) -> int:
        return int(guide.downloaded)


@admin.register(GuideRequest)
class GuideRequestAdmin(ReadOnlyAdmin):
    list_display = [
        "email",
        "guide",
        "article",
        "requested_at",
        "links_sent",
        "downloaded_at",
        "wants_news",
    ]
    list_filter = [
        "guide",
        "wants_news",
        ("downloaded_at", admin.EmptyFieldListFilter),
        "requested_at",
    ]
    list_select_related = ["guide", "article"]
    search_fields = ["email"]
    date_hierarchy = "requested_at"
    ordering = ["-requested_at", "-pk"]
