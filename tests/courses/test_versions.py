"""What people earn by: recorded when it changes, and never changed."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.urls import reverse

from courses import services
from courses.models import Choice, CourseVersion, Question, Quiz
from courses.models.versions import hours_in_words
from tests.factories.courses import (
    ChoiceFactory,
    EnrollmentFactory,
    ExtraAttemptsFactory,
    ObjectiveFactory,
    QuestionFactory,
    QuizFactory,
)
from tests.support import refused, together

DAY = timedelta(days=1)


@pytest.fixture
def quiz(db):
    """Return a quiz with one question, of a course with an objective."""
    quiz = QuizFactory(lesson__slug="check", lesson__module__course__slug="hips")
    objective = ObjectiveFactory(course=quiz.lesson.course, text="Find the tendon")
    question = QuestionFactory(quiz=quiz, objective=objective)
    ChoiceFactory(question=question, is_correct=True, text="Here")
    ChoiceFactory(question=question, text="There")
    return quiz


@pytest.fixture
def course(quiz):
    return quiz.lesson.course


@pytest.fixture
def enrollment(member, course, quiz, noon):
    return services.enroll(user=member, course=course, at=noon)


def version_of(course, at):
    course.refresh_from_db()
    return services.current_version(course=course, at=at)


def change(course, what):
    question = Question.objects.filter(quiz__lesson__course=course)[0]
    if what == "title":
        course.title = "Another title"
    elif what == "hours":
        course.contact_hours = Decimal("2.00")
    elif what == "objectives":
        ObjectiveFactory(course=course)
    elif what == "question":
        Question.objects.update(text="Another question?")
    elif what == "answer":
        Choice.objects.update(is_correct=False)
        ChoiceFactory(question=question, is_correct=True)
    elif what == "pass mark":
        Quiz.objects.update(pass_mark=90)
    course.save()


CHANGES = ["title", "hours", "objectives", "question", "answer", "pass mark"]


@pytest.mark.parametrize("what", CHANGES)
def test_what_people_earn_by_changes_with_a_new_version_only(
    what, course, enrollment, noon
):
    change(course, what)

    newer = version_of(course, noon + DAY)

    assert (enrollment.version.number, newer.number) == (1, 2)
    enrollment.refresh_from_db()
    assert enrollment.version.number == 1


def test_what_changes_nothing_to_earn_makes_no_version(course, enrollment, noon):
    course.promise = "Other words on the card."
    course.save()

    assert version_of(course, noon + DAY) == enrollment.version


def test_a_version_keeps_every_word_of_the_test(enrollment):
    (question,) = enrollment.version.questions.values()

    assert [choice.text for choice in question.choices] == ["Here", "There"]
    assert [choice.is_correct for choice in question.choices] == [True, False]
    assert enrollment.version.objectives[0]["text"] == "Find the tendon"


def test_who_is_in_the_middle_is_asked_and_graded_by_the_own_version(
    course, enrollment, quiz, noon
):
    change(course, "answer")
    change(course, "pass mark")
    version_of(course, noon)

    attempt = services.start_attempt(enrollment=enrollment, quiz=quiz, at=noon)
    (question,) = attempt.questions
    services.save_answer(
        attempt=attempt, question_id=question.id, choice_ids=question.key, at=noon
    )
    result = services.submit_attempt(attempt=attempt, at=noon)

    assert [choice.text for choice in question.choices] == ["Here", "There"]
    assert (result.passed, result.pass_mark) == (True, 80)


def test_who_enrolls_after_a_change_earns_by_the_new_version(course, enrollment, noon):
    change(course, "hours")

    later = EnrollmentFactory(course=course)

    assert later.version.contact_hours == Decimal("2.00")
    assert enrollment.version.contact_hours == Decimal("1.50")


@pytest.mark.usefixtures("clock")
def test_a_learner_moves_by_choice_and_keeps_what_was_done(
    client, member, course, enrollment, noon
):
    change(course, "hours")
    version_of(course, noon)
    client.force_login(member)
    classroom = reverse("courses:classroom-detail", args=["hips"])
    page = client.get(classroom).content.decode()
    assert "This course has a new version" in page
    assert "It is worth 2 CE hours; yours is worth 1.5." in page

    moved = client.post(reverse("courses:version-update", args=["hips"]), follow=True)

    enrollment.refresh_from_db()
    assert enrollment.version.number == 2
    assert "You go on by the new version." in moved.content.decode()
    assert "This course has a new version" not in client.get(classroom).content.decode()


@pytest.mark.parametrize(
    ("hours", "words"),
    [("1.00", "1 CE hour"), ("1.50", "1.5 CE hours"), ("10.00", "10 CE hours")],
)
def test_one_hour_is_written_as_one(hours, words):
    assert hours_in_words(Decimal(hours)) == words


def test_a_finished_course_is_never_moved(enrollment, course, noon):
    enrollment.status, enrollment.completed_at = "completed", noon
    enrollment.attested_at, enrollment.confirmed_name = noon, "Mia"
    enrollment.save()
    change(course, "hours")
    version_of(course, noon)

    assert services.newer_version(enrollment) is None
    with pytest.raises(services.MoveRefusedError, match="finished"):
        services.move_to_current(enrollment=enrollment, at=noon)


def test_a_quiz_that_is_newer_than_the_version_is_asked_as_it_is_now(
    course, enrollment, noon
):
    added = QuizFactory(lesson__module__course=course)
    ChoiceFactory(question=QuestionFactory(quiz=added), is_correct=True)

    attempt = services.start_attempt(enrollment=enrollment, quiz=added, at=noon)

    assert len(attempt.questions) == 1
    assert attempt.version.number == 2
    enrollment.refresh_from_db()
    assert enrollment.version.number == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_enrolling_at_once_after_a_change_records_one_version(course, noon):
    version_of(course, noon)
    change(course, "hours")

    together(10 * [partial(services.current_version, course=course, at=noon)])

    assert CourseVersion.objects.count() == 2


def test_a_version_has_one_number(course, noon):
    version = version_of(course, noon)
    version.pk = None
    with refused("courses_courseversion_one_per_number"):
        version.save()


def test_versions_are_counted_from_one(course, noon):
    version = version_of(course, noon)
    version.number = 0
    with refused("courses_courseversion_number_is_positive"):
        version.save()


# The bank


@pytest.fixture
def bank(course, quiz):
    """Put three questions of each of two objectives into the bank of the course."""
    Quiz.objects.update(per_objective=1)
    quiz.refresh_from_db()
    for text in ("Find it", "Treat it"):
        objective = ObjectiveFactory(course=course, text=text)
        for _number in range(3):
            question = QuestionFactory(quiz=None, course=course, objective=objective)
            ChoiceFactory(question=question, is_correct=True)
            ChoiceFactory(question=question)


def objectives_of(attempt):
    return [question.objective_id for question in attempt.questions]


def test_each_objective_is_drawn_from_the_bank(bank, enrollment, quiz, noon):
    attempt = services.start_attempt(enrollment=enrollment, quiz=quiz, at=noon)

    assert len(attempt.questions) == 2
    assert len(set(objectives_of(attempt))) == 2
    assert all(question.quiz_id is None for question in attempt.questions)


def test_another_sitting_draws_other_questions(bank, enrollment, quiz, noon):
    seen = []
    for _sitting in range(3):
        attempt = services.start_attempt(enrollment=enrollment, quiz=quiz, at=noon)
        seen += attempt.question_ids
        services.submit_attempt(attempt=attempt, at=noon)
        noon += DAY

    assert len(set(seen)) == 6


def test_answers_are_shuffled_the_same_way_on_each_look(enrollment):
    (question,) = enrollment.version.questions.values()

    orders = {
        tuple(choice.id for choice in question.shuffled(str(seed)))
        for seed in range(20)
    }

    assert len(orders) == 2
    assert question.shuffled("7") == question.shuffled("7")


def test_answers_that_belong_in_order_stay_in_it(course, enrollment, noon):
    Question.objects.update(keeps_order=True)
    (question,) = version_of(course, noon).questions.values()

    assert all(
        question.shuffled(str(seed)) == list(question.choices) for seed in range(9)
    )


# How often


def fail(enrollment, quiz, at):
    attempt = services.start_attempt(enrollment=enrollment, quiz=quiz, at=at)
    return services.submit_attempt(attempt=attempt, at=at)


def test_after_three_failures_the_next_attempt_waits(enrollment, quiz, noon):
    for _time in range(3):
        fail(enrollment, quiz, noon)

    with pytest.raises(services.AttemptRefusedError, match="Three attempts"):
        fail(enrollment, quiz, noon + timedelta(minutes=59))

    assert fail(enrollment, quiz, noon + timedelta(minutes=60)).number == 4


def test_attempts_are_as_many_as_the_quiz_allows_and_staff_adds(enrollment, quiz, noon):
    Quiz.objects.update(max_attempts=1)
    quiz.refresh_from_db()
    fail(enrollment, quiz, noon)
    with pytest.raises(services.AttemptRefusedError, match="no attempt left"):
        fail(enrollment, quiz, noon)

    ExtraAttemptsFactory(enrollment=enrollment, quiz=quiz)

    assert fail(enrollment, quiz, noon).number == 2
    with pytest.raises(services.AttemptRefusedError, match="no attempt left"):
        fail(enrollment, quiz, noon)


@pytest.mark.django_db
def test_extra_attempts_have_a_reason():
    with refused("courses_extraattempts_has_a_reason"):
        ExtraAttemptsFactory(reason="")


@pytest.mark.django_db
def test_extra_attempts_are_at_least_one():
    with refused("courses_extraattempts_gives_some"):
        ExtraAttemptsFactory(count=0)


def test_a_quiz_draws_some_questions(quiz):
    quiz.per_objective = 0
    with refused("courses_quiz_draws_some"):
        quiz.save()


def test_a_quiz_allows_an_attempt(quiz):
    quiz.max_attempts = 0
    with refused("courses_quiz_allows_an_attempt"):
        quiz.save()
