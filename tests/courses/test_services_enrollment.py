"""Enrolling and completing: once each, and only for who may."""

from datetime import timedelta

import pytest

from courses import services
from courses.models import Enrollment
from courses.signals import course_completed
from mail.models import OutgoingEmail
from tests.factories.courses import (
    CourseFactory,
    DisclaimerFactory,
    EnrollmentFactory,
    LessonFactory,
    LessonProgressFactory,
)

NAME = "Mia A. Member, LMT"


@pytest.fixture
def heard():
    """Return the completions that were announced."""
    facts = []

    def listen(sender, enrollment, at, **kwargs):
        facts.append((enrollment.pk, at))

    course_completed.connect(listen)
    yield facts
    course_completed.disconnect(listen)


@pytest.fixture
def finished(member, noon, signatory):
    """Return an enrollment whose only required lesson is complete."""
    enrollment = EnrollmentFactory(user=member)
    LessonProgressFactory(enrollment=enrollment, completed_at=noon)
    return enrollment


def test_enroll_twice_returns_one_enrollment_and_one_welcome_email(member, noon):
    lesson = LessonFactory(module__course__title="Aromatherapy")

    first = services.enroll(user=member, course=lesson.course, at=noon)
    second = services.enroll(
        user=member, course=lesson.course, at=noon + timedelta(days=1)
    )

    assert first == second
    assert second.enrolled_at == noon
    email = OutgoingEmail.objects.get()
    assert "Aromatherapy" in email.subject
    assert lesson.get_absolute_url() in email.body_text
    assert lesson.get_absolute_url() in email.body_html


def test_enroll_refuses_a_person_without_the_entitlement(people, noon):
    course = CourseFactory()

    for state in ("free", "lapsed"):
        with pytest.raises(services.EnrollmentRefusedError, match="membership"):
            services.enroll(user=people[state], course=course, at=noon)

    assert not Enrollment.objects.exists()
    assert not OutgoingEmail.objects.exists()


def test_enroll_opens_a_course_without_entitlement_to_every_account(people, noon):
    course = CourseFactory(required_entitlement="")

    enrollment = services.enroll(user=people["free"], course=course, at=noon)

    assert enrollment.status == Enrollment.Status.ACTIVE


@pytest.mark.parametrize("days", [None, 5])
def test_enroll_refuses_a_draft_and_a_scheduled_course(member, noon, days):
    published_at = days and noon + timedelta(days=days)
    course = CourseFactory(published_at=published_at)

    with pytest.raises(services.EnrollmentRefusedError, match="not open"):
        services.enroll(user=member, course=course, at=noon)


def test_enroll_after_withdrawing_opens_a_new_enrollment(member, noon):
    old = EnrollmentFactory(user=member, status=Enrollment.Status.WITHDRAWN)

    new = services.enroll(user=member, course=old.course, at=noon)

    assert new != old


def test_complete_stores_name_attestation_and_disclaimer_and_tells_once(
    finished, heard, noon
):
    DisclaimerFactory(version="2025.1", in_force_from=noon - timedelta(days=300))
    DisclaimerFactory(version="2026.1", in_force_from=noon - timedelta(days=3))
    DisclaimerFactory(version="2027.1", in_force_from=noon + timedelta(days=3))

    for day in (0, 1):
        services.complete(
            enrollment=finished,
            certificate_name=f"  {NAME} ",
            attested=True,
            at=noon + timedelta(days=day),
        )

    finished.refresh_from_db()
    assert finished.status == Enrollment.Status.COMPLETED
    assert finished.completed_at == finished.attested_at == noon
    assert finished.confirmed_name == NAME
    assert finished.disclaimer_version == "2026.1"
    assert heard == [(finished.pk, noon)]


def test_complete_remembers_the_name_for_the_next_certificate(finished, noon):
    services.complete(
        enrollment=finished, certificate_name=NAME, attested=True, at=noon
    )

    finished.user.refresh_from_db()
    assert finished.user.certificate_name == NAME


def test_complete_rolls_back_when_a_listener_fails(finished, noon):
    def fail(sender, **kwargs):
        raise RuntimeError("no certificate")

    course_completed.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            services.complete(
                enrollment=finished, certificate_name=NAME, attested=True, at=noon
            )
    finally:
        course_completed.disconnect(fail)

    finished.refresh_from_db()
    assert finished.status == Enrollment.Status.ACTIVE


@pytest.mark.parametrize(
    ("name", "attested", "sentence"),
    [
        ("  ", True, "Enter the name"),
        (NAME, False, "Confirm that you did this course yourself"),
    ],
)
def test_complete_needs_a_name_and_the_attestation(
    finished, heard, noon, name, attested, sentence
):
    with pytest.raises(services.CompletionRefusedError, match=sentence):
        services.complete(
            enrollment=finished, certificate_name=name, attested=attested, at=noon
        )

    assert heard == []


def test_complete_counts_the_required_lessons_that_are_left(finished, noon):
    module = finished.course.modules.first()
    LessonFactory(module=module)
    LessonFactory(module=module)
    LessonFactory(module=module, is_required=False)

    with pytest.raises(services.CompletionRefusedError, match="Finish 2 more lessons"):
        services.complete(
            enrollment=finished, certificate_name=NAME, attested=True, at=noon
        )


def test_complete_refuses_a_course_without_required_lessons(member, noon):
    enrollment = EnrollmentFactory(user=member)

    with pytest.raises(services.CompletionRefusedError, match="no lessons"):
        services.complete(
            enrollment=enrollment, certificate_name=NAME, attested=True, at=noon
        )


def test_complete_refuses_a_lapsed_member_and_keeps_the_progress(finished, lapse, noon):
    lapse(finished.user)

    with pytest.raises(services.CompletionRefusedError, match="progress is safe"):
        services.complete(
            enrollment=finished, certificate_name=NAME, attested=True, at=noon
        )

    assert finished.progress.filter(completed_at__isnull=False).count() == 1


def test_complete_refuses_a_withdrawn_enrollment(finished, noon):
    finished.status = Enrollment.Status.WITHDRAWN
    finished.save()

    with pytest.raises(services.CompletionRefusedError, match="Enroll again"):
        services.complete(
            enrollment=finished, certificate_name=NAME, attested=True, at=noon
        )
