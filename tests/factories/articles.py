"""Factories of the articles app: the least that each model needs."""

from datetime import UTC, datetime

import factory
from factory.django import DjangoModelFactory

from articles import models
from tests.factories.courses import InstructorFactory, RegionFactory

PUBLISHED_AT = datetime(2024, 1, 1, tzinfo=UTC)


class TopicFactory(DjangoModelFactory[models.Topic]):
    class Meta:
        model = models.Topic

    slug = factory.Sequence("muscle-{}".format)
    name = factory.Sequence("Muscle {}".format)
    kind = models.Topic.Kind.MUSCLE


class GuideFactory(DjangoModelFactory[models.Guide]):
    class Meta:
        model = models.Guide

    slug = factory.Sequence("guide-{}".format)
    title = factory.Sequence("Hip guide {}".format)
    summary = "Printable pages for clients."
    region = factory.SubFactory(RegionFactory)
    cover = "guides/cover.webp"
    page_count = 14
    file = factory.django.FileField(filename="guide.pdf", data=b"%PDF-1.7 sample guide")
    published_at = PUBLISHED_AT


class ArticleFactory(DjangoModelFactory[models.Article]):
    """A published article without sections."""

    class Meta:
        model = models.Article
        skip_postgeneration_save = True

    slug = factory.Sequence("article-{}".format)
    title = factory.Sequence("Article {}".format)
    dek = "Why it aches and what helps."
    description = "For search engines."
    region = factory.SubFactory(RegionFactory)
    plate = "articles/plate.webp"
    plate_alt = "Back of the thigh."
    thumbnail = "articles/thumbnail.webp"
    published_at = PUBLISHED_AT

    @factory.post_generation
    def topics(article, create, extracted, **_kwargs):  # noqa: N805 - factory_boy passes the article
        if create and extracted:
            article.topics.set(extracted)

    class Params:
        reviewed = factory.Trait(
            author=factory.SubFactory(InstructorFactory),
            reviewer=factory.SubFactory(InstructorFactory, name="Jonah Ashby"),
            reviewed_date=PUBLISHED_AT.date(),
        )


class BlockFactory(DjangoModelFactory[models.Block]):
    class Meta:
        model = models.Block

    article = factory.SubFactory(ArticleFactory)
    heading = factory.Sequence("Section {}".format)
    body = "<p>Some words to read.</p>"
    weight = factory.Sequence(lambda number: number)


class AnatomyRowFactory(DjangoModelFactory[models.AnatomyRow]):
    class Meta:
        model = models.AnatomyRow

    block = factory.SubFactory(BlockFactory, kind=models.Block.Kind.ANATOMY)
    number = factory.Sequence(lambda number: number + 1)
    muscle = "Biceps femoris"
    runs = "Sitting bone, to the head of the fibula"
    felt = "Behind the knee"


class TechniqueFactory(DjangoModelFactory[models.Technique]):
    class Meta:
        model = models.Technique

    block = factory.SubFactory(BlockFactory, kind=models.Block.Kind.TECHNIQUES)
    title = "Ball release"
    lead = "Choose the exact spot."
    steps = "Sit on a bench.\nFind a tender spot."
    doses = "60 sec each side\nOnce a day"
    image = "techniques/ball.webp"
    image_alt = "Person seated with a ball under the thigh."


class GuideRequestFactory(DjangoModelFactory[models.GuideRequest]):
    class Meta:
        model = models.GuideRequest

    guide = factory.SubFactory(GuideFactory)
    email = factory.Sequence("reader{}@example.com".format)
    requested_at = PUBLISHED_AT
    sent_at = PUBLISHED_AT
    links_sent = 1
