"""Sends what the scan handed out: asked again at the last moment, one person each."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from django.db import transaction

from accounts.models import User
from core.zones import zone
from courses import access, emails
from courses.models import (
    Course,
    CourseEmail,
    EmailDelivery,
    Enrollment,
    Lesson,
    QuizAttempt,
    build_outline,
)
from courses.services.sequence import DAY_BEGINS, courses_of_week, is_daytime
from mail.emails import Rendered
from mail.models import Category, OutgoingEmail
from mail.services import Email, accepts

MOST_A_WEEK = 3
MOST_OF_KIND = 2
WEEK = timedelta(days=7)
Kind = CourseEmail.Kind


def send_course_emails(*, delivery_ids: Sequence[int], at: datetime) -> None:
    """Send each, or put it off, or drop it; each commits alone."""
    for delivery_id in delivery_ids:
        send_course_email(delivery_id=delivery_id, at=at)


@transaction.atomic
def send_course_email(*, delivery_id: int, at: datetime) -> None:
    """Queue one email; who has got enough of them, or sleeps, gets it later."""
    delivery = EmailDelivery.objects.filter(pk=delivery_id, status="waiting").first()
    if delivery is None:
        return
    # The lock of the person keeps two workers from each counting without the other.
    user = User.objects.select_for_update().get(pk=delivery.user_id)
    delivery = (
        EmailDelivery.objects.select_related("step", "enrollment__course", "quiz")
        .filter(pk=delivery_id, status="waiting")
        .first()
    )
    if delivery is None:
        return
    delivery.user = user
    if reason := _stop_reason(delivery, at=at):
        _settle(delivery, status=EmailDelivery.Status.DROPPED, reason=reason)
    elif later := _not_before(delivery, at=at):
        EmailDelivery.objects.filter(pk=delivery.pk).update(due_at=later)
    else:
        email = _compose(delivery, at=at).queue()
        _settle(delivery, status=EmailDelivery.Status.QUEUED, email=email)


def send_test(*, step: CourseEmail, user: User, at: datetime) -> None:
    """Send a step to the editor who asks, as it would look in a real course."""
    course = sample_course(at=at)
    emails.trial(step, user=user, course=course, at=at).queue()


def preview_of(*, step: CourseEmail, user: User, at: datetime) -> Rendered:
    return emails.sample(step, user=user, course=sample_course(at=at))


def sample_course(*, at: datetime) -> Course | None:
    return Course.objects.published(at=at).order_by("-published_at", "pk").first()


@transaction.atomic
def welcome(*, enrollment: Enrollment, at: datetime) -> None:
    """Welcome at once whoever just enrolled, unless they got enough emails lately."""
    step = CourseEmail.objects.filter(kind=Kind.WELCOME, is_on=True).first()
    if step is None:
        return
    delivery, _created = EmailDelivery.objects.get_or_create(
        key=f"{step.pk}:enrollment:{enrollment.pk}",
        defaults={
            "step": step,
            "user": enrollment.user,
            "enrollment": enrollment,
            "due_at": at,
        },
    )
    send_course_email(delivery_id=delivery.pk, at=at)


def _settle(delivery: EmailDelivery, **changes: object) -> None:
    for name, value in changes.items():
        setattr(delivery, name, value)
    delivery.save(update_fields=[*changes, "updated_at"])


def _compose(delivery: EmailDelivery, *, at: datetime) -> Email:
    courses = _open_courses(delivery, at=at)
    return emails.course_email(delivery, courses=courses)


def _not_before(delivery: EmailDelivery, *, at: datetime) -> datetime | None:
    """Return when the person may get it, or None for now."""
    user = delivery.user
    is_answer = delivery.step.kind == Kind.WELCOME  # they have just asked for it
    is_first_try = delivery.due_at <= at
    if not (is_answer and is_first_try) and not is_daytime(user.time_zone, at=at):
        return _next_morning(user, at=at)
    sent = _learning_emails(user, since=at - WEEK)
    if len(sent) >= MOST_A_WEEK:
        return max(sent[-MOST_A_WEEK] + WEEK, _next_morning(user, at=at))
    today = at.astimezone(zone(user.time_zone)).date()
    if sent and sent[-1].astimezone(zone(user.time_zone)).date() == today:
        return _next_morning(user, at=at)
    return None


def _learning_emails(user: User, *, since: datetime) -> list[datetime]:
    """Return when they were queued, whatever they told; a test to oneself is none."""
    counted = OutgoingEmail.objects.filter(
        user=user, category=Category.LEARNING, queued_at__gt=since
    ).exclude(status__in=("suppressed", "failed"))
    return list(counted.order_by("queued_at").values_list("queued_at", flat=True))


def _next_morning(user: User, *, at: datetime) -> datetime:
    """Return the next time that the clock on the person's wall says eight."""
    local = at.astimezone(zone(user.time_zone))
    day = local.date() + timedelta(days=local.hour >= DAY_BEGINS)
    return datetime.combine(day, time(DAY_BEGINS), tzinfo=local.tzinfo)


def _stop_reason(delivery: EmailDelivery, *, at: datetime) -> str:
    """Say why it is sent no more: asked when it would leave, never remembered."""
    user, step = delivery.user, delivery.step
    if not step.is_on:
        return "The step is off."
    if not accepts(user, Category.LEARNING):
        return "Learning emails are off."
    if step.kind == Kind.NEW_COURSES:
        return "" if _open_courses(delivery, at=at) else "Nothing new is open to them."
    return _course_is_closed(delivery, at=at) or _out_of_date(delivery, at=at)


def _course_is_closed(delivery: EmailDelivery, *, at: datetime) -> str:
    enrollment = delivery.enrollment
    if enrollment is None or enrollment.status != Enrollment.Status.ACTIVE:
        return "The course is completed or left."
    if enrollment.course.publication_status(at=at) != "published":
        return "The course is not published."
    if not access.may_study(delivery.user, enrollment.course, at=at):
        return "The membership has ended."
    return ""


def _out_of_date(delivery: EmailDelivery, *, at: datetime) -> str:
    kind, enrollment = delivery.step.kind, delivery.enrollment
    if enrollment is None:
        return ""
    if kind == Kind.STALLED:
        return _not_stalled(delivery, enrollment, at=at)
    if kind == Kind.ONE_QUIZ_LEFT:
        outline = build_outline(enrollment.course, enrollment)
        left = [one for one in outline.required if not one.is_done]
        is_so = len(left) == 1 and left[0].lesson.kind == Lesson.Kind.QUIZ
        return "" if is_so else "It is no longer one quiz."
    if kind == Kind.LOOK_AGAIN:
        passed = QuizAttempt.objects.filter(
            enrollment=enrollment, quiz=delivery.quiz, passed=True
        )
        return "The quiz is passed." if passed.exists() else ""
    return ""


def _not_stalled(
    delivery: EmailDelivery, enrollment: Enrollment, *, at: datetime
) -> str:
    studied_at = enrollment.last_studied_at or enrollment.enrolled_at
    if studied_at > at - timedelta(days=delivery.step.days):
        return "They study again."
    queued = EmailDelivery.objects.filter(
        step__kind=Kind.STALLED, enrollment=enrollment, status="queued"
    )
    return "They were asked twice." if queued.count() >= MOST_OF_KIND else ""


def _open_courses(delivery: EmailDelivery, *, at: datetime) -> list[Course]:
    """Return the new courses of the week that the person may study and has not begun."""
    user = delivery.user
    if delivery.week_date is None or user.profession_id is None:
        return []
    begun = Enrollment.objects.current().filter(user=user)
    new = (
        courses_of_week(delivery.week_date, at=at)
        .filter(professions=user.profession_id)
        .exclude(pk__in=begun.values("course_id"))
        .order_by("-published_at", "pk")
    )
    return [one for one in new[:10] if access.may_study(user, one, at=at)][:5]
