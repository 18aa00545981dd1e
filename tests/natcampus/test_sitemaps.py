import xml.etree.ElementTree as ET
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories.articles import ArticleFactory, GuideFactory
from tests.factories.courses import CourseFactory, RegionFactory

pytestmark = pytest.mark.django_db

NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def addresses(client):
    response = client.get(reverse("sitemap"))
    urlset = ET.fromstring(response.content)  # noqa: S314 - our own sitemap
    return [loc.text for loc in urlset.iter(f"{NAMESPACE}loc")]


@pytest.mark.parametrize("factory", [ArticleFactory, CourseFactory, GuideFactory])
def test_the_sitemap_holds_published_pages_only(client, settings, factory):
    now = timezone.now()
    shown = factory()
    hidden = [
        factory(published_at=None),
        factory(published_at=now + timedelta(days=1)),
        factory(unpublished_at=now - timedelta(days=1)),
    ]

    listed = addresses(client)

    assert settings.SITE_URL + shown.get_absolute_url() in listed
    for page in hidden:
        assert settings.SITE_URL + page.get_absolute_url() not in listed


def test_the_sitemap_holds_the_fixed_pages_and_regions_with_articles(client, settings):
    ArticleFactory(region=RegionFactory(slug="jaw", name="Jaw"))
    RegionFactory(slug="empty", name="Empty")

    listed = addresses(client)

    for path in ("/", "/pricing/", "/legal/terms/", "/articles/region/jaw/"):
        assert settings.SITE_URL + path in listed
    assert settings.SITE_URL + "/articles/region/empty/" not in listed


def test_the_sitemap_costs_the_same_however_many_pages_there_are(
    client, django_assert_max_num_queries
):
    ArticleFactory.create_batch(50)
    GuideFactory.create_batch(10)

    with django_assert_max_num_queries(12):
        client.get(reverse("sitemap"))


def test_robots_stay_out_of_what_is_private_and_find_the_sitemap(client, settings):
    response = client.get(reverse("robots"))

    lines = response.content.decode().splitlines()
    assert response["Content-Type"] == "text/plain"
    assert {"Disallow: /learn/", "Disallow: /account/", "Disallow: /admin/"} <= set(
        lines
    )
    assert f"Sitemap: {settings.SITE_URL}/sitemap.xml" in lines
