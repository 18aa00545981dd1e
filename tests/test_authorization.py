"""Every address of the site is in one of these tables, with who may open it."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.flatpages.models import FlatPage
from django.contrib.sites.models import Site
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from articles.models import Topic
from natcampus.roles import sync_roles
from tests.factories.accounts import LicenseFactory, UserFactory
from tests.factories.articles import ArticleFactory, GuideFactory
from tests.factories.billing import (
    AccessHoldFactory,
    InvoiceFactory,
    PriceFactory,
    SubscriptionFactory,
)
from tests.factories.certification import CertificateFactory
from tests.factories.courses import (
    ChoiceFactory,
    CourseFactory,
    EnrollmentFactory,
    LessonFactory,
    LessonFileFactory,
    ModuleFactory,
    NoteFactory,
    QuestionFactory,
    QuizAttemptFactory,
    QuizFactory,
    VideoLessonFactory,
    VideoStreamFactory,
)
from tests.support import body

pytestmark = pytest.mark.django_db

SECRET = "Words that only members read."
VISITORS = ("anonymous", "registered", "lapsed")
MEMBERS = ("member", "other_member", "past_due")
STAFF = ("editor", "support", "superuser")
EVERYBODY = (*VISITORS, *MEMBERS, "deactivated", *STAFF)
SIGNED_IN = ("registered", "lapsed", *MEMBERS, *STAFF)

PUBLIC = {
    "home",
    "articles:article-list",
    "articles:article-detail",
    "articles:region-detail",
    "articles:article-feed",
    "articles:guide-list",
    "articles:guide-detail",
    "articles:guide-sent",
    "billing:price-list",
    "certification:verify-form",
    "certification:certificate-verify",
    "courses:course-list",
    "courses:course-detail",
    "courses:review-list",
    "page-about",
    "page-accessibility",
    "page-contact",
    "page-help",
    "page-legal/cookies",
    "page-legal/medical-disclaimer",
    "page-legal/privacy",
    "page-legal/refunds",
    "page-legal/terms",
    "robots",
    "sitemap",
}
OWN_PAGE = {
    "home-learning",
    "accounts:profile-update",
    "accounts:license-create",
    "billing:subscription-detail",
    "certification:certificate-list",
    "certification:transcript-detail",
    "mail:preference-update",
    "session-list",
}
FOREIGN_IS_404 = {
    "accounts:license-update",
    "accounts:license-delete",
    "billing:checkout-done",
    "billing:invoice-open",
    "billing:invoice-pdf",
    "certification:certificate-pdf",
    "courses:attempt-detail",
    "courses:attempt-review",
    "courses:attempt-result",
    "courses:note-export",
    "courses:note-list",
    "courses:note-update",
}
PAID_CONTENT = {
    "courses:lesson-detail",
    "courses:lesson-video",
    "courses:lesson-captions",
    "courses:lesson-stream",
    "courses:lesson-transcript",
    "courses:lesson-file",
    "courses:quiz-detail",
}
POSTED_FROM = {  # who opens the address is led to the page with its form
    "accounts:confirmation-resend": "account_email_verification_sent",
    "articles:guide-request": "articles:guide-detail",
    "articles:guide-resend": "articles:guide-sent",
    "articles:guide-take": "articles:guide-detail",
    "articles:guide-renew": "articles:guide-download",
    "billing:checkout-start": "billing:price-list",
    "billing:portal-open": "billing:subscription-detail",
    "billing:subscription-keep": "billing:subscription-detail",
    "billing:subscription-resume": "billing:subscription-detail",
    "courses:attempt-answer": "courses:attempt-detail",
    "courses:attempt-create": "courses:quiz-detail",
    "courses:attempt-submit": "courses:attempt-review",
    "courses:course-enroll": "courses:course-detail",
    "courses:lesson-complete": "courses:lesson-detail",
    "courses:lesson-reopen": "courses:lesson-detail",
    "courses:review-delete": "courses:review-update",
    "courses:note-create": "courses:lesson-detail",
    "courses:note-delete": "courses:note-update",
    "courses:note-restore": "courses:note-update",
    "courses:practice-answer": "courses:lesson-detail",
    "courses:question-create": "courses:lesson-detail",
    "courses:version-update": "courses:classroom-detail",
}
POST_ONLY = {
    "accounts:session-end",
    "accounts:theme-update",
    "billing:stripe-webhook",
    "courses:note-save",
    "courses:progress-update",
    "courses:seat-time-update",
}
TOLD_BY_A_TOKEN = {"articles:guide-download", "mail:unsubscribe"}
OWN_TESTS = {
    "billing:subscription-cancel",  # tests/billing: members, others to Billing
    "billing:subscription-pause",  # tests/billing: the same
    "billing:subscription-switch",  # tests/billing: the same
    "courses:classroom-detail",  # tests/courses: enrolled learners, others to the course
    "courses:course-continue",  # tests/courses: enrolled learners, others to the course
    "courses:course-preview",  # tests/courses: redirects to the first preview lesson
    "courses:attestation-create",  # tests/courses: enrolled learners, others to the quiz
    "courses:evaluation-create",  # tests/courses: enrolled learners only
    "courses:review-update",  # tests/courses: who completed the course, others to it
    "courses:enrollment-complete",  # tests/courses: enrolled learners only
}
ONLY_WHILE_DEVELOPING = {
    "mail:inbox",
    "mail:inbox-detail",
    "mail:inbox-html",
    "media",
    "styleguide",
}
OF_ALLAUTH = ("account_", "mfa_", "socialaccount_", "usersessions_", "google_")


def names(resolver, namespace=""):
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            if pattern.namespace != "admin":
                yield from names(pattern, pattern.namespace or namespace)
        elif pattern.name:
            yield f"{namespace}:{pattern.name}" if namespace else pattern.name


def test_each_address_is_in_exactly_one_table():
    tables = [
        PUBLIC,
        OWN_PAGE,
        FOREIGN_IS_404,
        PAID_CONTENT,
        POSTED_FROM,
        POST_ONLY,
        TOLD_BY_A_TOKEN,
        OWN_TESTS,
        ONLY_WHILE_DEVELOPING,
    ]
    ours = {name for name in names(get_resolver()) if not name.startswith(OF_ALLAUTH)}
    ours.add("media")  # there only if DEBUG was on when the addresses were first read

    assert sorted(ours) == sorted(name for table in tables for name in table)


@pytest.fixture
def world(settings):
    """One course with everything in it, owned by one member, and all roles."""
    settings.DEBUG = False
    now = timezone.now()
    people = {role: UserFactory() for role in SIGNED_IN}
    people["deactivated"] = UserFactory()
    groups = sync_roles()
    for role, group in (("editor", "Editor"), ("support", "Support")):
        people[role].is_staff = True
        people[role].save()
        people[role].groups.add(groups[group])
    people["superuser"].is_staff = people["superuser"].is_superuser = True
    people["superuser"].save()
    month = timedelta(days=30)
    for role, status, until in (
        ("member", "active", now + month),
        ("other_member", "active", now + month),
        ("past_due", "past_due", now + month),
        ("lapsed", "canceled", now - month),
    ):
        SubscriptionFactory(
            customer__user=people[role],
            status=status,
            current_period_end=until,
            past_due_since=now if status == "past_due" else None,
        )
    return World(people, now)


class World:
    """The rows that the tables' addresses point at."""

    def __init__(self, people, now):
        self.people, self.now = people, now
        course = CourseFactory(required_entitlement="membership")
        module = ModuleFactory(course=course)
        self.lesson = VideoLessonFactory(module=module, body=f"<p>{SECRET}</p>")
        LessonFileFactory(lesson=self.lesson)
        VideoStreamFactory(lesson=self.lesson)
        quiz = QuizFactory(lesson=LessonFactory(module=module, kind="quiz"))
        question = QuestionFactory(quiz=quiz, text=SECRET)
        ChoiceFactory(question=question, is_correct=True)
        ChoiceFactory(question=question)
        enrollment = EnrollmentFactory(user=people["member"], course=course)
        attempt = QuizAttemptFactory(
            enrollment=enrollment, quiz=quiz, question_ids=[question.pk]
        )
        note = NoteFactory(enrollment=enrollment, lesson=self.lesson)
        own_note = {"course": course.slug, "uuid": note.uuid}
        license_ = LicenseFactory(user=people["member"])
        certificate = CertificateFactory(enrollment=enrollment)
        invoice = InvoiceFactory(customer__user=people["superuser"])
        article, guide = ArticleFactory(), GuideFactory()
        Topic.objects.create(slug="hamstrings", name="Hamstrings", kind="muscle")
        for name in PUBLIC:
            if name.startswith("page-"):
                page = FlatPage.objects.create(
                    url=f"/{name.removeprefix('page-')}/", title="Page"
                )
                page.sites.add(Site.objects.get_current())
        lesson = {"course": course.slug, "lesson": self.lesson.slug}
        in_quiz = {"course": course.slug, "lesson": quiz.lesson.slug}
        in_attempt = {**in_quiz, "number": attempt.number}
        self.arguments = {
            "accounts:license-delete": {"uuid": license_.uuid},
            "accounts:license-update": {"uuid": license_.uuid},
            "articles:article-detail": {"slug": article.slug},
            "articles:guide-detail": {"slug": guide.slug},
            "articles:guide-download": {"token": "forged"},
            "articles:guide-renew": {"token": "forged"},
            "articles:guide-request": {"slug": guide.slug},
            "articles:guide-resend": {"slug": guide.slug},
            "articles:guide-sent": {"slug": guide.slug},
            "articles:guide-take": {"slug": guide.slug},
            "articles:region-detail": {"slug": article.region.slug},
            "billing:invoice-open": {"pk": invoice.pk},
            "billing:invoice-pdf": {"pk": invoice.pk},
            "certification:certificate-pdf": {"code": certificate.code},
            "certification:certificate-verify": {"code": certificate.code},
            "courses:attempt-answer": in_attempt,
            "courses:attempt-create": in_quiz,
            "courses:attempt-detail": in_attempt,
            "courses:attempt-result": in_attempt,
            "courses:attempt-review": in_attempt,
            "courses:attempt-submit": in_attempt,
            "courses:course-detail": {"course": course.slug},
            "courses:course-enroll": {"course": course.slug},
            "courses:lesson-captions": lesson,
            "courses:lesson-complete": lesson,
            "courses:lesson-detail": lesson,
            "courses:lesson-file": {**lesson, "number": 1},
            "courses:lesson-reopen": lesson,
            "courses:lesson-stream": {**lesson, "name": "master.m3u8"},
            "courses:lesson-transcript": lesson,
            "courses:lesson-video": lesson,
            "courses:note-create": lesson,
            "courses:note-delete": own_note,
            "courses:note-export": {"course": course.slug},
            "courses:note-list": {"course": course.slug},
            "courses:note-restore": own_note,
            "courses:note-update": own_note,
            "courses:practice-answer": lesson,
            "courses:question-create": lesson,
            "courses:quiz-detail": in_quiz,
            "courses:review-delete": {"course": course.slug},
            "courses:review-list": {"course": course.slug},
            "courses:version-update": {"course": course.slug},
            "mail:unsubscribe": {"token": "forged"},
        }

    def url(self, name):
        return reverse(name, kwargs=self.arguments.get(name))

    def log_in(self, client, role):
        if role == "anonymous":
            return
        client.force_login(self.people[role])
        if role == "deactivated":  # an old session cookie stays behind
            self.people[role].is_active = False
            self.people[role].save()


def content(response):
    return body(response) if response.streaming else response.content


@pytest.mark.parametrize("role", EVERYBODY)
def test_everybody_may_read_the_public_pages(client, world, role):
    world.log_in(client, role)

    for name in sorted(PUBLIC):
        assert client.get(world.url(name)).status_code == 200, name


@pytest.mark.parametrize("role", ["anonymous", "deactivated"])
def test_personal_pages_send_visitors_to_the_login(client, world, role):
    world.log_in(client, role)

    for name in sorted(OWN_PAGE | FOREIGN_IS_404):
        response = client.get(world.url(name))
        assert response.status_code == 302, name
        assert response.url.startswith(reverse("account_login")), name


@pytest.mark.parametrize("role", SIGNED_IN)
def test_everybody_with_an_account_has_their_own_pages(client, world, role):
    world.log_in(client, role)

    for name in sorted(OWN_PAGE):
        response = client.get(world.url(name))
        assert response.status_code == 200, name
        assert "no-store" in response["Cache-Control"], name


@pytest.mark.parametrize(
    "role", [role for role in SIGNED_IN if role not in ("member", "superuser")]
)
def test_what_belongs_to_another_member_is_not_found(client, world, role):
    world.log_in(client, role)

    for name in sorted(FOREIGN_IS_404):
        assert client.get(world.url(name)).status_code == 404, name


@pytest.mark.parametrize("role", [*VISITORS, "deactivated", "support"])
def test_who_has_not_paid_gets_no_paid_content(client, world, role):
    world.log_in(client, role)

    for name in sorted(PAID_CONTENT):
        response = client.get(world.url(name))
        assert response.status_code in {200, 302, 403, 404}, name
        page = content(response)
        for paid in (SECRET.encode(), b"ftypmp42", b"WEBVTT", b"sitting bone", b"%PDF"):
            assert paid not in page, name


@pytest.mark.parametrize("role", MEMBERS)
def test_members_open_paid_content_even_while_a_payment_is_failing(client, world, role):
    world.log_in(client, role)
    client.post(
        reverse("courses:course-enroll", kwargs={"course": world.lesson.course.slug})
    )

    page = client.get(world.url("courses:lesson-detail"))
    assert SECRET in page.content.decode()
    for name in sorted(PAID_CONTENT):
        response = client.get(world.url(name))
        assert response.status_code == 200, name
        content(response)


def test_editors_see_paid_content_to_check_it(client, world):
    world.log_in(client, "editor")

    assert SECRET in client.get(world.url("courses:lesson-detail")).content.decode()


def test_what_changes_something_answers_to_nothing_but_post(client, world):
    world.log_in(client, "member")

    for name in sorted(POSTED_FROM.keys() | POST_ONLY):
        reading = set() if name in POSTED_FROM else {"get", "head"}
        for method in {"put", "patch", "delete"} | reading:
            response = getattr(client, method)(world.url(name))
            assert response.status_code in {403, 405}, (name, method)


@pytest.mark.parametrize("role", ["anonymous", "registered", "member"])
def test_who_opens_the_address_of_a_form_lands_on_its_page(client, world, role):
    world.log_in(client, role)

    for name, target in sorted(POSTED_FROM.items()):
        page = reverse(target, kwargs=world.arguments.get(name))
        for method in ("get", "head"):
            response = getattr(client, method)(world.url(name))
            assert response.status_code == 302, (name, method)
            assert response.url == page, (name, method)


def test_what_changes_something_needs_the_token_of_our_own_page(world):
    strict = Client(enforce_csrf_checks=True)
    world.log_in(strict, "member")

    for name in sorted(POSTED_FROM.keys() | POST_ONLY - {"billing:stripe-webhook"}):
        assert strict.post(world.url(name)).status_code == 403, name


@pytest.mark.parametrize("name", sorted(TOLD_BY_A_TOKEN))
def test_a_forged_token_opens_nothing(client, world, name):
    response = client.get(world.url(name))

    assert response.status_code in {200, 404}
    assert b"%PDF" not in content(response)


def test_the_webhook_takes_only_signed_events(client, world):
    response = client.post(
        world.url("billing:stripe-webhook"), b"{}", content_type="application/json"
    )

    assert response.status_code == 400


@pytest.mark.parametrize("name", sorted(ONLY_WHILE_DEVELOPING - {"media"}))
def test_the_tools_of_development_are_absent_in_production(client, world, name):
    arguments = (
        {"key": "some-key"} if name in {"mail:inbox-detail", "mail:inbox-html"} else {}
    )

    world.log_in(client, "member")

    assert client.get(reverse(name, kwargs=arguments)).status_code in {403, 404}


def admin_lists():
    for model in admin.site._registry:
        opts = model._meta
        yield f"admin:{opts.app_label}_{opts.model_name}_changelist"


@pytest.mark.parametrize(
    "role", ["registered", "lapsed", "member", "deactivated", "anonymous"]
)
def test_the_administration_is_closed_to_everybody_else(client, world, role):
    world.log_in(client, role)

    for name in ("admin:index", *admin_lists()):
        response = client.get(reverse(name))
        assert response.status_code in {302, 403}, name


def test_editors_edit_content_and_see_neither_people_nor_money(client, world, settings):
    settings.STAFF_MFA_REQUIRED = False
    world.log_in(client, "editor")
    open_to_editors = {
        name for name in admin_lists() if client.get(reverse(name)).status_code == 200
    }

    assert "admin:articles_article_changelist" in open_to_editors
    assert "admin:courses_course_changelist" in open_to_editors
    assert not {
        name
        for name in open_to_editors
        if name.split(":")[1].startswith(
            ("accounts_", "billing_", "mail_", "certification_")
        )
    }


def test_support_reads_about_people_and_changes_no_content(client, world, settings):
    settings.STAFF_MFA_REQUIRED = False
    world.log_in(client, "support")

    assert client.get(reverse("admin:accounts_user_changelist")).status_code == 200
    assert client.get(reverse("admin:mail_outgoingemail_changelist")).status_code == 200
    assert client.get(reverse("admin:articles_article_changelist")).status_code == 403
    assert client.get(reverse("admin:courses_course_add")).status_code == 403


@pytest.mark.parametrize(
    ("role", "status"), [("support", 403), ("editor", 403), ("member", 302)]
)
def test_the_money_of_the_months_is_closed_to_who_helps_one_person(
    client, world, settings, role, status
):
    settings.STAFF_MFA_REQUIRED = False
    world.log_in(client, role)

    month = f"{world.now:%Y-%m}"
    report, invoices = "admin:billing_money", "admin:billing_money_invoices"
    assert client.get(reverse(report)).status_code == status
    assert client.get(reverse(invoices, args=[month])).status_code == status


@pytest.mark.parametrize("role", ["support", "editor"])
def test_only_the_owner_releases_holds_and_sets_prices(client, world, settings, role):
    settings.STAFF_MFA_REQUIRED = False
    hold, price = AccessHoldFactory(), PriceFactory()
    pages = {
        "admin:billing_accesshold_add": [],
        "admin:billing_accesshold_release": [hold.pk],
        "admin:billing_price_new_amount": [price.pk],
    }

    for person, status in ((role, 403), ("superuser", 200)):
        world.log_in(client, person)
        for name, arguments in pages.items():
            response = client.get(reverse(name, args=arguments))
            assert response.status_code == status, name


def test_every_list_of_the_administration_opens_and_searches(client, world, settings):
    settings.STAFF_MFA_REQUIRED = False
    world.log_in(client, "superuser")

    for name in admin_lists():
        assert client.get(reverse(name)).status_code == 200, name
        assert client.get(reverse(name), {"q": "a"}).status_code == 200, name
