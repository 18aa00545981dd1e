"""Who sees a lesson, its files and its quiz: one matrix for every state of access."""

import pytest
from django.urls import reverse

from tests.factories.courses import (
    ChoiceFactory,
    EnrollmentFactory,
    LessonFileFactory,
    ModuleFactory,
    QuestionFactory,
    QuizFactory,
    VideoLessonFactory,
)

SECRET = "Words that only members read."
LOCKED = "This lesson is part of the membership"
STATES = ["anonymous", "free", "member", "past_due", "lapsed", "staff"]
OPEN_TO = {"member", "past_due", "staff"}
FILES = ["lesson-video", "lesson-captions", "lesson-transcript", "lesson-file"]

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def module(db):
    return ModuleFactory(course__slug="hips")


@pytest.fixture
def lesson(module):
    lesson = VideoLessonFactory(module=module, slug="palpation")
    LessonFileFactory(lesson=lesson)
    return lesson


@pytest.fixture
def enter(client, people):
    """Return a function that gives the client of one state of access."""

    def login(state):
        if state != "anonymous":
            client.force_login(people[state])
        return client

    return login


def address(name, lesson):
    arguments = [lesson.course.slug, lesson.slug]
    if name == "lesson-file":
        arguments.append(1)
    return reverse(f"courses:{name}", args=arguments)


@pytest.mark.parametrize("state", STATES)
def test_lesson_page_is_open_or_locked_but_never_missing(enter, lesson, state):
    response = enter(state).get(lesson.get_absolute_url())

    assert response.status_code == 200
    text = response.content.decode()
    assert lesson.title in text
    assert (SECRET in text) is (state in OPEN_TO)
    assert (LOCKED in text) is (state not in OPEN_TO)
    assert (address("lesson-video", lesson) in text) is (state in OPEN_TO)
    assert ("Start at the sitting bone" in text) is (state in OPEN_TO)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", FILES)
def test_files_of_a_lesson_do_not_exist_for_who_may_not_open_it(
    enter, lesson, state, name
):
    client = enter(state)
    expected = 200 if state in OPEN_TO else 404

    assert client.get(address(name, lesson)).status_code == expected
    assert client.head(address(name, lesson)).status_code == expected
    ranged = client.get(address(name, lesson), headers={"Range": "bytes=0-3"})
    assert (ranged.status_code < 300) is (state in OPEN_TO)


@pytest.mark.parametrize("state", STATES)
def test_quiz_page_is_open_or_locked(enter, module, state):
    quiz = QuizFactory(lesson__module=module, lesson__title="Check: palpation")
    ChoiceFactory(question__quiz=quiz, is_correct=True)

    response = enter(state).get(quiz.lesson.get_absolute_url())

    assert response.status_code == 200
    assert (LOCKED in response.content.decode()) is (state not in OPEN_TO)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", ["lesson-detail", *FILES])
def test_a_preview_lesson_is_open_to_everybody(enter, lesson, state, name):
    lesson.is_preview = True
    lesson.save()

    assert enter(state).get(address(name, lesson)).status_code == 200


@pytest.mark.parametrize("state", STATES)
def test_a_course_without_entitlement_is_open_to_every_account(enter, lesson, state):
    lesson.course.required_entitlement = ""
    lesson.course.save()

    response = enter(state).get(lesson.get_absolute_url())

    assert (SECRET in response.content.decode()) is (state != "anonymous")


def test_a_locked_page_leads_back_to_the_lesson_after_paying(enter, lesson, settings):
    settings.STRIPE_SECRET_KEY = "sk_test_tests"

    response = enter("free").get(lesson.get_absolute_url())

    page = response.content.decode()
    assert reverse("billing:checkout-start") in page
    assert f'name="next" value="{lesson.get_absolute_url()}"' in page
    assert "until you cancel" in page
    assert 'name="consent" id="id_consent" required>' in page


def test_a_locked_page_of_a_lapsed_member_says_that_the_progress_is_kept(
    enter, people, lesson
):
    from_before = EnrollmentFactory(user=people["lapsed"], course=lesson.course)
    from_before.progress.create(
        lesson=lesson, opened_at="2026-01-01T00:00:00Z", watched_seconds=50
    )

    page = enter("lapsed").get(lesson.get_absolute_url()).content.decode()

    assert LOCKED in page
    assert "Your progress is kept" in page
    assert from_before.progress.get().watched_seconds == 50


def test_a_lesson_of_another_course_does_not_exist_here(enter, lesson):
    other = VideoLessonFactory(slug="elsewhere")
    url = reverse("courses:lesson-detail", args=[lesson.course.slug, other.slug])

    assert enter("member").get(url).status_code == 404


def test_a_locked_page_asks_for_the_membership_once(enter, lesson):
    page = enter("free").get(lesson.get_absolute_url()).content.decode()

    assert page.count("Start membership</button>") == 1
    assert "You are on a free account." not in page


@pytest.mark.parametrize("state", ["free", "lapsed", "anonymous"])
def test_quiz_attempts_cannot_be_started_without_access(enter, module, state):
    question = QuestionFactory(quiz__lesson__module=module)
    lesson = question.quiz.lesson
    url = reverse("courses:attempt-create", args=[module.course.slug, lesson.slug])

    response = enter(state).post(url)

    assert response.status_code == 302
    assert not question.quiz.attempts.exists()
