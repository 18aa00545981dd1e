"""The catalog and the course page: for everybody, and what each may do next."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.urls import reverse

from accounts.models import Profession
from billing.models import Price, Subscription
from core.preview import make_token
from courses.models import Enrollment
from tests.factories.certification import CertificateFactory
from tests.factories.courses import (
    CompletedEnrollmentFactory,
    CourseFactory,
    EnrollmentFactory,
    InstructorFactory,
    LessonFactory,
    LessonProgressFactory,
    ModuleFactory,
    ObjectiveFactory,
    RegionFactory,
    VideoLessonFactory,
)

pytestmark = pytest.mark.usefixtures("clock", "db")

CATALOG = reverse("courses:course-list")


@pytest.fixture
def price(plan):
    return Price.objects.create(
        plan=plan,
        slug="monthly",
        unit_amount=1995,
        interval="month",
        stripe_price_id="price_monthly",
    )


def titles(response):
    return [course.title for course, _standing in response.context["catalog"].cards]


def test_catalog_shows_published_courses_only(client, noon):
    CourseFactory(title="Published")
    CourseFactory(title="Draft", published_at=None)
    CourseFactory(title="Scheduled", published_at=noon + timedelta(days=1))

    response = client.get(CATALOG)

    assert titles(response) == ["Published"]
    assert "1 course<" in response.content.decode()


def test_catalog_filters_are_combined(client):
    massage = Profession.objects.create(
        slug="massage", name="Massage therapist", name_plural="Massage therapists"
    )
    back = RegionFactory(slug="low-back", name="Low back")
    fits = CourseFactory(title="Fits", contact_hours=3, region=back, level="advanced")
    fits.professions.add(massage)
    short = CourseFactory(title="Short", contact_hours="1.5", region=back)
    short.professions.add(massage)
    CourseFactory(title="For others", contact_hours=3, region=back)

    both = client.get(CATALOG, {"profession": "massage", "hours": "2-to-4"})
    either = client.get(CATALOG, {"hours": ["under-2", "2-to-4"], "sort": "title"})
    advanced = client.get(CATALOG, {"level": "advanced", "region": "low-back"})

    assert titles(both) == titles(advanced) == ["Fits"]
    assert titles(either) == ["Fits", "For others", "Short"]


def test_picked_filters_are_chips_that_take_one_away_each(client):
    CourseFactory(contact_hours=3, level="advanced")
    query = "?hours=under-2&hours=2-to-4&level=advanced&sort=title&page=1"

    response = client.get(CATALOG + query)

    assert response.context["catalog"].picked == [
        ("Under 2 hours", "?hours=2-to-4&level=advanced&sort=title"),
        ("2 to 4 hours", "?hours=under-2&level=advanced&sort=title"),
        ("Advanced", "?hours=under-2&hours=2-to-4&sort=title"),
    ]
    assert "Filters (3)" in response.content.decode()


def test_a_phone_shows_the_count_and_the_chips_and_not_the_panel(client):
    CourseFactory(contact_hours=3)

    page = client.get(CATALOG, {"hours": "2-to-4"}).content.decode()

    count, panel = page.index("1 course matches"), page.index("p-catalog__filters")
    assert count < panel < page.index("Remove the filter")
    assert not re.search("p-catalog__filters[^>]* open", page)


def test_a_filter_without_choices_is_left_out(client):
    facets = client.get(CATALOG).context["catalog"].facets

    assert [facet.name for facet, _options in facets] == ["hours", "level"]


@pytest.mark.parametrize("query", ["?hours=x&sort=y&level=z", "?region='--"])
def test_catalog_survives_filters_that_do_not_exist(client, query):
    CourseFactory()

    assert client.get(CATALOG + query).status_code == 200


def test_catalog_sorts_by_length_title_and_date(client, noon):
    CourseFactory(title="B", contact_hours=1, published_at=noon - timedelta(days=2))
    CourseFactory(title="A", contact_hours=4, published_at=noon - timedelta(days=1))

    assert titles(client.get(CATALOG)) == ["A", "B"]
    assert titles(client.get(CATALOG, {"sort": "shortest"})) == ["B", "A"]
    assert titles(client.get(CATALOG, {"sort": "title"})) == ["A", "B"]


def test_catalog_without_a_match_offers_all_courses(client):
    CourseFactory(contact_hours=1)

    page = client.get(CATALOG, {"hours": "over-4"}).content.decode()

    assert "No course matches these filters" in page
    assert "Show all courses" in page


def test_catalog_shows_a_learner_how_far_the_course_is(client, member):
    row = LessonProgressFactory(enrollment__user=member)
    client.force_login(member)

    page = client.get(CATALOG).content.decode()

    assert "In progress" in page
    assert "0 of 1 lessons complete" in page
    assert row.enrollment.course.title in page


def test_course_page_tells_everything_before_the_start(client):
    course = CourseFactory(
        safety_note="<p>No deep pressure.</p>", audience="<p>For you.</p>"
    )
    course.instructors.add(InstructorFactory(name="Jonah Ashby"))
    ObjectiveFactory(course=course, text="Locate the hamstrings")
    lesson = LessonFactory(module__course=course, is_preview=True, body="<p>Hidden</p>")

    page = client.get(course.get_absolute_url()).content.decode()

    for words in (
        *("Locate the hamstrings", "Jonah Ashby", "No deep pressure.", "For you."),
        *("How you complete it", "No body approvals are recorded", lesson.title),
    ):
        assert words in page
    assert "Hidden" not in page


@pytest.mark.usefixtures("price")
def test_course_page_offers_what_fits_each_state(client, people, noon):
    lesson = LessonFactory()
    course = lesson.course
    seen = {}
    for state in ("anonymous", "free", "member", "lapsed"):
        client.logout()
        if state != "anonymous":
            client.force_login(people[state])
        seen[state] = client.get(course.get_absolute_url()).content.decode()

    assert "Start membership" in seen["anonymous"]
    assert "Start membership" in seen["free"]
    assert "Start course" in seen["member"]
    assert "Restart for $19.95 a month" in seen["lapsed"]


@pytest.mark.usefixtures("price")
@pytest.mark.parametrize(
    ("changes", "button"),
    [
        ({"status": "unpaid"}, "Go to Billing"),
        ({"status": "paused"}, "Resume your membership"),
    ],
)
def test_course_page_never_restarts_a_subscription_that_lives(
    client, people, changes, button
):
    course = LessonFactory().course
    client.force_login(people["past_due"])
    Subscription.objects.filter(customer__user=people["past_due"]).update(**changes)

    page = client.get(course.get_absolute_url()).content.decode()

    assert button in page
    assert "Restart for" not in page


def test_course_page_leads_on_to_the_next_lesson_and_to_the_end(client, member, noon):
    row = LessonProgressFactory(enrollment__user=member)
    course = row.enrollment.course
    client.force_login(member)

    studying = client.get(course.get_absolute_url()).content.decode()
    row.completed_at = noon
    row.save()
    ready = client.get(course.get_absolute_url()).content.decode()
    Enrollment.objects.update(
        status="completed", completed_at=noon, attested_at=noon, confirmed_name="M"
    )
    certificate = CertificateFactory(enrollment=row.enrollment)
    finished = client.get(course.get_absolute_url()).content.decode()

    assert "Continue lesson 1" in studying
    assert reverse("courses:enrollment-complete", args=[course.slug]) in ready
    assert "Download certificate" in finished
    pdf = reverse("certification:certificate-pdf", args=[certificate.code])
    assert f'href="{pdf}?download"' in finished


@pytest.mark.parametrize("name", ["course-detail", "course-preview"])
def test_a_draft_does_not_exist_and_a_withdrawn_course_is_gone(client, noon, name):
    day = timedelta(days=1)
    draft = CourseFactory(published_at=None)
    scheduled = CourseFactory(published_at=noon + day)
    gone = CourseFactory(published_at=noon - day, unpublished_at=noon)

    def status(course):
        return client.get(reverse(f"courses:{name}", args=[course.slug])).status_code

    assert [status(draft), status(scheduled), status(gone)] == [404, 404, 410]
    assert client.get(reverse(f"courses:{name}", args=["none"])).status_code == 404


def test_a_draft_is_shown_by_its_preview_link_and_to_its_editors(client, people):
    course = CourseFactory(published_at=None)
    lesson = LessonFactory(module__course=course, is_preview=True)
    url = course.get_absolute_url()

    by_link = client.get(f"{url}?preview={make_token(course)}")
    by_other_link = client.get(f"{url}?preview={make_token(CourseFactory())}")
    lesson_by_link = client.get(
        f"{lesson.get_absolute_url()}?preview={make_token(course)}"
    )
    client.force_login(people["staff"])
    by_editor = client.get(url)

    assert by_link.status_code == lesson_by_link.status_code == 200
    assert "Draft" in by_link.content.decode()
    assert by_other_link.status_code == 404
    assert by_editor.status_code == 200


def test_preview_leads_to_the_first_open_lesson_without_an_account(client):
    module = ModuleFactory()
    LessonFactory(module=module)
    preview = LessonFactory(module=module, is_preview=True)
    url = reverse("courses:course-preview", args=[module.course.slug])

    response = client.get(url, follow=True)

    assert response.redirect_chain[-1][0] == preview.get_absolute_url()
    assert "Words that only members read." in response.content.decode()


def test_preview_of_a_course_without_one_does_not_exist(client):
    course = LessonFactory().course

    url = reverse("courses:course-preview", args=[course.slug])

    assert client.get(url).status_code == 404


def test_enroll_starts_the_first_lesson_and_can_be_sent_twice(client, member):
    lesson = LessonFactory()
    client.force_login(member)
    url = reverse("courses:course-enroll", args=[lesson.course.slug])

    first = client.post(url)
    second = client.post(url)

    assert first.url == second.url == lesson.get_absolute_url()
    assert Enrollment.objects.count() == 1


def test_enroll_of_a_free_account_explains_the_membership(client, people):
    course = CourseFactory()
    client.force_login(people["free"])

    response = client.post(
        reverse("courses:course-enroll", args=[course.slug]), follow=True
    )

    assert "is part of the membership" in response.content.decode()
    assert not Enrollment.objects.exists()


def test_enroll_asks_an_anonymous_visitor_to_log_in(client):
    url = reverse("courses:course-enroll", args=[CourseFactory().slug])

    assert client.post(url).url.startswith(reverse("account_login"))


def test_opening_the_address_of_enroll_leads_to_the_course_and_starts_nothing(
    client, member
):
    course = LessonFactory().course
    client.force_login(member)

    response = client.get(reverse("courses:course-enroll", args=[course.slug]))

    assert response.url == course.get_absolute_url()
    assert not Enrollment.objects.exists()


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "evil", "x" * 400]
)
def test_enroll_never_leads_to_another_site(client, member, target):
    lesson = LessonFactory()
    client.force_login(member)
    url = reverse("courses:course-enroll", args=[lesson.course.slug])

    assert client.post(url, {"next": target}).url == lesson.get_absolute_url()


def test_my_learning_groups_what_is_open_ready_and_finished(client, member, noon):
    opened = LessonProgressFactory(enrollment__user=member).enrollment
    second = LessonProgressFactory(enrollment__user=member).enrollment
    ready = LessonProgressFactory(enrollment__user=member, completed_at=noon).enrollment
    done = EnrollmentFactory(
        user=member,
        status="completed",
        completed_at=noon,
        attested_at=noon,
        confirmed_name="M",
    )
    client.force_login(member)

    context = client.get(reverse("home-learning")).context

    assert {context["newest"], *context["started"]} == {opened, second}
    assert context["ready"] == [ready]
    assert [row for row, *_rest in context["finished"]] == [done]


def test_a_filter_that_no_course_has_ever_had_is_told_as_one(client):
    CourseFactory()

    html = client.get(CATALOG, {"region": "moon"}).content.decode()

    assert "No course matches these filters" in html
    assert "0 courses match your filters" in html


@pytest.mark.parametrize("page", ["0", "2", "soon"])
def test_a_page_that_the_catalog_does_not_have_is_not_found(client, page):
    CourseFactory()

    assert client.get(CATALOG, {"page": page}).status_code == 404


@pytest.mark.usefixtures("kept_fragments")
def test_a_kept_catalog_shows_each_visitor_the_filters_of_their_own_address(client):
    CourseFactory(title="Long", contact_hours=5)
    CourseFactory(title="A brief one", contact_hours=1)

    client.get(CATALOG)
    html = client.get(CATALOG, {"hours": "over-4"}).content.decode()

    assert "Long" in html
    assert "A brief one" not in html
    assert "1 course matches your filters" in html


@pytest.mark.usefixtures("kept_fragments")
def test_a_member_sees_their_own_standing_in_a_catalog_that_is_kept(client, member):
    EnrollmentFactory(user=member, course=CourseFactory())
    client.get(CATALOG)
    client.force_login(member)

    mine = client.get(CATALOG).content.decode()
    client.logout()

    assert "In progress" in mine
    assert "In progress" not in client.get(CATALOG).content.decode()


@pytest.mark.usefixtures("kept_fragments")
def test_a_kept_course_page_offers_each_person_what_is_theirs(client, member, price):
    course = CourseFactory()
    LessonFactory(module__course=course, course=course)

    visitor = client.get(course.get_absolute_url()).content.decode()
    client.force_login(member)
    may_start = client.get(course.get_absolute_url()).content.decode()
    EnrollmentFactory(user=member, course=course)
    enrolled = client.get(course.get_absolute_url()).content.decode()
    client.logout()

    assert "Start membership" in visitor
    assert "Locked: " in visitor
    assert "Start course" in may_start
    assert "Locked: " not in may_start
    assert "Continue lesson 1" in enrolled
    again = client.get(course.get_absolute_url()).content.decode()
    nonce = re.compile(r'nonce="[^"]+"')
    assert nonce.sub("", again) == nonce.sub("", visitor)


@pytest.mark.usefixtures("kept_fragments")
def test_an_edit_in_the_admin_shows_on_a_kept_course_page_at_once(client, member):
    course = CourseFactory()
    lesson = LessonFactory(module__course=course, course=course, title="Old title")
    client.get(course.get_absolute_url())

    lesson.title = "New title"
    lesson.save()
    LogEntry.objects.log_actions(member.pk, [lesson], CHANGE, "Title")

    html = client.get(course.get_absolute_url()).content.decode()
    assert "New title" in html
    assert "Old title" not in html


def test_course_page_tells_the_terms_that_are_filled_in(client, settings):
    settings.SUPPORT_EMAIL = "help@campus.example"
    filled = {
        name: f"<p>About the {name}.</p>"
        for name in (
            *("prerequisites", "scope_note", "disclosure"),
            *("refund_note", "accommodations"),
        )
    }
    course = CourseFactory(**filled)
    course.instructors.add(InstructorFactory(name="Ada", credentials="PT, DPT"))

    page = client.get(course.get_absolute_url()).content.decode()
    bare = client.get(CourseFactory().get_absolute_url()).content.decode()

    for name in filled:
        assert f"About the {name}." in page
    assert "<dd>Ada, PT, DPT</dd>" in page
    for heading in ("Prerequisites", "Scope of practice", "Financial disclosure"):
        assert f">{heading}</h" in page
        assert f">{heading}</h" not in bare
    assert reverse("page-legal/refunds") in bare
    assert 'href="mailto:help@campus.example"' in bare


@pytest.mark.usefixtures("price")
def test_course_page_tells_the_price_of_what_opens_it(client, member):
    course = CourseFactory()
    free = CourseFactory(required_entitlement="")

    visitor = client.get(course.get_absolute_url()).content.decode()
    nothing = client.get(free.get_absolute_url()).content.decode()
    client.force_login(member)
    mine = client.get(course.get_absolute_url()).content.decode()

    assert "Part of the membership: $19.95 a month for every course" in visitor
    assert "Free with an account" in nothing
    assert "Part of your membership" in mine


def test_continue_leads_to_the_exact_next_lesson_and_to_the_end(client, member, noon):
    first = LessonProgressFactory(enrollment__user=member)
    second = LessonFactory(module=first.lesson.module)
    course = first.enrollment.course
    url = reverse("courses:course-continue", args=[course.slug])
    client.force_login(member)

    at_first = client.get(url).url
    first.completed_at = noon
    first.save()
    at_second = client.get(url).url
    LessonProgressFactory(enrollment=first.enrollment, lesson=second, completed_at=noon)
    at_end = client.get(url).url
    Enrollment.objects.update(
        status="completed", completed_at=noon, attested_at=noon, confirmed_name="M"
    )

    assert at_first == first.lesson.get_absolute_url()
    assert at_second == second.get_absolute_url()
    assert at_end == reverse("courses:enrollment-complete", args=[course.slug])
    home = reverse("courses:classroom-detail", args=[course.slug])
    assert client.get(url).url == home


def test_continue_leads_who_has_not_started_to_the_course(client, member):
    course = LessonFactory().course
    url = reverse("courses:course-continue", args=[course.slug])

    assert client.get(url).url.startswith(reverse("account_login"))
    client.force_login(member)
    assert client.get(url).url == course.get_absolute_url()


def test_continue_never_leads_past_a_lesson_that_comes_first(client, member, noon):
    module = ModuleFactory(course__order="lessons")
    skipped, done, _last = LessonFactory.create_batch(3, module=module)
    enrollment = EnrollmentFactory(user=member, course=module.course, last_lesson=done)
    LessonProgressFactory(enrollment=enrollment, lesson=done, completed_at=noon)
    client.force_login(member)

    url = reverse("courses:course-continue", args=[module.course.slug])

    assert client.get(url).url == skipped.get_absolute_url()


def test_my_learning_says_when_the_next_lesson_opens(client, member, noon):
    module = ModuleFactory(opens_after_days=7)
    lesson = LessonFactory(module=module)
    EnrollmentFactory(user=member, course=module.course, enrolled_at=noon)
    client.force_login(member)

    page = client.get(reverse("home-learning")).content.decode()

    assert "This lesson opens on 8 June 2026." in page
    assert "Continue lesson 1" not in page
    assert lesson.title in page


def test_my_learning_offers_what_to_do_in_each_state(client, member, noon):
    client.force_login(member)
    url = reverse("home-learning")

    empty = client.get(url).content.decode()
    done = CompletedEnrollmentFactory(user=member)
    finished = client.get(url).content.decode()
    for _course in range(2):
        LessonFactory(module__course=EnrollmentFactory(user=member).course)
    studying = client.get(url).content.decode()

    assert "You have not started a course" in empty
    assert "You finished every course that you started." in finished
    assert reverse("courses:review-update", args=[done.course.slug]) in finished
    assert studying.count("Continue lesson 1") == 1
    assert "You finished every course" not in studying
    assert "/continue/" in studying


def test_only_a_free_preview_keeps_where_a_visitor_stopped(client, people):
    preview = VideoLessonFactory(is_preview=True)
    closed = VideoLessonFactory(module=preview.module)

    assert "js/preview.js" in client.get(preview.get_absolute_url()).content.decode()
    assert "js/preview.js" not in client.get(closed.get_absolute_url()).content.decode()


def test_my_learning_leads_to_no_review_of_a_withdrawn_course(client, member, noon):
    done = CompletedEnrollmentFactory(user=member, course__unpublished_at=noon)
    client.force_login(member)

    page = client.get(reverse("home-learning")).content.decode()

    assert done.course.title in page
    assert "Write a review" not in page
