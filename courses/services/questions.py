"""What learners ask about a lesson, and how it is answered."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.errors import DomainError
from courses import access, emails
from courses.models import Lesson, LessonQuestion
from courses.services.enrollment import place_in

MOST_LISTED = 20


class QuestionRefusedError(DomainError):
    """The question cannot be asked."""


class AnswerMissingError(DomainError):
    """An answer has no words, or what is published has none."""


@dataclass(frozen=True)
class Answer:
    """What the staff answer, and the question as everybody may read it."""

    text: str
    is_published: bool = False
    published_text: str = ""


@transaction.atomic
def ask(
    *, user: User, lesson: Lesson, uuid: UUID, text: str, at: datetime
) -> LessonQuestion:
    """Put the question to the instructor; the same form sent again asks once."""
    if not access.may_study(user, lesson.course, at=at):
        raise QuestionRefusedError(
            "Questions are part of the membership. Restart it to ask this one."
        )
    enrollment = place_in(user=user, course=lesson.course, at=at)
    question, _created = LessonQuestion.objects.get_or_create(
        enrollment=enrollment,
        uuid=uuid,
        defaults={"lesson": lesson, "text": text, "asked_at": at},
    )
    return question


@transaction.atomic
def answer_question(
    *, question: LessonQuestion, answer: Answer, by: User, at: datetime
) -> LessonQuestion:
    """Store the answer; the first one is emailed, a correction is not."""
    if not answer.text or (answer.is_published and not answer.published_text):
        raise AnswerMissingError("Write the answer, and the question as published.")
    locked = (
        LessonQuestion.objects.select_for_update(of=("self",))
        .select_related("enrollment__user", "lesson__course")
        .get(pk=question.pk)
    )
    locked.answer = answer.text
    locked.is_published = answer.is_published
    locked.published_text = answer.published_text
    if locked.answered_at is None:
        locked.answered_at, locked.answered_by = at, by
    locked.save(
        update_fields=[
            *("answer", "is_published", "published_text"),
            *("answered_at", "answered_by", "updated_at"),
        ]
    )
    emails.answer(locked).queue()
    return locked


@transaction.atomic
def tell_open_questions(*, at: datetime) -> int:
    """Email whoever may answer what waits for it; a second run that day sends nothing."""
    waiting = LessonQuestion.objects.open()
    total = waiting.count()
    if not total:
        return 0
    listed = list(waiting.in_order().select_related("lesson__course")[:MOST_LISTED])
    on = timezone.localdate(at)
    people = User.objects.with_perm("courses.change_lessonquestion").filter(
        is_staff=True
    )
    for person in people:
        emails.open_questions(listed, total=total, to=person, on=on).queue()
    return total
