"""Factories of the courses app: the least that each model needs."""

from datetime import UTC, date, datetime
from decimal import Decimal
from operator import attrgetter
from uuid import uuid4

import factory
from django.core.files.base import ContentFile
from factory.django import DjangoModelFactory

from core.uploads import private_storage
from courses import models, services
from tests.factories.accounts import UserFactory

PUBLISHED_AT = datetime(2026, 1, 1, tzinfo=UTC)


def version_of(path):
    """Give a row the version of the course at this path, as it is then."""
    return lambda row: services.current_version(
        course=attrgetter(path)(row), at=PUBLISHED_AT
    )


class RegionFactory(DjangoModelFactory):
    class Meta:
        model = models.Region
        django_get_or_create = ("slug",)

    slug = "hip-and-thigh"
    name = "Hip and thigh"


class InstructorFactory(DjangoModelFactory):
    class Meta:
        model = models.Instructor

    slug = factory.Sequence(lambda n: f"instructor-{n}")
    name = "Marta Lindqvist"


class DisclaimerFactory(DjangoModelFactory):
    class Meta:
        model = models.Disclaimer

    version = factory.Sequence(lambda n: f"2026.{n}")
    text = "Education, not medical advice."
    in_force_from = PUBLISHED_AT


class CourseFactory(DjangoModelFactory):
    class Meta:
        model = models.Course
        skip_postgeneration_save = True

    slug = factory.Sequence(lambda n: f"course-{n}")
    title = factory.Sequence(lambda n: f"Course {n}")
    promise = "Learn one thing well."
    image = "courses/sample.webp"
    region = factory.SubFactory(RegionFactory)
    level = models.Course.Level.INTRODUCTORY
    contact_hours = "1.50"
    description = "<p>What the course is about.</p>"
    published_at = PUBLISHED_AT


class ObjectiveFactory(DjangoModelFactory):
    class Meta:
        model = models.Objective

    course = factory.SubFactory(CourseFactory)
    text = factory.Sequence(lambda n: f"Do thing {n}")


class ModuleFactory(DjangoModelFactory):
    class Meta:
        model = models.Module

    course = factory.SubFactory(CourseFactory)
    title = factory.Sequence(lambda n: f"Module {n}")
    weight = factory.Sequence(lambda n: n)


class LessonFactory(DjangoModelFactory):
    class Meta:
        model = models.Lesson

    module = factory.SubFactory(ModuleFactory)
    course = factory.SelfAttribute("module.course")
    slug = factory.Sequence(lambda n: f"lesson-{n}")
    title = factory.Sequence(lambda n: f"Lesson {n}")
    kind = models.Lesson.Kind.READING
    body = "<p>Words that only members read.</p>"
    weight = factory.Sequence(lambda n: n)


class VideoLessonFactory(LessonFactory):
    kind = models.Lesson.Kind.VIDEO
    video = factory.django.FileField(
        filename="lesson.mp4", data=b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 40
    )
    captions = factory.django.FileField(
        filename="lesson.vtt",
        data=b"WEBVTT\n\n00:00.500 --> 00:06.000\nStart at the sitting bone.\n",
    )
    duration_seconds = 100


class VideoStreamFactory(DjangoModelFactory):
    """A stream that is ready, with its first playlist."""

    class Meta:
        model = models.VideoStream

    lesson = factory.SubFactory(VideoLessonFactory)
    source = factory.SelfAttribute("lesson.video.name")
    status = models.VideoStream.Status.READY
    percent = 100
    heights = [360]

    @factory.lazy_attribute
    def folder(self):
        folder = f"streams/{self.lesson.pk}"
        playlist = ContentFile(b"#EXTM3U\n")
        private_storage().save(f"{folder}/master.m3u8", playlist)
        return folder


class LessonFileFactory(DjangoModelFactory):
    class Meta:
        model = models.LessonFile

    lesson = factory.SubFactory(LessonFactory)
    title = "Assessment sheet"
    file = factory.django.FileField(filename="sheet.pdf", data=b"%PDF-1.7 sheet")


class CourseVersionFactory(DjangoModelFactory):
    """An old version; `services.current_version` makes the one of today."""

    class Meta:
        model = models.CourseVersion

    course = factory.SubFactory(CourseFactory)
    number = factory.Sequence(lambda n: n + 1)
    title = factory.SelfAttribute("course.title")
    contact_hours = factory.SelfAttribute("course.contact_hours")
    objectives = factory.LazyFunction(list)
    test = factory.LazyFunction(lambda: {"quizzes": [], "questions": []})
    digest = "of another day"
    recorded_at = PUBLISHED_AT


class EnrollmentFactory(DjangoModelFactory):
    class Meta:
        model = models.Enrollment

    user = factory.SubFactory(UserFactory)
    course = factory.SubFactory(CourseFactory)
    version = factory.LazyAttribute(version_of("course"))
    enrolled_at = PUBLISHED_AT


class CompletedEnrollmentFactory(EnrollmentFactory):
    status = models.Enrollment.Status.COMPLETED
    completed_at = PUBLISHED_AT
    attested_at = PUBLISHED_AT
    confirmed_name = "Maya Lindqvist"


class ReviewFactory(DjangoModelFactory):
    class Meta:
        model = models.Review

    enrollment = factory.SubFactory(CompletedEnrollmentFactory)
    course = factory.SelfAttribute("enrollment.course")
    stars = 4
    written_at = PUBLISHED_AT


class LessonProgressFactory(DjangoModelFactory):
    class Meta:
        model = models.LessonProgress

    enrollment = factory.SubFactory(EnrollmentFactory)
    lesson = factory.SubFactory(
        LessonFactory, module__course=factory.SelfAttribute("...enrollment.course")
    )
    opened_at = PUBLISHED_AT


class NoteFactory(DjangoModelFactory):
    class Meta:
        model = models.Note

    enrollment = factory.SubFactory(EnrollmentFactory)
    lesson = factory.SubFactory(
        VideoLessonFactory,
        module__course=factory.SelfAttribute("...enrollment.course"),
    )
    uuid = factory.LazyFunction(uuid4)
    text = "Sink slowly, wait for the tissue."
    moment_seconds = 34
    written_at = PUBLISHED_AT


class LessonQuestionFactory(DjangoModelFactory):
    class Meta:
        model = models.LessonQuestion

    enrollment = factory.SubFactory(EnrollmentFactory)
    lesson = factory.SubFactory(
        LessonFactory, module__course=factory.SelfAttribute("...enrollment.course")
    )
    uuid = factory.LazyFunction(uuid4)
    text = "How long do I hold the pressure?"
    asked_at = PUBLISHED_AT


class QuizFactory(DjangoModelFactory):
    class Meta:
        model = models.Quiz

    lesson = factory.SubFactory(LessonFactory, kind=models.Lesson.Kind.QUIZ)
    pass_mark = 80


class QuestionFactory(DjangoModelFactory):
    class Meta:
        model = models.Question

    quiz = factory.SubFactory(QuizFactory)
    course = factory.SelfAttribute("quiz.lesson.course")
    text = factory.Sequence(lambda n: f"Question {n}?")
    explanation = "Because the tendon starts there."
    weight = factory.Sequence(lambda n: n)


class ChoiceFactory(DjangoModelFactory):
    class Meta:
        model = models.Choice

    question = factory.SubFactory(QuestionFactory)
    text = factory.Sequence(lambda n: f"Choice {n}")
    weight = factory.Sequence(lambda n: n)


class QuizAttemptFactory(DjangoModelFactory):
    class Meta:
        model = models.QuizAttempt

    quiz = factory.SubFactory(QuizFactory)
    enrollment = factory.SubFactory(
        EnrollmentFactory, course=factory.SelfAttribute("..quiz.lesson.course")
    )
    version = factory.LazyAttribute(version_of("quiz.lesson.course"))
    number = 1
    question_ids = factory.LazyFunction(list)
    started_at = PUBLISHED_AT
    pass_mark = 80


def attempt_of_one():
    """Make an attempt of a quiz with one question."""
    question = ChoiceFactory(is_correct=True).question
    return QuizAttemptFactory(quiz=question.quiz, question_ids=[question.pk])


class QuizAnswerFactory(DjangoModelFactory):
    class Meta:
        model = models.QuizAnswer

    attempt = factory.LazyFunction(attempt_of_one)
    question_id = factory.LazyAttribute(lambda row: row.attempt.question_ids[0])


class ExtraAttemptsFactory(DjangoModelFactory):
    class Meta:
        model = models.ExtraAttempts

    enrollment = factory.SubFactory(EnrollmentFactory)
    quiz = factory.SubFactory(
        QuizFactory,
        lesson__module__course=factory.SelfAttribute("....enrollment.course"),
    )
    reason = "The power went out"
    given_by = factory.SubFactory(UserFactory)


class AccommodationFactory(DjangoModelFactory):
    class Meta:
        model = models.Accommodation

    user = factory.SubFactory(UserFactory)
    time_multiplier = "1.50"
    reason = "Letter of the physician seen."
    given_by = factory.SubFactory(UserFactory, is_staff=True)


class PracticeAnswerFactory(DjangoModelFactory):
    class Meta:
        model = models.PracticeAnswer

    enrollment = factory.SubFactory(EnrollmentFactory)
    lesson = factory.SubFactory(LessonFactory, kind="check")
    question = factory.SubFactory(QuestionFactory)
    question_text = "Which muscle crosses the knee?"
    is_correct = True
    was_correct_at_first = True
    answered_at = PUBLISHED_AT


class CreditBodyFactory(DjangoModelFactory):
    class Meta:
        model = models.CreditBody

    name = factory.Sequence(lambda n: f"Sample Board {n}")
    short_name = factory.Sequence(lambda n: f"SB{n}")
    slug = factory.Sequence(lambda n: f"sample-board-{n}")
    source_url = "https://board.example/rules"
    checked_date = date(2026, 1, 1)


class AccreditationFactory(DjangoModelFactory):
    """Valid through 2026, for no version yet."""

    class Meta:
        model = models.Accreditation

    course = factory.SubFactory(CourseFactory)
    body = factory.SubFactory(CreditBodyFactory)
    approval_number = factory.Sequence(lambda n: f"SAMPLE-{n}")
    title = factory.SelfAttribute("course.title")
    credit_hours = Decimal("2.00")
    valid_from = date(2026, 1, 1)
    valid_until = date(2026, 12, 31)


class AccreditedVersionFactory(DjangoModelFactory):
    class Meta:
        model = models.AccreditedVersion

    accreditation = factory.SubFactory(AccreditationFactory)
    version = factory.LazyAttribute(version_of("accreditation.course"))
    confirmed_by = factory.SubFactory(UserFactory)
    confirmed_at = PUBLISHED_AT


class EarlyReleaseFactory(DjangoModelFactory):
    class Meta:
        model = models.EarlyRelease

    enrollment = factory.SubFactory(EnrollmentFactory)
    reason = "Away for a month."
    given_by = factory.SubFactory(UserFactory, is_staff=True)


class EvaluationReceiptFactory(DjangoModelFactory):
    class Meta:
        model = models.EvaluationReceipt

    enrollment = factory.SubFactory(EnrollmentFactory)
    submitted_at = PUBLISHED_AT


class CourseEmailFactory(DjangoModelFactory):
    """A step of the sequence; the one that a migration has written, where it is there."""

    class Meta:
        model = models.CourseEmail
        django_get_or_create = ("kind", "days")

    kind = models.CourseEmail.Kind.STALLED
    days = 7
    subject = "Your place in {course} is saved"
    text = "One lesson is enough for today."


class EmailDeliveryFactory(DjangoModelFactory):
    class Meta:
        model = models.EmailDelivery

    key = factory.LazyAttribute(lambda o: f"{o.step.pk}:enrollment:{o.enrollment.pk}")
    step = factory.SubFactory(CourseEmailFactory)
    enrollment = factory.SubFactory(EnrollmentFactory, course__required_entitlement="")
    user = factory.SelfAttribute("enrollment.user")
    due_at = PUBLISHED_AT
