"""Quick checks and questions within a video: told at once, kept, and never graded."""

import pytest
from django.urls import reverse

from courses import services
from courses.models import Lesson, PracticeAnswer, Question
from tests.factories.courses import (
    ChoiceFactory,
    EarlyReleaseFactory,
    EnrollmentFactory,
    LessonFactory,
    ModuleFactory,
    QuestionFactory,
    QuizFactory,
    VideoLessonFactory,
)

pytestmark = pytest.mark.usefixtures("clock")


def asked(lesson, **given):
    """Return a question of the lesson with its right and its wrong answer."""
    quiz = getattr(lesson, "quiz", None) or QuizFactory(lesson=lesson)
    question = QuestionFactory(quiz=quiz, course=lesson.course, **given)
    right = ChoiceFactory(question=question, is_correct=True)
    return question, right, ChoiceFactory(question=question)


@pytest.fixture
def check(db):
    return LessonFactory(module=ModuleFactory(), kind=Lesson.Kind.CHECK)


@pytest.fixture
def enrollment(client, member, check):
    client.force_login(member)
    return EnrollmentFactory(user=member, course=check.course)


def post(client, lesson, question, *choices, **headers):
    url = reverse("courses:practice-answer", args=[lesson.course.slug, lesson.slug])
    data = {"question": question.pk, "choice": [choice.pk for choice in choices]}
    return client.post(url, data, headers=headers)


def test_an_answer_is_told_at_once_with_the_reason(client, check, enrollment):
    question, _right, wrong = asked(
        check, explanation="Because the tendon starts there."
    )
    url = check.get_absolute_url()
    before = client.get(url).content.decode()

    back = post(client, check, question, wrong)
    after = client.get(url).content.decode()

    assert back.url == f"{url}#question-{question.pk}"
    assert "Because the tendon starts there." not in before
    assert "Not quite." in after
    assert "Because the tendon starts there." in after
    assert "(right answer)" in after


def test_the_script_of_the_page_gets_the_question_as_it_stands_now(
    client, check, enrollment
):
    question, right, _wrong = asked(check)
    told = {"HX-Request": "true"}

    nothing = post(client, check, question, **told).content.decode()
    answered = post(client, check, question, right, **told).content.decode()
    client.logout()
    ended = post(client, check, question, right, **told)

    assert "Choose an answer." in nothing
    assert "Right." in answered
    assert "<html" not in answered
    assert ended.status_code == 401


def test_a_check_is_complete_when_each_question_has_an_answer(
    client, check, enrollment
):
    first, right, _wrong = asked(check)
    second, _right, wrong = asked(check)

    post(client, check, first, right)
    half = enrollment.progress.filter(completed_at__isnull=False).count()
    post(client, check, second, wrong)

    assert half == 0
    assert enrollment.progress.get(lesson=check).completed_at


def test_the_button_completes_no_check_that_has_a_question_without_answer(
    client, check, enrollment
):
    first, right, _wrong = asked(check)
    second, also_right, _wrong = asked(check)
    complete = reverse("courses:lesson-complete", args=[check.course.slug, check.slug])
    post(client, check, first, right)

    page = client.post(complete, follow=True).content.decode()

    assert "Answer each question to complete this lesson." in page
    assert page.count("Answer all, then continue") == 2  # above, and in the bar
    assert "Mark complete" not in page
    assert not enrollment.progress.filter(completed_at__isnull=False).exists()
    post(client, check, second, also_right)
    client.post(complete)
    assert enrollment.progress.get(lesson=check).completed_at


def test_an_answer_to_a_deleted_question_stands_for_no_other(client, check, enrollment):
    gone, right, _wrong = asked(check)
    first, also_right, _wrong = asked(check)
    asked(check)
    post(client, check, gone, right)
    gone.delete()

    post(client, check, first, also_right)

    assert not enrollment.progress.filter(completed_at__isnull=False).exists()


def test_the_first_answer_stays_on_record_and_its_words_too(client, check, enrollment):
    question, right, wrong = asked(check, text="Where does it begin?")
    post(client, check, question, wrong)
    post(client, check, question, right)
    question.delete()

    answer = PracticeAnswer.objects.get()
    assert (answer.was_correct_at_first, answer.is_correct) == (False, True)
    assert answer.question_text == "Where does it begin?"
    assert answer.choice_texts == [right.text]


def test_answers_of_a_video_complete_nothing_but_are_kept(client, enrollment, check):
    video = VideoLessonFactory(module=check.module)
    question, right, _wrong = asked(video, moment_seconds=12)
    shown = client.get(video.get_absolute_url()).content.decode()

    post(client, video, question, right)

    assert 'data-moment="12"' in shown
    assert PracticeAnswer.objects.get().lesson == video
    assert not enrollment.progress.filter(completed_at__isnull=False).exists()
    answered = client.get(video.get_absolute_url()).content.decode()
    assert "data-moment" not in answered


def test_practice_is_no_part_of_a_version_and_never_attempted(check, enrollment, noon):
    before = services.current_version(course=check.course, at=noon)

    question, _right, _wrong = asked(check)

    assert services.current_version(course=check.course, at=noon) == before
    with pytest.raises(services.AttemptRefusedError):
        services.start_attempt(enrollment=enrollment, quiz=question.quiz, at=noon)


def test_questions_of_a_quiz_or_of_another_lesson_are_not_answered_for_practice(
    client, check, enrollment, noon
):
    graded = LessonFactory(module=check.module, kind=Lesson.Kind.QUIZ)
    question, right, _wrong = asked(graded)
    foreign, foreign_right, _wrong = asked(LessonFactory(kind=Lesson.Kind.CHECK))

    with pytest.raises(services.PracticeRefusedError):
        services.answer_practice(
            enrollment=enrollment, question=question, choice_ids=[right.pk], at=noon
        )
    with pytest.raises(services.LessonClosedError):
        services.answer_practice(
            enrollment=enrollment,
            question=foreign,
            choice_ids=[foreign_right.pk],
            at=noon,
        )
    assert post(client, check, foreign, foreign_right).status_code == 404
    assert not PracticeAnswer.objects.exists()


@pytest.mark.parametrize("script", [{}, {"HX-Request": "true"}])
def test_no_question_is_shown_to_who_may_not_open_its_lesson(
    script, client, people, check
):
    check.course.required_entitlement = "all-courses"
    check.course.save()
    question, right, _wrong = asked(check, text="Where does the tendon begin?")
    client.force_login(people["free"])

    told = post(client, check, question, right, **script)

    assert "Where does the tendon begin?" not in told.content.decode()
    assert check.get_absolute_url() in (
        told.headers.get("HX-Redirect"),
        told.get("Location"),
    )


def test_questions_of_a_quiz_are_not_shown_as_practice(client, check, enrollment):
    graded = LessonFactory(module=check.module, kind=Lesson.Kind.QUIZ)
    question, right, _wrong = asked(graded)

    told = post(client, graded, question, right, **{"HX-Request": "true"})

    assert told.status_code == 404


@pytest.mark.parametrize("choice", ["", "x", "-1", "9" * 30, "999999"])
def test_what_is_no_choice_of_the_question_is_refused(
    client, check, enrollment, choice
):
    question, _right, _wrong = asked(check)
    url = reverse("courses:practice-answer", args=[check.course.slug, check.slug])

    page = client.post(url, {"question": question.pk, "choice": choice}, follow=True)

    assert "Choose an answer." in page.content.decode()
    assert page.redirect_chain == [(check.get_absolute_url(), 302)]
    assert not PracticeAnswer.objects.exists()


def test_single_questions_take_one_answer(check, enrollment, noon):
    question, right, wrong = asked(check, kind=Question.Kind.SINGLE)

    with pytest.raises(services.PracticeRefusedError, match="Choose one answer"):
        services.answer_practice(
            enrollment=enrollment,
            question=question,
            choice_ids=[right.pk, wrong.pk],
            at=noon,
        )


def test_after_a_lapse_or_before_its_turn_nothing_is_answered(
    check, enrollment, noon, member, lapse
):
    question, right, _wrong = asked(check)
    LessonFactory(module=check.module, weight=0)
    check.weight = 9
    check.save()
    check.course.order = "lessons"
    check.course.save()
    enrollment.refresh_from_db()

    def answer():
        return services.answer_practice(
            enrollment=enrollment, question=question, choice_ids=[right.pk], at=noon
        )

    with pytest.raises(services.NotReleasedError):
        answer()
    EarlyReleaseFactory(enrollment=enrollment)
    assert answer().is_correct
    lapse(member)
    with pytest.raises(services.LessonClosedError):
        answer()


def test_the_first_answer_starts_the_course(client, member, check):
    question, right, _wrong = asked(check)
    client.force_login(member)
    url = check.get_absolute_url()
    before = client.get(url).content.decode()

    post(client, check, question, right)

    assert "Check the answer" in before
    assert PracticeAnswer.objects.get().enrollment.user == member
    assert "Right." in client.get(url).content.decode()


def test_staff_who_edit_a_course_answer_nothing(client, people, check):
    question, right, _wrong = asked(check)
    client.force_login(people["staff"])

    page = post(client, check, question, right)

    assert page.status_code == 302
    assert not PracticeAnswer.objects.exists()
