"""Credit: who grants it on a day, for which version, and what that asks of learners."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db.models import ProtectedError
from django.urls import reverse

from courses import services
from courses.models import (
    Accreditation,
    Attestation,
    CourseVersion,
    LessonProgress,
    QuizAttempt,
    build_outline,
)
from courses.services.requirements import needs_of
from courses.services.seat_time import minutes_missing
from tests.factories.accounts import (
    JurisdictionFactory,
    LicenseFactory,
    ProfessionFactory,
    UserFactory,
)
from tests.factories.courses import (
    AccreditationFactory,
    AccreditedVersionFactory,
    ChoiceFactory,
    CourseFactory,
    CourseVersionFactory,
    CreditBodyFactory,
    EnrollmentFactory,
    QuestionFactory,
    QuizFactory,
)
from tests.support import refused

DAY = timedelta(days=1)
QUIZ = reverse("courses:quiz-detail", args=["hips", "check"])
COURSE = reverse("courses:course-detail", args=["hips"])
CATALOG = reverse("courses:course-list")
CLASSROOM = reverse("courses:classroom-detail", args=["hips"])

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def quiz(db):
    """Return a final quiz of five questions that passes with 70%."""
    quiz = QuizFactory(
        is_final=True,
        pass_mark=70,
        lesson__slug="check",
        lesson__module__course__slug="hips",
    )
    for _number in range(5):
        ChoiceFactory(question=QuestionFactory(quiz=quiz), is_correct=True)
    return quiz


@pytest.fixture
def course(quiz):
    return quiz.lesson.course


@pytest.fixture
def enrollment(client, member, course):
    client.force_login(member)
    return EnrollmentFactory(user=member, course=course)


@pytest.fixture
def attested(enrollment, noon):
    services.attest(
        enrollment=enrollment, legal_name="Mia Member", ip_address="", at=noon
    )
    return enrollment


def approve(course, *, professions=(), jurisdictions=(), days=None, **body):
    """Let a body approve the version of today."""
    valid = dict(zip(("valid_from", "valid_until"), days or (), strict=False))
    accreditation = AccreditationFactory(
        course=course, body=CreditBodyFactory(**body), **valid
    )
    accreditation.professions.set(professions)
    accreditation.jurisdictions.set(jurisdictions)
    AccreditedVersionFactory(accreditation=accreditation)
    return accreditation


def rules(enrollment, at):
    return services.credit_rules(enrollment=enrollment, at=at)


def renew(course, at):
    """Change what the course promises, and record it."""
    course.contact_hours = Decimal("9.00")
    course.save()
    return services.current_version(course=course, at=at)


def start(enrollment, quiz, at):
    return services.start_attempt(enrollment=enrollment, quiz=quiz, at=at)


# Who grants credit


def test_the_strictest_body_sets_the_pass_mark(attested, course, quiz, noon):
    approve(course, pass_mark=75)
    approve(course, pass_mark=90)
    approve(course, pass_mark=None)

    assert start(attested, quiz, noon).pass_mark == 90


def test_a_body_never_lowers_the_pass_mark(attested, course, quiz, noon):
    approve(course, pass_mark=60)

    assert start(attested, quiz, noon).pass_mark == 70


def test_a_quiz_that_is_not_final_keeps_its_pass_mark(enrollment, course, quiz, noon):
    approve(course, pass_mark=90)
    quiz.is_final = False
    quiz.save()

    assert start(enrollment, quiz, noon).pass_mark == 70


@pytest.mark.parametrize(
    ("days", "counts"),
    [
        ((date(2026, 1, 1), date(2026, 5, 31)), False),
        ((date(2026, 1, 1), date(2026, 6, 1)), True),
        ((date(2026, 6, 1), date(2026, 6, 1)), True),
        ((date(2026, 6, 2), date(2026, 12, 31)), False),
    ],
)
def test_only_what_is_valid_that_day_has_an_effect(
    days, counts, attested, course, quiz, noon
):
    approve(course, pass_mark=90, requires_evaluation=True, days=days)

    assert start(attested, quiz, noon).pass_mark == (90 if counts else 70)
    asks = services.requires_evaluation(enrollment=attested, at=noon)
    assert asks is counts


def test_a_new_version_inherits_no_approval(attested, course, quiz, noon):
    accreditation = approve(course, pass_mark=90)
    newer = renew(course, noon)

    later = EnrollmentFactory(user=UserFactory(), course=course)

    assert rules(attested, noon).accreditations == [accreditation]
    assert later.version == newer
    assert rules(later, noon).accreditations == []


def test_staff_confirm_a_version_once(course, noon):
    accreditation = AccreditationFactory(course=course)
    newer, staff = renew(course, noon), UserFactory()
    facts = {"accreditation": accreditation, "version": newer, "by": staff}

    first = services.confirm_version(**facts, at=noon)
    again = services.confirm_version(**facts | {"by": UserFactory()}, at=noon + DAY)

    assert again == first
    assert (again.confirmed_by, again.confirmed_at) == (staff, noon)


def test_a_version_of_another_course_is_not_confirmed(course, noon):
    other = CourseVersionFactory()

    with pytest.raises(services.AccreditationRefusedError, match="another course"):
        services.confirm_version(
            accreditation=AccreditationFactory(course=course),
            version=other,
            by=UserFactory(),
            at=noon,
        )


def test_the_licenses_decide_by_which_bodies_a_person_earns(enrollment, course, noon):
    massage, therapy = ProfessionFactory(), ProfessionFactory()
    florida, texas = JurisdictionFactory(), JurisdictionFactory()
    everywhere = approve(course)
    fits = approve(course, professions=[massage], jurisdictions=[florida, texas])
    approve(course, professions=[therapy], jurisdictions=[florida])
    approve(course, professions=[massage], jurisdictions=[texas])
    state = approve(course, jurisdictions=[florida])
    LicenseFactory(user=enrollment.user, profession=massage, jurisdiction=florida)
    # Its state and its profession come from two licenses of somebody else.
    LicenseFactory(profession=therapy, jurisdiction=texas)

    earned = rules(enrollment, noon).accreditations

    assert set(earned) == {everywhere, fits, state}


def test_a_profession_and_a_state_of_two_licenses_do_not_add_up(
    enrollment, course, noon
):
    massage, therapy = ProfessionFactory(), ProfessionFactory()
    florida, texas = JurisdictionFactory(), JurisdictionFactory()
    approve(course, professions=[massage], jurisdictions=[texas])
    LicenseFactory(user=enrollment.user, profession=massage, jurisdiction=florida)
    LicenseFactory(user=enrollment.user, profession=therapy, jurisdiction=texas)

    assert rules(enrollment, noon).accreditations == []


def test_who_has_no_license_earns_by_every_body(enrollment, course, noon):
    approve(course, professions=[ProfessionFactory()])
    approve(course, jurisdictions=[JurisdictionFactory()])

    assert len(rules(enrollment, noon).accreditations) == 2


# What they ask for


def test_the_pass_mark_of_a_running_attempt_stays(client, attested, course, quiz, noon):
    attempt = start(attested, quiz, noon)
    approve(course, pass_mark=90)
    page = client.get(QUIZ).content.decode()

    again = start(attested, quiz, noon + DAY)

    assert again == attempt
    assert again.pass_mark == 70
    assert "You pass with 70%: 4 of 5 questions." in page
    services.submit_attempt(attempt=attempt, at=noon)
    assert QuizAttempt.objects.get().pass_mark == 70
    assert start(attested, quiz, noon + DAY).pass_mark == 90


def test_the_grading_scale_is_told_before_the_start(client, enrollment, course):
    plain = client.get(QUIZ).content.decode()
    approve(course, name="Sample Strict Board", pass_mark=81)

    raised = client.get(QUIZ).content.decode()

    assert "You pass with 70%: 4 of 5 questions. Unanswered counts as wrong." in plain
    assert "asks for this pass mark" not in plain
    assert "You pass with 81%: 5 of 5 questions." in raised
    assert "Sample Strict Board asks for this pass mark." in raised


@pytest.mark.parametrize(
    ("mark", "count", "right"), [(80, 20, 16), (70, 5, 4), (81, 5, 5), (1, 3, 1)]
)
def test_so_many_right_answers_pass_and_one_less_does_not(mark, count, right):
    scale = services.GradingScale(pass_mark=mark, question_count=count)

    assert scale.right_answers == right
    assert right * 100 // count >= mark > (right - 1) * 100 // count


def test_a_body_asks_for_the_attestation_before_any_quiz(
    client, enrollment, course, quiz, noon
):
    quiz.is_final = False
    quiz.save()
    attest = reverse("courses:attestation-create", args=["hips", "check"])
    assert client.get(attest).url == quiz.lesson.get_absolute_url()
    approve(course, name="Sample Strict Board", requires_attestation=True)

    with pytest.raises(services.UnattestedError):
        start(enrollment, quiz, noon)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": noon.timestamp()}
    ]
    session.save()
    page = client.get(attest).content.decode()
    sent = client.post(attest, {"name": "Mia Member", "attested": "on"})

    assert "Sample Strict Board asks for this before the quiz." in page
    assert sent.url == reverse("courses:attempt-detail", args=["hips", "check", 1])
    assert Attestation.objects.get().enrollment == enrollment


def test_a_body_asks_for_the_evaluation_before_the_certificate(
    client, enrollment, course, quiz, noon
):
    LessonProgress.objects.create(
        enrollment=enrollment, lesson=quiz.lesson, opened_at=noon, completed_at=noon
    )
    complete = reverse("courses:enrollment-complete", args=["hips"])
    assert client.get(complete).status_code == 200
    approve(course, requires_evaluation=True)

    asked = client.get(complete)

    assert asked.url == reverse("courses:evaluation-create", args=["hips"])
    with pytest.raises(services.CompletionRefusedError, match="Tell us"):
        services.complete(
            enrollment=enrollment, certificate_name="Mia", attested=True, at=noon
        )
    assert "Evaluation" in client.get(CLASSROOM).content.decode()


def test_a_final_quiz_waits_for_the_longest_study(client, attested, course, quiz, noon):
    course.minimum_minutes = 10
    course.save()
    accreditation = approve(course, name="Sample Slow Board", study_minutes_per_hour=30)
    attested.refresh_from_db()

    with pytest.raises(services.AttemptRefusedError, match="Study 60 more minutes"):
        start(attested, quiz, noon)

    page = client.get(QUIZ).content.decode()
    assert "Sample Slow Board asks for 60 minutes of study" in page
    assert "Study 60 more minutes before this quiz opens" in page
    LessonProgress.objects.create(
        enrollment=attested, lesson=quiz.lesson, opened_at=noon, active_seconds=3600
    )
    assert start(attested, quiz, noon).number == 1
    accreditation.valid_until = noon.date() - DAY
    accreditation.save()
    none_valid = rules(attested, noon)
    LessonProgress.objects.update(active_seconds=0)
    assert minutes_missing(attested, none_valid) == 10


def test_study_is_counted_by_the_hours_that_a_unit_stands_for(course):
    accreditation = AccreditationFactory(
        course=course,
        credit_hours="0.25",
        body__study_minutes_per_hour=25,
        body__contact_hours_per_unit=10,
    )
    accreditation.refresh_from_db()

    assert accreditation.study_minutes == 63


def test_the_list_of_what_is_needed_tells_the_raised_mark(enrollment, course, noon):
    approve(course, pass_mark=90)
    outline = build_outline(enrollment.course, enrollment)

    needs = needs_of(enrollment, outline, rules=rules(enrollment, noon))

    assert needs[0].state == "90% needed"


# What pages say


def test_the_course_page_lists_what_is_valid_and_warns_of_what_is_not(client, course):
    approve(course, name="Sample Valid Board", unit="contact hours")
    old = (date(2025, 1, 1), date(2026, 5, 30))
    approve(course, name="Sample Old Board", days=old)
    soon = (date(2026, 7, 1), date(2027, 7, 1))
    approve(course, name="Sample Later Board", days=soon)
    AccreditationFactory(course=course, body__name="Sample Unconfirmed Board")

    page = client.get(COURSE).content.decode()

    assert "Sample Valid Board" in page
    assert "2.0 contact hours, home study" in page
    assert Accreditation.objects.get(
        body__name="Sample Valid Board"
    ).approval_number in (page)
    assert "31 December 2026" in page
    assert "An approval that has expired by then awards nothing" in page
    assert "The approval by Sample Old Board expired on 30 May 2026." in page
    assert "Sample Later Board" not in page
    assert "Sample Unconfirmed Board" not in page


def test_a_course_page_without_valid_approvals_says_so(client, course):
    approve(course, days=(date(2025, 1, 1), date(2025, 12, 31)))

    page = client.get(COURSE).content.decode()

    assert "No approval of this course is valid now." in page
    assert "<table" not in page


def test_learners_read_of_their_own_version_and_what_a_move_would_cost(
    client, enrollment, course, noon
):
    approve(course, name="Sample First Board")
    renew(course, noon)
    approve(course, name="Sample Second Board")

    own = client.get(COURSE).content.decode()
    classroom = client.get(CLASSROOM).content.decode()
    client.logout()
    visitor = client.get(COURSE).content.decode()

    assert "Sample First Board" in own
    assert "Sample Second Board" not in own
    assert "Sample Second Board" in visitor
    assert "Sample First Board" not in visitor
    assert "Sample First Board has not approved it" in classroom
    assert "Sample Second Board has approved it." in classroom


def test_the_catalog_is_filtered_by_who_grants_credit(client, course):
    body = approve(course, slug="sample-board").body
    CourseFactory(title="Without any credit")

    page = client.get(CATALOG, {"credit": "sample-board"})

    shown = [card.title for card, _standing in page.context["catalog"].cards]
    assert body.name in page.content.decode()
    assert shown == [course.title]


# The database


def test_a_body_has_hours_of_50_or_60_minutes(db):
    with refused("courses_creditbody_hour_has_50_or_60_minutes"):
        CreditBodyFactory(minutes_per_hour=45)


def test_a_unit_of_a_body_stands_for_an_hour_at_least(db):
    with refused("courses_creditbody_unit_holds_an_hour"):
        CreditBodyFactory(contact_hours_per_unit=0)


@pytest.mark.parametrize("mark", [0, 101])
def test_the_pass_mark_of_a_body_is_a_percentage(db, mark):
    with refused("courses_creditbody_pass_mark_is_percent"):
        CreditBodyFactory(pass_mark=mark)


@pytest.mark.parametrize("minutes", [0, 51])
def test_a_body_asks_for_no_more_study_than_its_hour_has(db, minutes):
    with refused("courses_creditbody_study_fits_the_hour"):
        CreditBodyFactory(minutes_per_hour=50, study_minutes_per_hour=minutes)


def test_a_body_keeps_records(db):
    with refused("courses_creditbody_keeps_records"):
        CreditBodyFactory(retention_years=0)


def test_an_accreditation_grants_something(db):
    with refused("courses_accreditation_hours_are_positive"):
        AccreditationFactory(credit_hours=0)


def test_an_accreditation_ends_after_its_start(db):
    with refused("courses_accreditation_ends_after_its_start"):
        AccreditationFactory(valid_until=date(2025, 12, 31))


def test_the_database_holds_one_confirmation_of_a_version(db):
    confirmed = AccreditedVersionFactory()

    with refused("courses_accreditedversion_once_a_version"):
        AccreditedVersionFactory(
            accreditation=confirmed.accreditation, version=confirmed.version
        )


def test_what_somebody_may_have_earned_by_is_never_deleted(db):
    confirmed = AccreditedVersionFactory()

    for row in (
        confirmed.accreditation,
        confirmed.accreditation.body,
        confirmed.version,
    ):
        with pytest.raises(ProtectedError):
            row.delete()
    assert CourseVersion.objects.filter(pk=confirmed.version.pk).exists()
