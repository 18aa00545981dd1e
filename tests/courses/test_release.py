"""In which order a course opens, and from which day on."""

from datetime import timedelta

import pytest
from django.urls import reverse

from courses import services
from courses.models import Course, LessonProgress, Module
from courses.services import WatchReport
from tests.factories.accounts import UserFactory
from tests.factories.courses import (
    ChoiceFactory,
    EnrollmentFactory,
    LessonFactory,
    ModuleFactory,
    QuestionFactory,
    QuizFactory,
    VideoLessonFactory,
)
from tests.support import refused

DAY = timedelta(days=1)
WORDS = "Words that only members read."
WAITS = "This lesson is not open yet"
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def lessons(db):
    """Return two lessons of a first module and two of a second."""
    first = ModuleFactory(course__slug="hips", weight=1)
    second = ModuleFactory(course=first.course, weight=2)
    return [
        LessonFactory(module=module, slug=slug, weight=weight)
        for module in (first, second)
        for weight, slug in enumerate(
            ("one", "two") if module is first else ("three", "four")
        )
    ]


@pytest.fixture
def enrollment(client, member, lessons, noon):
    client.force_login(member)
    return EnrollmentFactory(user=member, course=lessons[0].course, enrolled_at=noon)


def ordered(order):
    Course.objects.update(order=order)


def finish(enrollment, lesson, at):
    LessonProgress.objects.update_or_create(
        enrollment=enrollment,
        lesson=lesson,
        defaults={"opened_at": at, "completed_at": at},
    )


def open_slugs(client, lessons):
    pages = {lesson.slug: client.get(lesson.get_absolute_url()) for lesson in lessons}
    return [slug for slug, page in pages.items() if WORDS in page.content.decode()]


@pytest.mark.parametrize(
    ("order", "is_open"),
    [
        ("free", ["one", "two", "three", "four"]),
        ("lessons", ["one"]),
        ("modules", ["one", "two"]),
    ],
)
def test_lessons_open_in_the_order_of_the_course(
    order, is_open, client, enrollment, lessons
):
    ordered(order)

    assert open_slugs(client, lessons) == is_open


def test_the_next_lesson_opens_once_the_one_before_is_finished(
    client, enrollment, lessons, noon
):
    ordered("lessons")
    finish(enrollment, lessons[0], noon)

    assert open_slugs(client, lessons) == ["one", "two"]


def test_a_module_opens_once_the_one_before_is_finished(
    client, enrollment, lessons, noon
):
    ordered("modules")
    for lesson in lessons[:2]:
        finish(enrollment, lesson, noon)

    assert open_slugs(client, lessons) == ["one", "two", "three", "four"]


def test_the_page_of_a_lesson_that_waits_says_what_comes_first(
    client, enrollment, lessons
):
    ordered("lessons")

    page = client.get(lessons[2].get_absolute_url()).content.decode()

    assert WAITS in page
    assert f"Finish lesson 1, “{lessons[0].title}”, first." in page
    assert "Go on with lesson 1" in page
    assert WORDS not in page


def test_what_is_optional_keeps_nobody_waiting(client, enrollment, lessons):
    ordered("lessons")
    lessons[0].is_required = False
    lessons[0].save()

    assert open_slugs(client, lessons) == ["one", "two"]


def test_what_was_finished_never_closes_again(client, enrollment, lessons, noon):
    finish(enrollment, lessons[3], noon)

    ordered("lessons")

    assert open_slugs(client, lessons) == ["one", "four"]


def test_a_module_opens_on_its_day(client, enrollment, lessons, noon, clock):
    Module.objects.filter(pk=lessons[2].module_id).update(opens_after_days=7)
    page = client.get(lessons[2].get_absolute_url()).content.decode()
    assert "This lesson opens on 8 June 2026." in page
    assert open_slugs(client, lessons) == ["one", "two"]

    clock.move_to(noon + 7 * DAY, tick=False)

    assert open_slugs(client, lessons) == ["one", "two", "three", "four"]


@pytest.mark.parametrize("is_for_all", [True, False])
def test_staff_open_lessons_to_one_person_before_their_turn(
    is_for_all, client, enrollment, lessons
):
    ordered("lessons")
    enrollment.early_releases.create(
        lesson=None if is_for_all else lessons[2],
        reason="Goes on leave",
        given_by=UserFactory(),
    )

    expected = ["one", "two", "three", "four"] if is_for_all else ["one", "three"]
    assert open_slugs(client, lessons) == expected


def test_nothing_is_done_in_a_lesson_before_its_turn(
    client, enrollment, lessons, member, noon
):
    course = lessons[0].course
    video = VideoLessonFactory(module=lessons[2].module, slug="film", weight=8)
    quiz = QuizFactory(lesson__module=lessons[2].module, lesson__weight=9)
    ChoiceFactory(question=QuestionFactory(quiz=quiz), is_correct=True)
    ordered("lessons")
    report = WatchReport(position=5, intervals=[(0, 5)])
    tries = [
        lambda: services.complete_lesson(user=member, lesson=lessons[1], at=noon),
        lambda: services.save_progress(
            user=member,
            course_slug=course.slug,
            lesson_slug=video.slug,
            report=report,
            at=noon,
        ),
        lambda: services.start_attempt(enrollment=enrollment, quiz=quiz, at=noon),
    ]

    for attempt in tries:
        with pytest.raises(services.NotReleasedError, match="Finish lesson 1"):
            attempt()

    assert not LessonProgress.objects.filter(completed_at__isnull=False).exists()


def test_a_quiz_that_waits_shows_the_same_page(client, enrollment, lessons):
    quiz = QuizFactory(lesson__module=lessons[2].module, lesson__slug="check")
    ordered("lessons")

    page = client.get(reverse("courses:quiz-detail", args=["hips", "check"]))

    assert WAITS in page.content.decode()
    assert quiz.lesson.title in page.content.decode()


def test_the_outline_shows_what_has_to_wait(client, enrollment, lessons):
    ordered("lessons")

    page = client.get(reverse("courses:classroom-detail", args=["hips"]))

    assert page.content.decode().count("Locked: ") == 3


def test_an_early_release_has_a_reason(enrollment):
    with refused("courses_earlyrelease_has_a_reason"):
        enrollment.early_releases.create(reason="", given_by=UserFactory())
