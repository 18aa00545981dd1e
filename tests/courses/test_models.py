"""What the database refuses, whoever asks."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from courses.models import Course, CourseEmail, Enrollment, VideoStream
from tests.factories.courses import (
    AccommodationFactory,
    CourseEmailFactory,
    CourseFactory,
    EmailDeliveryFactory,
    EnrollmentFactory,
    LessonFactory,
    LessonProgressFactory,
    ModuleFactory,
    PracticeAnswerFactory,
    QuizAnswerFactory,
    QuizAttemptFactory,
    QuizFactory,
    VideoLessonFactory,
    VideoStreamFactory,
)
from tests.support import refused

pytestmark = pytest.mark.django_db


def test_a_user_is_enrolled_once_in_a_course():
    enrollment = EnrollmentFactory()

    with refused("courses_enrollment_one_per_user_and_course"):
        EnrollmentFactory(user=enrollment.user, course=enrollment.course)


def test_a_withdrawn_enrollment_leaves_room_for_a_new_one():
    old = EnrollmentFactory(status=Enrollment.Status.WITHDRAWN)

    new = EnrollmentFactory(user=old.user, course=old.course)

    assert new.pk != old.pk


def test_a_completed_enrollment_has_its_moment(noon):
    with refused("courses_enrollment_completed_at_matches_status"):
        EnrollmentFactory(
            status=Enrollment.Status.COMPLETED, confirmed_name="M", attested_at=noon
        )


def test_an_active_enrollment_has_no_moment_of_completion(noon):
    with refused("courses_enrollment_completed_at_matches_status"):
        EnrollmentFactory(completed_at=noon)


def test_a_completed_enrollment_is_attested_in_a_name(noon):
    with refused("courses_enrollment_completed_is_attested"):
        EnrollmentFactory(status=Enrollment.Status.COMPLETED, completed_at=noon)


def test_a_person_has_one_accommodation_in_force():
    given = AccommodationFactory()

    with refused("courses_accommodation_one_in_force"):
        AccommodationFactory(user=given.user)


def test_an_accommodation_has_a_reason():
    with refused("courses_accommodation_has_a_reason"):
        AccommodationFactory(reason="")


def test_an_accommodation_gives_something():
    with refused("courses_accommodation_gives_something"):
        AccommodationFactory(time_multiplier=1)


@pytest.mark.parametrize("multiplier", ["0.5", "5.5"])
def test_an_accommodation_multiplies_the_time_from_one_to_five(multiplier):
    with refused("courses_accommodation_multiplies_from_one_to_five"):
        AccommodationFactory(time_multiplier=multiplier, alternative_format="Print")


def test_a_question_for_practice_has_one_answer_per_person():
    answer = PracticeAnswerFactory()

    with refused("courses_practiceanswer_one_per_question"):
        PracticeAnswerFactory(enrollment=answer.enrollment, question=answer.question)


def test_a_time_limit_gives_time():
    with refused("courses_quiz_gives_time"):
        QuizFactory(time_limit_minutes=0)


def test_a_lesson_has_a_file_or_a_video_at_a_host():
    with refused("courses_lesson_has_one_video"):
        VideoLessonFactory(embed_url="https://vimeo.com/123456789")


def test_a_video_at_a_host_has_its_length():
    with refused("courses_lesson_video_has_duration"):
        LessonFactory(embed_url="https://vimeo.com/123456789")


def test_one_stream_is_made_at_a_time():
    VideoStreamFactory(status=VideoStream.Status.RUNNING)

    with refused("courses_videostream_one_is_made_at_a_time"):
        VideoStreamFactory(status=VideoStream.Status.RUNNING)


def test_a_stream_that_is_ready_has_its_files():
    with refused("courses_videostream_ready_has_its_files"):
        VideoStreamFactory(folder="")


def test_a_lesson_has_one_progress_row_per_enrollment():
    row = LessonProgressFactory()

    with refused("courses_lessonprogress_one_per_lesson"):
        LessonProgressFactory(enrollment=row.enrollment, lesson=row.lesson)


def test_lesson_slugs_are_unique_within_a_course():
    lesson = LessonFactory(slug="palpation")
    LessonFactory(slug="palpation")

    with refused("courses_lesson_one_per_course_and_slug"):
        LessonFactory(module=ModuleFactory(course=lesson.course), slug="palpation")


def test_a_video_has_a_duration():
    with refused("courses_lesson_video_has_duration"):
        LessonFactory(video="videos/x.mp4", duration_seconds=None)


@pytest.mark.parametrize("pass_mark", [0, 101])
def test_a_pass_mark_is_a_percentage(pass_mark):
    with refused("courses_quiz_pass_mark_is_percent"):
        QuizFactory(pass_mark=pass_mark)


def test_attempts_of_a_quiz_are_numbered_once(noon):
    attempt = QuizAttemptFactory(submitted_at=noon, score_percent=0)

    with refused("courses_quizattempt_one_per_number"):
        QuizAttemptFactory(
            enrollment=attempt.enrollment,
            quiz=attempt.quiz,
            submitted_at=noon,
            score_percent=0,
        )


def test_a_quiz_has_one_open_attempt():
    attempt = QuizAttemptFactory()

    with refused("courses_quizattempt_one_open_per_quiz"):
        QuizAttemptFactory(enrollment=attempt.enrollment, quiz=attempt.quiz, number=2)


@pytest.mark.parametrize("score", [None, 101])
def test_a_submitted_attempt_has_a_score_in_percent(noon, score):
    with refused("courses_quizattempt_score_matches_submission"):
        QuizAttemptFactory(submitted_at=noon, score_percent=score)


def test_an_open_attempt_has_no_score():
    with refused("courses_quizattempt_score_matches_submission"):
        QuizAttemptFactory(score_percent=50)


def test_a_passed_attempt_reaches_the_pass_mark(noon):
    with refused("courses_quizattempt_passed_needs_pass_mark"):
        QuizAttemptFactory(submitted_at=noon, score_percent=79, passed=True)


def test_a_question_is_answered_once_in_an_attempt():
    answer = QuizAnswerFactory()

    with refused("courses_quizanswer_one_per_question"):
        QuizAnswerFactory(attempt=answer.attempt, question_id=answer.question_id)


def test_a_course_is_unpublished_after_it_was_published(noon):
    with refused("courses_course_unpublished_after_published"):
        CourseFactory(published_at=noon, unpublished_at=noon - timedelta(days=1))


def test_the_hours_of_a_course_are_positive():
    with refused("courses_course_hours_are_positive"):
        CourseFactory(contact_hours=0)


@pytest.mark.parametrize("slug", ["certificates", "transcript", "api"])
def test_a_course_cannot_take_an_address_of_the_site(slug):
    with pytest.raises(ValidationError, match="address of the site"):
        CourseFactory.build(slug=slug).clean_fields(exclude=["region", "image"])


def test_a_quiz_is_valid_for_a_lesson_of_its_kind_only():
    lesson = LessonFactory(kind="reading")
    quiz = QuizFactory.build(lesson=lesson)

    with pytest.raises(ValidationError) as refusal:
        quiz.full_clean()

    assert refusal.value.error_dict.keys() == {"lesson"}


def test_published_leaves_out_drafts_scheduled_and_withdrawn_courses(noon):
    day = timedelta(days=1)
    CourseFactory(published_at=None)
    CourseFactory(published_at=noon + day)
    CourseFactory(published_at=noon - day, unpublished_at=noon)
    shown = CourseFactory(published_at=noon, unpublished_at=noon + day)

    assert list(Course.objects.published(at=noon)) == [shown]


def test_with_progress_counts_required_lessons_only(noon):
    enrollment = EnrollmentFactory()
    module = ModuleFactory(course=enrollment.course)
    lessons = LessonFactory.create_batch(3, module=module)
    optional = LessonFactory(module=module, is_required=False)
    for lesson in (lessons[0], optional):
        LessonProgressFactory(enrollment=enrollment, lesson=lesson, completed_at=noon)
    LessonProgressFactory(enrollment=enrollment, lesson=lessons[1])

    counted = Enrollment.objects.with_progress().get()

    assert (counted.lesson_done, counted.lesson_total, counted.percent) == (1, 3, 33)
    assert not counted.is_ready


def test_an_email_of_the_sequence_has_a_day_of_its_own():
    CourseEmailFactory(kind="stalled", days=7)

    with refused("courses_courseemail_one_per_kind_and_days"):
        CourseEmail.objects.create(kind="stalled", days=7, subject="S", text="T")


def test_an_email_that_is_dropped_says_why():
    with refused("courses_emaildelivery_dropped_with_reason"):
        EmailDeliveryFactory(status="dropped")
