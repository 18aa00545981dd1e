from courses.services.assessment import (
    AnswerRefusedError,
    AttemptClosedError,
    AttemptRefusedError,
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

__all__ = [
    "AnswerRefusedError",
    "AttemptClosedError",
    "AttemptRefusedError",
    "CompletionRefusedError",
    "EnrollmentRefusedError",
    "LessonClosedError",
    "LessonUnfinishedError",
    "ReopeningRefusedError",
    "WatchReport",
    "complete",
    "complete_lesson",
    "enroll",
    "open_lesson",
    "place_lesson",
    "reopen_lesson",
    "save_answer",
    "save_progress",
    "start_attempt",
    "submit_attempt",
]
