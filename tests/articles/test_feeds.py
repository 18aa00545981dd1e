import xml.etree.ElementTree as ET
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories.articles import ArticleFactory

pytestmark = pytest.mark.django_db


def test_the_feed_holds_published_articles_with_addresses_of_the_site(client, settings):
    settings.ALLOWED_HOSTS = ["testserver"]
    shown = ArticleFactory(title="Shown & read")
    ArticleFactory(published_at=None)
    ArticleFactory(published_at=timezone.now() + timedelta(days=1))
    ArticleFactory(unpublished_at=timezone.now() - timedelta(days=1))

    response = client.get(reverse("articles:article-feed"))

    channel = ET.fromstring(response.content)  # noqa: S314 - our own feed
    items = channel.findall("channel/item")
    assert [item.findtext("title") for item in items] == ["Shown & read"]
    assert items[0].findtext("link") == settings.SITE_URL + shown.get_absolute_url()
    assert items[0].findtext("category") == shown.region.name


def test_the_feed_costs_the_same_however_many_articles_there_are(
    client, django_assert_max_num_queries
):
    ArticleFactory.create_batch(40)

    with django_assert_max_num_queries(3):
        client.get(reverse("articles:article-feed"))
