"""Fill the database with rows, and count the queries of each page over them."""

import json
import sys
from datetime import timedelta
from http import HTTPStatus
from importlib import import_module
from urllib.parse import urlencode

import django
from django.conf import settings
from django.contrib.auth import (
    BACKEND_SESSION_KEY,
    HASH_SESSION_KEY,
    SESSION_KEY,
)
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

django.setup()

from accounts.models import User
from articles.models import Article, Block
from billing.models import Customer, Price, Subscription
from courses.models import (
    Course,
    CourseVersion,
    Enrollment,
    Lesson,
    LessonProgress,
    Module,
)

MEMBER = "member@natcampus.example"
OTHER = "other-member@natcampus.example"
FREE = "free@natcampus.example"
LEARNERS = 8  # two reports of one learner would wait in turn
OWN_SHARE = 100  # nobody studies thousands of courses: one in a hundred is the member's
PERSONAL = {"my learning"}


def main(count: int) -> None:
    grow(count)
    sell()
    sessions = {"visitor": "", "free": log_in(FREE), "member": log_in(MEMBER)}
    pages = addresses()
    print(
        json.dumps(
            {
                "session": sessions["member"],
                "pages": pages,
                "reports": reports(),
                "queries": {
                    f"{page}, {who}": count_queries(path, session)
                    for page, path in pages.items()
                    for who, session in sessions.items()
                    if session or page not in PERSONAL
                },
            }
        )
    )


def playing() -> Lesson:
    """Return the video lesson that the member is in the middle of."""
    return Lesson.objects.get(
        course__slug="hip-and-thigh", slug="finding-hamstring-trigger-points"
    )


def reports() -> list[tuple[str, str]]:
    """Return the sessions of learners who watch a video, and what each player sends."""
    lesson = playing()
    body = urlencode(
        {
            "course": lesson.course.slug,
            "lesson": lesson.slug,
            "position": 12,
            "intervals": json.dumps([[0, 12]]),
        }
    )
    return [(log_in(learner(number)), body) for number in range(LEARNERS)]


def learner(number: int) -> str:
    """Return the email of a member who has come as far as the demo's member."""
    email = f"learner-{number}@natcampus.example"
    user, is_new = User.objects.get_or_create(email=email)
    if not is_new:
        return email
    subscription = Subscription.objects.get(customer__user__email=MEMBER)
    subscription.customer = Customer.objects.create(user=user)
    subscription.pk, subscription.stripe_id = None, f"sub_learner_{number}"
    subscription.save()
    mine = Enrollment.objects.get(user__email=MEMBER, course=playing().course)
    enrollment = Enrollment.objects.create(
        user=user,
        course=mine.course,
        version=mine.version,
        enrolled_at=mine.enrolled_at,
    )
    LessonProgress.objects.bulk_create(
        [
            LessonProgress(
                enrollment=enrollment,
                lesson=row.lesson,
                opened_at=row.opened_at,
                completed_at=row.completed_at,
            )
            for row in mine.progress.select_related("lesson")
        ]
    )
    return email


def addresses() -> dict[str, str]:
    course = Course.objects.get(slug="hip-and-thigh")
    article = Article.objects.get(slug="hamstrings-stretch-release-protect")
    return {
        "home": reverse("home"),
        "article": article.get_absolute_url(),
        "articles": reverse("articles:article-list"),
        "catalog": reverse("courses:course-list"),
        "course": course.get_absolute_url(),
        "pricing": reverse("billing:price-list"),
        "lesson": playing().get_absolute_url(),
        "my learning": reverse("home-learning"),
    }


def grow(count: int) -> None:
    """Bring courses, articles and enrollments to the wanted number."""
    now = timezone.now()
    course = Course.objects.get(slug="hip-and-thigh")
    numbers = range(Course.objects.count(), count)
    copies = Course.objects.bulk_create(
        [
            Course(
                slug=f"bench-{number}",
                title=f"Bench course {number}",
                promise=course.promise,
                image=course.image.name,
                region=course.region,
                level=course.level,
                contact_hours=course.contact_hours,
                description=course.description,
                published_at=now - timedelta(days=400, minutes=number),
            )
            for number in numbers
        ],
        batch_size=1000,
    )
    enroll(copies, own=count // OWN_SHARE)
    grow_articles(count)


def sell() -> None:
    """Put the prices on sale, which wait for a Stripe that does not run here."""
    for price in Price.objects.filter(stripe_price_id=None):
        price.stripe_price_id = f"price_bench_{price.slug}"
        price.save(update_fields=["stripe_price_id"])


def enroll(copies: list[Course], *, own: int) -> None:
    """Give each course one lesson; the member studies some, somebody else the rest."""
    now = timezone.now()
    member, other = (User.objects.get(email=email) for email in (MEMBER, OTHER))
    mine = own - member.enrollments.count()
    modules = Module.objects.bulk_create(
        [Module(course=copy, title="Module") for copy in copies], batch_size=1000
    )
    lessons = Lesson.objects.bulk_create(
        [
            Lesson(
                course=module.course,
                module=module,
                slug="reading",
                title="Reading",
                kind=Lesson.Kind.READING,
            )
            for module in modules
        ],
        batch_size=1000,
    )
    versions = first_versions(copies)
    enrollments = Enrollment.objects.bulk_create(
        [
            Enrollment(
                user=member if number < mine else other,
                course=version.course,
                version=version,
                enrolled_at=now,
            )
            for number, version in enumerate(versions)
        ],
        batch_size=1000,
    )
    LessonProgress.objects.bulk_create(
        [
            LessonProgress(enrollment=enrollment, lesson=lesson, opened_at=now)
            for enrollment, lesson in zip(enrollments, lessons, strict=True)
        ],
        batch_size=1000,
    )


def first_versions(courses: list[Course]) -> list[CourseVersion]:
    return CourseVersion.objects.bulk_create(
        [
            CourseVersion(
                course=course,
                number=1,
                title=course.title,
                contact_hours=course.contact_hours,
                objectives=[],
                test={"quizzes": [], "questions": []},
                recorded_at=timezone.now(),
            )
            for course in courses
        ],
        batch_size=1000,
    )


def grow_articles(count: int) -> None:
    now = timezone.now()
    article = Article.objects.get(slug="hamstrings-stretch-release-protect")
    copies = Article.objects.bulk_create(
        [
            Article(
                slug=f"bench-{number}",
                title=f"Bench article {number}",
                dek=article.dek,
                description=article.description,
                region=article.region,
                plate=article.plate.name,
                plate_alt=article.plate_alt,
                thumbnail=article.thumbnail.name,
                published_at=now - timedelta(days=400, minutes=number),
            )
            for number in range(Article.objects.count(), count)
        ],
        batch_size=1000,
    )
    Block.objects.bulk_create(
        [Block(article=copy, heading="Why", body="<p>Text.</p>") for copy in copies],
        batch_size=1000,
    )


def log_in(email: str) -> str:
    """Return the key of a session of a demo account."""
    user = User.objects.get(email=email)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def count_queries(path: str, session: str) -> list[int]:
    """Return the queries of a page that finds no fragment kept, and of the next one."""
    client = Client(headers={"host": "127.0.0.1"})
    if session:
        client.cookies[settings.SESSION_COOKIE_NAME] = session
    client.get(path)  # once in some minutes it notes that session and lesson are in use
    caches["template_fragments"].clear()
    return [queries_of(path, client), queries_of(path, client)]


def queries_of(path: str, client: Client) -> int:
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    if answer.status_code != HTTPStatus.OK:
        raise SystemExit(f"{path} answered {answer.status_code}")
    return len(captured)


if __name__ == "__main__":
    main(int(sys.argv[1]))
