from courses.admin.assessment import QuestionAdmin, QuizAdmin
from courses.admin.catalog import (
    CourseAdmin,
    DisclaimerAdmin,
    InstructorAdmin,
    LessonAdmin,
    RegionAdmin,
)
from courses.admin.enrollment import (
    EarlyReleaseAdmin,
    EnrollmentAdmin,
    ExtraAttemptsAdmin,
    LessonProgressAdmin,
    QuizAttemptAdmin,
)
from courses.admin.versions import CourseVersionAdmin

__all__ = [
    "CourseAdmin",
    "CourseVersionAdmin",
    "DisclaimerAdmin",
    "EarlyReleaseAdmin",
    "EnrollmentAdmin",
    "ExtraAttemptsAdmin",
    "InstructorAdmin",
    "LessonAdmin",
    "LessonProgressAdmin",
    "QuestionAdmin",
    "QuizAdmin",
    "QuizAttemptAdmin",
    "RegionAdmin",
]
