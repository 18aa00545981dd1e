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
    VideoLessonFactory,
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
        "order": "free",
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
        "modules-0-opens_after_days": 0,
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


def clip():
    """Return a video of 35 seconds without a picture."""
    header = b"\x00" * 4 + pack(">IIII", 0, 0, 1000, 35_400) + b"\x00" * 80
    moov = pack(">I4s", 16 + len(header), b"moov")
    content = pack(">I4s", 12, b"ftyp") + b"mp42" + moov
    content += pack(">I4s", 8 + len(header), b"mvhd") + header
    return SimpleUploadedFile("clip.mp4", content, "video/mp4")


def test_the_length_of_a_video_is_read_from_the_file(owner, png):
    fields = course_fields(png)
    fields["modules-0-lessons-0-kind"] = "video"
    fields["modules-0-lessons-0-video"] = clip()

    response = owner.post(url("course", "add"), fields)

    assert errors(response) == []
    assert Lesson.objects.get(kind="video").duration_seconds == 35


def change_lesson(client, lesson, **changes):
    """Send the page of a lesson as it is but for the changes; return the answer."""
    kept = {
        name: getattr(lesson, name) or ""
        for name in ("title", "slug", "kind", "duration_seconds")
    }
    named = {
        name.removeprefix("-"): value
        for name, value in lesson_fields("", **(kept | changes)).items()
    }
    page = url("lesson", "change", lesson.pk)
    return client.post(page, named | management("files", 0))


def form_errors(response):
    return response.context["adminform"].form.errors


UNREADABLE_VIDEO = (
    "The length of this video cannot be read. Export it once more as MP4 (H.264)."
)


def test_a_text_that_calls_itself_a_video_is_refused_beside_the_field(owner):
    lesson = VideoLessonFactory()
    text = SimpleUploadedFile("clip.mp4", b"the letters ftyp and no more", "video/mp4")

    response = change_lesson(owner, lesson, video=text)

    assert form_errors(response) == {"video": [UNREADABLE_VIDEO]}


def test_a_lesson_without_its_video_has_no_duration(owner):
    lesson = LessonFactory(kind="video", video="videos/old.mp4", duration_seconds=100)

    response = change_lesson(owner, lesson, **{"video-clear": "on"})

    assert errors(response) == []
    lesson.refresh_from_db()
    assert (lesson.video.name, lesson.duration_seconds) == ("", None)


def test_captions_without_a_single_line_are_refused_beside_the_field(owner):
    lesson = LessonFactory()
    empty = SimpleUploadedFile("lesson.vtt", b"WEBVTT\n\nNOTE to do\n", "text/vtt")

    response = change_lesson(owner, lesson, captions=empty)

    assert form_errors(response) == {
        "captions": ["This file holds no captions. Export it as WebVTT."]
    }


def quiz_fields(quiz_lesson, *, kind, right):
    return {
        "lesson": quiz_lesson.pk,
        "pass_mark": 80,
        "rest_hours": 1,
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
        ("single", [0, 1], "This question has one right answer."),
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


@pytest.mark.parametrize("kind", ["reading", "download"])
def test_a_quiz_is_written_for_a_lesson_of_its_kind_only(owner, kind):
    lesson = LessonFactory(kind=kind)

    response = owner.post(
        url("quiz", "add"), quiz_fields(lesson, kind="single", right=[0])
    )

    assert form_errors(response) == {
        "lesson": ["Choose a quiz, a quick check or a video."]
    }
    assert not Quiz.objects.exists()


def test_a_lesson_whose_questions_are_written_keeps_its_kind(owner, quiz_lesson):
    QuizFactory(lesson=quiz_lesson)

    refused = change_lesson(owner, quiz_lesson, kind="reading")
    renamed = change_lesson(owner, quiz_lesson, summary="Ten questions")

    assert form_errors(refused) == {
        "kind": [
            "This lesson has a quiz. Keep the kind “Quiz”, or delete its quiz first."
        ]
    }
    assert errors(renamed) == []


def test_a_quiz_lesson_without_questions_may_become_another(owner, quiz_lesson):
    response = change_lesson(owner, quiz_lesson, kind="reading")

    assert errors(response) == []
    quiz_lesson.refresh_from_db()
    assert quiz_lesson.kind == "reading"


@pytest.mark.parametrize("page", ["add", "change"])
def test_a_question_sends_back_to_a_lesson_of_its_own_course(owner, quiz_lesson, page):
    own = LessonFactory(module=quiz_lesson.module)
    fields = quiz_fields(quiz_lesson, kind="single", right=[0])
    quiz = QuizFactory(lesson=quiz_lesson) if page == "change" else None
    address = url("quiz", page, *([quiz.pk] if quiz else []))

    foreign = {"questions-0-review_lesson": LessonFactory().pk}
    response = owner.post(address, fields | foreign)

    [questions] = response.context["inline_admin_formsets"]
    assert questions.formset.errors == [
        {
            "review_lesson": [
                "This lesson belongs to another course. Choose one of the same course."
            ]
        }
    ]
    response = owner.post(address, fields | {"questions-0-review_lesson": own.pk})
    assert errors(response) == []
    assert Question.objects.get().review_lesson == own


@pytest.mark.parametrize(
    ("model", "field", "found"),
    [
        ("question", "review_lesson", ["Palpation (Hips)", "Palpation quiz (Knees)"]),
        ("quiz", "lesson", ["Palpation quiz (Knees)"]),
    ],
)
def test_a_lesson_is_offered_with_its_course(owner, model, field, found):
    LessonFactory(title="Palpation", module__course__title="Hips")
    LessonFactory(title="Palpation quiz", kind="quiz", module__course__title="Knees")

    answer = owner.get(
        reverse("admin:autocomplete"),
        {
            "app_label": "courses",
            "model_name": model,
            "field_name": field,
            "term": "palp",
        },
    )

    assert sorted(row["text"] for row in answer.json()["results"]) == found


def test_a_chosen_lesson_is_shown_with_its_course(owner, quiz_lesson):
    QuestionFactory(quiz__lesson=quiz_lesson, review_lesson=quiz_lesson)
    label = f"{quiz_lesson} ({quiz_lesson.course})"

    page = owner.get(url("quiz", "change", quiz_lesson.quiz.pk)).content.decode()

    assert page.count(f"selected>{label}</option>") == 2


def slug_errors(response):
    """Return what stands beside the addresses of the lessons, module by module."""
    modules = response.context["inline_admin_formsets"][1].formset
    return [
        [form.errors.get("slug", []) for form in module.nested_formsets[0].forms]
        for module in modules.forms
    ]


SLUG_IS_TAKEN = ["Another lesson of this course has this address. Choose another one."]


@pytest.mark.parametrize("typed", [["hand", "hand"], ["hand-position", ""]])
def test_an_address_that_was_typed_twice_is_an_error_beside_it(owner, png, typed):
    fields = course_fields(png)
    fields["modules-0-lessons-0-slug"], fields["modules-0-lessons-1-slug"] = typed

    response = owner.post(url("course", "add"), fields)

    first, second, third = slug_errors(response)[0]
    assert (first, third) == (SLUG_IS_TAKEN, [])
    assert bool(second) is bool(typed[1])
    assert not Course.objects.exists()


def test_the_address_of_another_lesson_is_refused_and_nothing_is_numbered(owner):
    lesson = LessonFactory(slug="first")
    LessonFactory(module__course=lesson.course, slug="second")
    LessonFactory(slug="third")

    response = change_lesson(owner, lesson, slug="second")
    elsewhere = change_lesson(owner, lesson, slug="third")

    assert form_errors(response) == {"slug": SLUG_IS_TAKEN}
    assert errors(elsewhere) == []
    lesson.refresh_from_db()
    assert lesson.slug == "third"


def test_a_lesson_without_an_address_gets_a_numbered_one_of_its_title(owner):
    lesson = LessonFactory(slug="first", title="Palpation")
    LessonFactory(module__course=lesson.course, slug="palpation")

    response = change_lesson(owner, lesson, slug="")

    assert errors(response) == []
    lesson.refresh_from_db()
    assert lesson.slug == "palpation-2"


def test_a_lesson_is_saved_on_its_own_page_and_keeps_its_address(owner):
    lesson = LessonFactory(slug="palpation", title="Old")

    response = change_lesson(owner, lesson, title="New")

    assert errors(response) == []
    lesson.refresh_from_db()
    assert (lesson.title, lesson.slug) == ("New", "palpation")


def test_a_disclaimer_that_was_in_force_stays_as_people_saw_it(owner, noon):
    past = DisclaimerFactory(in_force_from=noon - timedelta(days=1))
    future = DisclaimerFactory(in_force_from=noon + timedelta(days=1))

    assert owner.post(url("disclaimer", "change", past.pk), {}).status_code == 403
    assert owner.post(url("disclaimer", "delete", past.pk)).status_code == 403
    assert owner.post(url("disclaimer", "change", future.pk), {}).status_code == 200


STUDIED = (
    "People have studied this; it stays. Set “Unpublish at” of the course instead."
)


def test_a_course_that_people_study_is_not_deleted_and_the_page_says_what_to_do(owner):
    course = EnrollmentFactory().course
    action = {"action": "delete_selected", "_selected_action": course.pk}

    one = owner.get(url("course", "delete", course.pk))
    refused = owner.post(url("course", "delete", course.pk), {"post": "yes"})
    several = owner.post(url("course", "changelist"), action)

    assert Course.objects.filter(pk=course.pk).exists()
    for page in (one, refused, several):
        assert STUDIED in page.content.decode()
        assert "permission" not in page.content.decode()


def test_a_course_that_nobody_studies_is_deleted(owner):
    course = LessonFactory().course
    action = {"action": "delete_selected", "_selected_action": course.pk}

    asked = owner.post(url("course", "changelist"), action)
    owner.post(url("course", "delete", course.pk), {"post": "yes"})

    assert "Are you sure" in asked.content.decode()
    assert not Course.objects.exists()


def test_a_region_in_use_says_what_uses_it(owner):
    course = CourseFactory(title="Hips")

    page = owner.get(url("region", "delete", course.region.pk)).content.decode()

    assert "Something else uses this" in page
    assert "Hips" in page


def kept_course(course):
    """Return the fields of a course with one module that is marked for deletion."""
    fields = course_fields(b"") | {"title": course.title, "slug": course.slug}
    del fields["image"]
    module = course.modules.get()
    return fields | {
        "region": course.region.pk,
        **management("objectives", 0),
        **management("modules", 1, initial=1),
        "modules-0-id": module.pk,
        "modules-0-course": course.pk,
        "modules-0-title": module.title,
        "modules-0-opens_after_days": 0,
        "modules-0-DELETE": "on",
        **management("modules-0-lessons", 0),
    }


def test_a_module_that_people_studied_stays_and_the_form_says_what_to_do(owner):
    lesson = LessonProgressFactory().lesson

    response = owner.post(
        url("course", "change", lesson.course.pk), kept_course(lesson.course)
    )

    modules = response.context["inline_admin_formsets"][1].formset
    [sentence] = modules.non_form_errors()
    assert sentence == STUDIED.replace("this", f"“{lesson.module}”")
    assert Lesson.objects.filter(pk=lesson.pk).exists()


def test_a_module_that_nobody_studied_is_removed(owner):
    course = LessonFactory().course

    response = owner.post(url("course", "change", course.pk), kept_course(course))

    assert errors(response) == []
    assert not course.modules.exists()


NOTHING_TO_STUDY = (
    "A published course has a required lesson. Add one below, or leave this empty: "
    "the course stays a draft."
)


@pytest.mark.parametrize(
    "changes",
    [
        dict.fromkeys(
            [f"modules-0-lessons-{number}-is_required" for number in range(3)], ""
        ),
        {"modules-0-lessons-TOTAL_FORMS": 0},
        {"modules-TOTAL_FORMS": 0},
        {"modules-TOTAL_FORMS": ""},
        {"modules-0-DELETE": "on"},
    ],
    ids=["none required", "no lesson", "no module", "no number", "a deleted module"],
)
def test_a_course_that_nobody_could_complete_is_not_published(owner, png, changes):
    fields = course_fields(png) | changes
    publish = {"published_at_0": "2026-06-01", "published_at_1": "12:00"}

    response = owner.post(url("course", "add"), fields | publish)

    assert form_errors(response) == {"published_at": [NOTHING_TO_STUDY]}


def test_a_course_without_a_lesson_is_kept_as_a_draft(owner, png):
    empty = {"title": "Knees", "slug": "knees", "modules-TOTAL_FORMS": 0}

    draft = owner.post(url("course", "add"), course_fields(png) | empty)

    assert errors(draft) == []
    assert Course.objects.get(slug="knees").published_at is None


def test_a_refused_form_with_two_lessons_of_one_position_is_shown_again(owner, png):
    same = {f"modules-0-lessons-{number}-weight": 1 for number in (0, 1)}

    response = owner.post(
        url("course", "add"), course_fields(png) | same | {"title": ""}
    )

    assert response.status_code == 200
    assert form_errors(response) == {"title": ["This field is required."]}
    assert response.content.decode().count('value="Hand position"') == 2


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
