"""What learners state before the final quiz, and say about a course after it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from courses import services
from courses.models import (
    Attestation,
    Course,
    Evaluation,
    EvaluationReceipt,
    LessonProgress,
    QuizAttempt,
    StaffCompletion,
)
from tests.factories.accounts import LicenseFactory, UserFactory
from tests.factories.courses import (
    ChoiceFactory,
    EnrollmentFactory,
    LessonFactory,
    ObjectiveFactory,
    QuestionFactory,
    QuizFactory,
)
from tests.support import refused

HOUR = timedelta(hours=1)
ATTEST = ("courses:attestation-create", ["hips", "check"])
EVALUATE = ("courses:evaluation-create", ["hips"])
COMPLETE = ("courses:enrollment-complete", ["hips"])
START = ("courses:attempt-create", ["hips", "check"])
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def quiz(db):
    quiz = QuizFactory(
        is_final=True, lesson__slug="check", lesson__module__course__slug="hips"
    )
    ObjectiveFactory(course=quiz.lesson.course, text="Find the tendon")
    ChoiceFactory(question=QuestionFactory(quiz=quiz), is_correct=True)
    return quiz


@pytest.fixture
def enrollment(client, member, quiz):
    client.force_login(member)
    return EnrollmentFactory(user=member, course=quiz.lesson.course)


@pytest.fixture
def prove(client, noon):
    """Return a function that notes when the person of the session logged in."""

    def at(moment):
        session = client.session
        session["account_authentication_methods"] = [
            {"method": "password", "at": moment.timestamp()}
        ]
        session.save()

    at(noon)
    return at


def url(page):
    name, arguments = page
    return reverse(name, args=arguments)


# The attestation


def test_the_final_quiz_begins_with_who_takes_it(
    client, enrollment, prove, member, noon
):
    license_ = LicenseFactory(user=member)
    started = client.post(url(START))
    assert started.url == url(ATTEST)
    page = client.get(url(ATTEST)).content.decode()
    assert str(license_) in page
    assert not QuizAttempt.objects.exists()

    done = client.post(url(ATTEST), {"name": " Mia  Member ", "attested": "on"})

    kept = Attestation.objects.get()
    assert done.url == reverse("courses:attempt-detail", args=["hips", "check", 1])
    assert (kept.enrollment, kept.legal_name) == (enrollment, "Mia Member")
    assert (kept.text, kept.text_version) == (services.STATEMENT, "2026-11")
    assert (kept.licenses, kept.ip_address) == ([str(license_)], "127.0.0.1")
    assert kept.attested_at == noon


def test_what_was_attested_is_asked_once_and_never_changed(client, enrollment, prove):
    client.post(url(ATTEST), {"name": "Mia Member", "attested": "on"})
    client.post(url(ATTEST), {"name": "Somebody Else", "attested": "on"})

    assert Attestation.objects.get().legal_name == "Mia Member"
    assert client.post(url(START)).url != url(ATTEST)


@pytest.mark.parametrize(
    ("values", "answer"),
    [
        ({"name": "Mia"}, "Confirm that you do this course yourself"),
        ({"attested": "on"}, "Enter your name as it stands on your license"),
        ({"name": "   ", "attested": "on"}, "Enter your name"),
    ],
)
def test_without_name_or_confirmation_nothing_begins(
    values, answer, client, enrollment, prove
):
    page = client.post(url(ATTEST), values).content.decode()

    assert answer in page
    assert not Attestation.objects.exists()
    assert not QuizAttempt.objects.exists()


@pytest.mark.parametrize(("hours", "asks"), [(11, False), (13, True), (None, True)])
def test_a_login_of_long_ago_is_proved_again(
    hours, asks, client, enrollment, prove, noon
):
    if hours is None:
        session = client.session
        del session["account_authentication_methods"]
        session.save()
    else:
        prove(noon - hours * HOUR)

    response = client.get(url(ATTEST))

    is_asked = response.status_code == 302 and "reauthenticate" in response.url
    assert is_asked is asks


def test_nobody_gets_around_the_attestation(enrollment, quiz, noon):
    with pytest.raises(services.UnattestedError):
        services.start_attempt(enrollment=enrollment, quiz=quiz, at=noon)


def test_a_quiz_that_is_not_the_final_one_asks_for_nothing(enrollment, quiz, noon):
    quiz.is_final = False
    quiz.save()

    assert services.start_attempt(enrollment=enrollment, quiz=quiz, at=noon).number == 1


def test_the_pages_belong_to_who_is_enrolled(client, quiz, people, prove):
    client.force_login(people["free"])

    assert client.get(url(ATTEST)).url == quiz.lesson.get_absolute_url()
    assert client.get(url(EVALUATE)).url == quiz.lesson.course.get_absolute_url()


# The evaluation


@pytest.fixture
def finished(enrollment, quiz, noon):
    """Leave only the evaluation to be done."""
    Course.objects.update(requires_evaluation=True)
    LessonProgress.objects.create(
        enrollment=enrollment, lesson=quiz.lesson, opened_at=noon, completed_at=noon
    )
    return enrollment


def opinion(enrollment, **more):
    objective = enrollment.version.objectives[0]["id"]
    scale = ("overall", "instructor", "is_current", "is_unbiased")
    return {
        f"objective-{objective}": 5,
        **dict.fromkeys(scale, 4),
        "minutes": 95,
        "comment": "More on the tendon.",
        **more,
    }


def test_the_evaluation_comes_before_the_certificate(client, finished, signatory, noon):
    assert client.get(url(COMPLETE)).url == url(EVALUATE)
    with pytest.raises(services.CompletionRefusedError, match="Tell us"):
        services.complete(
            enrollment=finished, certificate_name="Mia", attested=True, at=noon
        )
    page = client.get(url(EVALUATE)).content.decode()
    assert "I can now: Find the tendon" in page

    sent = client.post(url(EVALUATE), opinion(finished))

    assert sent.url == url(COMPLETE)
    assert client.get(url(COMPLETE)).status_code == 200
    kept = Evaluation.objects.get()
    assert list(kept.objectives.values()) == [5]
    assert (kept.overall, kept.minutes, kept.comment) == (4, 95, "More on the tendon.")


def test_what_was_said_is_kept_apart_from_who_said_it(client, finished):
    client.post(url(EVALUATE), opinion(finished))

    fields = {field.name for field in Evaluation._meta.get_fields()}
    assert not fields & {"enrollment", "user", "submitted_at"}
    assert EvaluationReceipt.objects.get().enrollment == finished


def test_the_list_of_needs_leads_to_the_evaluation_once_the_lessons_are_done(
    client, finished
):
    def told():
        page = client.get(reverse("courses:classroom-detail", args=["hips"]))
        return page.content.decode()

    link = f'<a href="{url(EVALUATE)}">Evaluation</a>: Open'
    assert link in told()
    finished.progress.update(completed_at=None)
    assert link not in told()


def test_an_evaluation_counts_once(client, finished):
    for _time in range(2):
        client.post(url(EVALUATE), opinion(finished))

    assert Evaluation.objects.count() == 1


def test_nobody_evaluates_a_course_before_its_lessons_are_done(client, finished):
    finished.progress.update(completed_at=None)

    sent = client.post(url(EVALUATE), opinion(finished))

    assert sent.url == url(COMPLETE)
    assert not Evaluation.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"), [("overall", "6"), ("minutes", "0"), ("instructor", "")]
)
def test_an_answer_off_the_scale_is_told_beside_it(field, value, client, finished):
    page = client.post(url(EVALUATE), opinion(finished, **{field: value}))

    assert page.status_code == 200
    assert page.context["form"].errors.keys() == {field}
    assert "More on the tendon." in page.content.decode()
    assert not Evaluation.objects.exists()


# The staff


def test_staff_complete_a_lesson_with_a_reason(client, enrollment, settings, quiz):
    settings.STAFF_MFA_REQUIRED = False
    lesson = LessonFactory(module=quiz.lesson.module)
    owner = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(owner)
    page = reverse("admin:courses_staffcompletion_add")
    values = {"enrollment": enrollment.pk, "lesson": lesson.pk}

    refused_page = client.post(page, values).content.decode()
    client.post(page, {**values, "reason": "Showed it in class"})

    assert "This field is required." in refused_page
    given = StaffCompletion.objects.get()
    assert (given.given_by, given.reason) == (owner, "Showed it in class")
    assert LessonProgress.objects.get(lesson=lesson).completed_at == timezone.now()


def test_a_lesson_of_another_course_is_not_completed(client, enrollment, settings):
    settings.STAFF_MFA_REQUIRED = False
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    values = {"enrollment": enrollment.pk, "lesson": LessonFactory().pk, "reason": "So"}

    page = client.post(reverse("admin:courses_staffcompletion_add"), values)

    assert "This lesson is not part of the course." in page.content.decode()
    assert not StaffCompletion.objects.exists()


# The database


def completion(enrollment, **more):
    lesson = LessonFactory(module__course=enrollment.course)
    values = {"lesson": lesson, "reason": "So", "given_by": UserFactory(), **more}
    return StaffCompletion.objects.create(enrollment=enrollment, **values)


def test_staff_complete_a_lesson_once(enrollment):
    first = completion(enrollment)
    with refused("courses_staffcompletion_once_a_lesson"):
        completion(enrollment, lesson=first.lesson)


def test_staff_complete_a_lesson_for_a_reason(enrollment):
    with refused("courses_staffcompletion_has_a_reason"):
        completion(enrollment, reason="")


def test_an_attestation_says_who(enrollment, noon):
    with refused("courses_attestation_says_who_and_what"):
        Attestation.objects.create(
            enrollment=enrollment, text="I", legal_name="", attested_at=noon
        )


def test_an_evaluation_stays_on_the_scale(enrollment, noon):
    with refused("courses_evaluation_overall_is_on_the_scale"):
        Evaluation.objects.create(
            version=enrollment.version,
            objectives={},
            overall=6,
            instructor=1,
            is_current=1,
            is_unbiased=1,
            minutes=1,
            submitted_date=noon.date(),
        )
