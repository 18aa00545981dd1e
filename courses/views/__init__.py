from courses.views.catalog import (
    course_continue,
    course_detail,
    course_enroll,
    course_list,
    course_preview,
)
from courses.views.classroom import (
    classroom_detail,
    enrollment_complete,
    lesson_complete,
    lesson_detail,
    lesson_reopen,
    version_update,
)
from courses.views.media import (
    lesson_captions,
    lesson_file,
    lesson_stream,
    lesson_transcript,
    lesson_video,
)
from courses.views.notes import (
    note_create,
    note_delete,
    note_export,
    note_list,
    note_restore,
    note_save,
    note_update,
)
from courses.views.practice import practice_answer
from courses.views.questions import question_create
from courses.views.quiz import (
    attempt_answer,
    attempt_create,
    attempt_detail,
    attempt_result,
    attempt_review,
    attempt_submit,
    quiz_detail,
)
from courses.views.reports import progress_update, seat_time_update
from courses.views.reviews import review_delete, review_list, review_update
from courses.views.statements import attestation_create, evaluation_create

__all__ = [
    "attempt_answer",
    "attempt_create",
    "attempt_detail",
    "attempt_result",
    "attempt_review",
    "attempt_submit",
    "attestation_create",
    "classroom_detail",
    "course_continue",
    "course_detail",
    "course_enroll",
    "course_list",
    "course_preview",
    "enrollment_complete",
    "evaluation_create",
    "lesson_captions",
    "lesson_complete",
    "lesson_detail",
    "lesson_file",
    "lesson_reopen",
    "lesson_stream",
    "lesson_transcript",
    "lesson_video",
    "note_create",
    "note_delete",
    "note_export",
    "note_list",
    "note_restore",
    "note_save",
    "note_update",
    "practice_answer",
    "progress_update",
    "question_create",
    "quiz_detail",
    "review_delete",
    "review_list",
    "review_update",
    "seat_time_update",
    "version_update",
]
