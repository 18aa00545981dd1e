from collections.abc import Sequence
from datetime import date, datetime

from django.urls import reverse

from accounts.models import User
from courses.models import (
    Course,
    CourseEmail,
    EmailDelivery,
    Enrollment,
    Lesson,
    LessonQuestion,
    QuizAttempt,
    build_outline,
)
from mail import emails
from mail.models import Category, unsubscribe_url
from mail.services import Email

Kind = CourseEmail.Kind
WHY = {
    Kind.WELCOME: "you enrolled in this course",
    Kind.STALLED: "you began this course and have not opened it for a while",
    Kind.ONE_QUIZ_LEFT: "one quiz is all that is left of your course",
    Kind.LOOK_AGAIN: "you took this quiz twice and have not passed it yet",
    Kind.NEW_COURSES: "courses for your profession were published last week",
}


def course_email(delivery: EmailDelivery, *, courses: Sequence[Course]) -> Email:
    """Compose one step for one person, with what is left and the link to it."""
    user, step = delivery.user, delivery.step
    if delivery.enrollment is None:
        left: dict[str, object] = {"courses": courses}
    else:
        left = _left(delivery.enrollment, step, quiz_id=delivery.quiz_id)
    return Email(
        template="courses/step",
        to=user.email,
        user=user,
        category=Category.LEARNING,
        dedupe_key=f"course-email:{delivery.key}",
        context={**_words(step, user, left.get("course")), **left},
    )


def sample(step: CourseEmail, *, user: User, course: Course | None) -> emails.Rendered:
    """Render a step as a learner at the start of the course would get it."""
    return emails.render(
        template="courses/step",
        address=user.email,
        category=Category.LEARNING,
        context=_sample(step, user=user, course=course),
        time_zone=user.time_zone,
    )


def trial(
    step: CourseEmail, *, user: User, course: Course | None, at: datetime
) -> Email:
    """Compose a step for the editor alone; pressed twice in a minute it leaves once."""
    stops = unsubscribe_url(address=user.email, category=Category.LEARNING)
    return Email(
        template="courses/step",
        to=user.email,
        user=user,
        category=Category.SERVICE,
        dedupe_key=f"course-email-test:{step.pk}:{user.pk}:{at:%Y%m%d%H%M}",
        context={
            **_sample(step, user=user, course=course),
            "is_test": True,
            "unsubscribe_url": stops,
        },
    )


def _sample(
    step: CourseEmail, *, user: User, course: Course | None
) -> dict[str, object]:
    if course is None:
        return _words(step, user, None)
    if step.kind == Kind.NEW_COURSES:
        return {**_words(step, user, None), "courses": [course]}
    enrollment = Enrollment(user=user, course=course)
    first = course.lessons.in_order().first()
    left = {"course": course, "enrollment": enrollment, "lesson": first}
    return {
        **_words(step, user, course),
        **left,
        "lesson_total": course.lessons.count(),
    }


def _words(step: CourseEmail, user: User, course: object) -> dict[str, object]:
    """Fill in the editor's words; what people wrote is escaped by the template."""

    def fill(text: str) -> str:
        title = str(course or "your course")
        return text.replace("{course}", title).replace("{name}", user.get_short_name())

    return {
        "step": step,
        "reader": user,
        "course": None,
        "courses": [],
        "lesson": None,
        "review_lessons": [],
        "lesson_left": 0,
        "lesson_total": 0,
        "is_test": False,
        "subject": fill(step.subject),
        "text": fill(step.text),
        "why": WHY[Kind(step.kind)],
    }


def _left(
    enrollment: Enrollment, step: CourseEmail, *, quiz_id: int | None
) -> dict[str, object]:
    outline = build_outline(enrollment.course, enrollment)
    resume = outline.resume(enrollment)
    lesson = resume.lesson if resume else None
    if step.kind == Kind.ONE_QUIZ_LEFT:
        lesson = next(one.lesson for one in outline.required if not one.is_done)
    return {
        "course": enrollment.course,
        "lesson": None if outline.is_finished else lesson,
        "lesson_left": outline.total - outline.done,
        "lesson_total": outline.total,
        "review_lessons": _to_review(enrollment, quiz_id) if quiz_id else [],
    }


def _to_review(enrollment: Enrollment, quiz_id: int) -> list[Lesson]:
    """Return the lessons that teach what the last attempt got wrong."""
    attempt = (
        QuizAttempt.objects.filter(
            enrollment=enrollment, quiz=quiz_id, submitted_at__isnull=False
        )
        .select_related("version")
        .order_by("-number")
        .first()
    )
    if attempt is None:
        return []
    right = attempt.answers.filter(is_correct=True).values_list(
        "question_id", flat=True
    )
    known = set(right)
    wrong = (one for one in attempt.questions if one.id not in known)
    ids = {one.review_lesson_id for one in wrong if one.review_lesson_id}
    lessons = enrollment.course.lessons.in_order().filter(pk__in=ids)
    return list(lessons.select_related("course"))


def answer(question: LessonQuestion) -> Email:
    """Compose the answer to a question; whoever asked gets it, subscribed or not."""
    user = question.enrollment.user
    return Email(
        template="courses/answer",
        to=user.email,
        user=user,
        category=Category.SERVICE,
        dedupe_key=f"lesson-answer:{question.pk}",
        context={"question": question, "lesson": question.lesson, "asker": user},
    )


def open_questions(
    questions: Sequence[LessonQuestion], *, total: int, to: User, on: date
) -> Email:
    """Compose the list of what waits for an answer; one leaves to a person a day.

    The words of the learners stay behind the login: they may tell of clients.
    """
    questions_page = reverse("admin:courses_lessonquestion_changelist")
    return Email(
        template="courses/open_questions",
        to=to.email,
        user=to,
        category=Category.SERVICE,
        dedupe_key=f"open-questions:{to.pk}:{on}",
        context={
            "questions": questions,
            "total": total,
            "reader": to,
            "url": f"{questions_page}?state=open",
        },
    )
