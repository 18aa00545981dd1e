import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories.accounts import ProfessionFactory, StaffFactory, UserFactory
from tests.factories.articles import ArticleFactory
from tests.factories.billing import (
    AccessGrantFactory,
    PriceFactory,
    SubscriptionFactory,
)
from tests.factories.courses import (
    CourseFactory,
    EnrollmentFactory,
    LessonFactory,
    LessonProgressFactory,
)

pytestmark = pytest.mark.django_db


def test_home_of_an_empty_site_still_offers_something_to_do(client):
    html = client.get("/").content.decode()

    assert "Hands-on skill, certified hours." in html
    assert reverse("account_signup") in html
    assert "posted" not in html


def test_home_shows_the_newest_courses_and_articles_and_the_price(client):
    course = CourseFactory()
    article = ArticleFactory()
    price = PriceFactory()
    profession = ProfessionFactory()

    html = client.get("/").content.decode()

    assert course.get_absolute_url() in html
    assert article.get_absolute_url() in html
    assert f"Start for {price.display_amount} a {price.interval}" in html
    assert f"?profession={profession.slug}" in html


def test_home_hides_drafts_and_what_is_scheduled(client):
    draft = CourseFactory(published_at=None)
    scheduled = ArticleFactory(published_at=timezone.now() + timedelta(days=1))

    html = client.get("/").content.decode()

    assert draft.title not in html
    assert scheduled.title not in html


def test_home_of_a_visitor_takes_few_queries(client, django_assert_max_num_queries):
    CourseFactory.create_batch(4)
    ArticleFactory.create_batch(4)
    PriceFactory()

    with django_assert_max_num_queries(6):
        client.get("/")


def test_home_of_a_learner_continues_the_course_last_studied(client):
    user = UserFactory()
    lesson = LessonFactory()
    LessonFactory(module=lesson.module, course=lesson.course)
    enrollment = EnrollmentFactory(user=user, course=lesson.course)
    LessonProgressFactory(enrollment=enrollment, lesson=lesson)
    client.force_login(user)

    html = client.get("/").content.decode()

    assert "Welcome back" in html
    assert lesson.course.title in html
    assert "<h1>Hands-on skill" not in html


def test_home_of_a_learner_stays_within_the_query_budget(
    client, django_assert_max_num_queries
):
    user = UserFactory()
    lesson = LessonFactory()
    EnrollmentFactory(user=user, course=lesson.course)
    CourseFactory.create_batch(3)
    ArticleFactory.create_batch(3)
    PriceFactory()
    client.force_login(user)
    client.get("/")  # the first visit also writes the row of the session list

    with django_assert_max_num_queries(12):
        client.get("/")


def test_members_are_not_offered_what_they_have(client):
    grant = AccessGrantFactory()
    PriceFactory(plan=grant.plan)
    client.force_login(grant.user)

    html = client.get("/").content.decode()

    assert "Start membership" not in html
    assert "first lesson of every course is free" not in html
    assert reverse("home-learning") in html


@pytest.mark.usefixtures("kept_fragments")
def test_home_speaks_to_each_state_of_a_membership(client):
    price = PriceFactory()
    lapsed = SubscriptionFactory(price=price, status="canceled")
    unpaid = SubscriptionFactory(price=price, status="incomplete")
    pages = {}
    for who, user in (
        ("visitor", None),
        ("lapsed", lapsed.customer.user),
        ("unpaid", unpaid.customer.user),
    ):
        client.logout()
        if user:
            client.force_login(user)
        pages[who] = client.get("/").content.decode()

    assert "Start for $19.95 a month" in pages["visitor"]
    assert "Restart for $19.95 a month" in pages["lapsed"]
    assert "Restart membership" in pages["lapsed"]
    assert "Start" not in re.findall(r">(\w+) membership<", pages["lapsed"])
    assert "Finish payment" in pages["unpaid"]
    assert "Start for" not in pages["unpaid"]


def test_the_header_of_a_visitor_offers_to_log_in_and_carries_no_account(client):
    html = client.get("/").content.decode()

    assert reverse("account_login") in html
    assert reverse("account_logout") not in html


def test_the_foot_of_each_page_tells_where_to_write(client, settings):
    settings.SUPPORT_EMAIL = "help@campus.example"

    for path in ("/", "/courses/", "/no-such-page/"):
        html = client.get(path).content.decode()
        assert '<a class="breakable" href="mailto:help@campus.example">' in html, path


def test_the_header_of_staff_leads_to_the_administration(client):
    client.force_login(StaffFactory())

    html = client.get("/").content.decode()

    assert f'href="{reverse("admin:index")}"' in html


@pytest.mark.parametrize(
    ("name", "letters"), [("Maya Lindqvist", "ML"), ("", "A")], ids=["name", "email"]
)
def test_the_account_menu_carries_the_initials_of_the_person(client, name, letters):
    client.force_login(UserFactory(name=name, email="ann@example.com"))

    html = client.get("/").content.decode()

    assert f'<span aria-hidden="true">{letters}</span>' in html


@pytest.mark.parametrize(
    ("cookie", "attribute"),
    [("dark", ' data-theme="dark"'), ("light", ' data-theme="light"'), ("x><", "")],
)
def test_the_theme_cookie_is_read_on_the_server(client, cookie, attribute):
    client.cookies["theme"] = cookie

    html = client.get("/").content.decode()

    assert f'<html lang="en"{attribute}>' in html


def test_no_page_of_the_site_uses_inline_styles(client):
    CourseFactory()

    assert "style=" not in client.get("/").content.decode()


def test_the_style_guide_is_for_staff(client, settings):
    settings.DEBUG = False

    assert client.get("/styleguide/").status_code == 302

    client.force_login(StaffFactory())
    assert client.get("/styleguide/").status_code == 200


def test_the_style_guide_shows_every_component(client, settings):
    settings.DEBUG = True

    html = client.get("/styleguide/").content.decode()

    for name in ("c-btn", "c-card", "c-field--error", "c-ring", "c-outline", "c-price"):
        assert name in html


@pytest.mark.usefixtures("kept_fragments")
def test_an_edit_in_the_admin_shows_at_once_on_a_kept_home(
    client, django_assert_num_queries
):
    region = CourseFactory(region__name="Hand").region
    editor = Client()
    editor.force_login(StaffFactory(is_superuser=True))
    assert "Hand</span>" in client.get("/").content.decode()
    with django_assert_num_queries(1):
        client.get("/")

    editor.post(
        reverse("admin:courses_region_change", args=[region.pk]),
        {"slug": region.slug, "name": "Wrist and palm", "weight": 0},
    )

    assert "Wrist and palm</span>" in client.get("/").content.decode()
