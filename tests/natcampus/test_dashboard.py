from datetime import timedelta

import pytest
from django.utils import timezone

from natcampus import dashboard
from natcampus.roles import sync_roles
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.articles import ArticleFactory
from tests.factories.billing import (
    AccessGrantFactory,
    AccessHoldFactory,
    InvoiceFactory,
    OutboxEntryFactory,
    ReconcileRunFactory,
    StripeEventFactory,
    SubscriptionFactory,
)
from tests.factories.certification import CertificateFactory
from tests.factories.courses import (
    CourseFactory,
    EnrollmentFactory,
    VideoLessonFactory,
)
from tests.factories.mail import OutgoingEmailFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows():
    """Make what each number counts, and beside it what it must leave out."""
    past, future = (timezone.now() + timedelta(days=days) for days in (-1, 1))
    SubscriptionFactory(status="active")
    SubscriptionFactory(status="trialing")
    SubscriptionFactory(status="past_due", past_due_since=past)
    SubscriptionFactory(status="canceled")
    AccessGrantFactory()
    AccessGrantFactory(valid_from=past - timedelta(days=9), valid_until=past)
    EnrollmentFactory()
    CertificateFactory()
    VideoLessonFactory(captions="")
    CourseFactory(published_at=future)
    ArticleFactory(published_at=past)
    ArticleFactory(published_at=None)
    OutgoingEmailFactory(status="failed")
    OutgoingEmailFactory()
    StripeEventFactory(status="failed")
    StripeEventFactory(status="processed")
    AccessHoldFactory()
    AccessHoldFactory(released_at=past, released_reason="Settled")
    OutboxEntryFactory(parked_at=past)
    OutboxEntryFactory(done_at=past)
    ReconcileRunFactory(started_at=past - timedelta(days=1), was_stopped=True)
    ReconcileRunFactory(started_at=past, was_stopped=True)
    InvoiceFactory(status="open")
    InvoiceFactory()


def test_each_number_leads_to_the_rows_that_it_counts(client, rows):
    owner = StaffFactory()
    client.force_login(owner)

    figures = [
        figure
        for panel in dashboard.panels(owner, at=timezone.now())
        for figure in panel.figures
    ]

    assert len(figures) >= 10
    shown = {figure.label: client.get(figure.url) for figure in figures}
    assert [label for label, page in shown.items() if page.status_code != 200] == []
    assert {
        label: page.context["cl"].result_count for label, page in shown.items()
    } == {figure.label: figure.count for figure in figures}


def test_the_first_page_shows_the_numbers(client, rows):
    client.force_login(StaffFactory())

    response = client.get("/admin/")

    html = response.content.decode()
    for label in ("Past due", "Failed emails", "Failed webhooks", "Certificates"):
        assert label in html


def test_an_editor_sees_numbers_of_content_and_none_of_money():
    editor = UserFactory(is_staff=True)
    editor.groups.add(sync_roles()["Editor"])

    labels = {
        figure.label
        for panel in dashboard.panels(editor, at=timezone.now())
        for figure in panel.figures
    }

    assert "Published courses" in labels
    assert not labels & {"Past due", "Failed emails", "Accounts", "Active members"}


def test_the_last_comparison_is_told_and_alarms_only_while_it_was_stopped():
    hours = timedelta(hours=1)
    now = timezone.now()

    def told():
        panels = dashboard.panels(StaffFactory(), at=now)
        shown = {figure.label: figure for panel in panels for figure in panel.figures}
        last = shown["Last comparison with Stripe"].text.replace("\xa0", " ")
        return last, shown["Stopped comparison"].count

    assert told() == ("Never", 0)
    ReconcileRunFactory(started_at=now - 9 * hours, was_stopped=True)
    assert told() == ("9 hours ago", 1)
    ReconcileRunFactory(started_at=now - 2 * hours)
    assert told() == ("2 hours ago", 0)


def test_the_money_of_the_months_is_linked_for_who_may_see_it(client):
    finance = UserFactory(is_staff=True)
    finance.groups.add(sync_roles()["Finance"])
    editor = UserFactory(is_staff=True)
    editor.groups.add(sync_roles()["Editor"])

    for person, is_linked in ((finance, True), (editor, False)):
        client.force_login(person)
        page = client.get("/admin/").content.decode()
        assert ("Money by month" in page) is is_linked
