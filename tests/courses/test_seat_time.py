"""Study time: counted by our own clock, whatever a page claims."""

from datetime import timedelta

import pytest
from django.urls import reverse

from courses import services
from courses.models import LessonProgress
from tests.factories.courses import (
    AccommodationFactory,
    ChoiceFactory,
    EnrollmentFactory,
    EvaluationReceiptFactory,
    LessonFactory,
    LessonProgressFactory,
    ModuleFactory,
    QuestionFactory,
    QuizFactory,
    VideoLessonFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def lesson():
    return LessonFactory(module=ModuleFactory())


@pytest.fixture
def enrollment(member, lesson, noon):
    enrollment = EnrollmentFactory(user=member, course=lesson.course)
    LessonProgressFactory(enrollment=enrollment, lesson=lesson, opened_at=noon)
    return enrollment


@pytest.fixture
def tell(enrollment, lesson, noon):
    """Return a function that tells some seconds so many seconds after noon."""

    def report(seconds, after, of=lesson):
        return services.note_active(
            user=enrollment.user,
            course_slug=of.course.slug,
            lesson_slug=of.slug,
            seconds=seconds,
            at=noon + timedelta(seconds=after),
        ).active_seconds

    return report


def test_seconds_add_up_as_far_as_the_clock_allows(tell):
    assert tell(30, after=30) == 30
    assert tell(30, after=60) == 60
    assert tell(500, after=90) == 90  # half a minute has passed, not more
    assert tell(-5, after=100) == 90


def test_a_lesson_that_waits_for_its_turn_counts_no_time(tell, lesson):
    lesson.module.opens_after_days = 365
    lesson.module.save()

    with pytest.raises(services.NotReleasedError):
        tell(30, after=30)


def test_the_same_report_twice_counts_once(tell):
    assert tell(30, after=30) == 30
    assert tell(30, after=30) == 30


def test_two_pages_at_the_same_time_count_once(tell, enrollment, lesson, noon):
    other = LessonFactory(module=lesson.module)
    LessonProgressFactory(enrollment=enrollment, lesson=other, opened_at=noon)

    tell(60, after=60)
    tell(60, after=60, of=other)

    assert services.active_minutes(enrollment) == 1


def test_parts_of_a_second_are_not_lost(tell):
    for after in (10.9, 21.8, 32.7, 43.6):
        counted = tell(11, after=after)

    assert counted == 43


def test_idle_hours_cannot_be_claimed_later(tell):
    tell(10, after=60)  # ten seconds of a minute were active

    assert tell(600, after=70) == 20


def test_what_waited_for_the_network_counts_for_two_hours_at_most(tell):
    assert tell(24 * 3600, after=24 * 3600) == 2 * 3600


def test_after_a_lapse_nothing_counts(tell, enrollment, lapse):
    lapse(enrollment.user)

    with pytest.raises(services.LessonClosedError):
        tell(30, after=30)


@pytest.mark.usefixtures("clock")
def test_a_page_tells_its_seconds(client, enrollment, lesson, clock):
    client.force_login(enrollment.user)
    clock.shift(timedelta(minutes=5))
    url = reverse("courses:seat-time-update")
    sent = {"course": lesson.course.slug, "lesson": lesson.slug, "seconds": 60}

    counted = client.post(url, sent)
    broken = [client.post(url, {**sent, "seconds": value}) for value in ("x", -1, 1e9)]
    never = client.post(url, {**sent, "lesson": "never-opened"})
    client.logout()
    ended = client.post(url, sent)

    assert counted.json() == {"seconds": 60}
    assert [answer.status_code for answer in broken] == [400, 400, 400]
    assert (never.status_code, ended.status_code) == (404, 401)


@pytest.fixture
def final(lesson):
    quiz = QuizFactory(
        lesson=LessonFactory(module=lesson.module, kind="quiz"), is_final=True
    )
    question = QuestionFactory(quiz=quiz)
    ChoiceFactory(question=question, is_correct=True)
    ChoiceFactory(question=question)
    return quiz


@pytest.fixture
def pinned(enrollment, final, noon):
    """Return the enrollment by the version that has the final quiz, attested."""
    services.move_to_current(enrollment=enrollment, at=noon)
    services.attest(
        enrollment=enrollment, legal_name="Mia Member", ip_address="", at=noon
    )
    enrollment.refresh_from_db()
    return enrollment


def test_the_final_quiz_opens_after_the_minutes_that_the_course_asks_for(
    pinned, final, lesson, noon
):
    lesson.course.minimum_minutes = 10
    lesson.course.save()
    LessonProgress.objects.update(active_seconds=9 * 60 + 59)

    with pytest.raises(services.AttemptRefusedError, match="Study 1 more minute "):
        services.start_attempt(enrollment=pinned, quiz=final, at=noon)

    LessonProgress.objects.update(active_seconds=10 * 60)
    assert services.start_attempt(enrollment=pinned, quiz=final, at=noon)


@pytest.mark.usefixtures("clock")
def test_the_classroom_lists_what_is_needed_and_what_is_done(
    client, pinned, final, lesson, noon
):
    course = lesson.course
    course.minimum_minutes, course.requires_evaluation = 60, True
    course.save()
    video = VideoLessonFactory(module=lesson.module, title="Landmarks")
    LessonProgressFactory(enrollment=pinned, lesson=video, watched_seconds=87)
    LessonProgress.objects.filter(lesson=lesson).update(
        active_seconds=42 * 60, completed_at=noon
    )
    client.force_login(pinned.user)
    url = reverse("courses:classroom-detail", args=[course.slug])

    page = client.get(url)
    EvaluationReceiptFactory(enrollment=pinned)
    evaluated = client.get(url)

    told = {need.title: need.state for need in page.context["needs"]}
    assert told[lesson.title] == "Done"
    assert told["Landmarks"] == "87 of 90% watched"
    assert told[final.lesson.title] == "80% needed"
    assert told["Study time before the final quiz"] == "42 of 60 min"
    assert told["Evaluation"] == "Open, after the lessons"
    assert "Landmarks</a>: 87 of 90% watched" in page.content.decode()
    assert evaluated.context["needs"][-1].is_done


def start(pinned, final, at):
    return services.start_attempt(enrollment=pinned, quiz=final, at=at)


@pytest.mark.parametrize(("multiplier", "minutes"), [(None, 30), ("1.50", 45)])
def test_a_time_limit_is_longer_for_whom_it_was_agreed(
    pinned, final, noon, multiplier, minutes
):
    final.time_limit_minutes = 30
    final.save()
    if multiplier:
        AccommodationFactory(user=pinned.user, time_multiplier=multiplier)

    attempt = start(pinned, final, noon)

    assert attempt.closes_at == noon + timedelta(minutes=minutes)


def test_what_was_saved_in_time_is_submitted_and_what_comes_late_is_refused(
    pinned, final, noon
):
    final.time_limit_minutes = 30
    final.save()
    attempt = start(pinned, final, noon)
    question = final.questions.get()
    right = question.choices.get(is_correct=True)

    def answer(at):
        return services.save_answer(
            attempt=attempt, question_id=question.pk, choice_ids=[right.pk], at=at
        )

    assert answer(noon + timedelta(minutes=30, seconds=10))  # it was on its way
    with pytest.raises(services.AttemptClosedError, match="time of this attempt"):
        answer(noon + timedelta(minutes=31))

    attempt.refresh_from_db()
    assert attempt.submitted_at == attempt.closes_at
    assert (attempt.score_percent, attempt.passed) == (100, True)


def test_submitting_after_the_time_counts_as_its_end_also_after_a_lapse(
    pinned, final, noon, member, lapse
):
    final.time_limit_minutes = 30
    final.save()
    attempt = start(pinned, final, noon)
    lapse(member)

    late = services.submit_attempt(attempt=attempt, at=noon + timedelta(hours=2))

    assert late.submitted_at == attempt.closes_at


def test_an_attempt_that_nobody_opens_again_is_submitted_by_the_job(
    pinned, final, noon, time_machine
):
    final.time_limit_minutes = 30
    final.save()
    attempt = start(pinned, final, noon)

    assert services.close_all_overdue(at=noon + timedelta(minutes=30)) == 0
    assert services.close_all_overdue(at=noon + timedelta(hours=2)) == 1
    assert services.close_all_overdue(at=noon + timedelta(hours=2)) == 0

    attempt.refresh_from_db()
    assert attempt.score_percent == 0


def test_a_new_accommodation_replaces_the_one_before_and_both_stay_on_record(
    member, noon
):
    old = AccommodationFactory(user=member)
    new = AccommodationFactory.build(
        user=member, given_by=old.given_by, alternative_format="Large print"
    )

    services.accommodate(given=new, at=noon)

    old.refresh_from_db()
    assert old.ended_at == noon
    assert services.accommodation_of(member) == new
    assert services.end_accommodation(accommodation=new, at=noon) is True
    assert services.end_accommodation(accommodation=new, at=noon) is False
    assert services.accommodation_of(member) is None


@pytest.mark.usefixtures("clock")
def test_the_person_reads_what_was_agreed(client, pinned):
    AccommodationFactory(
        user=pinned.user, alternative_format="Transcripts in large print by email."
    )
    client.force_login(pinned.user)

    page = client.get(reverse("courses:classroom-detail", args=[pinned.course.slug]))

    assert "Transcripts in large print by email." in page.content.decode()
    assert "1.5 times the time" in page.content.decode()
