"""The administration in a browser: what a form shows, asks, tells and is called."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.axe import problems, violations

TARGETS = {"runOnly": ["target-size"]}  # a rule that axe leaves to those who ask
LISTS = [
    "articles/article",
    "articles/guide",
    "articles/topic",
    "flatpages/flatpage",
    "courses/course",
    "courses/lesson",
    "courses/quiz",
    "courses/instructor",
    "courses/region",
    "courses/disclaimer",
    "courses/enrollment",
    "courses/quizattempt",
    "certification/certificate",
    "accounts/user",
    "accounts/license",
    "accounts/profession",
    "billing/accessgrant",
    "billing/customer",
    "billing/price",
    "billing/subscription",
    "mail/outgoingemail",
    "auth/group",
]
BUILDER = ["outline/", "duplicate/", "questions/import/"]
EMPTY_FORMS = [
    "articles/guide",
    "courses/course",
    "courses/quiz",
    "billing/accessgrant",
    "billing/accesshold",
    "accounts/license",
]


@pytest.fixture
def admin(new_page, log_in):
    """Open the administration on a desktop; its console must stay clean."""
    page = new_page(viewport={"width": 1280, "height": 900})
    log_in(page, "admin")
    return page


def open_first(page, model):
    page.goto(f"/admin/{model}/")
    page.locator("#result_list tbody").get_by_role("link").first.click()
    page.wait_for_load_state()


def open_course(page):
    """Open the course whose module holds a reading, a download and a quiz."""
    page.goto("/admin/courses/course/?q=calf")
    page.locator("#result_list tbody th a").click()
    page.locator(".prose-editor [contenteditable=true]").first.wait_for()


PARTS = {
    "video": ".field-video",
    "captions": ".field-captions",
    "questions": ".field-quiz_link",
    "files": ".djn-group[id$=files-group]",
}
SHOWN = {
    "video": {"video", "captions", "questions", "files"},
    "reading": {"files"},
    "download": {"files"},
    "quiz": {"questions"},
}


def test_each_lesson_of_a_course_shows_what_its_own_kind_uses(admin):
    open_course(admin)
    lessons = admin.locator(
        ".djn-inline-form[data-inline-model=courses-lesson]:not(.djn-empty-form)"
    )

    shown = {}
    for lesson in lessons.all():
        kind = lesson.locator("[name$=-kind]").input_value()
        parts = {
            name
            for name, place in PARTS.items()
            if lesson.locator(place).first.is_visible()
        }
        shown.setdefault(kind, []).append(parts)

    assert shown.keys() == SHOWN.keys()
    for kind, parts in shown.items():
        assert all(part == SHOWN[kind] for part in parts), kind


def test_a_lesson_shows_at_once_what_a_new_kind_uses(admin):
    open_course(admin)
    lesson = admin.locator("#modules-0-lessons-1")
    video = lesson.locator(".field-video").first
    before = video.is_visible()

    lesson.locator("[name$=-kind]").select_option("video")

    assert (before, video.is_visible()) == (False, True)


def open_outline(page):
    """Open the builder of a course that no other journey studies."""
    page.goto("/admin/courses/course/?q=quadratus")
    page.get_by_role("link", name="Build", exact=True).click()
    page.wait_for_load_state()


def lessons_of(page, number):
    names = (
        page.locator(".campus-module").nth(number).locator(".campus-lesson__what > a")
    )
    return names.all_inner_texts()


def test_a_lesson_is_dragged_into_another_module(admin):
    open_outline(admin)
    handle = admin.locator(".campus-lesson [data-handle]").first
    moved = lessons_of(admin, 0)[0]
    target = admin.locator(".campus-module").nth(1).locator(".campus-lesson").first
    admin.locator(".campus-module").first.evaluate("module => module.scrollIntoView()")

    place, end = handle.bounding_box(), target.bounding_box()
    admin.mouse.move(place["x"] + 4, place["y"] + 4)
    admin.mouse.down()
    admin.mouse.move(end["x"] + 40, end["y"] + end["height"] - 3)
    admin.locator(".campus-module").nth(1).locator(".is-dragged").wait_for()
    admin.mouse.up()
    admin.get_by_role("button", name="Save the order").click()
    admin.get_by_text("The order is saved.").wait_for()

    assert moved not in lessons_of(admin, 0)
    assert lessons_of(admin, 1)[1] == moved


def ask(page):
    """Leave the page for the dashboard; return the questions that are asked."""
    questions = []
    page.once("dialog", lambda box: (questions.append(box.type), box.accept()))
    page.goto("/admin/")
    return questions


def type_title(page):
    page.locator("#id_title").press_sequentially("New ")


def type_text(page):
    page.locator(".prose-editor [contenteditable=true]").first.press_sequentially("New")


def add_row(page):
    page.locator("#objectives-group .djn-add-handler").last.click()


def choose(page):
    page.locator(
        "#id_professions_from option, #id_professions_to option"
    ).first.dblclick()


def look(page):
    page.locator("#id_title").click()


@pytest.mark.parametrize(
    ("act", "questions"),
    [
        (look, []),
        (type_title, ["beforeunload"]),
        (type_text, ["beforeunload"]),
        (add_row, ["beforeunload"]),
        (choose, ["beforeunload"]),
    ],
)
def test_a_form_that_holds_changes_is_left_with_a_question(admin, act, questions):
    open_course(admin)

    act(admin)

    assert ask(admin) == questions


def test_a_form_that_is_saved_is_left_without_a_question(admin):
    open_first(admin, "courses/instructor")
    admin.locator("#id_credentials").press_sequentially(" ")
    asked = []
    admin.on("dialog", lambda box: (asked.append(box.type), box.accept()))

    admin.get_by_role("button", name="Save", exact=True).click()
    admin.wait_for_url("**/instructor/")

    assert asked == []


def test_a_refused_form_links_to_each_field_that_is_to_be_corrected(admin):
    open_course(admin)
    admin.fill("#id_title", "")
    admin.fill("#id_published_at_0", "soon")
    admin.fill("#id_modules-0-lessons-1-title", "")
    label = admin.locator("#modules-0-lessons-1 > h3 .inline_label")
    lesson = label.inner_text().strip()

    admin.get_by_role("button", name="Save", exact=True).click()
    links = admin.locator(".errornote a")
    links.first.wait_for()

    assert links.all_inner_texts() == [
        "Title · This field is required.",
        "Publish at · Enter a valid date.",
        f"Lesson · {lesson} · Title · This field is required.",
    ]
    assert admin.evaluate("document.activeElement.className") == "errornote"
    links.last.click()
    field = admin.locator("#id_modules-0-lessons-1-title")
    assert field.evaluate("field => field === document.activeElement")
    assert ask(admin) == ["beforeunload"]


def test_a_module_that_people_studied_is_told_and_linked_at_the_top(admin):
    open_course(admin)
    admin.locator("#modules-0 > h3 .delete label").click()

    admin.get_by_role("button", name="Save", exact=True).click()

    sentence = re.compile("Modules · People have studied “.*”; it stays")
    admin.locator(".errornote a", has_text=sentence).wait_for()


def addresses(page):
    """Give the dashboard, the forms of new rows, each list and its first row."""
    yield "/admin/"
    yield "/admin/billing/invoice/money/"
    open_outline(page)
    builder = page.url.removesuffix("outline/")
    yield from (f"{builder}{ending}" for ending in BUILDER)
    yield from (f"/admin/{model}/add/" for model in EMPTY_FORMS)
    for model in LISTS:
        yield f"/admin/{model}/"
        open_first(page, model)
        yield page.url


def test_the_administration_has_no_accessibility_violation(new_page, log_in):
    page = new_page(keeps_console_clean=False)  # axe sets styles while it measures
    log_in(page, "admin")
    found = {}

    for address in addresses(page):
        page.goto(address)
        found[address] = problems(page) + violations(page, TARGETS)

    assert {address: those for address, those in found.items() if those} == {}


def test_a_chooser_and_its_search_are_named_by_their_field(admin):
    admin.goto("/admin/billing/accessgrant/add/")

    admin.get_by_role("combobox", name="User").click()
    admin.get_by_role("searchbox", name="Search").fill("lapsed@")

    found = admin.locator(".select2-results").get_by_role("option")
    expect(found).to_have_count(1)


def test_the_pages_of_the_rich_text_editor_keep_the_console_clean(admin):
    for model in ("articles/article", "courses/lesson", "flatpages/flatpage"):
        open_first(admin, model)
        editor = admin.locator(".prose-editor [contenteditable=true]").first
        editor.wait_for()

        assert editor.evaluate("box => getComputedStyle(box).whiteSpace") == (
            "break-spaces"
        )
