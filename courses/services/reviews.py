"""Reviews: written after completion, changed and taken back by their writer, hidden by staff."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import User
from core.errors import DomainError
from courses.models import Enrollment, Review


class ReviewRefusedError(DomainError):
    """The course is not completed yet."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a learner says in public of a course."""

    stars: int
    text: str
    shows_name: bool


@transaction.atomic
def write_review(*, enrollment: Enrollment, verdict: Verdict, at: datetime) -> Review:
    """Store the one review of an enrollment; a later one takes the place of its words."""
    if enrollment.status != Enrollment.Status.COMPLETED:
        raise ReviewRefusedError(
            "Complete the course first, then tell others about it."
        )
    said = {
        "stars": verdict.stars,
        "text": verdict.text.strip(),
        "shows_name": verdict.shows_name,
        "profession_id": enrollment.user.profession_id,
    }
    first = {**said, "course_id": enrollment.course_id, "written_at": at}
    review, _created = Review.objects.update_or_create(
        enrollment=enrollment, defaults=said, create_defaults=first
    )
    return review


@transaction.atomic
def delete_review(*, enrollment: Enrollment) -> None:
    """Take back what was said; once more changes nothing."""
    Review.objects.filter(enrollment=enrollment, hidden_at__isnull=True).delete()


@transaction.atomic
def hide_review(*, review: Review, reason: str, by: User, at: datetime) -> Review:
    """Take a review out of the pages and the averages; the first reason stays."""
    locked = Review.objects.select_for_update().get(pk=review.pk)
    if locked.hidden_at is None:
        locked.hidden_at, locked.hidden_by, locked.hidden_reason = at, by, reason
        _save_hiding(locked)
    return locked


@transaction.atomic
def show_review(*, review: Review) -> Review:
    """Put a hidden review back."""
    locked = Review.objects.select_for_update().get(pk=review.pk)
    locked.hidden_at, locked.hidden_by, locked.hidden_reason = None, None, ""
    _save_hiding(locked)
    return locked


def _save_hiding(review: Review) -> None:
    review.save(update_fields=["hidden_at", "hidden_by", "hidden_reason", "updated_at"])
