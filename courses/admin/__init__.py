from courses.admin.assessment import QuestionAdmin, QuizAdmin
from courses.admin.catalog import (
    CourseAdmin,
    DisclaimerAdmin,
    InstructorAdmin,
    LessonAdmin,
    RegionAdmin,
)
from courses.admin.credit import AccreditationAdmin, CreditBodyAdmin
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
from courses.admin.streams import VideoStreamAdmin
from courses.admin.versions import CourseVersionAdmin

__all__ = [
    "AccreditationAdmin",
    "AttestationAdmin",
    "CourseAdmin",
    "CourseVersionAdmin",
    "CreditBodyAdmin",
    "DisclaimerAdmin",
    "EarlyReleaseAdmin",
    "EnrollmentAdmin",
    "EvaluationAdmin",
    "ExtraAttemptsAdmin",
    "InstructorAdmin",
    "LessonAdmin",
    "LessonProgressAdmin",
    "QuestionAdmin",
    "QuizAdmin",
    "QuizAttemptAdmin",
    "RegionAdmin",
    "StaffCompletionAdmin",
    "VideoStreamAdmin",
]
