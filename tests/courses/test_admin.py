"""The admin: a course with all its parts is built on one page, and proof is only read."""

import re
from datetime import timedelta
from io import BytesIO
from struct import pack

import pytest
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts.models import Profession
from courses.models import Course, Lesson, Question, Quiz
from tests.factories.accounts import UserFactory
from tests.factories.billing import PlanFactory
from tests.factories.courses import (
    ChoiceFactory,
    CourseFactory,
    DisclaimerFactory,
    EnrollmentFactory,
    InstructorFactory,
    LessonFactory,
    LessonFileFactory,
    LessonProgressFactory,
    QuestionFactory,
    QuizAnswerFactory,
    QuizFactory,
    RegionFactory,
)

READ_ONLY = ["enrollment", "lessonprogress", "quizattempt"]
EDITED = ["course", "lesson", "quiz", "instructor", "region", "disclaimer"]

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def owner(client, db, settings):
    settings.STAFF_MFA_REQUIRED = False
    user = UserFactory(email="owner@example.com", is_staff=True, is_superuser=True)
    client.force_login(user)
    return client


@pytest.fixture
def rows(db):
    """Return one row of every model that the admin shows."""
    answer = QuizAnswerFactory()
    progress = LessonProgressFactory()
    LessonFileFactory(lesson=progress.lesson)
    ChoiceFactory(question=answer.question)
    return {
        "course": progress.enrollment.course,
        "lesson": progress.lesson,
        "quiz": answer.attempt.quiz,
        "instructor": InstructorFactory(),
        "region": progress.enrollment.course.region,
        "disclaimer": DisclaimerFactory(),
        "enrollment": progress.enrollment,
        "lessonprogress": progress,
        "quizattempt": answer.attempt,
    }


def url(model, page, *arguments):
    return reverse(f"admin:courses_{model}_{page}", args=arguments)


@pytest.mark.parametrize("model", [*EDITED, *READ_ONLY])
def test_every_list_and_page_opens_and_is_searched(owner, rows, model):
    listed = owner.get(url(model, "changelist"), {"q": "hip"})
    opened = owner.get(url(model, "change", rows[model].pk))

    assert listed.status_code == opened.status_code == 200


@pytest.mark.parametrize("model", EDITED)
def test_every_list_has_a_search(model):
    by_name = {
        row._meta.model_name: shown for row, shown in admin.site._registry.items()
    }

    assert by_name[model].search_fields


@pytest.mark.parametrize("model", READ_ONLY)
def test_what_people_studied_is_only_read(owner, rows, model):
    row = rows[model]

    assert owner.get(url(model, "add")).status_code == 403
    assert owner.post(url(model, "change", row.pk), {}).status_code == 403
    assert owner.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("status", ["draft", "scheduled", "published", "unpublished"])
def test_courses_are_filtered_by_their_status(owner, noon, status):
    day = timedelta(days=1)
    CourseFactory(title="The draft", published_at=None)
    CourseFactory(title="The scheduled", published_at=noon + day)
    CourseFactory(title="The published", published_at=noon - day)
    CourseFactory(title="The unpublished", published_at=noon - day, unpublished_at=noon)

    page = owner.get(url("course", "changelist"), {"publication": status})

    shown = [course.title for course in page.context["cl"].result_list]
    assert shown == [f"The {status}"]


def test_the_scripts_of_the_editor_carry_the_nonce_of_the_policy(owner, rows):
    response = owner.get(url("course", "change", rows["course"].pk))

    nonce = str(response.context["csp_nonce"])
    page = response.content.decode()
    [importmap] = re.findall(r"<script[^>]*importmap[^>]*>", page)
    assert f'nonce="{nonce}"' in importmap
    assert "django_prose_editor/editor.js" in page
    assert f"nonce-{nonce}" in response["Content-Security-Policy"]


def management(prefix, total, initial=0):
    return {
        f"{prefix}-TOTAL_FORMS": total,
        f"{prefix}-INITIAL_FORMS": initial,
        f"{prefix}-MIN_NUM_FORMS": 0,
        f"{prefix}-MAX_NUM_FORMS": 1000,
    }


def lesson_fields(prefix, **fields):
    values = {"minutes": 5, "weight": 0, "kind": "reading", "slug": "", "id": ""}
    values |= {"is_required": "on", "summary": "", "body": "", "duration_seconds": ""}
    return {f"{prefix}-{name}": value for name, value in (values | fields).items()}


def course_fields(png):
    profession, _created = Profession.objects.get_or_create(
        slug="massage", name="Massage therapist", name_plural="Massage therapists"
    )
    return {
        "title": "Hips",
        "slug": "hips",
        "promise": "Know the hip.",
        "image": SimpleUploadedFile("card.png", png, "image/png"),
        "region": RegionFactory().pk,
        "level": "introductory",
        "contact_hours": "1.5",
        "delivery": "home_study",
        "required_entitlement": "all-courses",
        "allows_mark_complete": "on",
        "professions": [profession.pk],
        "instructors": [InstructorFactory().pk],
        "description": "<p>About <script>alert(1)</script>hips.</p>",
        "published_at_0": "",
        "published_at_1": "",
        **management("objectives", 1),
        "objectives-0-text": "Locate the hamstrings",
        "objectives-0-weight": 0,
        **management("modules", 1),
        "modules-0-title": "Palpation",
        "modules-0-weight": 0,
        **management("modules-0-lessons", 3),
        **lesson_fields("modules-0-lessons-0", title="Hand position"),
        **lesson_fields("modules-0-lessons-1", title="Hand position", weight=1),
        **lesson_fields("modules-0-lessons-2", title="Quiz", kind="quiz", weight=2),
        **management("modules-0-lessons-0-files", 1),
        "modules-0-lessons-0-files-0-title": "Sheet",
        "modules-0-lessons-0-files-0-weight": 0,
        "modules-0-lessons-0-files-0-file": SimpleUploadedFile(
            "sheet.pdf", b"%PDF-1.7 sheet", "application/pdf"
        ),
        **management("modules-0-lessons-1-files", 0),
        **management("modules-0-lessons-2-files", 0),
    }


@pytest.fixture
def png():
    target = BytesIO()
    Image.new("RGB", (16, 10), "white").save(target, "PNG")
    return target.getvalue()


def errors(response):
    if response.status_code == 302:
        return []
    page = response.context
    found = [page["errors"]] if "errors" in page else []
    return [str(error) for error in found]


def test_a_course_with_modules_lessons_and_files_is_saved_on_one_page(owner, png):
    response = owner.post(url("course", "add"), course_fields(png))

    assert errors(response) == []
    course = Course.objects.get()
    assert "<script>" not in course.description
    lessons = list(course.lessons.in_order())
    assert [lesson.slug for lesson in lessons] == [
        "hand-position",
        "hand-position-2",
        "quiz-2",
    ]
    assert lessons[0].files.get().title == "Sheet"
    assert course.objectives.get().text == "Locate the hamstrings"


def test_a_broken_image_and_a_wrong_file_are_told_in_words(owner, png):
    fields = course_fields(b"not an image")
    fields["modules-0-lessons-0-files-0-file"] = SimpleUploadedFile(
        "sheet.pdf", b"MZ program", "application/pdf"
    )

    page = owner.post(url("course", "add"), fields).content.decode()

    assert "image" in page
    assert "The file must be of the kind PDF" in page
    assert not Course.objects.exists()


def test_a_video_without_its_length_is_told_in_words(owner, png):
    fields = course_fields(png)
    fields["modules-0-lessons-0-kind"] = "video"
    fields["modules-0-lessons-0-video"] = SimpleUploadedFile(
        "clip.mp4", b"\x00\x00\x00\x18ftypmp42", "video/mp4"
    )

    page = owner.post(url("course", "add"), fields).content.decode()

    assert "Enter the length of the video in seconds" in page


def test_the_length_of_a_video_is_read_from_the_file(owner, png):
    header = b"\x00" * 4 + pack(">IIII", 0, 0, 1000, 35_400) + b"\x00" * 80
    moov = pack(">I4s", 16 + len(header), b"moov")
    clip = pack(">I4s", 12, b"ftyp") + b"mp42" + moov
    clip += pack(">I4s", 8 + len(header), b"mvhd") + header
    fields = course_fields(png)
    fields["modules-0-lessons-0-kind"] = "video"
    fields["modules-0-lessons-0-video"] = SimpleUploadedFile(
        "clip.mp4", clip, "video/mp4"
    )

    response = owner.post(url("course", "add"), fields)

    assert errors(response) == []
    assert Lesson.objects.get(kind="video").duration_seconds == 35


def quiz_fields(quiz_lesson, *, kind, right):
    return {
        "lesson": quiz_lesson.pk,
        "pass_mark": 80,
        **management("questions", 1),
        "questions-0-text": "Which landmark?",
        "questions-0-kind": kind,
        "questions-0-explanation": "The tendon starts there.",
        "questions-0-weight": 0,
        **management("questions-0-choices", 3),
        **{
            f"questions-0-choices-{number}-{name}": value
            for number in range(3)
            for name, value in {
                "text": f"Choice {number}",
                "weight": number,
                **({"is_correct": "on"} if number in right else {}),
            }.items()
        },
    }


@pytest.fixture
def quiz_lesson(db):
    return LessonFactory(kind=Lesson.Kind.QUIZ)


@pytest.mark.parametrize(
    ("kind", "right", "sentence"),
    [
        ("single", [], "Mark the right answer of this question."),
        ("multiple", [], "Mark the right answer of this question."),
        ("single", [0, 1], "A single choice question has one right answer."),
    ],
)
def test_a_question_that_nobody_can_answer_right_is_refused(
    owner, quiz_lesson, kind, right, sentence
):
    fields = quiz_fields(quiz_lesson, kind=kind, right=right)

    page = owner.post(url("quiz", "add"), fields).content.decode()

    assert sentence in page
    assert not Quiz.objects.exists()


@pytest.mark.parametrize(("kind", "right"), [("single", [1]), ("multiple", [0, 2])])
def test_a_question_with_its_right_answers_is_saved(owner, quiz_lesson, kind, right):
    response = owner.post(
        url("quiz", "add"), quiz_fields(quiz_lesson, kind=kind, right=right)
    )

    assert errors(response) == []
    choices = Question.objects.get().choices.order_by("weight")
    assert [n for n, choice in enumerate(choices) if choice.is_correct] == right


def test_a_question_needs_two_answers(owner, quiz_lesson):
    fields = quiz_fields(quiz_lesson, kind="single", right=[0])
    fields["questions-0-choices-TOTAL_FORMS"] = 1

    page = owner.post(url("quiz", "add"), fields).content.decode()

    assert "Offer at least two answers." in page


def test_a_quiz_lesson_leads_to_its_questions(owner, quiz_lesson):
    new = owner.get(url("lesson", "change", quiz_lesson.pk)).content.decode()
    quiz = QuizFactory(lesson=quiz_lesson)
    QuestionFactory(quiz=quiz)
    known = owner.get(url("lesson", "change", quiz_lesson.pk)).content.decode()

    assert f"{url('quiz', 'add')}?lesson={quiz_lesson.pk}" in new
    assert url("quiz", "change", quiz.pk) in known


def test_a_lesson_is_saved_on_its_own_page_and_keeps_its_address(owner):
    lesson = LessonFactory(slug="palpation", title="Old")
    fields = {
        name.removeprefix("-"): value
        for name, value in lesson_fields("", title="New", slug="palpation").items()
    }

    response = owner.post(
        url("lesson", "change", lesson.pk), fields | management("files", 0)
    )

    assert errors(response) == []
    lesson.refresh_from_db()
    assert (lesson.title, lesson.slug) == ("New", "palpation")


def test_a_disclaimer_that_was_in_force_stays_as_people_saw_it(owner, noon):
    past = DisclaimerFactory(in_force_from=noon - timedelta(days=1))
    future = DisclaimerFactory(in_force_from=noon + timedelta(days=1))

    assert owner.post(url("disclaimer", "change", past.pk), {}).status_code == 403
    assert owner.post(url("disclaimer", "delete", past.pk)).status_code == 403
    assert owner.post(url("disclaimer", "change", future.pk), {}).status_code == 200


def test_a_course_that_people_study_is_not_deleted(owner):
    course = EnrollmentFactory().course

    owner.post(url("course", "delete", course.pk), {"post": "yes"})

    assert Course.objects.filter(pk=course.pk).exists()


def test_members_do_not_enter_the_admin(client, member):
    client.force_login(member)

    assert client.get(url("course", "changelist")).status_code == 302


def test_a_course_opens_to_a_plan_that_is_chosen_by_name(owner, png):
    PlanFactory(name="Gold", slug="gold", entitlement="gold-courses")
    form = owner.get(url("course", "add")).context["adminform"].form

    assert form.fields["required_entitlement"].choices == [
        ("", "Every account, without a membership"),
        ("all-courses", "all-courses"),
        ("gold-courses", "Gold"),
    ]
    mistyped = course_fields(png) | {"required_entitlement": "gold-coursess"}
    assert "Select a valid choice" in str(
        errors(owner.post(url("course", "add"), mistyped))
    )


@pytest.mark.parametrize(("days", "is_linked"), [(-1, True), (1, False)])
def test_a_lesson_is_linked_while_its_course_has_a_page(owner, days, is_linked):
    lesson = LessonFactory(
        module__course__published_at=timezone.now() + timedelta(days=days)
    )

    for name, row in (("course", lesson.course), ("lesson", lesson)):
        html = owner.get(url(name, "change", row.pk)).content.decode()
        assert (f'href="{lesson.get_absolute_url()}"' in html) is is_linked
