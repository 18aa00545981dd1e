"""Finds whom a step of the course emails is for, and hands out what is due.

Everything is done in chunks that commit alone: a scan that is killed half way leaves
rows that the next one takes up, and two scans at once share the work.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import User
from core.zones import zone
from courses.models import (
    Course,
    CourseEmail,
    EmailDelivery,
    Enrollment,
    Lesson,
    LessonProgress,
    QuizAttempt,
)
from mail.models import Category, EmailPreference

CHUNK = 1000
LEASE = timedelta(minutes=30)
# Who went quiet long ago is left in peace when a step is new or was off.
FOUND_WITHIN = timedelta(days=7)
DAY_BEGINS, DAY_ENDS = 8, 20


def find_course_emails(*, at: datetime) -> int:
    """Write a row for each email that has become due; a second scan finds them written."""
    steps = CourseEmail.objects.filter(is_on=True, kind__in=_FINDERS)
    return sum(_write(_FINDERS[step.kind](step, at)) for step in steps)


def claim_course_emails(*, at: datetime) -> Iterator[list[int]]:
    """Take what is due for people whose day it is, chunk by chunk, until none is left."""
    awake = _zones_awake(at)
    while claimed := _claim(awake, at=at):
        yield claimed


def is_daytime(time_zone: str, *, at: datetime) -> bool:
    return DAY_BEGINS <= at.astimezone(zone(time_zone)).hour < DAY_ENDS


@transaction.atomic
def _claim(awake: list[str], *, at: datetime) -> list[int]:
    due = EmailDelivery.objects.due(at=at).filter(user__time_zone__in=awake)
    rows = due.order_by("due_at", "pk").only("pk").locked()[:CHUNK]
    claimed = [row.pk for row in rows]
    EmailDelivery.objects.filter(pk__in=claimed).update(due_at=at + LEASE)
    return claimed


def _zones_awake(at: datetime) -> list[str]:
    names = User.objects.order_by().values_list("time_zone", flat=True).distinct()
    return [name for name in names if is_daytime(name, at=at)]


def _write(chunks: Iterator[list[EmailDelivery]]) -> int:
    found = 0
    for rows in chunks:
        # Asked by the unique key: a join would be planned for the few rows of yesterday.
        keys = [row.key for row in rows]
        known = set(
            EmailDelivery.objects.filter(key__in=keys).values_list("key", flat=True)
        )
        new = [row for row in rows if row.key not in known]
        EmailDelivery.objects.bulk_create(new, ignore_conflicts=True)
        found += len(new)
    return found


def _in_chunks(
    rows: QuerySet[Any], make: Callable[[Any], EmailDelivery]
) -> Iterator[list[EmailDelivery]]:
    """Read by the primary key: no cursor that a pooler or a commit would lose."""
    last = 0
    while chunk := list(rows.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        yield [make(row) for row in chunk]
        last = chunk[-1].pk


def _unsubscribed(user: str) -> Exists:
    return Exists(
        EmailPreference.objects.filter(
            user=OuterRef(user), category=Category.LEARNING, is_subscribed=False
        )
    )


def _quiet(step: CourseEmail, at: datetime) -> QuerySet[Enrollment]:
    """Keep who last studied so many days ago."""
    until = at - timedelta(days=step.days)
    return (
        Enrollment.objects.filter(status=Enrollment.Status.ACTIVE)
        .annotate(quiet_since=Coalesce("last_studied_at", "enrolled_at"))
        .filter(quiet_since__lte=until, quiet_since__gt=until - FOUND_WITHIN)
        .exclude(_unsubscribed("user"))
        .only("pk", "user_id")
    )


def _stalled(step: CourseEmail, at: datetime) -> Iterator[list[EmailDelivery]]:
    return _in_chunks(_quiet(step, at), lambda row: _of_enrollment(step, row, at))


def _one_quiz_left(step: CourseEmail, at: datetime) -> Iterator[list[EmailDelivery]]:
    done = LessonProgress.objects.filter(
        enrollment=OuterRef(OuterRef("pk")),
        lesson=OuterRef("pk"),
        completed_at__isnull=False,
    )
    open_quiz = Lesson.objects.filter(
        ~Exists(done), course=OuterRef("course"), is_required=True, kind="quiz"
    )
    rows = _quiet(step, at).with_progress()  # type: ignore[attr-defined] # our queryset
    left_one = rows.filter(Exists(open_quiz), lesson_total=F("lesson_done") + 1)
    return _in_chunks(left_one, lambda row: _of_enrollment(step, row, at))


def _of_enrollment(step: CourseEmail, row: Enrollment, at: datetime) -> EmailDelivery:
    return EmailDelivery(
        key=f"{step.pk}:enrollment:{row.pk}",
        step=step,
        user_id=row.user_id,
        enrollment=row,
        due_at=at,
    )


def _look_again(step: CourseEmail, at: datetime) -> Iterator[list[EmailDelivery]]:
    """Find second failures that nobody has passed since."""
    until = at - timedelta(days=step.days)
    same = QuizAttempt.objects.filter(
        enrollment=OuterRef("enrollment"), quiz=OuterRef("quiz")
    )
    failed = (
        QuizAttempt.objects.filter(
            number=2,
            passed=False,
            submitted_at__lte=until,
            submitted_at__gt=until - FOUND_WITHIN,
            enrollment__status=Enrollment.Status.ACTIVE,
        )
        .exclude(Exists(same.filter(passed=True)))
        .exclude(_unsubscribed("enrollment__user"))
        .select_related("enrollment")
        .only("pk", "quiz_id", "enrollment__user_id")
    )

    def make(row: QuizAttempt) -> EmailDelivery:
        return EmailDelivery(
            key=f"{step.pk}:quiz:{row.enrollment_id}:{row.quiz_id}",
            step=step,
            user_id=row.enrollment.user_id,
            enrollment_id=row.enrollment_id,
            quiz_id=row.quiz_id,
            due_at=at,
        )

    return _in_chunks(failed, make)


def monday_of(at: datetime) -> date:
    day = at.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def courses_of_week(monday: date, *, at: datetime) -> QuerySet[Course]:
    """Return what was published in the seven days before that Monday."""
    end = datetime.combine(monday, time(), tzinfo=UTC)
    return Course.objects.published(at=at).filter(
        published_at__gte=end - timedelta(days=7), published_at__lt=end
    )


def _new_courses(step: CourseEmail, at: datetime) -> Iterator[list[EmailDelivery]]:
    monday = monday_of(at)
    new = courses_of_week(monday, at=at)
    professions = new.order_by().values("professions").annotate(count=Count("pk"))
    people = (
        User.objects.filter(
            Q(profession__in=professions.values("professions")), is_active=True
        )
        .exclude(_unsubscribed("pk"))
        .only("pk")
    )

    def make(user: User) -> EmailDelivery:
        return EmailDelivery(
            key=f"{step.pk}:week:{monday}:{user.pk}",
            step=step,
            user=user,
            week_date=monday,
            due_at=at,
        )

    return _in_chunks(people, make)


_FINDERS: dict[str, Callable[[CourseEmail, datetime], Iterator[list[EmailDelivery]]]]
_FINDERS = {
    CourseEmail.Kind.STALLED: _stalled,
    CourseEmail.Kind.ONE_QUIZ_LEFT: _one_quiz_left,
    CourseEmail.Kind.LOOK_AGAIN: _look_again,
    CourseEmail.Kind.NEW_COURSES: _new_courses,
}
