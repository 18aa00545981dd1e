from courses.models import Enrollment, Lesson, LessonQuestion
from mail.models import Category
from mail.services import Email


def welcome(enrollment: Enrollment, *, first_lesson: Lesson | None) -> Email:
    """Compose the welcome to a course, with the link to its first lesson."""
    return Email(
        template="courses/welcome",
        to=enrollment.user.email,
        user=enrollment.user,
        category=Category.LEARNING,
        dedupe_key=f"course-welcome:{enrollment.pk}",
        context={
            "enrollment": enrollment,
            "course": enrollment.course,
            "first_lesson": first_lesson,
        },
    )


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
