"""The notes of learners: saved while they type, and never doubled."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.errors import DomainError
from courses.models import Lesson, Note
from courses.services.enrollment import place_in
from courses.services.progress import open_lesson
from courses.services.release import require_released

MOST_NOTES = 200  # of one lesson
RESTORED_WITHIN = timedelta(days=1)


class NoteRefusedError(DomainError):
    """The note cannot be kept."""


@transaction.atomic
def save_note(
    *,
    user: User,
    lesson: Lesson,
    uuid: UUID,
    text: str,
    moment: int | None,
    at: datetime,
) -> Note:
    """Keep the words under their own number; of several devices the last one wins.

    Who has lost access still saves: what was written offline is never lost.
    """
    enrollment = place_in(user=user, course=lesson.course, at=at)
    known = Note.objects.filter(enrollment=enrollment, uuid=uuid).first()
    if known is None:
        require_released(enrollment, lesson, at=at)
        _require_room(enrollment.notes.kept().filter(lesson=lesson).count())
        open_lesson(enrollment=enrollment, lesson=lesson, at=at)
    elif known.deleted_at is not None:
        raise NoteRefusedError("This note was deleted. Copy the words to a new one.")
    words = {"text": text, "moment_seconds": moment, "written_at": at}
    note, _created = Note.objects.update_or_create(
        enrollment=enrollment,
        uuid=uuid,
        defaults=words,
        create_defaults={**words, "lesson": lesson},
    )
    return note


def _require_room(count: int) -> None:
    if count >= MOST_NOTES:
        raise NoteRefusedError(
            f"This lesson has {MOST_NOTES} notes. Delete one to write another."
        )


def delete_note(*, note: Note, at: datetime) -> None:
    """Hide the note; until it is purged it can be brought back."""
    Note.objects.kept().filter(pk=note.pk).update(deleted_at=at)


def restore_note(*, note: Note) -> None:
    Note.objects.filter(pk=note.pk).update(deleted_at=None)


def purge_notes(*, at: datetime) -> int:
    """Delete for good what was deleted some time ago."""
    gone = Note.objects.filter(deleted_at__lte=at - RESTORED_WITHIN)
    return gone.delete()[0]
