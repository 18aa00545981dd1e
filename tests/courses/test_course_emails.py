"""Who gets which course email, when, and what stops it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from courses import jobs, services
from courses.models import CourseEmail, EmailDelivery, Enrollment
from mail import services as mail
from mail.models import OutgoingEmail, Suppression
from tests.factories.accounts import ProfessionFactory, StaffFactory, UserFactory
from tests.factories.courses import (
    CourseEmailFactory,
    CourseFactory,
    EmailDeliveryFactory,
    EnrollmentFactory,
    LessonFactory,
    LessonProgressFactory,
    QuestionFactory,
    QuizAttemptFactory,
    QuizFactory,
)

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 6, 1, 16, tzinfo=UTC)  # noon in New York
DAY = timedelta(days=1)


def scan(time_machine, at):
    """Run the job as beat does, with its clock at that moment."""
    time_machine.move_to(at, tick=False)
    services.find_course_emails(at=at)
    for claimed in services.claim_course_emails(at=at):
        services.send_course_emails(delivery_ids=claimed, at=at)


def subjects():
    return list(OutgoingEmail.objects.order_by("pk").values_list("subject", flat=True))


@pytest.fixture
def lesson():
    return LessonFactory(module__course__required_entitlement="")


@pytest.fixture
def stalled(lesson):
    return EnrollmentFactory(course=lesson.course, enrolled_at=MONDAY - 7 * DAY)


def test_a_stalled_learner_is_reminded_at_7_and_21_days_and_never_again(
    time_machine, stalled, lesson
):
    for day in (-1, 0, 1, 6, 13, 14, 15, 28, 60):
        scan(time_machine, MONDAY + day * DAY)

    emails = OutgoingEmail.objects.order_by("queued_at")
    assert [one.queued_at for one in emails] == [MONDAY, MONDAY + 14 * DAY]
    assert lesson.get_absolute_url() in emails[0].body_text
    assert "1 of 1 lesson left" in emails[0].body_text
    assert "Unsubscribe: http" in emails[0].body_text
    assert "You get this email because you began this course" in emails[0].body_text


def test_who_went_quiet_long_ago_is_left_in_peace(time_machine, lesson):
    EnrollmentFactory(course=lesson.course, enrolled_at=MONDAY - 90 * DAY)

    scan(time_machine, MONDAY)

    assert not EmailDelivery.objects.exists()


def test_one_quiz_left_is_told_with_the_link_to_the_quiz(time_machine, lesson):
    quiz = QuizFactory(lesson__module=lesson.module)
    enrollment = EnrollmentFactory(course=lesson.course, enrolled_at=MONDAY - DAY)
    scan(time_machine, MONDAY)
    assert subjects() == []

    LessonProgressFactory(
        enrollment=enrollment, lesson=lesson, completed_at=MONDAY - DAY
    )
    scan(time_machine, MONDAY)

    email = OutgoingEmail.objects.get()
    assert email.subject == f"One quiz left in {lesson.course.title}"
    assert quiz.lesson.get_absolute_url() in email.body_text


def test_two_failed_quizzes_lead_to_the_lessons_that_teach_what_was_wrong(
    time_machine, lesson
):
    quiz = QuizFactory(lesson__module=lesson.module)
    question = QuestionFactory(quiz=quiz, course=lesson.course, review_lesson=lesson)
    enrollment = EnrollmentFactory(course=lesson.course, enrolled_at=MONDAY - 2 * DAY)
    failed = {
        "quiz": quiz,
        "enrollment": enrollment,
        "question_ids": [question.pk],
        "submitted_at": MONDAY - DAY,
        "score_percent": 0,
    }
    QuizAttemptFactory(number=1, **failed)
    scan(time_machine, MONDAY)
    assert subjects() == []

    QuizAttemptFactory(number=2, **failed)
    scan(time_machine, MONDAY)
    scan(time_machine, MONDAY + timedelta(hours=1))

    email = OutgoingEmail.objects.get()
    assert "Look again here" in email.body_text
    assert f"- {lesson.title}" in email.body_text


def test_a_quiz_that_is_passed_meanwhile_is_not_looked_at_again(time_machine, lesson):
    quiz = QuizFactory(lesson__module=lesson.module)
    passed = QuizAttemptFactory(
        quiz=quiz,
        number=3,
        passed=True,
        pass_mark=80,
        score_percent=100,
        submitted_at=MONDAY,
    )
    row = EmailDeliveryFactory(
        step=CourseEmailFactory(kind="look_again", days=1),
        enrollment=passed.enrollment,
        quiz=quiz,
    )

    scan(time_machine, MONDAY)

    row.refresh_from_db()
    assert (row.status, row.reason) == ("dropped", "The quiz is passed.")


def test_new_courses_of_the_week_go_once_to_the_profession_they_are_for(time_machine):
    profession = ProfessionFactory()
    reader = UserFactory(profession=profession)
    UserFactory(profession=ProfessionFactory())
    UserFactory(profession=None)
    for title, days in (("Old", 9), ("New", 3), ("Of today", 0)):
        course = CourseFactory(
            title=title, required_entitlement="", published_at=MONDAY - days * DAY
        )
        course.professions.add(profession)

    for day in range(7):
        scan(time_machine, MONDAY + day * DAY)

    email = OutgoingEmail.objects.get()
    assert email.user == reader
    assert "- New (" in email.body_text
    assert "Old" not in email.body_text
    assert "Of today" not in email.body_text


@pytest.mark.parametrize(
    ("zone", "clock", "is_sent"),
    [
        ("Pacific/Auckland", "2026-06-01T19:59+00:00", False),  # 07:59 of the next day
        ("Pacific/Auckland", "2026-06-01T20:00+00:00", True),
        ("Pacific/Auckland", "2026-06-02T07:59+00:00", True),  # 19:59
        ("Pacific/Auckland", "2026-06-02T08:00+00:00", False),
        ("America/New_York", "2026-03-07T12:30+00:00", False),  # 07:30, winter
        (
            "America/New_York",
            "2026-03-08T12:00+00:00",
            True,
        ),  # 08:00, the first of summer
        ("America/New_York", "2026-10-31T12:00+00:00", True),
        ("America/New_York", "2026-11-01T12:59+00:00", False),  # 07:59, winter again
    ],
)
def test_emails_leave_from_8_to_20_on_the_clock_of_the_person(
    time_machine, zone, clock, is_sent
):
    at = datetime.fromisoformat(clock)
    row = EmailDeliveryFactory(
        enrollment__user__time_zone=zone, enrollment__enrolled_at=at - 8 * DAY
    )

    scan(time_machine, at)

    assert OutgoingEmail.objects.exists() is is_sent
    # The worker asks again: it may come to the row hours after the scan.
    services.send_course_emails(delivery_ids=[row.pk], at=at)
    assert OutgoingEmail.objects.exists() is is_sent


def test_who_sleeps_gets_it_at_8_although_the_clocks_change_that_night(time_machine):
    night = datetime(2026, 3, 8, 2, tzinfo=UTC)  # 21:00 in New York, the evening before
    row = EmailDeliveryFactory(enrollment__enrolled_at=night - 8 * DAY)
    time_machine.move_to(night, tick=False)

    services.send_course_emails(delivery_ids=[row.pk], at=night)

    row.refresh_from_db()
    assert row.due_at == datetime(2026, 3, 8, 12, tzinfo=UTC)  # 08:00, summer time


def test_one_learning_email_a_day_and_three_a_week_whatever_they_tell(time_machine):
    user = UserFactory()
    for number in range(5):
        EmailDeliveryFactory(
            enrollment__user=user,
            enrollment__enrolled_at=MONDAY - 8 * DAY,
            due_at=MONDAY,
            key=f"x{number}",
        )
    CourseEmail.objects.exclude(kind="stalled", days=7).update(is_on=False)
    EmailDelivery.objects.filter(key="x0").update(
        step=CourseEmailFactory(kind="welcome", days=0).pk
    )
    CourseEmail.objects.filter(kind="welcome").update(is_on=True)

    for hour in range(0, 24 * 8, 4):
        scan(time_machine, MONDAY + timedelta(hours=hour))

    days = [
        row.queued_at - MONDAY for row in OutgoingEmail.objects.order_by("queued_at")
    ]
    assert days[0] == timedelta(0)
    assert [one.days for one in days[:4]] == [0, 0, 1, 7]
    assert days[1] == timedelta(hours=20)  # 08:00 of Tuesday


def test_a_second_welcome_on_the_same_day_waits_for_the_next(time_machine):
    user = UserFactory()
    time_machine.move_to(MONDAY, tick=False)
    for _ in range(2):
        course = LessonFactory(module__course__required_entitlement="").course
        services.enroll(user=user, course=course, at=MONDAY)

    assert OutgoingEmail.objects.count() == 1
    scan(time_machine, MONDAY + DAY)
    assert OutgoingEmail.objects.count() == 2


def _complete(row):
    Enrollment.objects.filter(pk=row.enrollment_id).update(
        status="completed",
        completed_at=MONDAY,
        attested_at=MONDAY,
        confirmed_name="Mia",
    )


def _withdraw(row):
    Enrollment.objects.filter(pk=row.enrollment_id).update(status="withdrawn")


def _unsubscribe(row):
    mail.unsubscribe(address=row.user.email, category="learning")


def _turn_off(row):
    choices = {"learning": False, "news": False}
    mail.save_preferences(user=row.user, address=row.user.email, choices=choices)


def _bounce(row):
    Suppression.objects.create(address=row.user.email, reason="bounce")


def _lapse(row):
    course = row.enrollment.course
    course.required_entitlement = "all-courses"
    course.save()


def _study(row):
    Enrollment.objects.filter(pk=row.enrollment_id).update(last_studied_at=MONDAY)


def _switch_off(row):
    CourseEmail.objects.filter(pk=row.step_id).update(is_on=False)


def _unpublish(row):
    row.enrollment.course.unpublished_at = MONDAY - DAY
    row.enrollment.course.save()


@pytest.mark.parametrize(
    "stop",
    [
        *(_complete, _withdraw, _unsubscribe, _turn_off, _bounce),
        *(_lapse, _study, _switch_off, _unpublish),
    ],
)
def test_what_was_due_is_stopped_at_once(time_machine, stop):
    row = EmailDeliveryFactory(enrollment__enrolled_at=MONDAY - 8 * DAY)

    stop(row)
    scan(time_machine, MONDAY)

    row.refresh_from_db()
    assert row.status == "dropped"
    assert row.reason
    assert not OutgoingEmail.objects.exists()


def test_a_lapse_of_the_membership_stops_it_and_a_member_gets_it(
    time_machine, member, lapse
):
    rows = [
        EmailDeliveryFactory(
            enrollment__user=member,
            enrollment__enrolled_at=MONDAY - 8 * DAY,
            enrollment__course__required_entitlement="all-courses",
        )
        for _ in range(2)
    ]
    time_machine.move_to(MONDAY, tick=False)

    services.send_course_emails(delivery_ids=[rows[0].pk], at=MONDAY)
    lapse(member)
    services.send_course_emails(delivery_ids=[rows[1].pk], at=MONDAY)

    assert [EmailDelivery.objects.get(pk=row.pk).status for row in rows] == [
        "queued",
        "dropped",
    ]


def test_a_scan_that_was_killed_loses_nothing_and_sends_nothing_twice(time_machine):
    row = EmailDeliveryFactory(enrollment__enrolled_at=MONDAY - 8 * DAY)
    assert list(services.claim_course_emails(at=MONDAY)) == [[row.pk]]

    assert list(services.claim_course_emails(at=MONDAY)) == []
    for minutes in (31, 32, 90):
        scan(time_machine, MONDAY + timedelta(minutes=minutes))

    assert OutgoingEmail.objects.count() == 1


def test_the_job_hands_out_small_tasks(time_machine, monkeypatch):
    for _ in range(3):
        EmailDeliveryFactory(enrollment__enrolled_at=MONDAY - 8 * DAY)
    time_machine.move_to(MONDAY, tick=False)
    sent = []
    monkeypatch.setattr(jobs, "SENT_BY_A_TASK", 2)
    monkeypatch.setattr(
        jobs, "enqueue", lambda _task, *, delivery_ids: sent.append(len(delivery_ids))
    )

    jobs.scan_course_emails()

    assert sent == [2, 1]


def test_editors_change_the_words_see_them_and_send_a_test_to_themselves(client):
    step = CourseEmailFactory()
    staff = StaffFactory()
    CourseFactory(title="Hips <b>", published_at=MONDAY - DAY)
    client.force_login(staff)
    url = reverse("admin:courses_courseemail_change", args=[step.pk])
    words = {"subject": "{course}, {name}", "text": "Come back.", "days": 9}

    assert client.post(url, {**words, "is_on": "on"}).status_code == 302
    preview = client.get(reverse("admin:courses_courseemail_preview", args=[step.pk]))
    test = reverse("admin:courses_courseemail_test", args=[step.pk])
    for _ in range(2):
        assert client.post(test).status_code == 302

    step.refresh_from_db()
    assert (step.days, step.is_on) == (9, True)
    assert "Come back." in preview.text
    assert "Hips &lt;b&gt;" in preview.text
    email = OutgoingEmail.objects.get()
    assert (email.recipient, email.category) == (staff.email, "service")
    assert email.subject == f"Hips <b>, {staff.name}"
    assert "a test that you sent to yourself" in email.body_text
    assert not EmailDelivery.objects.exists()


def test_words_that_nothing_can_fill_in_are_refused_beside_their_field(client):
    step = CourseEmailFactory()
    client.force_login(StaffFactory())

    page = client.post(
        reverse("admin:courses_courseemail_change", args=[step.pk]),
        {"subject": "Hello {first}", "text": "Come back.", "days": 7},
    )

    assert "Only {course} and {name} can be filled in, not {first}." in page.text
    assert "Hello {first}" in page.text


def test_the_preview_and_the_test_are_for_editors(client):
    step = CourseEmailFactory()
    client.force_login(UserFactory(is_staff=True))

    for role in ("preview", "test"):
        url = reverse(f"admin:courses_courseemail_{role}", args=[step.pk])
        send = client.get if role == "preview" else client.post
        assert send(url).status_code == 403
