from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.core import signing
from django.core.validators import slug_re
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from core.models import (
    OrderedModel,
    PublishableModel,
    PublishableQuerySet,
    TimestampedModel,
)
from core.richtext import RichTextField
from core.uploads import (
    CleanImageField,
    FileRules,
    RandomName,
    SizedFileField,
    private_storage,
)
from courses.models import Course, Instructor, Lesson, Region

WORDS_A_MINUTE = 200
LINK_WORKS_FOR = timedelta(days=7)
LINK_SALT = "articles.guide"
validate_guide = FileRules(endings={".pdf": b"%PDF-"}, megabytes=25)


def lines_of(text: str) -> list[str]:
    """Return the lines that say something."""
    return [line.strip() for line in text.splitlines() if line.strip()]


class Topic(TimestampedModel):
    """A muscle, condition or technique that articles are about."""

    class Kind(models.TextChoices):
        MUSCLE = "muscle", "Muscle"
        CONDITION = "condition", "Condition"
        TECHNIQUE = "technique", "Technique"

    slug = models.SlugField(
        "short name", unique=True, help_text="Imports of articles use it."
    )
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=16, choices=Kind)
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, null=True, blank=True, related_name="topics"
    )
    summary = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name


class Guide(PublishableModel):
    """A PDF that a visitor gets by email, and a member with one click."""

    slug = models.SlugField(
        "address",
        unique=True,
        help_text="The last part of the page's address; links break when it changes.",
    )
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=250)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="guides")
    cover = CleanImageField(folder="guides", help_text="Decorative, 3:4.")
    contents = models.TextField(
        blank=True, help_text="What is in it, one line a page or chapter."
    )
    page_count = models.PositiveSmallIntegerField("pages")
    file = SizedFileField(
        size_field="file_size",
        upload_to=RandomName("guides"),
        storage=private_storage,
        validators=[validate_guide],
        help_text="PDF, at most 25 MB.",
    )
    file_size = models.PositiveIntegerField(
        default=0, editable=False, help_text="Bytes, as they were uploaded."
    )

    objects = PublishableQuerySet["Guide"].as_manager()

    def __str__(self) -> str:
        return self.title

    @property
    def content_list(self) -> list[str]:
        return lines_of(self.contents)

    def get_absolute_url(self) -> str:
        return reverse("articles:guide-detail", args=[self.slug])


class ArticleQuerySet(PublishableQuerySet["Article"]):
    def newest_first(self) -> Self:
        return self.select_related("region").order_by("-published_at", "pk")

    def named(self, slug: str) -> "Article | None":
        """Return the article that a form names, if it names one at all."""
        return self.filter(slug=slug).first() if slug_re.match(slug) else None

    def naming(self, words: str) -> Self:
        """Keep those with each word in their title, region, topics or anatomy table."""
        found = self
        for word in words.split():
            topics = Topic.objects.filter(name__icontains=word)
            rows = AnatomyRow.objects.filter(muscle__icontains=word)
            found = found.filter(
                Q(title__icontains=word)
                | Q(dek__icontains=word)
                | Q(region__name__icontains=word)
                | Q(pk__in=topics.values("articles"))
                | Q(pk__in=rows.values("block__article"))
            )
        return found

    def related_to(
        self, article: "Article", *, at: datetime, count: int = 3
    ) -> list["Article"]:
        """Return others: of the same muscle, then of the region, then the newest."""
        muscles = article.topics.filter(kind=Topic.Kind.MUSCLE)
        sharing = self.model.topics.through.objects.filter(topic__in=muscles)
        same_muscle = Q(pk__in=sharing.values("article"))
        same_region = Q(region_id=article.region_id)
        others = (
            self.published(at=at)
            .exclude(pk=article.pk)
            .annotate(
                distance=models.Case(
                    models.When(same_muscle, then=0),
                    models.When(same_region, then=1),
                    default=2,
                )
            )
        )
        nearest = ("distance", "-published_at", "pk")
        near = others.filter(same_muscle | same_region).order_by(*nearest)[:count]
        newest = others.order_by("-published_at", "pk")[:count]
        # Only the ends of two indexed lists are ranked, never every article.
        either = Q(pk__in=near.values("pk")) | Q(pk__in=newest.values("pk"))
        found = others.filter(either).select_related("region").order_by(*nearest)
        return list(found[:count])

    def with_page_facts(self) -> Self:
        """Add what stands around the text of an article's page, in one query."""
        previews = Lesson.objects.filter(course=OuterRef("course"), is_preview=True)
        return self.select_related(
            "region", "author", "reviewer", "guide__region", "course"
        ).annotate(has_preview=Exists(previews))


class Article(PublishableModel):
    """An educational article about a muscle: ordered blocks below a plate."""

    slug = models.SlugField(
        "address",
        unique=True,
        help_text="The last part of the page's address; links break when it changes.",
    )
    title = models.CharField(max_length=150)
    dek = models.CharField(
        "standfirst", max_length=250, help_text="One sentence under the title."
    )
    description = models.CharField(
        "search description", max_length=170, help_text="Shown by search engines."
    )
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, related_name="articles"
    )
    topics = models.ManyToManyField(Topic, blank=True, related_name="articles")
    author = models.ForeignKey(
        Instructor,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="authored_articles",
    )
    reviewer = models.ForeignKey(
        Instructor,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reviewed_articles",
    )
    reviewed_date = models.DateField("reviewed on", null=True, blank=True)
    plate = CleanImageField(
        folder="articles",
        help_text="The anatomy picture, upright, such as 980 by 1155 pixels.",
    )
    plate_alt = models.CharField(
        "plate, in words",
        max_length=300,
        help_text="What the picture shows, for people who cannot see it.",
    )
    thumbnail = CleanImageField(
        folder="articles", help_text="Decorative card picture, 8:5."
    )
    guide = models.ForeignKey(
        Guide, on_delete=models.SET_NULL, null=True, blank=True, related_name="articles"
    )
    course = models.ForeignKey(
        Course,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="articles",
    )

    word_count = models.PositiveIntegerField(
        default=0,
        editable=False,
        help_text="Counted when the article is saved, for the minutes on its cards.",
    )

    objects = ArticleQuerySet.as_manager()

    class Meta(PublishableModel.Meta):
        indexes = [
            models.Index(fields=["published_at"]),
            models.Index(fields=["region", "published_at"]),
        ]
        constraints = [
            *PublishableModel.Meta.constraints,
            models.CheckConstraint(
                condition=Q(reviewer__isnull=True, reviewed_date__isnull=True)
                | Q(reviewer__isnull=False, reviewed_date__isnull=False),
                name="%(app_label)s_%(class)s_reviewed_with_date",
                violation_error_message="Enter both the reviewer and the review date.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("articles:article-detail", args=[self.slug])

    @property
    def minutes_read(self) -> int:
        return max(1, round(self.word_count / WORDS_A_MINUTE))


class BlockQuerySet(models.QuerySet["Block"]):
    def in_order(self) -> Self:
        """Order the sections as they are read, with all that they hold."""
        return self.order_by("weight", "pk").prefetch_related(
            models.Prefetch("anatomy_rows", AnatomyRow.objects.order_by("number")),
            models.Prefetch("techniques", Technique.objects.order_by("weight", "pk")),
        )


class Block(OrderedModel):
    """One section of an article, in its order."""

    class Kind(models.TextChoices):
        TEXT = "text", "Text"
        ANATOMY = "anatomy", "Anatomy table"
        TECHNIQUES = "techniques", "Technique cards"
        RED_FLAGS = "red_flags", "Red flags"

    article = models.ForeignKey(
        Article, on_delete=models.CASCADE, related_name="blocks"
    )
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.TEXT)
    heading = models.CharField(max_length=120)
    body = RichTextField(blank=True)
    items = models.TextField(
        "red flags", blank=True, help_text="One a line; only for red flags."
    )

    objects = BlockQuerySet.as_manager()

    class Meta:
        verbose_name = "section"

    def __str__(self) -> str:
        return self.heading

    @property
    def item_list(self) -> list[str]:
        return lines_of(self.items)


class AnatomyRow(models.Model):
    """One muscle of an anatomy table, keyed by number to the plate."""

    block = models.ForeignKey(
        Block, on_delete=models.CASCADE, related_name="anatomy_rows"
    )
    number = models.PositiveSmallIntegerField()
    muscle = models.CharField(max_length=80)
    runs = models.CharField("runs from, to", max_length=200)
    felt = models.CharField("often felt", max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["block", "number"],
                name="%(app_label)s_%(class)s_one_per_number",
                violation_error_message="Each number stands once in the table.",
            )
        ]

    def __str__(self) -> str:
        return self.muscle


class Technique(OrderedModel):
    """A technique card: picture, steps and dose."""

    block = models.ForeignKey(
        Block, on_delete=models.CASCADE, related_name="techniques"
    )
    title = models.CharField(max_length=120)
    lead = models.CharField(max_length=250)
    steps = models.TextField(help_text="One step a line.")
    doses = models.TextField(help_text="One a line, such as: 60 sec each side.")
    image = CleanImageField(folder="techniques")
    image_alt = models.CharField(
        "picture, in words",
        max_length=300,
        help_text="The position that the picture shows.",
    )

    def __str__(self) -> str:
        return self.title

    @property
    def step_list(self) -> list[str]:
        return lines_of(self.steps)

    @property
    def dose_list(self) -> list[str]:
        return lines_of(self.doses)


class GuideRequest(TimestampedModel):
    """Somebody asked for a guide; its link goes to that address only."""

    guide = models.ForeignKey(Guide, on_delete=models.PROTECT, related_name="requests")
    article = models.ForeignKey(
        Article, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    email = models.EmailField()
    wants_news = models.BooleanField("wants the newsletter", default=False)
    requested_at = models.DateTimeField()
    sent_at = models.DateTimeField(
        null=True, blank=True, help_text="When the newest link was mailed."
    )
    links_sent = models.PositiveSmallIntegerField(default=0)
    downloaded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["guide", "requested_at"])]

    def __str__(self) -> str:
        return f"{self.guide} for {self.email}"

    @property
    def token(self) -> str:
        """Sign the link; it names the request and nothing personal."""
        return signing.dumps(self.pk, salt=LINK_SALT)


def read_token(token: str) -> tuple[GuideRequest, bool]:
    """Return the request that a link names, and whether the week of the link is over."""
    try:
        request_id = signing.loads(token, salt=LINK_SALT)
    except signing.BadSignature as error:
        raise GuideRequest.DoesNotExist from error
    requests = GuideRequest.objects.select_related("guide", "article", "user")
    request = requests.get(pk=request_id)
    try:
        signing.loads(token, salt=LINK_SALT, max_age=LINK_WORKS_FOR)
    except signing.SignatureExpired:
        return request, True
    return request, False
