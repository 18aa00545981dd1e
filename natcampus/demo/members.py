"""One account for each state that a person can be in, with a history of study."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import Jurisdiction, License, Profession, User
from certification.models import Certificate
from courses import services as courses
from courses.models import Course, Enrollment, Evaluation, Lesson
from mail.models import OutgoingEmail
from natcampus.demo import money
from natcampus.roles import sync_roles

DOMAIN = "natcampus.example"


@dataclass(frozen=True)
class Role:
    """A demo account: its name, what it paid and what it has studied."""

    key: str
    name: str
    subscription: str = ""
    group: str = ""
    completed_courses: int = 0
    started_lessons: int = 0


ROLES = (
    Role("admin", "Ada Sample", group="admin"),
    Role("editor", "Edda Sample", group="Editor"),
    Role("support", "Sol Sample", group="Support"),
    Role("finance", "Fin Sample", group="Finance"),
    Role("free", "Freya Holm"),
    Role("member", "Maya Lindqvist", "active", started_lessons=6),
    Role("other_member", "Omar Haddad", "active", started_lessons=2),
    Role("past_due", "Paolo Duarte", "past_due", started_lessons=3),
    Role("canceling", "Cara Novak", "canceling", started_lessons=4),
    Role("lapsed", "Leo Lapointe", "canceled", completed_courses=1),
    Role("comp", "Coral Nguyen", "comp", started_lessons=1),
    Role("certified", "Celia Ortega", "active", completed_courses=6),
)


def owner(*, password: str) -> User:
    """Return the demo's administrator, who has confirmed what the demo says of credit."""
    return account(ROLES[0], password=password)


def email_of(role: Role) -> str:
    return f"{role.key.replace('_', '-')}@{DOMAIN}"


def load(*, password: str, at: datetime) -> dict[str, User]:
    groups = sync_roles()
    users: dict[str, User] = {}
    for role in ROLES:
        user = users[role.key] = account(role, password=password)
        if role.group in groups:
            user.groups.set([groups[role.group]])
        since = at - timedelta(days=365)
        if role.subscription == "comp":
            money.grant(user, by=users["admin"], valid_from=since, valid_until=None)
        elif role.completed_courses or role.started_lessons:
            money.grant(user, by=users["admin"], valid_from=since, valid_until=at)
        study(user, role, at=at)
        if role.subscription not in ("", "comp"):
            money.subscribe(user, status=role.subscription, at=at)
    OutgoingEmail.objects.filter(
        recipient__endswith=f"@{DOMAIN}", status=OutgoingEmail.Status.QUEUED
    ).update(status=OutgoingEmail.Status.SUPPRESSED)
    return users


def account(role: Role, *, password: str) -> User:
    email = email_of(role)
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(
            email,
            password,
            name=role.name,
            certificate_name=f"{role.name}, LMT",
            profession=Profession.objects.get(slug="massage-therapist"),
            is_staff=bool(role.group),
            is_superuser=role.key == "admin",
        )
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    elif not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
    if role.completed_courses and not user.licenses.exists():
        License.objects.create(
            user=user,
            profession=Profession.objects.get(slug="massage-therapist"),
            jurisdiction=Jurisdiction.objects.get(code="US-FL"),
            number="SAMPLE-10234",
        )
    return user


@transaction.atomic
def study(user: User, role: Role, *, at: datetime) -> None:
    """Enroll, learn and pass as a learner would, through the services."""
    if user.enrollments.exists():
        return
    published = Course.objects.published(at=at).order_by("slug")
    for number, course in enumerate(published[: role.completed_courses]):
        complete_course(user, course, at=at - timedelta(days=40 * (number + 1)))
    if role.started_lessons:
        course = Course.objects.get(slug="hip-and-thigh")
        enrollment = enroll(user, course, at=at - timedelta(days=3))
        lessons = list(course.lessons.in_order())
        for lesson in lessons[: role.started_lessons]:
            finish_lesson(enrollment, lesson, at=at - timedelta(days=2))
        courses.open_lesson(
            enrollment=enrollment,
            lesson=lessons[role.started_lessons],
            at=at - timedelta(days=2),
        )


def enroll(user: User, course: Course, *, at: datetime) -> Enrollment:
    """Enroll a person who had access then, whatever the subscription is now."""
    version = courses.current_version(course=course, at=at)
    return Enrollment.objects.create(
        user=user, course=course, version=version, enrolled_at=at
    )


def complete_course(user: User, course: Course, *, at: datetime) -> Certificate | None:
    enrollment = enroll(user, course, at=at)
    if course.lessons.filter(quiz__is_final=True).exists():
        name = user.certificate_name
        courses.attest(
            enrollment=enrollment, legal_name=name, ip_address="127.0.0.1", at=at
        )
    for lesson in course.lessons.in_order():
        finish_lesson(enrollment, lesson, at=at)
    if courses.requires_evaluation(enrollment=enrollment, at=at):
        courses.evaluate(enrollment=enrollment, opinion=opinion_of(enrollment), at=at)
    courses.complete(
        enrollment=enrollment,
        certificate_name=user.certificate_name,
        attested=True,
        at=at + timedelta(hours=6),
    )
    return Certificate.objects.filter(enrollment=enrollment).first()


def opinion_of(enrollment: Enrollment) -> courses.Opinion:
    ids = [row["id"] for row in enrollment.version.objectives]
    return courses.Opinion(
        objectives=dict.fromkeys(ids, int(Evaluation.Scale.MOSTLY)),
        overall=Evaluation.Scale.MOSTLY,
        instructor=Evaluation.Scale.FULLY,
        is_current=Evaluation.Scale.MOSTLY,
        is_unbiased=Evaluation.Scale.FULLY,
        minutes=140,
        comment="The sheet for the first visit is on my wall now.",
    )


def finish_lesson(enrollment: Enrollment, lesson: Lesson, *, at: datetime) -> None:
    courses.open_lesson(enrollment=enrollment, lesson=lesson, at=at)
    if lesson.kind == Lesson.Kind.CHECK:
        answer_check(enrollment, lesson, at=at)
    elif lesson.kind != Lesson.Kind.QUIZ:
        courses.complete_lesson(user=enrollment.user, lesson=lesson, at=at)
    else:
        pass_quiz(enrollment, lesson, at=at)


def answer_check(enrollment: Enrollment, lesson: Lesson, *, at: datetime) -> None:
    for question in lesson.quiz.questions.with_choices():
        right = [one.pk for one in question.choices.all() if one.is_correct]
        courses.answer_practice(
            enrollment=enrollment, question=question, choice_ids=right, at=at
        )


def pass_quiz(enrollment: Enrollment, lesson: Lesson, *, at: datetime) -> None:
    attempt = courses.start_attempt(enrollment=enrollment, quiz=lesson.quiz, at=at)
    for question in attempt.questions:
        courses.save_answer(
            attempt=attempt, question_id=question.id, choice_ids=question.key, at=at
        )
    courses.submit_attempt(attempt=attempt, at=at)
