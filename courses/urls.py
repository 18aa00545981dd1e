from django.urls import path

from courses import views

app_name = "courses"

QUIZ = "learn/<slug:course>/quiz/<slug:lesson>"
LESSON = "learn/<slug:course>/<slug:lesson>"
NOTE = "learn/<slug:course>/notes/<uuid:uuid>"

urlpatterns = [
    path("courses/", views.course_list, name="course-list"),
    path("courses/<slug:course>/", views.course_detail, name="course-detail"),
    path("courses/<slug:course>/preview/", views.course_preview, name="course-preview"),
    path("courses/<slug:course>/enroll/", views.course_enroll, name="course-enroll"),
    path(
        "courses/<slug:course>/continue/",
        views.course_continue,
        name="course-continue",
    ),
    path("courses/<slug:course>/reviews/", views.review_list, name="review-list"),
    path("courses/<slug:course>/review/", views.review_update, name="review-update"),
    path(
        "courses/<slug:course>/review/delete/",
        views.review_delete,
        name="review-delete",
    ),
    path("learn/api/progress/", views.progress_update, name="progress-update"),
    path("learn/api/seat-time/", views.seat_time_update, name="seat-time-update"),
    path("learn/api/notes/", views.note_save, name="note-save"),
    path("learn/<slug:course>/", views.classroom_detail, name="classroom-detail"),
    path(
        "learn/<slug:course>/complete/",
        views.enrollment_complete,
        name="enrollment-complete",
    ),
    path("learn/<slug:course>/version/", views.version_update, name="version-update"),
    path(
        "learn/<slug:course>/evaluation/",
        views.evaluation_create,
        name="evaluation-create",
    ),
    path("learn/<slug:course>/notes/", views.note_list, name="note-list"),
    path("learn/<slug:course>/notes.txt", views.note_export, name="note-export"),
    path(f"{NOTE}/", views.note_update, name="note-update"),
    path(f"{NOTE}/delete/", views.note_delete, name="note-delete"),
    path(f"{NOTE}/restore/", views.note_restore, name="note-restore"),
    path(f"{QUIZ}/", views.quiz_detail, name="quiz-detail"),
    path(f"{QUIZ}/attest/", views.attestation_create, name="attestation-create"),
    path(f"{QUIZ}/start/", views.attempt_create, name="attempt-create"),
    path(f"{QUIZ}/attempt/<int:number>/", views.attempt_detail, name="attempt-detail"),
    path(
        f"{QUIZ}/attempt/<int:number>/answer/",
        views.attempt_answer,
        name="attempt-answer",
    ),
    path(
        f"{QUIZ}/attempt/<int:number>/review/",
        views.attempt_review,
        name="attempt-review",
    ),
    path(
        f"{QUIZ}/attempt/<int:number>/submit/",
        views.attempt_submit,
        name="attempt-submit",
    ),
    path(f"{QUIZ}/result/<int:number>/", views.attempt_result, name="attempt-result"),
    path(f"{LESSON}/", views.lesson_detail, name="lesson-detail"),
    path(f"{LESSON}/practice/", views.practice_answer, name="practice-answer"),
    path(f"{LESSON}/complete/", views.lesson_complete, name="lesson-complete"),
    path(f"{LESSON}/notes/", views.note_create, name="note-create"),
    path(f"{LESSON}/questions/", views.question_create, name="question-create"),
    path(f"{LESSON}/reopen/", views.lesson_reopen, name="lesson-reopen"),
    path(f"{LESSON}/video.mp4", views.lesson_video, name="lesson-video"),
    path(f"{LESSON}/stream/<str:name>", views.lesson_stream, name="lesson-stream"),
    path(f"{LESSON}/captions.vtt", views.lesson_captions, name="lesson-captions"),
    path(f"{LESSON}/transcript.txt", views.lesson_transcript, name="lesson-transcript"),
    path(f"{LESSON}/files/<int:number>/", views.lesson_file, name="lesson-file"),
]
