"""Watching and finishing lessons: the server counts, and progress only grows."""

from datetime import timedelta

import pytest

from courses import services
from courses.models import Enrollment, Lesson
from courses.services import WatchReport
from mail.models import OutgoingEmail
from tests.factories.courses import (
    CourseFactory,
    EnrollmentFactory,
    LessonFactory,
    LessonProgressFactory,
    QuizFactory,
    VideoLessonFactory,
)


@pytest.fixture
def watching(member, noon):
    """Return the progress of a member who opened a video of 100 s at noon."""
    lesson = VideoLessonFactory(module__course__allows_mark_complete=False)
    enrollment = EnrollmentFactory(user=member, course=lesson.course)
    services.open_lesson(enrollment=enrollment, lesson=lesson, at=noon)
    return enrollment.progress.get()


@pytest.fixture
def report(watching, noon):
    """Return a function that sends one report some seconds after noon."""

    def send(*intervals, position=0.0, after):
        return services.save_progress(
            user=watching.enrollment.user,
            course_slug=watching.lesson.course.slug,
            lesson_slug=watching.lesson.slug,
            report=WatchReport(position=position, intervals=intervals),
            at=noon + timedelta(seconds=after),
        )

    return send


def test_open_lesson_remembers_the_place_and_writes_once_a_minute(
    watching, noon, django_assert_num_queries
):
    enrollment, lesson = watching.enrollment, watching.lesson
    enrollment.refresh_from_db()
    assert enrollment.last_lesson == lesson
    assert enrollment.last_studied_at == noon

    soon, later = noon + timedelta(seconds=59), noon + timedelta(days=1)
    with django_assert_num_queries(0):
        services.open_lesson(enrollment=enrollment, lesson=lesson, at=soon)
    services.open_lesson(enrollment=enrollment, lesson=lesson, at=later)

    enrollment.refresh_from_db()
    assert enrollment.last_studied_at == later
    assert enrollment.progress.get().opened_at == noon


def test_the_course_that_was_studied_last_comes_first(watching, report, noon):
    other = EnrollmentFactory(
        user=watching.enrollment.user, last_studied_at=noon + timedelta(seconds=70)
    )
    mine = Enrollment.objects.filter(user=other.user)
    assert mine.recent_first().first() == other

    report((0, 5), after=90)

    assert mine.recent_first().first() == watching.enrollment


def test_open_lesson_refuses_a_lesson_of_another_course(watching, noon):
    stranger = LessonFactory()

    with pytest.raises(services.LessonClosedError, match="not part of the course"):
        services.open_lesson(enrollment=watching.enrollment, lesson=stranger, at=noon)


def test_save_progress_merges_what_was_played(report):
    report((0, 10), position=10, after=10)
    report((5, 20), position=20, after=20)
    progress = report((40, 50), position=50, after=30)

    assert progress.watched_intervals == [[0, 20], [40, 50]]
    assert progress.watched_seconds == 30
    assert progress.position_seconds == 50


def test_save_progress_completes_at_ninety_percent_of_distinct_seconds(report, noon):
    almost = report((0, 89), position=89, after=60)
    assert almost.completed_at is None

    done = report((89, 90), position=90, after=70)

    assert done.completed_at == noon + timedelta(seconds=70)


def test_save_progress_never_shrinks_and_completion_stays(report, noon):
    report((0, 95), position=95, after=60)

    again = report((0, 5), position=5, after=90)

    assert again.watched_seconds == 95
    assert again.completed_at == noon + timedelta(seconds=60)
    assert again.position_seconds == 5


def test_save_progress_of_scrubbing_to_the_end_completes_nothing(report):
    progress = report((99, 100), position=100, after=5)

    assert progress.watched_seconds == 1
    assert progress.completed_at is None


def test_save_progress_credits_no_more_than_the_clock_at_double_speed(report):
    progress = report((0, 100), position=100, after=10)

    assert progress.watched_intervals == [[0, 24]]
    assert progress.completed_at is None


def test_save_progress_grants_the_tolerance_once_and_not_with_each_report(report):
    for second in range(1, 11):
        progress = report((0, 100), position=100, after=second)

    assert progress.watched_seconds <= 10 * 2 + 4


def test_save_progress_at_the_same_moment_credits_nothing_twice(report):
    report((0, 100), after=10)
    progress = report((0, 100), after=10)

    assert progress.watched_seconds == 24


@pytest.mark.parametrize(
    "intervals",
    [
        [(-50, -10)],
        [(200, 900)],
        [(30, 10)],
        [(10, 10)],
        [],
    ],
)
def test_save_progress_ignores_intervals_that_cannot_be(report, intervals):
    progress = report(*intervals, position=3, after=60)

    assert progress.watched_intervals == []
    assert progress.position_seconds == 3


def test_save_progress_clips_intervals_and_position_to_the_video(report):
    progress = report((-20, 5), (95, 4000), position=9_999, after=60)

    assert progress.watched_intervals == [[0, 5], [95, 100]]
    assert progress.position_seconds == 100


def test_save_progress_counts_overlapping_claims_once(report):
    progress = report((0, 10), (0, 10), (2, 8), (9, 12), after=60)

    assert progress.watched_seconds == 12


def test_save_progress_with_a_clock_that_went_back_credits_nothing(report):
    progress = report((0, 50), after=-3_600)

    assert progress.watched_seconds == 0


def test_save_progress_joins_fractions_without_a_gap(report):
    report((0, 9.6), after=10)
    progress = report((9.6, 20.2), after=20)

    assert progress.watched_intervals == [[0, 20]]


def play(user, lesson, *intervals, at):
    return services.save_progress(
        user=user,
        course_slug=lesson.course.slug,
        lesson_slug=lesson.slug,
        report=WatchReport(position=0, intervals=intervals),
        at=at,
    )


def test_playing_a_lesson_starts_its_course_and_counts_from_there(member, noon):
    lesson = VideoLessonFactory()

    play(member, lesson, at=noon)
    progress = play(member, lesson, (0, 10), at=noon + timedelta(seconds=10))

    assert progress.watched_seconds == 10
    enrollment = Enrollment.objects.get()
    assert enrollment == progress.enrollment
    assert enrollment.enrolled_at == noon
    assert OutgoingEmail.objects.get().template == "courses/step"


def test_playing_starts_nothing_for_who_may_not_study(people, noon):
    lesson = VideoLessonFactory(is_preview=True)

    with pytest.raises(services.EnrollmentRefusedError, match="membership"):
        play(people["free"], lesson, (0, 5), at=noon)

    assert not Enrollment.objects.exists()


def test_save_progress_of_a_lesson_that_does_not_exist_is_refused(member, noon):
    course = CourseFactory()

    with pytest.raises(Lesson.DoesNotExist):
        services.save_progress(
            user=member,
            course_slug=course.slug,
            lesson_slug="nowhere",
            report=WatchReport(position=0, intervals=[]),
            at=noon,
        )


def test_save_progress_after_lapse_is_refused_and_keeps_what_was_earned(
    report, watching, lapse
):
    report((0, 10), after=10)
    lapse(watching.enrollment.user)

    with pytest.raises(services.LessonClosedError):
        report((10, 20), after=20)

    watching.refresh_from_db()
    assert watching.watched_seconds == 10


def test_save_progress_of_a_withdrawn_course_is_refused(report, watching, noon):
    report((0, 10), after=10)
    course = watching.lesson.course
    course.unpublished_at = noon + timedelta(seconds=15)
    course.save()

    with pytest.raises(services.LessonClosedError, match="not open now"):
        report((10, 20), after=20)

    watching.refresh_from_db()
    assert watching.watched_seconds == 10


def test_complete_lesson_twice_keeps_the_first_moment(member, noon):
    row = LessonProgressFactory(enrollment__user=member)

    for day in (0, 1):
        services.complete_lesson(
            user=member, lesson=row.lesson, at=noon + timedelta(days=day)
        )

    row.refresh_from_db()
    assert row.completed_at == noon


@pytest.mark.parametrize("kind", [Lesson.Kind.READING, Lesson.Kind.DOWNLOAD])
def test_complete_lesson_takes_the_button_for_readings_and_downloads(
    member, noon, kind
):
    lesson = LessonFactory(kind=kind, module__course__allows_mark_complete=False)

    progress = services.complete_lesson(user=member, lesson=lesson, at=noon)

    assert progress.completed_at == noon
    assert progress.enrollment.enrolled_at == noon


def test_complete_lesson_takes_the_button_for_a_video_where_the_course_allows_it(
    watching, noon
):
    watching.lesson.course.allows_mark_complete = True
    watching.lesson.course.save()

    progress = services.complete_lesson(
        user=watching.enrollment.user, lesson=watching.lesson, at=noon
    )

    assert progress.completed_at == noon


def test_complete_lesson_asks_to_watch_the_video_where_the_course_requires_it(
    watching, report, noon
):
    report((0, 62), after=60)

    with pytest.raises(services.LessonUnfinishedError, match=r"\(62%\)"):
        services.complete_lesson(
            user=watching.enrollment.user, lesson=watching.lesson, at=noon
        )


def test_complete_lesson_of_a_quiz_needs_a_passed_attempt(member, noon):
    quiz = QuizFactory()

    with pytest.raises(services.LessonUnfinishedError, match="Pass the quiz"):
        services.complete_lesson(user=member, lesson=quiz.lesson, at=noon)


def test_complete_lesson_is_refused_after_lapse(member, lapse, noon):
    row = LessonProgressFactory(enrollment__user=member)
    lapse(member)

    with pytest.raises(services.LessonClosedError, match="progress is safe"):
        services.complete_lesson(user=member, lesson=row.lesson, at=noon)


def reopen(row, *, at):
    """Take back the completion of the row's lesson; return when it is complete now."""
    services.reopen_lesson(enrollment=row.enrollment, lesson=row.lesson, at=at)
    row.refresh_from_db()
    return row.completed_at


def test_reopen_lesson_takes_back_the_button_and_keeps_what_was_watched(
    watching, report, noon
):
    report((0, 30), after=30)
    watching.lesson.course.allows_mark_complete = True
    watching.lesson.course.save()
    services.complete_lesson(
        user=watching.enrollment.user, lesson=watching.lesson, at=noon
    )
    a_moment_later = noon + timedelta(minutes=5)

    assert reopen(watching, at=a_moment_later) is None
    assert reopen(watching, at=a_moment_later) is None
    assert watching.watched_seconds == 30


def test_reopen_lesson_that_was_never_opened_changes_nothing(member, noon):
    lesson = LessonFactory()
    enrollment = EnrollmentFactory(user=member, course=lesson.course)

    services.reopen_lesson(enrollment=enrollment, lesson=lesson, at=noon)

    assert not enrollment.progress.exists()


def test_reopen_lesson_is_refused_once_the_moment_is_over(member, noon):
    row = LessonProgressFactory(enrollment__user=member, completed_at=noon)

    with pytest.raises(services.ReopeningRefusedError, match="stays complete"):
        reopen(row, at=noon + timedelta(minutes=5, seconds=1))

    row.refresh_from_db()
    assert row.completed_at == noon


def test_reopen_lesson_is_refused_for_a_video_that_was_watched(watching, report, noon):
    report((0, 45), after=45)
    report((45, 90), after=90)

    with pytest.raises(services.ReopeningRefusedError):
        reopen(watching, at=noon + timedelta(seconds=91))


def test_reopen_lesson_is_refused_for_a_quiz_that_was_passed(member, noon):
    row = LessonProgressFactory(
        enrollment__user=member, lesson__kind=Lesson.Kind.QUIZ, completed_at=noon
    )

    with pytest.raises(services.ReopeningRefusedError):
        reopen(row, at=noon)


def test_reopen_lesson_is_refused_when_the_course_is_completed(member, noon):
    row = LessonProgressFactory(enrollment__user=member, completed_at=noon)
    Enrollment.objects.update(
        status="completed", completed_at=noon, attested_at=noon, confirmed_name="Mia"
    )

    with pytest.raises(services.ReopeningRefusedError):
        reopen(row, at=noon)
