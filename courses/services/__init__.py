from courses.services.assessment import (
    AnswerRefusedError,
    AttemptClosedError,
    AttemptRefusedError,
    attempts_left,
    resting_until,
    save_answer,
    start_attempt,
    submit_attempt,
)
from courses.services.catalog import place_lesson
from courses.services.enrollment import (
    CompletionRefusedError,
    EnrollmentRefusedError,
    complete,
    enroll,
)
from courses.services.progress import (
    LessonClosedError,
    LessonUnfinishedError,
    ReopeningRefusedError,
    WatchReport,
    complete_lesson,
    open_lesson,
    reopen_lesson,
    save_progress,
)
from courses.services.release import NotReleasedError, waiting_for
from courses.services.versions import (
    MoveRefusedError,
    current_version,
    move_to_current,
    newer_version,
)

__all__ = [
    "AnswerRefusedError",
    "AttemptClosedError",
    "AttemptRefusedError",
    "CompletionRefusedError",
    "EnrollmentRefusedError",
    "LessonClosedError",
    "LessonUnfinishedError",
    "MoveRefusedError",
    "NotReleasedError",
    "ReopeningRefusedError",
    "WatchReport",
    "attempts_left",
    "complete",
    "complete_lesson",
    "current_version",
    "enroll",
    "move_to_current",
    "newer_version",
    "open_lesson",
    "place_lesson",
    "reopen_lesson",
    "resting_until",
    "save_answer",
    "save_progress",
    "start_attempt",
    "submit_attempt",
    "waiting_for",
]
