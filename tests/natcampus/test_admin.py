import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.admin import site
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.flatpages.models import FlatPage
from django.contrib.sites.models import Site
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from natcampus.administration import GROUPS
from natcampus.person import facts_about
from natcampus.roles import sync_roles
from tests.factories.accounts import (
    LicenseFactory,
    ProfessionFactory,
    StaffFactory,
    UserFactory,
)
from tests.factories.articles import ArticleFactory, GuideFactory
from tests.factories.billing import AccessGrantFactory, SubscriptionFactory
from tests.factories.certification import CertificateFactory
from tests.factories.courses import (
    CourseFactory,
    DisclaimerFactory,
    InstructorFactory,
    LessonProgressFactory,
    QuizAnswerFactory,
    RegionFactory,
)

COLOR = re.compile("#[0-9a-f]{6}")
# Django leaves variables of its own admin templates undefined.
pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]


@pytest.fixture
def admin(client):
    client.force_login(StaffFactory())
    return client


def titles(client):
    return [group["name"] for group in client.get("/admin/").context["app_list"]]


def test_the_owner_finds_every_model_in_a_group_by_its_work(admin):
    groups = admin.get("/admin/").context["app_list"]

    assert [group["name"] for group in groups] == list(GROUPS)
    listed = [model["object_name"].lower() for g in groups for model in g["models"]]
    assert len(listed) == len(set(listed))
    assert set(" ".join(GROUPS.values()).split()) <= set(listed)


def test_every_list_is_searched_and_filtered(rf):
    request = rf.get("/admin/")
    request.user = StaffFactory()

    for model, lists in site._registry.items():
        assert lists.get_search_fields(request), model
        assert lists.get_list_filter(request), model


def test_the_administration_wears_the_colors_of_the_site(admin):
    folder = Path(settings.BASE_DIR) / "static" / "css"
    ours = COLOR.findall((folder / "tokens.css").read_text())
    css = (folder / "admin.css").read_text()

    assertContains(admin.get("/admin/"), 'href="/static/css/admin.css"')
    for name in ("primary", "accent", "header-bg", "body-bg", "body-fg", "link-fg"):
        (value,) = re.findall(rf"--{name}: (.*);", css)
        assert COLOR.findall(value), name
        assert set(COLOR.findall(value)) <= set(ours), name


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("Editor", ["Content", "Learning", "Credentials", "Settings"]),
        ("Support", ["Learning", "Credentials", "People", "Money", "Settings"]),
    ],
)
def test_a_group_of_the_staff_sees_the_groups_of_its_work(client, role, expected):
    person = UserFactory(is_staff=True)
    person.groups.add(sync_roles()[role])
    client.force_login(person)

    assert titles(client) == expected


def test_the_page_of_an_app_still_lists_its_own_models(admin):
    assert titles(admin)
    apps = admin.get("/admin/billing/").context["app_list"]

    assert [app["app_label"] for app in apps] == ["billing"]


def test_a_text_page_is_edited_without_html_and_keeps_its_address(admin, client):
    page = FlatPage.objects.create(url="/legal/terms/", title="Old", content="Old")
    page.sites.set([Site.objects.get_current()])
    change = reverse("admin:flatpages_flatpage_change", args=[page.pk])

    text = "<p>Be kind.</p><script>steal()</script>"
    admin.post(change, {"title": "Terms", "url": "/else/", "content": text})

    page.refresh_from_db()
    assert (page.url, page.content) == ("/legal/terms/", "<p>Be kind.</p>")
    assertContains(client.get("/legal/terms/"), "Be kind.")
    assertContains(admin.get(change), 'href="/legal/terms/" class="viewsitelink"')


@pytest.mark.parametrize("address", ["add/", "1/delete/"])
def test_no_text_page_is_added_without_a_route_or_deleted_under_its_links(
    admin, address
):
    FlatPage.objects.create(pk=1, url="/help/", title="Help", content="Help")

    assert admin.get(f"/admin/flatpages/flatpage/{address}").status_code == 403


@pytest.mark.parametrize(("days", "is_linked"), [(-1, True), (1, False)])
def test_a_page_is_linked_once_visitors_may_see_it(admin, days, is_linked):
    moment = timezone.now() + timedelta(days=days)
    article = ArticleFactory(published_at=moment)

    html = admin.get(reverse("admin:articles_article_change", args=[article.pk]))

    assert ("viewsitelink" in html.content.decode()) is is_linked
    if is_linked:
        assertContains(html, f'href="{article.get_absolute_url()}" class="view')


def test_a_refused_form_says_that_the_files_must_be_chosen_again(admin):
    add = reverse("admin:articles_guide_add")
    file = SimpleUploadedFile("guide.pdf", b"%PDF-1.7")

    assertContains(admin.post(add, {"title": "Neck", "file": file}), "files again")
    assertNotContains(admin.post(add, {"title": "Neck"}), "files again")


def test_a_person_is_found_by_certificate_and_by_stripe(admin):
    certificate = CertificateFactory()
    subscription = SubscriptionFactory(customer__user=certificate.user)
    UserFactory(email="bo@example.com")

    keys = [certificate.number, certificate.code, subscription.stripe_id]
    for key in [*keys, subscription.customer.stripe_id]:
        people = admin.get(reverse("admin:accounts_user_changelist"), {"q": key})
        assertContains(people, certificate.user.email)
        assertContains(people, "1 user")


def test_the_page_of_a_person_says_the_state_and_leads_to_the_rows(admin):
    certificate = CertificateFactory()
    person = certificate.user
    SubscriptionFactory(customer__user=person, status="active")

    page = admin.get(reverse("admin:accounts_user_change", args=[person.pk]))

    viewer = StaffFactory()
    with timezone.override(viewer.time_zone):
        facts = facts_about(person, viewer=viewer, at=timezone.now())
    assert {fact.label: fact.text for fact in facts} == {
        "Membership": facts[0].text,
        "Pays": "$19.95 a month",
        "Complimentary access": "0 valid",
        "Courses and progress": "1 active, 0 completed",
        "Certificates": "1 valid, 0 revoked",
        "Emails": "0 in all, 0 failed",
        "Email address": "Not confirmed yet",
    }
    assert facts[0].text.startswith("Active, renews on")
    for fact in facts:
        assertContains(page, fact.text)
        assert admin.get(fact.url).status_code == 200


def test_a_person_shows_each_of_the_staff_what_they_may_read():
    support = UserFactory(is_staff=True)
    support.groups.add(sync_roles()["Support"])

    facts = facts_about(UserFactory(), viewer=support, at=timezone.now())

    assert [fact.label for fact in facts] == [
        *("Membership", "Pays", "Complimentary access", "Courses and progress"),
        *("Certificates", "Emails"),
    ]
    assert facts_about(UserFactory(), viewer=UserFactory(), at=timezone.now()) == []


@pytest.mark.parametrize(
    ("role", "is_opened"), [("Editor", True), ("Support", False), (None, False)]
)
def test_a_private_file_opens_for_those_who_work_with_it(client, role, is_opened):
    guide = GuideFactory()
    if role:
        person = UserFactory(is_staff=True)
        person.groups.add(sync_roles()[role])
        client.force_login(person)

    response = client.get(guide.file.url)

    assert (response.status_code == 200) is is_opened
    if is_opened:
        assert response["Content-Type"] == "application/pdf"
        assert b"".join(response.streaming_content).startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("guides/missing.pdf", 404),
        ("other/secret.pdf", 404),
        ("guides/../certificates/a.pdf", 404),
        ("guides/..", 404),
    ],
)
def test_no_other_file_opens_through_the_administration(admin, address, status):
    assert admin.get(f"/admin/files/{address}").status_code == status


def test_what_support_reads_links_to_nothing_that_is_closed(client):
    support = UserFactory(is_staff=True)
    support.groups.add(sync_roles()["Support"])
    client.force_login(support)
    license_ = LicenseFactory()
    rows = [
        *(
            license_,
            license_.user,
            LessonProgressFactory(),
            QuizAnswerFactory().attempt,
        ),
        *(AccessGrantFactory(), SubscriptionFactory(), CertificateFactory()),
    ]

    links = set()
    for row in rows:
        opts = row._meta
        name = f"admin:{opts.app_label}_{opts.model_name}_change"
        page = client.get(reverse(name, args=[row.pk])).content.decode()
        found = re.findall(r'href="(/admin/[^"#]*)', page)
        assert len(found) > 5
        links.update(found)

    assert [link for link in links if client.get(link).status_code == 403] == []


def test_support_reads_about_a_person_without_the_password(client):
    support = UserFactory(is_staff=True)
    support.groups.add(sync_roles()["Support"])
    client.force_login(support)
    person = UserFactory()

    page = client.get(reverse("admin:accounts_user_change", args=[person.pk]))

    assertContains(page, person.email)
    assertNotContains(page, "algorithm")
    assertNotContains(page, "Reset password")


@pytest.mark.parametrize(
    "dates",
    [
        {"date_joined__year": "99999999999"},
        {"date_joined__year": "9999"},
        {"date_joined__year": "0"},
        {"date_joined__year": "soon"},
        {"date_joined__year": "2026", "date_joined__month": "99999999999"},
        {
            "date_joined__year": "2026",
            "date_joined__month": "2",
            "date_joined__day": "30",
        },
    ],
)
def test_a_list_leaves_out_a_date_that_no_calendar_has(admin_client, dates):
    url = reverse("admin:accounts_user_changelist")

    assert admin_client.get(url, dates).url == url
    real = {"date_joined__year": "2026", "date_joined__month": "2"}
    assert admin_client.get(url, real).status_code == 200


def narrowed(admin, model, **query):
    """Return the rows that a list shows under its filter."""
    page = admin.get(reverse(f"admin:{model}_changelist"), query)
    return list(page.context["cl"].result_list)


def test_professions_regions_and_instructors_are_narrowed_to_a_course(admin):
    course = CourseFactory(region=RegionFactory(slug="knee", name="Knee"))
    teacher, profession = InstructorFactory(), ProfessionFactory(slug="taught")
    course.instructors.add(teacher)
    course.professions.add(profession)
    for other in (InstructorFactory, ProfessionFactory, RegionFactory):
        other(slug="other")

    chosen = {"courses__id__exact": course.pk}

    assert narrowed(admin, "courses_region", **chosen) == [course.region]
    assert narrowed(admin, "courses_instructor", **chosen) == [teacher]
    assert narrowed(admin, "accounts_profession", **chosen) == [profession]


def test_groups_are_narrowed_to_those_of_a_person(admin):
    roles = sync_roles()
    person = UserFactory(is_staff=True)
    person.groups.add(roles["Support"])

    found = narrowed(admin, "auth_group", user__id__exact=person.pk)

    assert found == [roles["Support"]]


@pytest.mark.parametrize(
    ("section", "found"),
    [("legal", ["/legal/terms/"]), ("help", ["/help/"])],
)
def test_text_pages_are_narrowed_to_a_section(admin, section, found):
    FlatPage.objects.all().delete()
    for address in ("/help/", "/legal/terms/"):
        FlatPage.objects.create(url=address, title="Page", content="Text")

    rows = narrowed(admin, "flatpages_flatpage", section=section)

    assert [page.url for page in rows] == found


def test_disclaimers_are_narrowed_by_the_day_and_sessions_by_the_last_visit(admin):
    tomorrow = (timezone.now() + timedelta(days=1)).isoformat()
    DisclaimerFactory()

    assert not narrowed(admin, "courses_disclaimer", in_force_from__gte=tomorrow)
    sessions = "usersessions_usersession"
    assert narrowed(admin, sessions, last_seen_at__lt=tomorrow)
    assert not narrowed(admin, sessions, last_seen_at__gte=tomorrow)


@pytest.mark.parametrize(
    ("model", "first"),
    [
        ("articles_guide", ["title", "slug", "summary"]),
        ("articles_topic", ["name", "slug", "kind"]),
        ("accounts_profession", ["name", "name_plural", "slug"]),
        ("billing_plan", ["name", "slug", "entitlement"]),
        ("billing_price", ["plan", "interval", "unit_amount"]),
        ("courses_instructor", ["name", "slug", "credentials"]),
        ("courses_region", ["name", "slug", "summary"]),
    ],
)
def test_a_form_asks_for_the_name_first_and_makes_the_slug_of_it(admin, model, first):
    adminform = admin.get(reverse(f"admin:{model}_add")).context["adminform"]

    assert flatten_fieldsets(adminform.fieldsets)[:3] == first
    slug = adminform.form.fields["slug"]
    assert slug.label in {"Address", "Short name"}
    assert slug.help_text
    if model != "billing_price":  # which has no name
        [made] = adminform.prepopulated_fields
        assert made["field"].name == "slug"


def test_a_person_with_a_history_stays_and_the_page_says_what_to_do(admin):
    person = SubscriptionFactory(customer__user=AccessGrantFactory().user).customer.user
    action = {"action": "delete_selected", "_selected_action": person.pk}

    one = admin.get(reverse("admin:accounts_user_delete", args=[person.pk]))
    several = admin.post(reverse("admin:accounts_user_changelist"), action)

    for page in (one, several):
        assertContains(page, "A person with a history stays. Unselect “Active” instead")
        assertNotContains(page, "permission to delete")


def test_a_person_without_a_history_is_deleted(admin):
    person = UserFactory()

    asked = admin.get(reverse("admin:accounts_user_delete", args=[person.pk]))

    assertContains(asked, "Are you sure")
