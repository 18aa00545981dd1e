from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import User
from certification import services
from certification.models import Certificate
from courses.signals import course_completed
from mail.models import OutgoingEmail
from tests.factories.certification import CertificateFactory, SignatoryFactory
from tests.factories.courses import (
    CourseFactory,
    EnrollmentFactory,
    InstructorFactory,
)
from tests.support import refused

NOON = datetime(2026, 11, 4, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def completed(**fields):
    return EnrollmentFactory(
        status="completed",
        enrolled_at=NOON - timedelta(days=9),
        completed_at=NOON,
        confirmed_name="Maya Lindqvist, LMT",
        attested_at=NOON,
        **fields,
    )


def test_a_completed_course_issues_one_certificate_with_copies_of_what_it_shows():
    SignatoryFactory()
    enrollment = completed(course=CourseFactory(title="Hip", contact_hours="3.00"))

    course_completed.send(sender=None, enrollment=enrollment, at=NOON)
    course_completed.send(sender=None, enrollment=enrollment, at=NOON)

    certificate = Certificate.objects.get()
    assert certificate.holder_name == "Maya Lindqvist, LMT"
    assert certificate.course_title == "Hip"
    assert str(certificate.contact_hours) == "3.00"
    assert OutgoingEmail.objects.filter(template="certification/ready").count() == 1


def test_renaming_the_person_and_the_course_changes_no_issued_certificate():
    SignatoryFactory()
    enrollment = completed(course=CourseFactory(title="Hip"))
    certificate = services.issue(enrollment=enrollment, at=NOON)

    User.objects.update(name="Somebody Else", certificate_name="Somebody Else")
    type(enrollment.course).objects.update(title="Renamed", contact_hours="9.00")
    services.issue(enrollment=enrollment, at=NOON + timedelta(days=1))

    fresh = Certificate.objects.get(pk=certificate.pk)
    assert fresh.holder_name == "Maya Lindqvist, LMT"
    assert fresh.course_title == "Hip"


def test_the_completion_day_is_the_day_where_the_holder_lives():
    SignatoryFactory()
    late = datetime(2026, 11, 5, 3, tzinfo=UTC)
    enrollment = completed(user__time_zone="America/Los_Angeles")
    enrollment.completed_at = late

    certificate = services.issue(enrollment=enrollment, at=late)

    assert certificate.completed_date.isoformat() == "2026-11-04"


def test_the_signatory_is_the_one_of_the_day_that_is_printed():
    SignatoryFactory(name="The Old")
    SignatoryFactory(name="The New", valid_from=date(2026, 11, 5))
    late = datetime(2026, 11, 5, 3, tzinfo=UTC)
    enrollment = completed(user__time_zone="America/Los_Angeles")
    enrollment.completed_at = late

    certificate = services.issue(enrollment=enrollment, at=late)

    assert certificate.completed_date == date(2026, 11, 4)
    assert certificate.signatory_name == "The Old"


def test_a_course_may_have_many_instructors():
    SignatoryFactory()
    people = InstructorFactory.create_batch(12, name="Jonah Ashby-Lindqvist, PT, DPT")
    enrollment = completed()
    enrollment.course.instructors.set(people)

    certificate = services.issue(enrollment=enrollment, at=NOON)

    assert certificate.instructor_names.count("Jonah Ashby-Lindqvist") == 12


def test_without_a_signatory_nothing_is_issued_and_the_message_says_so():
    with pytest.raises(services.NoSignatoryError, match="nobody is named to sign it"):
        services.issue(enrollment=completed(), at=NOON)

    assert not Certificate.objects.exists()


@pytest.mark.parametrize(
    ("name", "letter"), [("李明", "李"), ("Maya 😀", "😀"), ("Ma\x01ya", "\x01")]
)
def test_a_name_that_no_font_of_ours_can_print_is_refused_before_it_is_frozen(
    name, letter
):
    SignatoryFactory()
    enrollment = completed()
    enrollment.confirmed_name = name

    with pytest.raises(services.UnprintableNameError, match=f"print “{letter}”"):
        services.issue(enrollment=enrollment, at=NOON)

    assert not Certificate.objects.exists()


@pytest.mark.parametrize(
    "name", ["Nguyễn Thị Bưởi", "Ольга", "Jose\u0301 O'Neil", "Łukasz-Øvergård"]
)
def test_names_of_many_languages_are_printed(name):
    SignatoryFactory()
    enrollment = completed()
    enrollment.confirmed_name = name

    assert services.issue(enrollment=enrollment, at=NOON).holder_name == name


def test_a_course_that_cannot_be_printed_is_no_fault_of_the_learner():
    SignatoryFactory()
    enrollment = completed(course=CourseFactory(title="Hip 😀"))

    with pytest.raises(services.UnprintableCourseError, match="Your lessons and"):
        services.issue(enrollment=enrollment, at=NOON)


def test_codes_have_at_least_100_bits_and_no_look_alike_letters():
    assert len(services.ALPHABET) ** services.CODE_LENGTH > 2**100
    assert not set("01OIL") & set(services.ALPHABET)


def test_a_certificate_is_revoked_once_with_a_reason_and_the_holder_is_told():
    certificate = CertificateFactory()

    services.revoke(certificate=certificate, reason="Issued in error", at=NOON)

    fresh = Certificate.objects.get()
    assert fresh.revoked_at == NOON
    assert OutgoingEmail.objects.filter(template="certification/revoked").count() == 1
    with pytest.raises(services.RevocationRefusedError):
        services.revoke(certificate=certificate, reason="Again", at=NOON)


def test_a_revocation_without_a_reason_is_refused():
    with pytest.raises(services.RevocationRefusedError):
        services.revoke(certificate=CertificateFactory(), reason=" ", at=NOON)


@pytest.mark.parametrize(
    ("constraint", "broken"),
    [
        ("certification_certificate_revoked_with_reason", {"revoked_at": NOON}),
        ("certification_certificate_revoked_with_reason", {"revoked_reason": "None"}),
        ("certification_certificate_pdf_has_hash", {"pdf_sha256": "a" * 64}),
        ("certification_certificate_pdf_has_hash", {"pdf": "certificates/x.pdf"}),
        ("certification_certificate_names_are_filled", {"holder_name": ""}),
        ("certification_certificate_names_are_filled", {"course_title": ""}),
    ],
)
def test_the_database_refuses_a_certificate_that_contradicts_itself(constraint, broken):
    with refused(constraint):
        CertificateFactory(**broken)


def test_an_enrollment_has_one_certificate():
    certificate = CertificateFactory()

    with refused("certification_certificate.enrollment_id"):
        CertificateFactory(enrollment=certificate.enrollment)


def test_a_time_zone_that_is_no_more_does_not_stop_a_certificate():
    SignatoryFactory()
    enrollment = completed(user__time_zone="Atlantis/Sunken")

    certificate = services.issue(enrollment=enrollment, at=NOON)

    assert certificate.time_zone == "UTC"
    assert certificate.completed_date == enrollment.completed_at.date()
