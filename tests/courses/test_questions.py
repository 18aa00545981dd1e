"""Questions to the instructor: asked once, answered by email, published without a name."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.urls import reverse

from courses import jobs, services
from courses.models import Enrollment, LessonQuestion
from courses.models.notes import add_working_days
from mail.models import OutgoingEmail
from natcampus.roles import sync_roles
from tests.factories.accounts import UserFactory
from tests.factories.courses import (
    EnrollmentFactory,
    LessonFactory,
    LessonQuestionFactory,
)
from tests.support import refused

pytestmark = pytest.mark.usefixtures("clock")

ANSWER = "Hold it for half a minute, then ask again."


@pytest.fixture
def lesson(db):
    return LessonFactory(module__course__slug="hips", slug="release", title="Release")


@pytest.fixture
def enrollment(member, lesson, client):
    client.force_login(member)
    return EnrollmentFactory(user=member, course=lesson.course)


@pytest.fixture
def question(enrollment, lesson):
    return LessonQuestionFactory(enrollment=enrollment, lesson=lesson)


@pytest.fixture
def owner(db, settings):
    settings.STAFF_MFA_REQUIRED = False
    return UserFactory(email="owner@example.com", is_staff=True, is_superuser=True)


def ask(client, **changes):
    url = reverse("courses:question-create", args=["hips", "release"])
    return client.post(url, {"uuid": str(uuid4()), "text": "How long?"} | changes)


def answer(client, question, **changes):
    url = reverse("admin:courses_lessonquestion_change", args=[question.pk])
    return client.post(url, {"answer": ANSWER, "published_text": ""} | changes)


def read(client, lesson):
    return client.get(lesson.get_absolute_url()).content.decode()


@pytest.mark.django_db
def test_a_form_asks_one_question_of_an_enrollment():
    row = LessonQuestionFactory()

    with refused("courses_lessonquestion_one_per_uuid"):
        LessonQuestionFactory(
            uuid=row.uuid, enrollment=row.enrollment, lesson=row.lesson
        )


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"answer": ANSWER}, "courses_lessonquestion_answer_has_its_moment"),
        (
            {"is_published": True, "published_text": "How long?"},
            "courses_lessonquestion_published_is_answered",
        ),
    ],
)
@pytest.mark.django_db
def test_what_is_half_answered_is_refused(fields, constraint):
    with refused(constraint):
        LessonQuestionFactory(**fields)


def test_a_question_sent_twice_is_asked_once_and_shown_to_the_asker(
    client, enrollment, lesson
):
    uuid = str(uuid4())

    first = ask(client, uuid=uuid, text="How long do I <hold>?")
    ask(client, uuid=uuid, text="How long do I <hold>?")

    assert first.url == f"{lesson.get_absolute_url()}#questions"
    row = LessonQuestion.objects.get()
    assert (row.enrollment, row.lesson) == (enrollment, lesson)
    page = read(client, lesson)
    assert "How long do I &lt;hold&gt;?" in page
    assert "Answer by 4 June 2026" in page


def test_the_first_question_starts_the_course(client, member, lesson):
    client.force_login(member)

    ask(client)

    assert LessonQuestion.objects.get().enrollment == Enrollment.objects.get()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"text": " "}, "Write your question"),
        ({"text": "a" * 2001}, "at most 2000 characters"),
        ({"uuid": "me"}, "Open the lesson again"),
    ],
)
def test_a_question_that_cannot_be_sent_says_why_and_keeps_the_words(
    client, enrollment, changes, sentence
):
    page = ask(client, **changes).content.decode()

    assert sentence in page
    assert changes.get("text", "How long?").strip() in page
    assert not LessonQuestion.objects.exists()


def test_many_questions_within_an_hour_are_refused_with_their_words(client, enrollment):
    for _number in range(10):
        assert ask(client).status_code == 302

    response = ask(client, text="One more")

    assert response.status_code == 429
    assert "Wait an hour" in response.content.decode()
    assert "One more" in response.content.decode()
    assert LessonQuestion.objects.count() == 10


@pytest.mark.parametrize("who", ["free", "lapsed"])
def test_who_has_no_membership_cannot_ask(client, people, lesson, who):
    client.force_login(people[who])

    page = ask(client).content.decode()

    assert "Questions are part of the membership" in page
    assert not LessonQuestion.objects.exists()


def test_an_answer_saved_twice_is_emailed_once_and_shown_to_the_asker(
    client, question, lesson, member, owner
):
    client.force_login(owner)

    answer(client, question)
    answer(client, question, answer="Hold it for a minute.")

    email = OutgoingEmail.objects.get(template="courses/answer")
    assert (email.recipient, email.category) == (member.email, "service")
    assert ANSWER in email.body_text
    assert question.text in email.body_text
    question.refresh_from_db()
    assert question.answered_by == owner
    client.force_login(member)
    assert "Hold it for a minute." in read(client, lesson)


def test_an_answer_that_is_not_stored_sends_no_email(question, owner, noon):
    with pytest.raises(services.AnswerMissingError):
        services.answer_question(
            question=question,
            answer=services.Answer(text=ANSWER, is_published=True),
            by=owner,
            at=noon,
        )

    assert not OutgoingEmail.objects.exists()
    assert not mail.outbox


def test_what_is_published_is_read_by_all_without_who_asked(
    client, question, lesson, people, owner
):
    client.force_login(owner)
    answer(client, question, is_published="on", published_text="How long do I press?")

    client.force_login(people["past_due"])
    page = read(client, lesson)

    assert "How long do I press?" in page
    assert ANSWER in page
    assert question.text not in page
    assert "Mia" not in page


def test_an_answer_that_is_not_published_is_read_by_the_asker_alone(
    client, question, lesson, people, owner
):
    client.force_login(owner)
    answer(client, question)

    client.force_login(people["past_due"])
    page = read(client, lesson)

    assert ANSWER not in page
    assert question.text not in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"answer": ""}, "Write the answer."),
        ({"is_published": "on"}, "Write the question as it is published."),
    ],
)
def test_the_staff_are_told_what_is_missing(client, question, owner, changes, sentence):
    client.force_login(owner)

    page = answer(client, question, **changes).content.decode()

    assert sentence in page
    assert not OutgoingEmail.objects.exists()


def test_the_list_shows_what_waits_longest_first(client, enrollment, owner, noon):
    def add(title, **fields):
        lesson = LessonFactory(title=title, module__course=enrollment.course)
        LessonQuestionFactory(enrollment=enrollment, lesson=lesson, **fields)

    day = timedelta(days=1)
    add("answered", asked_at=noon - 9 * day, answer=ANSWER, answered_at=noon - day)
    add("new", asked_at=noon, text="why " * 40)
    add("waiting", asked_at=noon - 6 * day)
    client.force_login(owner)
    url = reverse("admin:courses_lessonquestion_changelist")

    page = client.get(url).content.decode()
    titles = ("waiting", "new", "answered")
    places = [page.index(f">{title}</a>") for title in titles]

    assert places == sorted(places)
    assert f"{'why ' * 19}why…</a>" in page
    assert "Late: 29 May 2026" in page
    assert '<td class="field-age">6</td>' in page
    assert "Answered 31 May 2026" in page
    for state, left in (("open", "answered"), ("answered", "new")):
        filtered = client.get(url, {"state": state}).content.decode()
        assert f">{left}</a>" not in filtered


def test_questions_are_neither_typed_in_nor_deleted(client, question, owner):
    client.force_login(owner)

    add = client.get(reverse("admin:courses_lessonquestion_add"))
    url = reverse("admin:courses_lessonquestion_delete", args=[question.pk])

    assert add.status_code == client.post(url, {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(
    ("asked", "promised"),
    [
        (date(2026, 6, 1), date(2026, 6, 4)),  # a Monday
        (date(2026, 6, 4), date(2026, 6, 9)),
        (date(2026, 6, 6), date(2026, 6, 10)),  # a Saturday
    ],
)
def test_the_weekend_does_not_count_as_working_days(asked, promised):
    assert add_working_days(asked, 3) == promised


def test_an_answer_is_late_the_day_after_it_was_promised():
    row = LessonQuestionFactory.build(
        lesson=None, enrollment=None, asked_at=datetime(2026, 6, 1, tzinfo=UTC)
    )

    assert not row.is_late(at=datetime(2026, 6, 4, 23, tzinfo=UTC))
    assert row.is_late(at=datetime(2026, 6, 5, tzinfo=UTC))


def test_visitors_of_a_preview_read_what_is_published_and_cannot_ask(
    client, lesson, noon
):
    lesson.is_preview = True
    lesson.save()
    assert 'id="questions"' not in read(client, lesson)
    LessonQuestionFactory(
        lesson=lesson,
        enrollment__course=lesson.course,
        answer=ANSWER,
        answered_at=noon,
        is_published=True,
        published_text="How long?",
    )

    page = read(client, lesson)

    assert ANSWER in page
    assert "Ask the instructor" not in page


def test_staff_who_may_answer_get_one_list_a_day_of_what_waits(
    question, owner, member, noon
):
    LessonQuestionFactory(
        enrollment=question.enrollment,
        lesson=question.lesson,
        answer=ANSWER,
        answered_at=noon,
        answered_by=owner,
    )
    editor = UserFactory(email="editor@example.com", is_staff=True)
    editor.groups.add(sync_roles()["Editor"])
    UserFactory(is_staff=True)  # may answer nothing

    jobs.tell_open_questions()
    jobs.tell_open_questions()

    told = OutgoingEmail.objects.filter(template="courses/open_questions")
    assert {email.recipient for email in told} == {owner.email, editor.email}
    assert told.count() == 2
    email = told.get(recipient=editor.email)
    assert email.subject == "1 question waits for an answer"
    assert "Release (" in email.body_text
    assert "/admin/courses/lessonquestion/?state=open" in email.body_text
    assert question.text not in email.body_text + email.body_html


def test_staff_are_not_told_when_nothing_waits(question, owner, noon):
    services.answer_question(
        question=question, answer=services.Answer(text=ANSWER), by=owner, at=noon
    )

    jobs.tell_open_questions()

    assert not OutgoingEmail.objects.filter(template="courses/open_questions").exists()


def test_a_long_list_names_the_oldest_and_how_many_there_are(question, owner, noon):
    LessonQuestionFactory.create_batch(
        24, enrollment=question.enrollment, lesson=question.lesson
    )

    services.tell_open_questions(at=noon)

    email = OutgoingEmail.objects.get(template="courses/open_questions")
    assert email.subject == "25 questions wait for an answer"
    assert "The 20 oldest of 25 stand here." in email.body_text
    assert email.body_text.count("promised by") == 20
