"""Pages cost a constant number of queries, however long a course or a list is."""

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from courses import services
from courses.models import Quiz, QuizAttempt
from tests.factories.accounts import LicenseFactory
from tests.factories.courses import (
    AccreditedVersionFactory,
    ChoiceFactory,
    CourseFactory,
    EnrollmentFactory,
    LessonFactory,
    LessonFileFactory,
    LessonProgressFactory,
    LessonQuestionFactory,
    ModuleFactory,
    NoteFactory,
    ObjectiveFactory,
    QuestionFactory,
    QuizFactory,
    VideoLessonFactory,
)

pytestmark = pytest.mark.usefixtures("clock")

MOST = 12


def count(client, url, *, method="get", data=None):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = getattr(client, method)(url, data or {})
    assert response.status_code == 200, response
    return len(queries), [query["sql"][:120] for query in queries]


def fill_course(course, lessons):
    """Add lessons of all kinds, every tenth in a new module."""
    module = None
    for number in range(lessons):
        if number % 10 == 0:
            module = ModuleFactory(course=course)
            ObjectiveFactory(course=course)
        LessonFactory(module=module)


@pytest.fixture
def studying(client, member, noon):
    """Return an enrollment in a small course with a video, files and a quiz."""
    video = VideoLessonFactory(module__course__slug="hips", slug="palpation")
    LessonFileFactory.create_batch(2, lesson=video)
    quiz = QuizFactory(lesson__module=video.module, lesson__slug="check")
    for _number in range(5):
        ChoiceFactory.create_batch(4, question=QuestionFactory(quiz=quiz))
    enrollment = EnrollmentFactory(user=member, course=video.course)
    services.open_lesson(enrollment=enrollment, lesson=video, at=noon)
    services.start_attempt(enrollment=enrollment, quiz=quiz, at=noon)
    enrollment.last_lesson = video
    enrollment.save()
    client.force_login(member)
    client.get("/learn/")
    return enrollment


PAGES = {
    "course": reverse("courses:course-detail", args=["hips"]),
    "classroom": reverse("courses:classroom-detail", args=["hips"]),
    "lesson": reverse("courses:lesson-detail", args=["hips", "palpation"]),
    "notes": reverse("courses:note-list", args=["hips"]),
    "quiz": reverse("courses:quiz-detail", args=["hips", "check"]),
    "question": reverse("courses:attempt-detail", args=["hips", "check", 1]),
    "review": reverse("courses:attempt-review", args=["hips", "check", 1]),
    "complete": reverse("courses:enrollment-complete", args=["hips"]),
    "learning": reverse("home-learning"),
    "catalog": reverse("courses:course-list"),
}


@pytest.mark.parametrize("page", PAGES)
def test_a_member_page_costs_the_same_with_5_and_100_lessons(client, studying, page):
    fill_course(studying.course, 5)
    lesson = studying.last_lesson
    NoteFactory(enrollment=studying, lesson=lesson)
    LessonQuestionFactory(enrollment=studying, lesson=lesson)
    few, _ = count(client, PAGES[page])

    fill_course(studying.course, 95)
    LessonProgressFactory.create_batch(20, enrollment=studying)
    NoteFactory.create_batch(20, enrollment=studying, lesson=lesson)
    NoteFactory.create_batch(5, enrollment=studying)
    LessonQuestionFactory.create_batch(20, enrollment=studying, lesson=lesson)
    many, queries = count(client, PAGES[page])

    assert many == few, queries
    assert many <= MOST, queries


def test_a_lesson_of_a_course_with_500_lessons_takes_at_most_12_queries(
    client, studying
):
    module = ModuleFactory(course=studying.course)
    LessonFactory.create_batch(499, module=module)

    spent, queries = count(client, PAGES["lesson"])

    assert studying.course.lessons.count() >= 500
    assert spent <= MOST, queries


@pytest.mark.parametrize("page", ["catalog", "learning"])
def test_a_list_costs_the_same_with_5_and_100_courses(client, studying, page):
    EnrollmentFactory.create_batch(5, user=studying.user)
    few, _ = count(client, PAGES[page])

    EnrollmentFactory.create_batch(5, user=studying.user)
    CourseFactory.create_batch(90)
    many, queries = count(client, PAGES[page])

    assert many == few, queries
    assert many <= MOST, queries


@pytest.mark.parametrize("page", ["catalog", "course"])
@pytest.mark.django_db
def test_a_public_page_costs_a_visitor_little(client, page):
    course = CourseFactory(slug="hips")
    fill_course(course, 20)
    CourseFactory.create_batch(20)

    spent, queries = count(client, PAGES[page])

    assert spent <= MOST, queries


def test_a_result_costs_the_same_with_5_and_50_questions(client, studying, noon):
    url = reverse("courses:attempt-result", args=["hips", "check", 1])
    attempt = QuizAttempt.objects.get()
    attempt = services.submit_attempt(attempt=attempt, at=noon)
    few, _ = count(client, url)

    for _number in range(45):
        question = QuestionFactory(quiz=attempt.quiz)
        ChoiceFactory.create_batch(4, question=question)
        attempt.question_ids.append(question.pk)
    attempt.version = services.current_version(
        course=attempt.quiz.lesson.course, at=noon
    )
    attempt.save()
    many, queries = count(client, url)

    assert many == few, queries
    assert many <= MOST, queries


def test_opening_a_lesson_for_the_first_time_stays_within_the_limit(client, studying):
    lesson = VideoLessonFactory(module__course=studying.course)

    spent, queries = count(client, lesson.get_absolute_url())

    assert spent <= MOST, queries


def test_saving_progress_costs_four_queries_besides_session_and_user(client, studying):
    fields = {
        "course": "hips",
        "lesson": "palpation",
        "position": "1",
        "intervals": "[[0, 1]]",
    }

    _, queries = count(
        client, reverse("courses:progress-update"), method="post", data=fields
    )

    ours = [sql for sql in queries if "courses_" in sql or "billing_" in sql]
    assert len(ours) <= 4, queries


@pytest.mark.parametrize("page", ["course", "classroom", "quiz", "complete", "catalog"])
def test_a_page_costs_the_same_with_1_and_10_accreditations(client, studying, page):
    Quiz.objects.update(is_final=True)
    course = studying.course
    AccreditedVersionFactory(accreditation__course=course)
    few, _ = count(client, PAGES[page])

    AccreditedVersionFactory.create_batch(9, accreditation__course=course)
    LicenseFactory.create_batch(3, user=studying.user)
    caches["template_fragments"].clear()
    many, queries = count(client, PAGES[page])

    assert many <= few, queries
    assert many <= MOST, queries
