"""Quizzes over HTTP: by plain forms, for their owner only, and without the key."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from courses import services
from courses.models import Choice, Question
from tests.factories.courses import (
    ChoiceFactory,
    EnrollmentFactory,
    ExtraAttemptsFactory,
    LessonFactory,
    ModuleFactory,
    QuestionFactory,
    QuizFactory,
)

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def quiz(db):
    module = ModuleFactory(course__slug="hips")
    review = LessonFactory(module=module, title="Landmarks")
    quiz = QuizFactory(lesson__module=module, lesson__slug="check")
    for _number in range(3):
        question = QuestionFactory(quiz=quiz, review_lesson=review)
        ChoiceFactory(question=question, is_correct=True)
        ChoiceFactory.create_batch(3, question=question)
    return quiz


@pytest.fixture
def attempt(client, member, quiz, noon):
    client.force_login(member)
    enrollment = EnrollmentFactory(user=member, course=quiz.lesson.course)
    return services.start_attempt(enrollment=enrollment, quiz=quiz, at=noon)


def url(name, number=1):
    return reverse(f"courses:{name}", args=["hips", "check", number])


def answer(client, position, *choices):
    return client.post(
        url("attempt-answer"), {"question": position, "choice": list(choices)}
    )


def question_at(attempt, position):
    return Question.objects.get(pk=attempt.question_ids[position - 1])


def pick(attempt, position, *, right):
    return question_at(attempt, position).choices.filter(is_correct=right)[0].pk


def test_the_whole_quiz_works_by_plain_forms(client, attempt):
    for position in (1, 2, 3):
        shown = client.get(url("attempt-detail"), {"question": position})
        assert question_at(attempt, position).text in shown.content.decode()
        response = answer(client, position, pick(attempt, position, right=True))

    assert response.url == url("attempt-review")
    assert "Every question has an answer" in client.get(response.url).content.decode()
    result = client.post(url("attempt-submit"), follow=True).content.decode()
    assert "100%. You passed." in result
    assert "Try again" not in result
    assert "3 of 3 right" in result
    assert "Because the tendon starts there." in result


def test_start_resumes_the_open_attempt_at_the_first_question_without_answer(
    client, attempt
):
    answer(client, 1, pick(attempt, 1, right=True))
    start = reverse("courses:attempt-create", args=["hips", "check"])

    response = client.post(start, follow=True)

    assert "Question 2 of 3" in response.content.decode()
    page = client.get(reverse("courses:quiz-detail", args=["hips", "check"]))
    assert "You have an unfinished attempt, question 2 of 3" in page.content.decode()


def test_an_answer_is_kept_and_shown_again(client, attempt):
    chosen = pick(attempt, 1, right=False)
    answer(client, 1, chosen)

    page = client.get(url("attempt-detail"), {"question": 1}).content.decode()

    assert f'value="{chosen}" checked' in page


def test_no_choice_shows_the_question_again_with_the_error(client, attempt):
    response = answer(client, 1)

    page = response.content.decode()
    assert response.status_code == 200
    assert "Choose an answer." in page
    assert "Error: " in page


@pytest.mark.parametrize("choice", ["999999", "abc", "-1", "9" * 30])
def test_a_choice_that_does_not_exist_is_refused(client, attempt, choice):
    response = answer(client, 1, choice)

    assert response.status_code == 200
    assert not attempt.answers.exists()


@pytest.mark.parametrize("position", ["0", "4", "x", ""])
def test_a_question_that_does_not_exist_is_not_found(client, attempt, position):
    assert answer(client, position, 1).status_code == 404


@pytest.mark.parametrize("number", ["9" * 5000, "²", "-1", "x"])
def test_a_number_that_is_none_shows_the_next_question(client, attempt, number):
    response = client.get(url("attempt-detail"), {"question": number})

    assert response.context["position"] == 1


def test_review_lists_what_has_no_answer(client, attempt):
    answer(client, 2, pick(attempt, 2, right=True))

    page = client.get(url("attempt-review")).content.decode()

    assert re.findall(r"\?question=(\d)\">Question", page) == ["1", "3"]


@pytest.mark.parametrize("name", ["attempt-detail", "attempt-review"])
def test_a_time_limit_says_what_is_left_and_until_when_on_whose_clock(
    name, client, attempt, noon
):
    attempt.closes_at = noon + timedelta(minutes=20)
    attempt.save()

    page = client.get(url(name)).content.decode()

    assert "<strong>20\xa0minutes</strong> left, until 8:20 a.m. EDT." in page


def test_an_extra_attempt_is_part_of_the_count_that_the_page_tells(
    client, attempt, quiz
):
    quiz.max_attempts = 2
    quiz.save()
    ExtraAttemptsFactory(enrollment=attempt.enrollment, quiz=quiz)

    page = client.get(quiz.lesson.get_absolute_url()).content.decode()

    assert "You have 3 attempts, 2 left." in page


def test_failing_names_the_lessons_to_review_and_not_the_key(client, attempt):
    answer(client, 1, pick(attempt, 1, right=False))

    page = client.post(url("attempt-submit"), follow=True).content.decode()

    assert "0%. You need 80%." in page
    assert "Landmarks" in page
    assert "Because the tendon starts there." not in page
    right = Choice.objects.filter(is_correct=True)
    assert not any(f"{choice.text}<" in page for choice in right)


def test_submitting_twice_shows_the_same_result(client, attempt):
    first = client.post(url("attempt-submit"))
    second = client.post(url("attempt-submit"))

    assert first.url == second.url == url("attempt-result") + "#result"
    attempt.refresh_from_db()
    assert attempt.score_percent == 0


def test_the_heading_of_the_result_can_take_the_focus(client, attempt):
    page = client.post(url("attempt-submit"), follow=True).content.decode()

    assert '<h1 id="result" tabindex="-1">0%.' in page


def test_an_answer_after_submission_leads_to_the_result(client, attempt):
    client.post(url("attempt-submit"))

    response = answer(client, 1, pick(attempt, 1, right=True))

    assert response.url == url("attempt-result")
    assert client.get(url("attempt-detail")).url == url("attempt-result")


def test_a_result_before_submission_leads_back_to_the_questions(client, attempt):
    assert client.get(url("attempt-result")).url == url("attempt-detail")


NAMES = ["attempt-detail", "attempt-review", "attempt-result"]


@pytest.mark.parametrize("name", NAMES)
def test_an_attempt_of_somebody_else_does_not_exist(client, attempt, people, name):
    client.force_login(people["past_due"])
    EnrollmentFactory(user=people["past_due"], course=attempt.quiz.lesson.course)

    assert client.get(url(name)).status_code == 404
    assert answer(client, 1, 1).status_code == 404
    assert client.post(url("attempt-submit")).status_code == 404
    attempt.refresh_from_db()
    assert attempt.submitted_at is None


@pytest.mark.parametrize("name", NAMES)
def test_an_anonymous_visitor_logs_in_first(client, quiz, name):
    assert client.get(url(name)).url.startswith(reverse("account_login"))


def test_a_lapsed_member_sees_the_locked_page_instead_of_the_questions(
    client, attempt, lapse, member
):
    lapse(member)

    for name in ("attempt-detail", "attempt-review"):
        page = client.get(url(name)).content.decode()
        assert "This lesson is part of the membership" in page
        assert "Question" not in page
    assert "membership" in answer(client, 1, 1).content.decode()
    client.post(url("attempt-submit"))
    attempt.refresh_from_db()
    assert attempt.submitted_at is None


def test_a_lapsed_member_still_reads_the_own_results(client, attempt, lapse, member):
    client.post(url("attempt-submit"))
    lapse(member)

    page = client.get(url("attempt-result")).content.decode()

    assert "0%. You need 80%." in page
    assert client.get(url("attempt-result", 2)).status_code == 404


@pytest.mark.parametrize("name", NAMES)
def test_an_attempt_of_somebody_else_is_not_even_locked(client, attempt, people, name):
    client.force_login(people["free"])

    assert client.get(url(name)).status_code == 404


def test_before_submission_no_byte_depends_on_the_right_answer(client, attempt):
    pages = [
        reverse("courses:quiz-detail", args=["hips", "check"]),
        *(f"{url('attempt-detail')}?question={number}" for number in (1, 2, 3)),
        url("attempt-review"),
    ]
    answer(client, 1, pick(attempt, 1, right=True))

    before = [_bare(client.get(page)) for page in pages]
    _turn_the_key(attempt.version)
    after = [_bare(client.get(page)) for page in pages]

    assert before == after


def _turn_the_key(version):
    """Make the next answer of each question right, instead of those that were."""
    for question in version.test["questions"]:
        key = [choice["is_correct"] for choice in question["choices"]]
        for choice, is_correct in zip(
            question["choices"], key[-1:] + key, strict=False
        ):
            choice["is_correct"] = is_correct
    version.save()


def _bare(response):
    """Return headers and body without what is random on every page."""
    body = response.content.decode()
    nonce = response.context["csp_nonce"]
    token = response.context["csrf_token"]
    headers = {
        key: value.replace(str(nonce), "")
        for key, value in response.headers.items()
        if key not in {"X-Request-ID", "Set-Cookie", "Date"}
    }
    for secret in (str(nonce), str(token)):
        body = body.replace(secret, "")
    return headers, _without_tokens(body)


def _without_tokens(body):
    return [line for line in body.splitlines() if "csrfmiddlewaretoken" not in line]


def choose(client, position, *choices):
    """Send what the script of the page sends on each change."""
    return client.post(
        url("attempt-answer"),
        {"question": position, "choice": list(choices)},
        headers={"HX-Request": "true"},
    )


def test_a_choice_is_saved_at_once_and_the_page_told_how_many_are(client, attempt):
    first = choose(client, 1, pick(attempt, 1, right=True))
    again = choose(client, 1, pick(attempt, 1, right=False))
    second = choose(client, 2, pick(attempt, 2, right=True))

    assert first.content == again.content == b"1 of 3 answered and saved.\n"
    assert second.content == b"2 of 3 answered and saved.\n"
    assert attempt.answers.count() == 2
    saved = attempt.answers.get(question_id=attempt.question_ids[0])
    assert saved.choice_ids == [pick(attempt, 1, right=False)]


def test_a_choice_that_is_refused_for_good_says_why(client, attempt, lapse, member):
    foreign = choose(client, 1, 999_999)
    client.post(url("attempt-submit"))
    closed = choose(client, 1, pick(attempt, 1, right=True))
    lapse(member)
    lapsed = choose(client, 1, pick(attempt, 1, right=True))

    assert {foreign.status_code, closed.status_code, lapsed.status_code} == {422}
    assert foreign.content == b"Choose one of the answers of this question."
    assert b"was submitted" in closed.content
    assert not attempt.answers.exists()


def test_a_choice_after_the_session_ended_is_not_answered_by_a_login_page(
    client, attempt
):
    client.logout()

    response = choose(client, 1, pick(attempt, 1, right=True))

    assert (response.status_code, response.content) == (401, b"")
