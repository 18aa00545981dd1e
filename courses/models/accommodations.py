from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from courses.models.enrollment import GivenModel

LEAST, MOST = Decimal(1), Decimal(5)


class Accommodation(GivenModel):
    """What makes studying possible for one person: more time, another format."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="accommodations",
    )
    time_multiplier = models.DecimalField(
        "time",
        max_digits=3,
        decimal_places=2,
        default=LEAST,
        validators=[MinValueValidator(LEAST), MaxValueValidator(MOST)],
        help_text="Times the time limit of each quiz: 1.5 gives 45 minutes for 30.",
    )
    alternative_format = models.CharField(
        max_length=200,
        blank=True,
        help_text="What the person gets instead, such as transcripts in large print by "
        "email. The person reads it in each course.",
    )
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(GivenModel.Meta):
        constraints = [
            *GivenModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(ended_at__isnull=True),
                name="%(app_label)s_%(class)s_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(time_multiplier__gte=LEAST, time_multiplier__lte=MOST),
                name="%(app_label)s_%(class)s_multiplies_from_one_to_five",
            ),
            models.CheckConstraint(
                condition=Q(time_multiplier__gt=LEAST) | ~Q(alternative_format=""),
                name="%(app_label)s_%(class)s_gives_something",
                violation_error_message="Give more time, or name another format.",
            ),
        ]

    def __str__(self) -> str:
        return f"Accommodation for {self.user}"
