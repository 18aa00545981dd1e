from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.text import slugify

from accounts.models import Profession
from core import embeds
from core.models import (
    OrderedModel,
    PublishableModel,
    PublishableQuerySet,
    TimestampedModel,
)
from core.richtext import RichTextField
from core.uploads import (
    CleanImageField,
    RandomName,
    SizedFileField,
    private_storage,
)
from courses.models.reference import Instructor, Region
from courses.validators import (
    validate_captions,
    validate_course_slug,
    validate_embed_url,
    validate_lesson_file,
    validate_lesson_slug,
    validate_video,
)

FEWEST_RATED = 3  # below it an average says more of a person than of the course
LONG_TEXTS = (
    *("description", "audience", "requirements", "prerequisites", "safety_note"),
    *("scope_note", "disclosure", "refund_note", "accommodations"),
    *("references", "hours_reason"),
)


class CourseQuerySet(PublishableQuerySet["Course"]):
    def suited_to(self, profession_id: int | None) -> Self:
        """Keep what was made for the profession; for nobody in particular, all."""
        return self.filter(professions=profession_id) if profession_id else self

    def related_to(
        self, course: "Course", *, at: datetime, count: int = 3
    ) -> list["Course"]:
        """Return the newest courses on the same region, or else the newest of all."""
        others = self.published(at=at).exclude(pk=course.pk)
        newest = others.order_by("-published_at", "pk")
        near = newest.filter(region=course.region_id)[:count]
        either = Q(pk__in=near.values("pk")) | Q(pk__in=newest[:count].values("pk"))
        found = list(newest.filter(either).with_catalog_facts())
        same_region = [one for one in found if one.region_id == course.region_id]
        return (same_region or found)[:count]

    def with_catalog_facts(self) -> Self:
        """Add what a course card shows: nothing of reviews while there are too few of them."""
        return (
            self.select_related("region")
            .defer(*LONG_TEXTS)
            .annotate(**_catalog_facts())
        )


@cache
def _catalog_facts() -> dict[str, Coalesce | Subquery]:
    """Build the three counts once: each list of courses asks for them."""
    lessons = Lesson.objects.filter(course=OuterRef("pk")).order_by()
    counted = lessons.values("course").annotate(count=models.Count("pk"))
    shown = Q(reviews__hidden_at__isnull=True)
    same = Course.objects.filter(pk=OuterRef("pk")).order_by().values("pk")
    rated = same.annotate(
        count=models.Count("reviews", filter=shown),
        average=models.Avg("reviews__stars", filter=shown),
    ).filter(count__gte=FEWEST_RATED)
    return {
        "lesson_count": Coalesce(Subquery(counted.values("count")), 0),
        "rating_count": Subquery(rated.values("count")),
        "rating_average": Subquery(rated.values("average")),
    }


class Course(PublishableModel):
    """A self-paced course: modules of lessons that end in a certificate."""

    class Level(models.TextChoices):
        INTRODUCTORY = "introductory", "Introductory"
        INTERMEDIATE = "intermediate", "Intermediate"
        ADVANCED = "advanced", "Advanced"

    class Order(models.TextChoices):
        FREE = "free", "Any lesson at any time"
        LESSONS = "lessons", "One lesson after the other"
        MODULES = "modules", "One module after the other"

    class Delivery(models.TextChoices):
        HOME_STUDY = "home_study", "Home study, online"

    slug = models.SlugField(
        "address",
        validators=[validate_course_slug],
        unique=True,
        help_text="The last part of the page's address; links break when it changes.",
    )
    title = models.CharField(max_length=150, unique=True)
    promise = models.CharField(max_length=200, help_text="One sentence on the card.")
    image = CleanImageField(folder="courses", help_text="Decorative card picture, 8:5.")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="courses")
    level = models.CharField(max_length=16, choices=Level)
    delivery = models.CharField(
        max_length=16, choices=Delivery, default=Delivery.HOME_STUDY
    )
    contact_hours = models.DecimalField(
        "CE hours",
        max_digits=4,
        decimal_places=2,
        validators=[MinValueValidator(Decimal("0.25"))],
    )
    professions = models.ManyToManyField(Profession, related_name="courses")
    instructors = models.ManyToManyField(Instructor, related_name="courses")
    required_entitlement = models.SlugField(
        blank=True,
        default="all-courses",
        help_text="The key of the plan that opens it. Empty: open to every account.",
    )
    order = models.CharField(
        "order of study",
        max_length=16,
        choices=Order,
        default=Order.FREE,
        help_text="What is not optional comes before what follows it.",
    )
    minimum_minutes = models.PositiveSmallIntegerField(
        "minutes of study",
        default=0,
        blank=True,
        help_text="So many active minutes are needed before the final quiz opens. 0: "
        "none.",
    )
    allows_mark_complete = models.BooleanField(
        "learners may mark lessons complete", default=True
    )
    requires_evaluation = models.BooleanField(
        "evaluation comes before the certificate", default=False
    )
    hours_reason = models.TextField(
        "reason for the hours",
        blank=True,
        help_text="Why the course is worth more CE hours than its lessons add up to: "
        "practice that is handed in, for example. Only the staff reads it.",
    )
    description = RichTextField()
    audience = RichTextField("who it suits", blank=True)
    requirements = RichTextField("what you need", blank=True)
    prerequisites = RichTextField(
        blank=True, help_text="What learners must know or hold before they begin."
    )
    safety_note = RichTextField(blank=True)
    references = models.TextField(
        blank=True,
        help_text="One a line, such as a book or an article with its DOI.",
    )
    scope_note = RichTextField(
        "scope of practice",
        blank=True,
        help_text="What passing does not entitle to, and whose rules decide.",
    )
    disclosure = RichTextField(
        "financial disclosure",
        blank=True,
        help_text="Interests of instructors and planners, and who paid; also that "
        "there are none.",
    )
    refund_note = RichTextField(
        "refunds and cancellation",
        blank=True,
        help_text="What differs for this course. The page leads to the refund policy "
        "in any case.",
    )
    accommodations = RichTextField(
        blank=True,
        help_text="What is there for learners with disabilities. The page gives the "
        "address of the support in any case.",
    )

    objects = CourseQuerySet.as_manager()

    class Meta(PublishableModel.Meta):
        indexes = [models.Index(fields=["-published_at", "id"])]
        constraints = [
            *PublishableModel.Meta.constraints,
            models.CheckConstraint(
                condition=Q(contact_hours__gt=0),
                name="%(app_label)s_%(class)s_hours_are_positive",
                violation_error_message="Enter the CE hours, such as 1.5.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def reference_list(self) -> list[str]:
        lines = (line.strip() for line in self.references.splitlines())
        return [line for line in lines if line]

    def get_absolute_url(self) -> str:
        return reverse("courses:course-detail", args=[self.slug])


class Objective(OrderedModel):
    """What a learner can do after the course, in measurable words."""

    course = models.ForeignKey(
        Course, on_delete=models.CASCADE, related_name="objectives"
    )
    text = models.CharField(max_length=250)

    def __str__(self) -> str:
        return self.text


class Module(OrderedModel):
    """A chapter of a course."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="modules")
    title = models.CharField(max_length=150)
    summary = models.CharField(max_length=250, blank=True)
    opens_after_days = models.PositiveSmallIntegerField(
        "opens after days",
        default=0,
        help_text="Days after the learner has started the course. 0: at once.",
    )

    def __str__(self) -> str:
        return self.title


@lru_cache(maxsize=4096)
def _lesson_path(role: str, course: str, lesson: str) -> str:
    """Remember the address: an outline asks for one per lesson on every page."""
    return reverse(f"courses:{role}", args=[course, lesson])


class LessonQuerySet(models.QuerySet["Lesson"]):
    def in_order(self) -> Self:
        """Order the lessons as a learner meets them."""
        return self.select_related("module").order_by(
            "module__weight", "module_id", "weight", "pk"
        )

    def for_outline(self) -> Self:
        """Keep what a line of the outline shows; the number of questions included."""
        same = Lesson.objects.filter(pk=OuterRef("pk")).order_by()
        counted = same.values("pk").annotate(count=models.Count("quiz__questions"))
        return (
            self.in_order()
            .defer("body", "summary", "created_at", "updated_at")
            .annotate(question_count=Subquery(counted.values("count")))
        )


class Lesson(OrderedModel, TimestampedModel):
    """One step of a course: a video, a reading, a download, a check or a quiz."""

    class Kind(models.TextChoices):
        VIDEO = "video", "Video"
        READING = "reading", "Reading"
        DOWNLOAD = "download", "Download"
        CHECK = "check", "Quick check"
        QUIZ = "quiz", "Quiz"

    course = models.ForeignKey(
        Course,
        on_delete=models.CASCADE,
        related_name="lessons",
        editable=False,
        help_text="A copy of the module's course, so that slugs are unique within it.",
    )
    module = models.ForeignKey(Module, on_delete=models.CASCADE, related_name="lessons")
    slug = models.SlugField(
        "address",
        blank=True,
        validators=[validate_lesson_slug],
        help_text="The last part of the page's address; empty: made from the title.",
    )
    title = models.CharField(max_length=150)
    kind = models.CharField(max_length=16, choices=Kind)
    summary = models.CharField(max_length=200, blank=True)
    body = RichTextField(blank=True)
    minutes = models.PositiveSmallIntegerField(
        default=5, help_text="Minutes a learner needs, as shown in the outline."
    )
    is_preview = models.BooleanField(
        "free preview", default=False, help_text="Visitors may open it too."
    )
    is_required = models.BooleanField(
        "required", default=True, help_text="Needed to complete the course."
    )
    video = models.FileField(
        upload_to=RandomName("videos"),
        storage=private_storage,
        validators=[validate_video],
        blank=True,
        help_text="MP4 (H.264), at most 500 MB.",
    )
    embed_url = models.CharField(
        "video at a host",
        max_length=200,
        blank=True,
        validators=[validate_embed_url],
        help_text="Instead of a file: the address of a video at Vimeo, such as "
        "https://vimeo.com/123456789.",
    )
    duration_seconds = models.PositiveIntegerField(
        null=True, blank=True, help_text="Empty: read from the video."
    )
    poster = CleanImageField(folder="posters", blank=True)
    captions = models.FileField(
        upload_to=RandomName("captions"),
        storage=private_storage,
        validators=[validate_captions],
        blank=True,
        help_text="WebVTT; the transcript is made from it.",
    )

    objects = LessonQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["course", "slug"],
                name="%(app_label)s_%(class)s_one_per_course_and_slug",
                violation_error_message="Another lesson of this course has this slug.",
            ),
            models.CheckConstraint(
                condition=Q(video="", embed_url="")
                | Q(duration_seconds__isnull=False, duration_seconds__gt=0),
                name="%(app_label)s_%(class)s_video_has_duration",
                violation_error_message="Enter the length of the video in seconds.",
            ),
            models.CheckConstraint(
                condition=Q(video="") | Q(embed_url=""),
                name="%(app_label)s_%(class)s_has_one_video",
                violation_error_message="Choose a file or a video at a host, not both.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_playable(self) -> bool:
        """Tell whether there is a video: its kind alone does not say so."""
        return bool(self.video or self.embed_url)

    @property
    def frame_address(self) -> str | None:
        return embeds.frame_address(self.embed_url)

    @property
    def slug_of_title(self) -> str:
        """Return the address that the lesson asks for when none is typed."""
        return slugify(self.title)[:40] or "lesson"

    def get_absolute_url(self) -> str:
        role = "quiz-detail" if self.kind == self.Kind.QUIZ else "lesson-detail"
        return _lesson_path(role, self.course.slug, self.slug)


class LessonFile(OrderedModel):
    """A file that belongs to a lesson, handed out after an access check."""

    lesson = models.ForeignKey(Lesson, on_delete=models.CASCADE, related_name="files")
    title = models.CharField(max_length=120)
    file = SizedFileField(
        size_field="file_size",
        upload_to=RandomName("lesson-files"),
        storage=private_storage,
        validators=[validate_lesson_file],
        help_text="PDF, DOCX, ZIP or text, at most 25 MB.",
    )
    file_size = models.PositiveIntegerField(
        default=0, editable=False, help_text="Bytes, as they were uploaded."
    )

    def __str__(self) -> str:
        return self.title
