"""The builder of a course: one page for its outline, checklist and hours."""

import re
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Profession
from core.preview import make_token
from courses import services
from courses.models import Course, Evaluation, Module, Question
from natcampus.roles import sync_roles
from tests.courses.test_launch import complete_course
from tests.courses.test_question_import import GOOD, HEAD
from tests.factories.accounts import UserFactory
from tests.factories.courses import (
    CourseFactory,
    LessonFactory,
    ModuleFactory,
    ObjectiveFactory,
    QuestionFactory,
    QuizFactory,
)

pytestmark = pytest.mark.usefixtures("clock")

MOST = 12
PAGES = ["outline", "duplicate", "import", "import_template"]
POSTED = ["arrange", "add_module", "publish", "import_confirm"]


def staff(client, group):
    user = UserFactory(is_staff=True)
    user.groups.add(sync_roles()[group])
    client.force_login(user)
    return client


@pytest.fixture
def editor(client, db, settings):
    settings.STAFF_MFA_REQUIRED = False
    return staff(client, "Editor")


@pytest.fixture
def professions(db):
    profession, _created = Profession.objects.get_or_create(
        slug="massage", name="Massage therapist", name_plural="Massage therapists"
    )
    return [profession]


@pytest.fixture
def course(db):
    return complete_course(title="Hips", slug="hips")


def url(page, course):
    return reverse(f"admin:courses_course_{page}", args=[course.pk])


def told(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


@pytest.mark.parametrize("page", PAGES + POSTED)
def test_who_may_not_change_courses_opens_no_page_of_the_builder(
    client, course, settings, page
):
    settings.STAFF_MFA_REQUIRED = False
    address = url(page, course)

    assert client.get(address).status_code == 302
    staff(client, "Support")
    assert client.get(address).status_code == 403
    assert client.post(address).status_code == 403


@pytest.mark.parametrize("page", PAGES + POSTED)
def test_a_course_that_is_not_there_is_not_found(editor, page):
    assert editor.get(url(page, Course(pk=77))).status_code == 404


@pytest.mark.parametrize("page", POSTED)
def test_who_opens_the_address_of_a_form_lands_on_the_outline(editor, course, page):
    response = editor.get(url(page, course))

    assert (response.status_code, response.url) == (302, url("outline", course))


def test_the_outline_counts_the_questions_of_checks_and_videos_too(editor, course):
    video = course.lessons.get(kind="video")
    check = LessonFactory(module=video.module, kind="check", title="Check")
    QuestionFactory(quiz=QuizFactory(lesson=video))

    page = editor.get(url("outline", course)).content.decode()
    text = re.sub(r"\s+", " ", page)

    assert "<li>1 question</li>" in text
    assert '<li class="is-missing">No questions</li>' in text
    assert f"{reverse('admin:courses_quiz_add')}?lesson={check.pk}" in page


def test_the_outline_shows_each_lesson_with_what_it_holds_and_where_to_edit_it(
    editor, course
):
    video, quiz = course.lessons.get(kind="video"), course.lessons.get(kind="quiz")

    page = editor.get(url("outline", course)).content.decode()
    text = re.sub(r"\s+", " ", page)

    for lesson in course.lessons.all():
        assert reverse("admin:courses_lesson_change", args=[lesson.pk]) in page
        assert f"{lesson.get_absolute_url()}?preview=" in page
    assert reverse("admin:courses_quiz_change", args=[quiz.quiz.pk]) in page
    assert "<li>3 questions</li>" in text
    assert "<li>Captions</li>" in text
    assert "<li>1 file</li>" in text
    assert page.count("<li>Required</li>") == 4
    assert page.count('alt="Done:"') == 11
    video.captions = ""
    video.is_required, video.is_preview = False, True
    video.save()
    text = editor.get(url("outline", course)).content.decode()
    assert '<li class="is-missing">No captions</li>' in text
    assert "<li>Optional</li>" in text
    assert "<li>Free preview</li>" in text
    assert text.count('alt="Missing:"') == 1


def test_the_preview_of_a_draft_opens_for_who_has_no_account(client, course, noon):
    address = f"{course.get_absolute_url()}?preview={make_token(course)}"

    assert client.get(address).status_code == 200
    assert client.get(course.get_absolute_url()).status_code == 404


def test_the_outline_costs_the_same_queries_however_long_the_course_is(editor, course):
    editor.get(url("outline", course))
    with CaptureQueriesContext(connection) as few:
        editor.get(url("outline", course))
    for _number in range(3):
        module = ModuleFactory(course=course)
        LessonFactory.create_batch(5, module=module)
        quiz = QuizFactory(lesson__module=module)
        QuestionFactory.create_batch(4, quiz=quiz)
        ObjectiveFactory(course=course)

    with CaptureQueriesContext(connection) as many:
        editor.get(url("outline", course))

    assert len(few) == len(many) <= MOST, [query["sql"][:90] for query in many]


@pytest.fixture
def two_modules(db):
    """Return a course with the lessons A and B, and C in a second module."""
    course = CourseFactory(published_at=None)
    first, second = (
        ModuleFactory(course=course, title=title, weight=weight)
        for weight, title in enumerate(("First", "Second"))
    )
    for weight, title in enumerate("AB"):
        LessonFactory(module=first, title=title, weight=weight)
    LessonFactory(module=second, title="C", weight=0)
    return course


def order_of(course, **changes):
    """Return the form of the outline, with changes to the fields of titles."""
    fields = {}
    for module in course.modules.all():
        fields[f"module-{module.pk}"] = changes.get(module.title, module.weight)
    for lesson in course.lessons.all():
        home = changes.get(f"{lesson.title}_in", lesson.module.title)
        place = changes.get(lesson.title, lesson.weight)
        fields[f"lesson-{lesson.pk}"] = place
        fields[f"lesson-{lesson.pk}-module"] = course.modules.get(title=home).pk
    return fields


def shown(course):
    return [(one.module.title, one.title) for one in course.lessons.in_order()]


def test_lessons_and_modules_are_moved_by_their_positions(editor, two_modules):
    fields = order_of(two_modules, First=5, A=9, A_in="Second")

    editor.post(url("arrange", two_modules), fields)
    editor.post(url("arrange", two_modules), fields)

    assert shown(two_modules) == [("Second", "C"), ("Second", "A"), ("First", "B")]
    weights = two_modules.lessons.in_order().values_list("weight", flat=True)
    assert list(weights) == [0, 1, 0]


@pytest.mark.parametrize("typed", ["", "x", "-1", "99999"])
def test_a_position_that_is_none_moves_nothing_and_stays_in_its_field(
    editor, two_modules, typed
):
    lesson = two_modules.lessons.get(title="A")

    page = editor.post(url("arrange", two_modules), order_of(two_modules, A=typed))

    assert page.status_code == 200
    assert f"lesson-{lesson.pk}" in page.context["arrangement"].errors
    assert "Nothing was moved" in page.content.decode()
    assert shown(two_modules)[0] == ("First", "A")


def test_lessons_never_move_into_a_module_of_another_course(editor, two_modules):
    foreign = ModuleFactory()
    lesson = two_modules.lessons.get(title="A")
    fields = order_of(two_modules) | {f"lesson-{lesson.pk}-module": foreign.pk}

    response = editor.post(url("arrange", two_modules), fields)

    assert response.status_code == 200
    assert not foreign.lessons.exists()


def test_an_order_of_rows_that_are_gone_is_refused(two_modules):
    places = {
        lesson.pk: services.Place(module_id=lesson.module_id, position=0)
        for lesson in two_modules.lessons.all()
    }

    with pytest.raises(services.ArrangementRefusedError):
        services.arrange(course=two_modules, modules={}, lessons=places)


def test_a_module_is_added_once_at_the_end(editor, two_modules):
    for _press in range(2):
        editor.post(url("add_module", two_modules), {"title": "Third"})

    titles = two_modules.modules.order_by("weight").values_list("title", flat=True)
    assert list(titles) == ["First", "Second", "Third"]


def test_a_module_without_a_title_is_an_error_beside_the_field(editor, course):
    page = editor.post(url("add_module", course), {"title": " "})

    assert "title" in page.context["module_form"].errors
    assert Module.objects.count() == 1


def test_a_lesson_is_added_to_the_end_of_a_module(editor, two_modules):
    module = two_modules.modules.get(title="First")
    add = reverse("admin:courses_lesson_add") + f"?module={module.pk}"
    fields = {"title": "New", "kind": "reading", "minutes": 5, "slug": ""}
    fields |= {"weight": editor.get(add).context["adminform"].form["weight"].value()}
    fields |= {
        f"files-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL", "MIN_NUM", "MAX_NUM")
    }

    form = editor.get(add).content.decode()
    response = editor.post(add, fields)

    assert f"In “First” of {two_modules}" in form
    assert response.url == url("outline", two_modules)
    assert shown(two_modules)[2] == ("First", "New")
    assert two_modules.lessons.get(title="New").slug == "new"


@pytest.mark.parametrize("query", ["", "?module=77", "?module=x"])
def test_a_lesson_of_no_module_is_not_added(editor, query):
    address = reverse("admin:courses_lesson_add") + query

    assert editor.get(address).status_code == 403


def test_a_complete_course_is_published_once(editor, course, noon):
    for _press in range(2):
        editor.post(url("publish", course))

    course.refresh_from_db()
    assert course.published_at == noon
    assert course.versions.count() == 1


def test_an_incomplete_course_is_refused_with_links_to_what_is_missing(editor, course):
    Course.objects.update(references="")
    course.instructors.clear()

    response = editor.post(url("publish", course))

    [refusal] = told(response)
    details = reverse("admin:courses_course_change", args=[course.pk])
    assert f'<a href="{details}#id_references">Name at least 3 references' in refusal
    assert f'<a href="{details}#id_instructors">Choose an instructor.' in refusal
    course.refresh_from_db()
    assert course.published_at is None


def test_a_course_is_copied_once_by_two_presses(editor, course):
    form = editor.get(url("duplicate", course)).context["form"]
    fields = {"title": form["title"].value(), "slug": form["slug"].value()}

    responses = [editor.post(url("duplicate", course), fields) for _press in range(2)]

    copy = Course.objects.exclude(pk=course.pk).get()
    assert fields == {"title": "Copy of Hips", "slug": "copy-of-hips"}
    assert {response.url for response in responses} == {url("outline", copy)}
    assert copy.lessons.count() == course.lessons.count()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"title": "Hips", "slug": "x"}, "There is a course “Hips” already"),
        ({"title": "", "slug": "x"}, "This field is required"),
        ({"title": "Knees", "slug": "no slug"}, "valid “slug”"),
        ({"title": "Knees", "slug": "api"}, "is an address of the site"),
    ],
)
def test_a_copy_that_cannot_be_made_says_why_and_keeps_what_was_typed(
    editor, course, fields, sentence
):
    page = editor.post(url("duplicate", course), fields)

    assert sentence in page.content.decode()
    assert f'value="{fields["slug"]}"' in page.content.decode()
    assert Course.objects.count() == 1


def upload(client, course, text, **fields):
    content = text if isinstance(text, bytes) else text.encode()
    file = SimpleUploadedFile("questions.csv", content, "text/csv")
    return client.post(url("import", course), {"file": file, **fields})


def test_questions_are_shown_first_and_stored_when_confirmed(editor, course):
    ObjectiveFactory(course=course)
    LessonFactory(module__course=course, slug="palpation")
    before = Question.objects.count()

    checked = upload(editor, course, f"{HEAD}\n{GOOD}")
    unsaved = Question.objects.count()
    form = checked.context["form"]
    fields = {"quiz": "", "text": form["text"].value()}
    for _press in range(2):
        confirmed = editor.post(url("import_confirm", course), fields)

    assert "Nothing is stored yet" in checked.content.decode()
    assert (unsaved, Question.objects.count()) == (before, before + 1)
    assert Question.objects.get(text="Which bone?").quiz is None
    assert "0 questions imported. 1 was there already." in told(confirmed)
    again = upload(editor, course, f"{HEAD}\n{GOOD}").content.decode()
    assert "the same file twice doubles nothing" in again
    assert "Import 0" not in again


def test_questions_go_to_the_quiz_that_was_chosen(editor, course):
    quiz = course.lessons.get(kind="quiz").quiz
    row = GOOD.replace("palpation", "").replace("single,1", "single,")

    checked = upload(editor, course, f"{HEAD}\n{row}", quiz=quiz.pk)
    fields = {"quiz": quiz.pk, "text": checked.context["form"]["text"].value()}
    editor.post(url("import_confirm", course), fields)

    assert quiz.questions.count() == 4


def test_every_row_is_shown_and_every_mistake_told_by_line(editor, course):
    wrong = "<b>Q</b>,,99,a,b,,,,,C,x,,"

    page = upload(editor, course, f"{HEAD}\n{GOOD}\n{wrong}").content.decode()

    assert "Line 2, review lesson" in page
    assert "Line 3, objective: The course has no objective “99”." in page
    assert "Line 3, right: There is no answer C." in page
    assert "&lt;b&gt;Q&lt;/b&gt;" in page
    assert "Import 2" not in page


def test_a_quiz_of_another_course_takes_no_questions(editor, course):
    foreign = QuizFactory()

    checked = upload(editor, course, f"{HEAD}\n{GOOD}", quiz=foreign.pk)
    editor.post(
        url("import_confirm", course),
        {"quiz": foreign.pk, "text": f"{HEAD}\n{GOOD}"},
    )

    assert "quiz" in checked.context["form"].errors
    assert not foreign.questions.exists()


@pytest.mark.parametrize("content", [b"\xff\xfe", b"question,color\n", b""])
def test_a_file_that_cannot_be_read_is_told_beside_the_field(editor, course, content):
    page = upload(editor, course, content)

    assert "file" in page.context["form"].errors


def test_a_forged_confirmation_stores_nothing(editor, course):
    before = Question.objects.count()

    for text in ("", "nonsense", f"{HEAD}\nQ,,,a,b,,,,,C,x,,"):
        response = editor.post(url("import_confirm", course), {"text": text})
        assert response.status_code == 302

    assert Question.objects.count() == before


def test_the_template_is_a_file_that_the_import_takes(editor, course):
    template = editor.get(url("import_template", course))

    page = upload(editor, course, template.content)

    assert template["Content-Disposition"] == 'attachment; filename="questions.csv"'
    assert page.context["plan"].faults == []
    assert len(page.context["plan"].rows) == 3


def test_the_hours_stand_beside_the_claim_and_what_learners_say(editor, course, noon):
    version = services.current_version(course=course, at=noon)
    for minutes in (60, 100, 90):
        Evaluation.objects.create(
            version=version,
            objectives={},
            overall=5,
            instructor=5,
            is_current=5,
            is_unbiased=5,
            minutes=minutes,
            submitted_date=noon.date(),
        )

    page = re.sub(r"\s+", " ", editor.get(url("outline", course)).content.decode())

    assert "needed 90 minutes (median of 3 evaluations), for 90 minutes claimed" in page
    assert "NCBTMB home study" in page


def change_fields(course, **changes):
    """Return the form of a course as it is, without its inlines, with changes."""
    names = "title slug promise level contact_hours delivery order description"
    fields = {name: getattr(course, name) for name in names.split()}
    fields |= {
        "region": course.region_id,
        "professions": [one.pk for one in course.professions.all()],
        "instructors": [one.pk for one in course.instructors.all()],
        "references": course.references,
        "hours_reason": course.hours_reason,
        "required_entitlement": course.required_entitlement,
    }
    return fields | changes


@pytest.fixture
def save(editor):
    """Return a function that saves the page of a course with changes."""

    def post(course, **changes):
        page = editor.get(reverse("admin:courses_course_change", args=[course.pk]))
        fields = change_fields(course)
        for formset in page.context["inline_admin_formsets"]:
            fields |= sent(formset.formset)
        return editor.post(
            reverse("admin:courses_course_change", args=[course.pk]), fields | changes
        )

    return post


def sent(formset):
    """Return what a browser sends back of a formset, and of those within it."""
    fields = {
        f"{formset.prefix}-{name}": value
        for name, value in formset.management_form.initial.items()
    }
    for form in formset.initial_forms:
        for bound in form:
            value = bound.value()
            if getattr(bound.field.widget, "input_type", "") != "file":
                fields[bound.html_name] = "" if value is None else value
        for nested in getattr(form, "nested_formsets", []):
            fields |= sent(nested)
    return {name: value for name, value in fields.items() if value is not False}


# The clock of the site is that of New York.
TODAY = {"published_at_0": "2026-06-01", "published_at_1": "06:00"}


def test_a_complete_course_is_published_in_its_form(save, course, professions):
    course.professions.set(professions)

    response = save(course, **TODAY)

    assert response.status_code == 302, response.context["errors"]
    course.refresh_from_db()
    assert course.publication_status(at=course.published_at) == "published"
    assert course.versions.count() == 1


def test_an_incomplete_course_is_saved_in_its_form_but_stays_a_draft(
    save, course, professions
):
    course.professions.set(professions)

    response = save(course, **TODAY, promise="Know the hip.", references="One book")

    assert response.status_code == 302, response.context["errors"]
    course.refresh_from_db()
    assert (course.promise, course.published_at) == ("Know the hip.", None)
    assert any("Name at least 3 references" in one for one in told(response))


def test_a_live_course_is_saved_with_a_warning_and_stays_live(
    save, course, professions, noon
):
    course.professions.set(professions)
    services.publish(course=course, at=noon)

    response = save(
        course, published_at_0="2026-06-01", published_at_1="08:00", references=""
    )

    assert response.status_code == 302, response.context["errors"]
    course.refresh_from_db()
    assert (course.references, course.published_at) == ("", noon)
    assert any("stays published, but lacks something" in one for one in told(response))


def test_an_emptied_lesson_warns_of_a_live_course(editor, course, noon):
    services.publish(course=course, at=noon)
    lesson = course.lessons.get(kind="reading")
    page = reverse("admin:courses_lesson_change", args=[lesson.pk])
    fields = {"title": lesson.title, "kind": "reading", "minutes": 5, "weight": 0}
    fields |= {"slug": lesson.slug, "body": "", "is_required": "on"}
    fields |= {
        f"files-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL", "MIN_NUM", "MAX_NUM")
    }

    response = editor.post(page, fields)

    assert any(f"“{lesson}” has no text" in one for one in told(response))
    course.refresh_from_db()
    assert course.published_at == noon


def test_references_stand_on_the_page_of_the_course(client, course, noon):
    Course.objects.update(
        references="A <b>book</b>\nAn article. https://doi.org/10.1000/1",
        published_at=noon,
    )

    page = client.get(course.get_absolute_url()).content.decode()

    assert "A &lt;b&gt;book&lt;/b&gt;" in page
    assert 'href="https://doi.org/10.1000/1"' in page


def test_a_deleted_question_takes_a_course_off_its_day(editor, course, noon):
    services.publish(course=course, at=noon, published_at=noon + timedelta(days=1))
    question = course.questions.order_by("pk")[0]
    address = reverse("admin:courses_question_delete", args=[question.pk])

    response = editor.post(address, {"post": "yes"})

    course.refresh_from_db()
    assert course.published_at is None
    assert any("is a draft again" in one for one in told(response))


def test_a_bank_that_no_quiz_draws_from_is_told_before_the_import(editor, course):
    quiz = course.lessons.get(kind="quiz").quiz
    row = "Q,,,a,b,,,,,A,x,,"

    unasked = upload(editor, course, f"{HEAD}\n{row}").content.decode()
    asked = upload(editor, course, f"{HEAD}\n{row}", quiz=quiz.pk).content.decode()
    quiz.per_objective = 1
    quiz.save()
    drawn = upload(editor, course, f"{HEAD}\n{row}").content.decode()
    own = upload(editor, course, f"{HEAD}\n{row}", quiz=quiz.pk).content.decode()

    assert "No quiz of this course draws from the bank yet" in unasked
    assert "Choose the bank instead" in own
    for page in (asked, drawn):
        assert "draws" not in page
