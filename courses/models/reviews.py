"""What those who completed a course say of it in public; `Evaluation` is another matter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Avg, Count, Q, Window

from accounts.models import Profession
from core.models import TimestampedModel
from courses.models.catalog import FEWEST_RATED, Course
from courses.models.enrollment import Enrollment


@dataclass(frozen=True)
class Rating:
    """What several people together gave a course."""

    count: int
    average: float


class ReviewQuerySet(models.QuerySet["Review"]):
    def shown(self) -> Self:
        """Leave out what staff have hidden."""
        return self.filter(hidden_at__isnull=True)

    def newest_first(self) -> Self:
        """Order by the day of writing, with all that `rating_of` and a page need."""
        return (
            self.select_related("profession", "enrollment__user")
            .annotate(total=Window(Count("pk")), average=Window(Avg("stars")))
            .order_by("-written_at", "-pk")
        )

    def by_profession(self) -> list[tuple[str, str, int]]:
        """Return the professions that wrote, each with its number of reviews."""
        told = ("profession__slug", "profession__name_plural")
        counted = self.filter(profession__isnull=False).order_by().values(*told)
        ranked = counted.annotate(count=Count("pk")).order_by("-count", told[1])
        return list(ranked.values_list(*told, "count"))


class Review(TimestampedModel):
    """The stars and the words of one person for one completed course."""

    class Stars(models.IntegerChoices):
        FIVE = 5, "5 stars: excellent"
        FOUR = 4, "4 stars: good"
        THREE = 3, "3 stars: fair"
        TWO = 2, "2 stars: poor"
        ONE = 1, "1 star: very poor"

    enrollment = models.OneToOneField(
        Enrollment, on_delete=models.PROTECT, related_name="review"
    )
    course = models.ForeignKey(
        Course,
        on_delete=models.PROTECT,
        related_name="reviews",
        help_text="A copy of the enrollment's course, by which averages are taken.",
    )
    profession = models.ForeignKey(
        Profession,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="What the person was when they wrote it.",
    )
    stars = models.PositiveSmallIntegerField(choices=Stars)
    text = models.TextField(blank=True)
    shows_name = models.BooleanField("shows the first name", default=False)
    written_at = models.DateTimeField()
    hidden_at = models.DateTimeField(null=True, blank=True)
    hidden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    hidden_reason = models.CharField(max_length=200, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        permissions = [("hide_review", "Can hide review")]
        indexes = [models.Index(fields=["course", "-written_at"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(stars__gte=1, stars__lte=5),
                name="%(app_label)s_%(class)s_stars_are_one_to_five",
            ),
            models.CheckConstraint(
                condition=Q(
                    hidden_at__isnull=True, hidden_by__isnull=True, hidden_reason=""
                )
                | (
                    Q(hidden_at__isnull=False, hidden_by__isnull=False)
                    & ~Q(hidden_reason="")
                ),
                name="%(app_label)s_%(class)s_hidden_by_whom_and_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course}, {self.stars} of 5"

    @property
    def author(self) -> str:
        """Name the writer as they chose: by first name, or by profession alone."""
        names = self.enrollment.user.name.split() if self.shows_name else []
        told = self.profession.name if self.profession else "Learner"
        return f"{names[0]}, {told[0].lower()}{told[1:]}" if names else told


def rating_of(reviews: Sequence[Review]) -> Rating | None:
    """Return what all reviews of `newest_first` gave, once enough of them did."""
    if not reviews:
        return None
    told = vars(reviews[0])
    is_enough = told["total"] >= FEWEST_RATED
    return Rating(told["total"], told["average"]) if is_enough else None
