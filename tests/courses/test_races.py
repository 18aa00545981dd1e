"""Two devices, two tabs, two clicks at the same moment: the effect is one."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest

from certification.models import Certificate
from courses import services
from courses.models import (
    Course,
    Enrollment,
    LessonProgress,
    LessonQuestion,
    Note,
    PracticeAnswer,
    Question,
    QuizAttempt,
    Review,
)
from courses.services import WatchReport
from mail.models import OutgoingEmail
from tests.factories.accounts import UserFactory
from tests.factories.courses import (
    ChoiceFactory,
    CompletedEnrollmentFactory,
    CourseEmailFactory,
    EmailDeliveryFactory,
    EnrollmentFactory,
    LessonFactory,
    LessonProgressFactory,
    QuestionFactory,
    QuizFactory,
    VideoLessonFactory,
)
from tests.support import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
AT_ONCE = 50


def test_enrolling_at_the_same_moment_enrolls_once_with_one_email(member, noon):
    course = LessonFactory().course
    CourseEmailFactory(kind="welcome", days=0)

    together(AT_ONCE * [lambda: services.enroll(user=member, course=course, at=noon)])

    assert Enrollment.objects.count() == 1
    welcomes = OutgoingEmail.objects.filter(template="courses/step")
    assert welcomes.count() == 1


def test_scans_at_once_share_the_work_and_each_person_gets_one_email(noon):
    step = CourseEmailFactory()
    for _ in range(40):
        EmailDeliveryFactory(step=step, due_at=noon)
    at = noon + timedelta(hours=5)

    def scan():
        services.find_course_emails(at=at)
        claimed = [one for part in services.claim_course_emails(at=at) for one in part]
        services.send_course_emails(delivery_ids=claimed, at=at)
        return claimed

    claimed = [one for part in together(4 * [scan]) for one in part]

    assert len(claimed) == len(set(claimed)) == 40
    assert OutgoingEmail.objects.count() == 40


def test_one_person_gets_one_email_a_day_from_workers_at_once(member, noon, clock):
    step, at = CourseEmailFactory(), noon
    rows = [EmailDeliveryFactory(step=step, enrollment__user=member) for _ in range(6)]

    together(
        [
            lambda pk=row.pk: services.send_course_emails(delivery_ids=[pk], at=at)
            for row in rows
        ]
    )

    assert OutgoingEmail.objects.filter(user=member).count() == 1


def seconds_of(progress):
    watched = progress.watched_intervals
    return {second for first, last in watched for second in range(first, last)}


def test_reports_of_many_devices_are_merged_and_never_doubled(member, noon):
    lesson = VideoLessonFactory(duration_seconds=1000)
    enrollment = EnrollmentFactory(user=member, course=lesson.course)
    services.open_lesson(enrollment=enrollment, lesson=lesson, at=noon)

    def report(number):
        start = number * 3 % AT_ONCE
        saved = services.save_progress(
            user=member,
            course_slug=lesson.course.slug,
            lesson_slug=lesson.slug,
            report=WatchReport(position=number, intervals=[(start, 200)]),
            at=noon + timedelta(hours=1),
        )
        return seconds_of(saved)

    told = together([partial(report, number) for number in range(AT_ONCE)])

    row = LessonProgress.objects.get()
    assert set().union(*told) == seconds_of(row)
    edges = [second for interval in row.watched_intervals for second in interval]
    assert edges == sorted(set(edges))
    assert edges[-1] == 200
    assert row.watched_seconds == sum(
        last - first for first, last in row.watched_intervals
    )
    assert 200 - AT_ONCE < row.watched_seconds <= 200


def test_a_note_that_two_devices_send_at_the_same_moment_is_one_note(member, noon):
    lesson = VideoLessonFactory()
    EnrollmentFactory(user=member, course=lesson.course)
    uuid = uuid4()

    def save(number):
        services.save_note(
            user=member,
            lesson=lesson,
            uuid=uuid,
            text=f"Words {number}",
            moment=number,
            at=noon,
        )

    together([partial(save, number) for number in range(AT_ONCE)])

    note = Note.objects.get()
    assert note.text == f"Words {note.moment_seconds}"


def test_a_question_of_many_clicks_is_asked_once_and_answered_with_one_email(
    member, noon
):
    lesson = LessonFactory()
    EnrollmentFactory(user=member, course=lesson.course)
    uuid = uuid4()

    def ask():
        services.ask(user=member, lesson=lesson, uuid=uuid, text="How long?", at=noon)

    def answer():
        services.answer_question(
            question=question, answer=services.Answer("A minute."), by=staff, at=noon
        )

    together(AT_ONCE * [ask])
    question, staff = LessonQuestion.objects.get(), UserFactory()
    together(AT_ONCE * [answer])

    assert OutgoingEmail.objects.filter(template="courses/answer").count() == 1


@pytest.fixture
def question(db):
    question = QuestionFactory()
    ChoiceFactory(question=question, is_correct=True)
    ChoiceFactory(question=question)
    return question


def test_a_quiz_taken_by_many_clicks_has_one_attempt_one_answer_and_one_result(
    member, question, noon
):
    quiz = question.quiz
    enrollment = EnrollmentFactory(user=member, course=quiz.lesson.course)
    right = question.choices.get(is_correct=True).pk

    def answer():
        services.save_answer(
            attempt=attempt, question_id=question.pk, choice_ids=[right], at=noon
        )

    together(
        AT_ONCE
        * [lambda: services.start_attempt(enrollment=enrollment, quiz=quiz, at=noon)]
    )
    attempt = QuizAttempt.objects.get()
    together(AT_ONCE * [answer])
    together(AT_ONCE * [lambda: services.submit_attempt(attempt=attempt, at=noon)])

    attempt.refresh_from_db()
    assert attempt.answers.count() == 1
    assert (attempt.score_percent, attempt.passed) == (100, True)
    assert LessonProgress.objects.get(completed_at__isnull=False)


@pytest.mark.usefixtures("signatory")
def test_completing_at_the_same_moment_issues_one_certificate(member, noon):
    row = LessonProgressFactory(enrollment__user=member, completed_at=noon)

    def complete(number):
        services.complete(
            enrollment=row.enrollment,
            certificate_name=f"Mia Member {number}",
            attested=True,
            at=noon,
        )

    together([partial(complete, number) for number in range(AT_ONCE)])

    enrollment, certificate = Enrollment.objects.get(), Certificate.objects.get()
    assert enrollment.status == Enrollment.Status.COMPLETED
    assert enrollment.confirmed_name == certificate.holder_name


def test_opening_a_lesson_in_many_tabs_makes_one_row(member, noon):
    lesson = LessonFactory()
    enrollment = EnrollmentFactory(user=member, course=lesson.course)

    def open_lesson():
        mine = Enrollment.objects.get(pk=enrollment.pk)
        services.open_lesson(enrollment=mine, lesson=lesson, at=noon)

    together(AT_ONCE * [open_lesson])

    assert LessonProgress.objects.count() == 1


def test_playing_and_completing_at_the_same_moment_wait_for_each_other(member, noon):
    lesson = VideoLessonFactory(duration_seconds=1000)
    for minute in range(0, 20, 2):  # the place is noted once a minute
        at = noon + timedelta(minutes=minute)
        LessonProgress.objects.update(completed_at=None)
        together(
            5
            * [
                lambda at=at: services.complete_lesson(
                    user=member, lesson=lesson, at=at
                ),
                lambda at=at: services.save_progress(
                    user=member,
                    course_slug=lesson.course.slug,
                    lesson_slug=lesson.slug,
                    report=WatchReport(position=5, intervals=[(0, 5)]),
                    at=at,
                ),
            ]
        )

    progress = LessonProgress.objects.get()
    assert progress.completed_at
    assert progress.watched_seconds
    assert Enrollment.objects.get() == progress.enrollment


def test_copying_a_course_at_the_same_moment_makes_one_copy():
    course = LessonFactory().course

    def copy():
        services.duplicate_course(course=course, title="Copy", slug="copy")

    together(AT_ONCE * [copy])

    assert Course.objects.get(slug="copy").lessons.count() == 1


def test_importing_the_same_questions_at_the_same_moment_imports_them_once(noon):
    course = LessonFactory().course
    text = "question,choice 1,choice 2,right,explanation\nWhich?,This,That,A,So."

    def load():
        services.import_questions(course=course, quiz=None, text=text, at=noon)

    together(AT_ONCE * [load])

    assert Question.objects.get().choices.count() == 2


def test_adding_a_module_at_the_same_moment_adds_it_once():
    course = LessonFactory().course

    together(AT_ONCE * [lambda: services.add_module(course=course, title="Last")])

    assert course.modules.filter(title="Last").count() == 1


def test_a_review_sent_by_many_clicks_is_one(noon):
    enrollment = CompletedEnrollmentFactory()

    def write(stars):
        verdict = services.Verdict(stars=stars, text="", shows_name=False)
        services.write_review(enrollment=enrollment, verdict=verdict, at=noon)

    together([partial(write, 1 + number % 5) for number in range(AT_ONCE)])

    assert Review.objects.get().enrollment == enrollment


def test_study_time_told_by_many_pages_at_the_same_moment_counts_once(member, noon):
    lesson = LessonFactory()
    enrollment = EnrollmentFactory(user=member, course=lesson.course)
    services.open_lesson(enrollment=enrollment, lesson=lesson, at=noon)

    def tell():
        services.note_active(
            user=member,
            course_slug=lesson.course.slug,
            lesson_slug=lesson.slug,
            seconds=60,
            at=noon + timedelta(minutes=1),
        )

    together(AT_ONCE * [tell])

    assert LessonProgress.objects.get().active_seconds == 60


def test_a_check_that_many_clicks_answer_has_one_answer_and_is_complete(member, noon):
    lesson = LessonFactory(kind="check")
    enrollment = EnrollmentFactory(user=member, course=lesson.course)
    question = QuestionFactory(quiz=QuizFactory(lesson=lesson))
    right = ChoiceFactory(question=question, is_correct=True)

    def answer():
        services.answer_practice(
            enrollment=enrollment, question=question, choice_ids=[right.pk], at=noon
        )

    together(AT_ONCE * [answer])

    assert PracticeAnswer.objects.get().is_correct
    assert LessonProgress.objects.get().completed_at
