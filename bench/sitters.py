"""Seat many members before the last quiz of a course, and wait for their papers."""

import json
import sys
import time
from datetime import datetime

import django
from django.urls import reverse
from django.utils import timezone

django.setup()

from accounts.models import User
from bench.quizzes import MEMBERS, SLOWEST_PAPERS_SECONDS, Sitter
from bench.rows import log_in
from courses import services
from courses.models import Course, Enrollment, Lesson, LessonProgress, QuizAttempt
from mail.models import OutgoingEmail
from natcampus.demo import members, money

COURSE = "therapist-self-care"
DOMAIN = "sitters.example"
EVERY_SECONDS = 2


def fill() -> list[Sitter]:
    """Finish all but the last quiz for each of them, and answer it."""
    at, course = timezone.now(), Course.objects.get(slug=COURSE)
    lessons = list(course.lessons.in_order())
    last = [one for one in lessons if one.kind == Lesson.Kind.QUIZ][-1]
    staff = User.objects.filter(is_superuser=True).earliest("pk")
    found = []
    for number in range(MEMBERS):
        name = f"Sitter {number}"
        user = User.objects.create(
            email=f"sitter-{number}@{DOMAIN}", name=name, certificate_name=name
        )
        money.grant(user, by=staff, valid_from=at, valid_until=None)
        attempt = seat(members.enroll(user, course, at=at), lessons, last, at=at)
        place = [course.slug, last.slug, attempt.number]
        found.append(
            Sitter(
                session=log_in(user.email),
                submit=reverse("courses:attempt-submit", args=place),
                complete=reverse("courses:enrollment-complete", args=[course.slug]),
                name=name,
            )
        )
    return found


def seat(
    enrollment: Enrollment, lessons: list[Lesson], last: Lesson, *, at: datetime
) -> QuizAttempt:
    LessonProgress.objects.bulk_create(
        LessonProgress(
            enrollment=enrollment, lesson=lesson, opened_at=at, completed_at=at
        )
        for lesson in lessons
        if lesson != last
    )
    services.attest(
        enrollment=enrollment,
        legal_name=enrollment.user.name,
        ip_address="127.0.0.1",
        at=at,
    )
    attempt = services.start_attempt(enrollment=enrollment, quiz=last.quiz, at=at)
    for question in attempt.questions:
        services.save_answer(
            attempt=attempt, question_id=question.id, choice_ids=question.key, at=at
        )
    if services.requires_evaluation(enrollment=enrollment, at=at):
        opinion = members.opinion_of(enrollment)
        services.evaluate(enrollment=enrollment, opinion=opinion, at=at)
    return attempt


def wait() -> int:
    """Return how many were told of their certificate before the time was over."""
    ends_at, sent = time.monotonic() + SLOWEST_PAPERS_SECONDS, 0
    told = OutgoingEmail.objects.filter(
        template="certification/ready", recipient__endswith=DOMAIN, status="sent"
    )
    while sent < MEMBERS and time.monotonic() < ends_at:
        time.sleep(EVERY_SECONDS)
        sent = told.count()
    return sent


if __name__ == "__main__":
    print(
        json.dumps({"sitters": fill()} if sys.argv[1] == "fill" else {"sent": wait()})
    )
