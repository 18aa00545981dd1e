"""The admin of credit: bodies, what they have approved, and what ends soon."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from courses import services
from courses.models import Accreditation, AccreditedVersion, CreditBody
from natcampus import dashboard
from natcampus.roles import sync_roles
from tests.factories.accounts import UserFactory
from tests.factories.courses import (
    AccreditationFactory,
    AccreditedVersionFactory,
    CourseFactory,
    CourseVersionFactory,
    CreditBodyFactory,
)

DAY = timedelta(days=1)
BODIES = reverse("admin:courses_creditbody_changelist")
LIST = reverse("admin:courses_accreditation_changelist")
ADD = reverse("admin:courses_accreditation_add")

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def editor(client, db, settings):
    settings.STAFF_MFA_REQUIRED = False
    user = UserFactory(is_staff=True)
    user.groups.add(sync_roles()["Editor"])
    client.force_login(user)
    return user


def page_of(accreditation):
    return reverse("admin:courses_accreditation_change", args=[accreditation.pk])


def filed(accreditation, **more):
    """Return what the form of the accreditation sends."""
    return {
        "course": accreditation.course_id,
        "body": accreditation.body_id,
        "approval_number": accreditation.approval_number,
        "title": accreditation.title,
        "credit_hours": "2.00",
        "format": "home_study",
        "valid_from": "2026-01-01",
        "valid_until": "2026-12-31",
        "confirmations-TOTAL_FORMS": 0,
        "confirmations-INITIAL_FORMS": 0,
        **more,
    }


def confirming(version):
    return {"confirmations-TOTAL_FORMS": 1, "confirmations-0-version": version.pk}


def test_a_body_is_written_with_what_its_certificates_must_show(client, editor):
    values = {
        "name": "Sample Board",
        "short_name": "SB",
        "slug": "sb",
        "unit": "CE hours",
        "contact_hours_per_unit": 1,
        "minutes_per_hour": 50,
        "pass_mark": 75,
        "required_fields": ["license", "signature"],
        "passed_kind": "Certificate of Achievement",
        "attended_kind": "Certificate of Completion",
        "retention_years": 6,
        "source_url": "board.example/rules",
        "checked_date": "2026-05-01",
    }
    add = reverse("admin:courses_creditbody_add")

    refused = client.post(
        add, values | {"pass_mark": 101, "study_minutes_per_hour": 60}
    )
    client.post(add, values)

    assert refused.context["adminform"].errors.keys() >= {"pass_mark"}
    body = CreditBody.objects.get()
    assert body.required_fields == ["license", "signature"]
    assert body.source_url == "https://board.example/rules"
    assert "Sample Board" in client.get(BODIES, {"q": "sample"}).content.decode()


def test_more_study_than_an_hour_has_is_told_on_the_page(client, editor):
    body = CreditBodyFactory(minutes_per_hour=50)
    change = reverse("admin:courses_creditbody_change", args=[body.pk])
    fields = client.get(change).context["adminform"].form.initial
    values = {name: value for name, value in fields.items() if value is not None}

    page = client.post(change, values | {"study_minutes_per_hour": 60})

    assert "no more minutes of study than the hour" in page.content.decode()


def test_an_accreditation_is_filed_and_holds_for_no_version_at_first(client, editor):
    course, body = CourseFactory(), CreditBodyFactory()
    draft = AccreditationFactory.build(course=course, body=body, title="As filed")
    form = client.get(ADD, {"course": course.pk}).content.decode()

    saved = client.post(ADD, filed(draft), follow=True)

    assert "versions that are what was filed" not in form.lower()
    assert "It holds for no version yet." in saved.content.decode()
    accreditation = Accreditation.objects.get()
    assert (accreditation.course, accreditation.title) == (course, "As filed")
    assert not accreditation.confirmations.exists()


def test_days_that_end_before_they_begin_are_told_on_the_page(client, editor):
    draft = AccreditationFactory.build(
        course=CourseFactory(), body=CreditBodyFactory(), title="As filed"
    )

    page = client.post(ADD, filed(draft, valid_until="2025-12-31"))

    assert "The last day comes after the first." in page.content.decode()
    assert not Accreditation.objects.exists()


def test_a_version_is_confirmed_by_name_and_for_good(client, editor, noon):
    accreditation = AccreditationFactory()
    version = services.current_version(course=accreditation.course, at=noon)
    foreign = CourseVersionFactory()
    page = client.get(page_of(accreditation)).content.decode()

    client.post(page_of(accreditation), filed(accreditation, **confirming(version)))
    kept = AccreditedVersion.objects.get()
    odd = client.post(
        page_of(accreditation), filed(accreditation, **confirming(foreign))
    )
    after = client.get(page_of(accreditation)).content.decode()

    assert f"Version 1: “{accreditation.title}”, 1.5 CE hours" in page
    assert str(foreign.title) not in page
    assert (kept.version, kept.confirmed_by, kept.confirmed_at) == (
        version,
        editor,
        noon,
    )
    assert odd.status_code == 200
    assert AccreditedVersion.objects.count() == 1
    assert str(editor) in after
    assert "Version 1:" not in after
    assert 'name="course"' not in after


def test_what_was_confirmed_is_neither_deleted_nor_given_to_another_course(
    client, editor
):
    confirmed = AccreditedVersionFactory()
    row, other = confirmed.accreditation, CourseFactory()
    delete = reverse("admin:courses_accreditation_delete", args=[row.pk])
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    client.post(delete, {"post": "yes"})
    client.post(page_of(row), filed(row, course=other.pk, approval_number="SAMPLE-9"))

    row.refresh_from_db()
    assert row.approval_number == "SAMPLE-9"
    assert row.course == confirmed.version.course


@pytest.mark.parametrize(
    ("validity", "ends_in"),
    [
        ("valid", [0, 30, 60, 90, 91]),
        ("90", [0, 30, 60, 90]),
        ("60", [0, 30, 60]),
        ("30", [0, 30]),
        ("expired", [-1]),
        ("coming", []),
        ("nonsense", [-1, 0, 30, 60, 90, 91]),
    ],
)
def test_the_list_is_filtered_by_what_ends_when(
    client, editor, noon, validity, ends_in
):
    for days in (-1, 0, 30, 60, 90, 91):
        AccreditationFactory(
            approval_number=f"in {days}", valid_until=noon.date() + days * DAY
        )

    page = client.get(LIST, {"validity": validity})

    shown = [row.approval_number for row in page.context["cl"].result_list]
    assert shown == [f"in {days}" for days in ends_in]


def ending_soon(noon):
    return Accreditation.objects.expiring(on=noon.date(), days=90)


@pytest.mark.django_db
def test_a_renewal_that_is_confirmed_and_leaves_no_gap_ends_the_warning(noon):
    old = AccreditedVersionFactory(accreditation__valid_until=noon.date() + 20 * DAY)
    renewal = AccreditationFactory(
        course=old.accreditation.course,
        body=old.accreditation.body,
        valid_from=noon.date() + 22 * DAY,
        valid_until=noon.date() + 400 * DAY,
    )
    AccreditedVersionFactory(accreditation=renewal, version=old.version)
    after_a_gap = list(ending_soon(noon))
    renewal.valid_from = noon.date() + 21 * DAY
    renewal.save()
    renewed = list(ending_soon(noon))
    renewal.confirmations.all().delete()
    unconfirmed = list(ending_soon(noon))

    assert after_a_gap == unconfirmed == [old.accreditation]
    assert renewed == []


def test_staff_are_told_of_approvals_that_end_soon(editor, noon):
    for days in (-1, 20, 40, 80, 100):
        AccreditationFactory(valid_until=noon.date() + days * DAY)

    told = {
        figure.label: figure.count
        for panel in dashboard.panels(editor, at=noon)
        for figure in panel.figures
        if figure.is_alarming
    }

    assert told["Approvals that expire in 90 days"] == 3
    assert told["Approvals that expire in 60 days"] == 2
    assert told["Approvals that expire in 30 days"] == 1


def test_the_list_and_the_course_show_what_holds_for_the_newest_version(
    client, editor, noon
):
    confirmed = AccreditedVersionFactory(accreditation__valid_until=noon.date() + DAY)
    row = confirmed.accreditation
    change = reverse("admin:courses_course_change", args=[row.course_id])

    before = client.get(LIST).context["cl"].result_list[0]
    row.course.contact_hours = Decimal(9)
    row.course.save()
    services.current_version(course=row.course, at=noon)
    listed = client.get(LIST)
    after = listed.context["cl"].result_list[0]
    page = client.get(change).content.decode()

    assert before.newest == 1
    assert after.newest == 2
    assert "icon-no" in listed.content.decode()
    assert "valid, 1 day left" in page
    assert page_of(row) in page
    assert f"{ADD}?course={row.course_id}" in page


def test_a_list_costs_the_same_with_2_and_20_accreditations(client, editor):
    AccreditedVersionFactory.create_batch(2)
    client.get(LIST)  # the kinds of rows are looked up once a process
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)

    AccreditedVersionFactory.create_batch(18)
    with CaptureQueriesContext(connection) as many:
        client.get(LIST)

    assert len(many) == len(few)
