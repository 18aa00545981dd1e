from datetime import datetime

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.utils import timezone

from articles.models import Article

NEWEST = 30


class ArticleFeed(Feed[Article, None]):
    """The newest articles; every address is that of the site, whatever host asks."""

    title = f"{settings.SITE_NAME}: articles"
    description = "Anatomy-led articles for hands-on professionals."
    link = f"{settings.SITE_URL}/articles/"
    feed_url = f"{settings.SITE_URL}/feed/articles.xml"
    language = "en-us"

    def items(self) -> list[Article]:
        published = Article.objects.published(at=timezone.now())
        return list(published.newest_first().select_related("author")[:NEWEST])

    def item_title(self, item: Article) -> str:
        return item.title

    def item_description(self, item: Article) -> str:
        return item.dek

    def item_link(self, item: Article) -> str:
        return settings.SITE_URL + item.get_absolute_url()

    def item_author_name(self, item: Article) -> str:
        return item.author.name if item.author else settings.PROVIDER_NAME

    def item_categories(self, item: Article) -> list[str]:
        return [item.region.name]

    def item_pubdate(self, item: Article) -> datetime | None:
        return item.published_at

    def item_updateddate(self, item: Article) -> datetime:
        return item.updated_at
