from courses.admin.assessment import QuestionAdmin, QuizAdmin
from courses.admin.catalog import (
    CourseAdmin,
    DisclaimerAdmin,
    InstructorAdmin,
    LessonAdmin,
    RegionAdmin,
)
from courses.admin.enrollment import (
    AttestationAdmin,
    EarlyReleaseAdmin,
    EnrollmentAdmin,
    EvaluationAdmin,
    ExtraAttemptsAdmin,
    LessonProgressAdmin,
    QuizAttemptAdmin,
    StaffCompletionAdmin,
)
from courses.admin.questions import LessonQuestionAdmin
from courses.admin.streams import VideoStreamAdmin
from courses.admin.versions import CourseVersionAdmin

__all__ = [
    "AttestationAdmin",
    "CourseAdmin",
    "CourseVersionAdmin",
    "DisclaimerAdmin",
    "EarlyReleaseAdmin",
    "EnrollmentAdmin",
    "EvaluationAdmin",
    "ExtraAttemptsAdmin",
    "InstructorAdmin",
    "LessonAdmin",
    "LessonProgressAdmin",
    "LessonQuestionAdmin",
    "QuestionAdmin",
    "QuizAdmin",
    "QuizAttemptAdmin",
    "RegionAdmin",
    "StaffCompletionAdmin",
    "VideoStreamAdmin",
]
