from datetime import timedelta

import pytest
from django.utils import timezone

from natcampus import dashboard
from natcampus.roles import sync_roles
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.articles import ArticleFactory
from tests.factories.billing import (
    AccessGrantFactory,
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
