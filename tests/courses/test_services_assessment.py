"""Quizzes: started, answered, graded and closed by the server."""

from datetime import timedelta

import pytest

from courses import services
from courses.models import LessonProgress, Question, QuizAttempt
from tests.factories.courses import (
    ChoiceFactory,
    EnrollmentFactory,
    QuestionFactory,
    QuizFactory,
)


@pytest.fixture
def quiz():
    """Return a quiz of four single questions and one multiple question."""
    quiz = QuizFactory()
    for _number in range(4):
        question = QuestionFactory(quiz=quiz)
        ChoiceFactory(question=question, is_correct=True)
        ChoiceFactory.create_batch(3, question=question)
    multiple = QuestionFactory(quiz=quiz, kind=Question.Kind.MULTIPLE)
    ChoiceFactory.create_batch(2, question=multiple, is_correct=True)
    ChoiceFactory.create_batch(2, question=multiple)
    return quiz


@pytest.fixture
def enrollment(member, quiz):
    return EnrollmentFactory(user=member, course=quiz.lesson.course)


@pytest.fixture
def attempt(enrollment, quiz, noon):
    return services.start_attempt(enrollment=enrollment, quiz=quiz, at=noon)


def choices(question, *, right):
    return list(question.choices.filter(is_correct=right).values_list("pk", flat=True))


def answer(attempt, question, chosen, at):
    return services.save_answer(
        attempt=attempt, question_id=question.pk, choice_ids=chosen, at=at
    )


def answer_all(attempt, at, *, wrong=0):
    for number, question in enumerate(attempt.quiz.questions.order_by("pk")):
        picked = choices(question, right=number >= wrong)
        answer(attempt, question, picked if number >= wrong else picked[:1], at)


def test_start_attempt_stores_every_question_in_an_order_of_its_own(attempt, quiz):
    assert attempt.number == 1
    assert attempt.pass_mark == 80
    assert sorted(attempt.question_ids) == sorted(
        quiz.questions.values_list("pk", flat=True)
    )


def test_start_attempt_returns_the_open_one(attempt, enrollment, quiz, noon):
    again = services.start_attempt(
        enrollment=enrollment, quiz=quiz, at=noon + timedelta(days=2)
    )

    assert again == attempt
    assert again.question_ids == attempt.question_ids


def test_start_attempt_after_a_submitted_one_takes_the_next_number(
    attempt, enrollment, quiz, noon
):
    services.submit_attempt(attempt=attempt, at=noon)

    second = services.start_attempt(enrollment=enrollment, quiz=quiz, at=noon)

    assert second.number == 2


def test_start_attempt_refuses_the_quiz_of_another_course(enrollment, noon):
    other = QuestionFactory().quiz

    with pytest.raises(services.AttemptRefusedError, match="not part of the course"):
        services.start_attempt(enrollment=enrollment, quiz=other, at=noon)


def test_start_attempt_refuses_a_quiz_without_questions(member, noon):
    quiz = QuizFactory()
    enrollment = EnrollmentFactory(user=member, course=quiz.lesson.course)

    with pytest.raises(services.AttemptRefusedError, match="no questions"):
        services.start_attempt(enrollment=enrollment, quiz=quiz, at=noon)


def test_start_attempt_refuses_a_lapsed_member(enrollment, quiz, lapse, noon):
    lapse(enrollment.user)

    with pytest.raises(services.AttemptRefusedError, match="membership"):
        services.start_attempt(enrollment=enrollment, quiz=quiz, at=noon)


def test_save_answer_twice_keeps_the_last_choice_in_one_row(attempt, quiz, noon):
    question = quiz.questions.filter(kind="single").first()
    first, second = choices(question, right=False)[:2]

    answer(attempt, question, [first], noon)
    answer(attempt, question, [second], noon)
    answer(attempt, question, [second], noon)

    assert attempt.answers.get().choice_ids == [second]
    assert attempt.answers.get().is_correct is None


def test_save_answer_refuses_choices_of_another_question(attempt, quiz, noon):
    one, other = quiz.questions.filter(kind="single")[:2]

    with pytest.raises(services.AnswerRefusedError, match="of this question"):
        answer(attempt, one, choices(other, right=True), noon)


def test_save_answer_refuses_a_question_of_another_quiz(attempt, noon):
    stranger = ChoiceFactory(is_correct=True)

    with pytest.raises(services.AnswerRefusedError, match="not part of this attempt"):
        answer(attempt, stranger.question, [stranger.pk], noon)


def test_save_answer_refuses_two_choices_of_a_single_question_and_none(
    attempt, quiz, noon
):
    question = quiz.questions.filter(kind="single").first()

    with pytest.raises(services.AnswerRefusedError, match="Choose one answer"):
        answer(attempt, question, choices(question, right=False), noon)
    with pytest.raises(services.AnswerRefusedError, match="Choose an answer"):
        answer(attempt, question, [], noon)


def test_save_answer_after_submission_is_refused_and_changes_nothing(
    attempt, quiz, noon
):
    answer_all(attempt, noon, wrong=5)
    services.submit_attempt(attempt=attempt, at=noon)
    question = quiz.questions.filter(kind="single").first()
    before = attempt.answers.get(question_id=question.pk).choice_ids

    with pytest.raises(services.AttemptClosedError):
        answer(attempt, question, choices(question, right=True), noon)

    assert attempt.answers.get(question_id=question.pk).choice_ids == before


def test_save_answer_after_lapse_is_refused(attempt, quiz, lapse, noon):
    lapse(attempt.enrollment.user)
    question = quiz.questions.filter(kind="single").first()

    with pytest.raises(services.AttemptRefusedError):
        answer(attempt, question, choices(question, right=True), noon)


def test_submit_attempt_with_all_right_passes_and_completes_the_lesson(
    attempt, quiz, noon
):
    answer_all(attempt, noon)

    result = services.submit_attempt(attempt=attempt, at=noon)

    assert (result.score_percent, result.passed) == (100, True)
    row = LessonProgress.objects.get(lesson=quiz.lesson)
    assert row.completed_at == noon


def test_submit_attempt_at_exactly_the_pass_mark_passes(attempt, noon):
    answer_all(attempt, noon, wrong=1)

    result = services.submit_attempt(attempt=attempt, at=noon)

    assert (result.score_percent, result.passed) == (80, True)


def test_submit_attempt_below_the_pass_mark_fails_and_completes_nothing(
    attempt, quiz, noon
):
    answer_all(attempt, noon, wrong=2)

    result = services.submit_attempt(attempt=attempt, at=noon)

    assert (result.score_percent, result.passed) == (60, False)
    assert not LessonProgress.objects.filter(completed_at__isnull=False).exists()


@pytest.mark.parametrize(
    ("picked", "is_right"),
    [
        ((True, True, False, False), True),
        ((True, False, False, False), False),
        ((True, False, True, False), False),
        ((False, False, True, True), False),
    ],
)
def test_submit_attempt_counts_a_multiple_answer_only_as_the_exact_set(
    attempt, quiz, noon, picked, is_right
):
    question = quiz.questions.get(kind="multiple")
    options = question.choices.order_by("pk").values_list("pk", flat=True)
    chosen = [pk for pk, is_picked in zip(options, picked, strict=True) if is_picked]
    answer(attempt, question, chosen, noon)

    result = services.submit_attempt(attempt=attempt, at=noon)

    assert attempt.answers.get().is_correct is is_right
    assert result.score_percent == (20 if is_right else 0)


def test_save_answer_refuses_more_answers_than_are_asked_for(attempt, quiz, noon):
    question = quiz.questions.get(kind="multiple")
    every = question.choices.values_list("pk", flat=True)

    with pytest.raises(services.AnswerRefusedError, match="Choose 2 answers, not 4"):
        answer(attempt, question, every, noon)

    assert not attempt.answers.exists()


def test_submit_attempt_counts_an_unanswered_question_as_wrong(attempt, quiz, noon):
    for question in quiz.questions.filter(kind="single"):
        answer(attempt, question, choices(question, right=True), noon)

    result = services.submit_attempt(attempt=attempt, at=noon)

    assert result.score_percent == 80


def test_submit_attempt_twice_keeps_the_first_result(attempt, quiz, noon):
    answer_all(attempt, noon)
    services.submit_attempt(attempt=attempt, at=noon)
    for question in quiz.questions.all():
        question.choices.update(is_correct=False)

    again = services.submit_attempt(attempt=attempt, at=noon + timedelta(days=1))

    assert again.submitted_at == noon
    assert (again.score_percent, again.passed) == (100, True)


def test_submit_attempt_after_lapse_is_refused_and_stays_open(attempt, lapse, noon):
    answer_all(attempt, noon)
    lapse(attempt.enrollment.user)

    with pytest.raises(services.AttemptRefusedError):
        services.submit_attempt(attempt=attempt, at=noon)

    assert QuizAttempt.objects.get().submitted_at is None


def test_submit_attempt_uses_the_pass_mark_of_its_start(attempt, quiz, noon):
    answer_all(attempt, noon, wrong=2)
    quiz.pass_mark = 10
    quiz.save()

    assert services.submit_attempt(attempt=attempt, at=noon).passed is False


def test_a_failed_attempt_after_a_passed_one_takes_nothing_away(
    attempt, enrollment, quiz, noon
):
    answer_all(attempt, noon)
    services.submit_attempt(attempt=attempt, at=noon)

    second = services.start_attempt(enrollment=enrollment, quiz=quiz, at=noon)
    services.submit_attempt(attempt=second, at=noon + timedelta(hours=1))

    assert LessonProgress.objects.get(lesson=quiz.lesson).completed_at == noon
