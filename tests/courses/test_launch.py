"""A course is published once nothing is missing; what is live stays so."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from courses import services
from courses.models import Course, CourseVersion, Lesson
from tests.courses.conftest import NOON
from tests.factories.accounts import UserFactory
from tests.factories.courses import (
    AccreditationFactory,
    ChoiceFactory,
    CourseFactory,
    CreditBodyFactory,
    InstructorFactory,
    LessonFactory,
    LessonFileFactory,
    ModuleFactory,
    ObjectiveFactory,
    QuestionFactory,
    QuizFactory,
    VideoLessonFactory,
)

pytestmark = pytest.mark.django_db


def complete_course(**facts):
    """Make a draft that lacks nothing."""
    course = CourseFactory(
        published_at=None,
        references="A book\nAnother book\n\nAn article",
        hours_reason="Practice that is handed in.",
        **facts,
    )
    course.instructors.add(InstructorFactory(bio="<p>Teaches palpation.</p>"))
    module = ModuleFactory(course=course)
    LessonFactory(module=module, title="Landmarks")
    VideoLessonFactory(module=module, title="Pressure")
    LessonFileFactory(
        lesson=LessonFactory(module=module, kind="download", title="Sheet")
    )
    quiz = QuizFactory(lesson__module=module, lesson__title="Check")
    for objective in ObjectiveFactory.create_batch(3, course=course):
        question = QuestionFactory(quiz=quiz, objective=objective)
        ChoiceFactory(question=question, is_correct=True)
        ChoiceFactory(question=question)
    return Course.objects.get(pk=course.pk)


@pytest.fixture
def course():
    return complete_course()


def told(course):
    return [gap.text for gap in services.launch_gaps(course, at=NOON)]


def test_a_course_that_lacks_nothing_is_published_with_its_first_version(course, noon):
    services.publish(course=course, at=noon)

    course.refresh_from_db()
    assert course.published_at == noon
    assert CourseVersion.objects.get(course=course).number == 1


def change(**changes):
    return lambda course: Course.objects.filter(pk=course.pk).update(**changes)


def delete(path):
    return lambda course: getattr(course, path).all()[0].delete()


def edit(title, **changes):
    return lambda course: course.lessons.filter(title=title).update(**changes)


def quiz_of(course):
    return course.lessons.get(kind="quiz").quiz


def right_answer(course, *, is_correct):
    choices = course.questions.order_by("pk")[0].choices.order_by("pk")
    choices.filter(is_correct=not is_correct).update(is_correct=is_correct)


NO_REASON = (
    "The course claims 1.5 CE hours; its required lessons add up to 0. Lower the hours, "
    "or write the reason."
)
NO_EVALUATION = (
    "The course ends in a final quiz for credit: ask for the evaluation before the "
    "certificate."
)
MISSING = {
    "two objectives": (
        delete("objectives"),
        ["Write at least 3 objectives; there are 2."],
    ),
    "two references": (
        change(references="A book\n \nAnother"),
        ["Name at least 3 references; there are 2."],
    ),
    "no captions": (
        edit("Pressure", captions=""),
        ["The video of “Pressure” has no captions."],
    ),
    "no video": (
        edit("Pressure", video="", captions=""),
        ["“Pressure” has no video."],
    ),
    "no captions at a host": (
        edit("Pressure", video="", captions="", embed_url="https://vimeo.com/1"),
        ["The video of “Pressure” has no captions."],
    ),
    "no text": (edit("Landmarks", body="<p> </p>"), ["“Landmarks” has no text."]),
    "no file": (
        lambda course: course.lessons.get(title="Sheet").files.get().delete(),
        ["“Sheet” has no file."],
    ),
    "nothing required": (
        lambda course: course.lessons.update(is_required=False),
        ["Add a required lesson."],
    ),
    "no instructor": (
        lambda course: course.instructors.clear(),
        ["Choose an instructor."],
    ),
    "no biography": (
        lambda course: course.instructors.update(bio="<p></p>"),
        ["Write the biography of Marta Lindqvist."],
    ),
    "no reason for the hours": (
        change(hours_reason=" "),
        [NO_REASON],
    ),
    "no evaluation": (
        lambda course: type(quiz_of(course)).objects.update(is_final=True),
        [NO_EVALUATION],
    ),
}


@pytest.mark.parametrize(("take_away", "gaps"), MISSING.values(), ids=MISSING)
def test_a_course_that_lacks_one_thing_is_refused_by_name(
    course, noon, take_away, gaps
):
    take_away(course)
    course.refresh_from_db()

    with pytest.raises(services.LaunchRefusedError) as refusal:
        services.publish(course=course, at=noon)

    assert [gap.text for gap in refusal.value.gaps] == gaps
    course.refresh_from_db()
    assert course.published_at is None


def approve(course, **rules):
    body = CreditBodyFactory(name="Board", short_name="Board", **rules)
    return AccreditationFactory(
        course=course, body=body, approval_number="7", credit_hours=2
    )


WAIT = "minutes of study before the final quiz, and no quiz is final."
UNCONFIRMED = (
    "Board 7 is not confirmed for the newest version: whoever starts now earns nothing "
    "by it."
)


def test_minutes_of_study_ask_for_the_final_quiz_that_waits_for_them(course):
    approve(course, study_minutes_per_hour=50)
    change(minimum_minutes=90, scope_note="<p>S</p>", disclosure="<p>D</p>")(course)
    course.refresh_from_db()
    without = told(course)
    type(quiz_of(course)).objects.update(is_final=True)
    change(requires_evaluation=True)(course)
    course = Course.objects.get(pk=course.pk)

    assert without == [
        f"Board 7 asks for 100 {WAIT}",
        f"The course asks for 90 {WAIT}",
    ]
    assert told(course) == []


def test_a_body_that_asks_for_an_evaluation_gets_one_without_a_final_quiz_too(course):
    change(scope_note="<p>S</p>", disclosure="<p>D</p>")(course)
    course.refresh_from_db()
    approve(course, requires_evaluation=True)

    assert told(course) == [
        "Board asks for an evaluation: ask for the evaluation before the certificate."
    ]


def test_an_approved_course_tells_its_scope_and_who_paid(course):
    approve(course)

    assert told(course) == [
        "Write what passing does not entitle to.",
        "Write the financial interests, also that there are none.",
    ]


def test_an_approval_is_confirmed_for_the_newest_version_unless_it_has_ended(
    course, noon
):
    change(scope_note="<p>S</p>", disclosure="<p>D</p>")(course)
    course.refresh_from_db()
    approval = approve(course)
    before_any_version = told(course)
    version = services.current_version(course=course, at=noon)
    unconfirmed = told(course)
    services.confirm_version(
        accreditation=approval, version=version, by=UserFactory(), at=noon
    )
    confirmed = told(course)
    approval.confirmations.all().delete()
    approval.valid_until = date(2026, 5, 31)
    approval.save()

    assert (before_any_version, unconfirmed) == ([], [UNCONFIRMED])
    assert (confirmed, told(course)) == ([], [])


def test_each_objective_is_asked_about_and_each_quiz_has_three_questions(course):
    question = course.questions.order_by("pk")[0]
    objective = question.objective
    question.delete()

    assert told(course) == [
        f"No quiz asks a question about “{objective}”.",
        "“Check” has 2 questions; write at least 3.",
    ]


@pytest.mark.parametrize(
    ("is_correct", "fault"),
    [
        (False, "has no right answer"),
        (True, "has several right answers, but is no multiple choice"),
    ],
)
def test_a_question_that_nobody_can_answer_right_is_told(course, is_correct, fault):
    right_answer(course, is_correct=is_correct)
    question = course.questions.order_by("pk")[0]

    assert told(course) == [f"“{question}” {fault}."]


def test_a_quiz_that_draws_counts_the_bank_for_each_objective(course):
    quiz = quiz_of(course)
    course.questions.update(quiz=None)
    quiz.per_objective = 1
    quiz.save()
    enough = told(course)
    quiz.per_objective = 2
    quiz.save()

    assert enough == []
    assert told(course) == [
        f"“Check” draws 2 questions about “{objective}”; the question bank holds 1."
        for objective in course.objectives.order_by("weight", "pk")
    ]


def test_questions_of_the_bank_test_nothing_while_no_quiz_draws_them(course):
    objective = ObjectiveFactory(course=course)
    QuestionFactory(course=course, quiz=None, objective=objective)

    assert told(course) == [f"No quiz asks a question about “{objective}”."]


def test_a_course_that_is_live_stays_live_whatever_it_lacks(course, noon):
    Course.objects.filter(pk=course.pk).update(published_at=noon, references="")
    day = noon + timedelta(days=1)

    services.publish(course=course, at=day)
    gaps = services.unschedule_incomplete(course=course, at=day)

    course.refresh_from_db()
    assert course.published_at == noon
    assert len(gaps) == 1


def test_a_course_that_waits_for_its_day_is_a_draft_again_once_it_lacks_something(
    course, noon
):
    day = noon + timedelta(days=1)
    services.publish(course=course, at=noon, published_at=day)
    services.unschedule_incomplete(course=course, at=noon)
    course.refresh_from_db()
    before = course.published_at
    Lesson.objects.filter(title="Landmarks").update(body="")

    services.unschedule_incomplete(course=course, at=noon)

    course.refresh_from_db()
    assert (before, course.published_at) == (day, None)


def test_hours_are_counted_from_required_readings_media_and_quizzes():
    lessons = [
        LessonFactory.build(course=None, module=None, body=f"<p>{'word ' * 12_000}</p>")
    ]
    lessons += [
        VideoLessonFactory.build(course=None, module=None, duration_seconds=3600),
        LessonFactory.build(course=None, module=None, kind="quiz", minutes=30),
        LessonFactory.build(
            course=None, module=None, kind="quiz", minutes=99, is_required=False
        ),
    ]

    workload = services.measure(lessons)

    assert workload.words == 12_000
    assert workload.media_seconds == 3600
    assert workload.quiz_minutes == 30
    assert {one.name: one.hours for one in services.count_hours(workload)} == {
        "NCBTMB home study": Decimal("2.00"),
        "60-minute hours": Decimal("2.50"),
        "50-minute hours": Decimal("3.00"),
    }


def test_hours_are_rounded_down_to_quarters():
    workload = services.Workload(words=0, media_seconds=3599, quiz_minutes=0)

    hours = [str(one.hours) for one in services.count_hours(workload)]

    assert hours == ["0.75", "0.75", "1.00"]


@pytest.mark.parametrize(
    ("html", "count"),
    [
        ("<p>one</p><p>two</p>", 2),
        ("<ul><li>one</li><li>two&nbsp;three</li></ul>", 3),
        ("<p>re<strong>lease</strong>, don&rsquo;t &ndash; press</p>", 3),
        ("", 0),
    ],
)
def test_words_are_counted_as_a_reader_sees_them(html, count):
    lesson = LessonFactory.build(course=None, module=None, body=html)

    assert services.measure([lesson]).words == count
