"""A copy of a course has rows of its own; neither breaks when the other changes."""

import pytest

from courses import services
from courses.models import Choice, Course, LessonFile, Question
from tests.courses.test_launch import complete_course
from tests.factories.courses import ChoiceFactory, EnrollmentFactory, QuestionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def course():
    made = complete_course(title="Hips", requires_evaluation=True)
    landmarks = made.lessons.get(title="Landmarks")
    bank = QuestionFactory(quiz=None, course=made, review_lesson=landmarks)
    ChoiceFactory(question=bank, is_correct=True)
    return made


def rows(course):
    """Return what the course says, without the identities of its rows."""
    return {
        "facts": Course.objects.filter(pk=course.pk)
        .values("promise", "contact_hours", "references", "requires_evaluation")
        .get(),
        "people": list(course.instructors.values_list("name", flat=True)),
        "objectives": list(course.objectives.order_by("pk").values_list("text")),
        "lessons": list(
            course.lessons.in_order().values_list(
                "module__title", "slug", "title", "kind", "body", "video", "captions"
            )
        ),
        "files": list(
            LessonFile.objects.filter(lesson__course=course).values_list(
                "lesson__slug", "title", "file", "file_size"
            )
        ),
        "questions": list(
            course.questions.order_by("pk").values_list(
                *("quiz__lesson__slug", "objective__text", "text"),
                "review_lesson__slug",
            )
        ),
        "choices": list(
            Choice.objects.filter(question__course=course)
            .order_by("pk")
            .values_list("question__text", "text", "is_correct")
        ),
    }


def content(field):
    with field.open() as file:
        return file.read()


def duplicate(course, title="Hips, again", slug="hips-again"):
    return services.duplicate_course(course=course, title=title, slug=slug)


def test_a_copy_says_the_same_in_a_draft_of_its_own(course, noon):
    services.publish(course=Course.objects.get(pk=course.pk), at=noon)
    EnrollmentFactory(course=course)

    copy = duplicate(course)

    assert rows(copy) == rows(course)
    assert (copy.title, copy.slug, copy.published_at) == (
        "Hips, again",
        "hips-again",
        None,
    )
    assert not copy.enrollments.exists()
    assert not copy.versions.exists()


def test_a_copy_refers_to_nothing_of_its_source(course):
    copy = duplicate(course)

    for question in Question.objects.filter(course=copy):
        assert question.objective is None or question.objective.course == copy
        assert question.review_lesson is None or question.review_lesson.course == copy
        assert question.quiz is None or question.quiz.lesson.course == copy
    for lesson in copy.lessons.all():
        assert lesson.module.course == copy


def test_files_of_the_copy_are_read_after_the_source_is_deleted(course):
    copy = duplicate(course)

    course.delete()

    video = copy.lessons.get(kind="video")
    sheet = copy.lessons.get(kind="download").files.get()
    assert b"ftypmp42" in content(video.video)
    assert b"WEBVTT" in content(video.captions)
    assert b"%PDF" in content(sheet.file)


def test_the_same_copy_asked_for_twice_is_made_once(course):
    first = duplicate(course)
    second = duplicate(course)

    assert first == second
    assert Course.objects.count() == 2


@pytest.mark.parametrize(
    ("title", "slug", "sentence"),
    [
        ("Hips", "other", "There is a course “Hips” already"),
        ("Other", "taken", "Another course has the address “taken”"),
    ],
)
def test_a_title_or_an_address_that_is_taken_is_refused(course, title, slug, sentence):
    Course.objects.filter(pk=course.pk).update(slug="taken")

    with pytest.raises(services.DuplicationRefusedError, match=sentence):
        duplicate(course, title=title, slug=slug)

    assert Course.objects.count() == 1
