from datetime import UTC, datetime, timedelta

import pytest

from articles import services
from articles.models import Article, Block, read_token
from tests.factories.articles import (
    AnatomyRowFactory,
    ArticleFactory,
    BlockFactory,
    GuideFactory,
    GuideRequestFactory,
    TechniqueFactory,
    TopicFactory,
)
from tests.factories.courses import RegionFactory
from tests.support import refused

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=2000)

pytestmark = pytest.mark.django_db


def test_a_reviewer_without_a_date_is_refused_by_the_database():
    with refused("articles_article_reviewed_with_date"):
        ArticleFactory(reviewed=True, reviewed_date=None)


def test_an_article_is_never_unpublished_before_it_was_published():
    with refused("articles_article_unpublished_after_published"):
        ArticleFactory(published_at=NOW, unpublished_at=NOW - timedelta(days=1))


def test_a_guide_is_never_unpublished_before_it_was_published():
    with refused("articles_guide_unpublished_after_published"):
        GuideFactory(published_at=NOW, unpublished_at=NOW - timedelta(days=1))


def test_a_number_stands_once_in_an_anatomy_table():
    row = AnatomyRowFactory(number=1)

    with refused("articles_anatomyrow_one_per_number"):
        AnatomyRowFactory(block=row.block, number=1)


def test_related_puts_the_same_muscle_before_the_region_before_the_newest():
    muscle = TopicFactory()
    shoulder = RegionFactory(slug="shoulder", name="Shoulder")
    article = ArticleFactory(topics=[muscle])
    newest = ArticleFactory(region=shoulder, published_at=NOW - timedelta(days=1))
    neighbor = ArticleFactory(published_at=LONG_AGO)
    twin = ArticleFactory(region=shoulder, published_at=LONG_AGO, topics=[muscle])

    related = Article.objects.related_to(article, at=NOW)

    assert related == [twin, neighbor, newest]


def test_related_leaves_out_the_article_itself_drafts_and_withdrawn_ones():
    article = ArticleFactory()
    ArticleFactory(published_at=None)
    ArticleFactory(published_at=NOW + timedelta(days=1))
    ArticleFactory(unpublished_at=NOW - timedelta(days=1))

    assert Article.objects.related_to(article, at=NOW) == []


def test_related_is_not_empty_while_any_other_article_exists():
    article = ArticleFactory()
    far = ArticleFactory(region=RegionFactory(slug="jaw", name="Jaw"))

    assert Article.objects.related_to(article, at=NOW) == [far]


def test_a_shared_technique_does_not_make_two_articles_neighbors():
    stretching = TopicFactory(kind="technique")
    jaw = RegionFactory(slug="jaw", name="Jaw")
    article = ArticleFactory(topics=[stretching])
    far = ArticleFactory(region=jaw, topics=[stretching], published_at=LONG_AGO)
    near = ArticleFactory(published_at=LONG_AGO - timedelta(days=1))

    assert Article.objects.related_to(article, at=NOW) == [near, far]


def test_minutes_are_counted_from_all_the_words_of_the_article():
    article = ArticleFactory(dek="")
    BlockFactory(article=article, heading="One", body=f"<p>{'word ' * 599}</p>")
    techniques = BlockFactory(
        article=article, kind=Block.Kind.TECHNIQUES, heading="Two", body=""
    )
    TechniqueFactory(
        block=techniques, title="x", lead="x", steps="step " * 396, doses="x"
    )

    services.count_words(article=article)

    assert article.word_count == 1000
    assert article.minutes_read == 5


def test_script_in_a_section_is_dropped_on_save_even_outside_forms():
    block = BlockFactory(body='<p onclick="x()">Hi<script>alert(1)</script></p>')

    block.refresh_from_db()

    assert block.body == "<p>Hi</p>"


def test_a_guide_keeps_a_copy_of_its_file_size():
    guide = GuideFactory()

    assert guide.file_size == guide.file.size > 0


def test_a_link_names_its_request_and_nothing_personal():
    request = GuideRequestFactory(email="reader@example.com")

    assert read_token(request.token) == (request, False)
    assert "reader" not in request.token


@pytest.mark.parametrize("slug", ["", "no such slug", "a\0b", "unknown"])
def test_a_form_may_name_no_article(slug):
    article = ArticleFactory()

    assert Article.objects.named(article.slug) == article
    assert Article.objects.named(slug) is None
