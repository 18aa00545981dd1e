from courses.admin.assessment import QuizAdmin
from courses.admin.catalog import (
    CourseAdmin,
    DisclaimerAdmin,
    InstructorAdmin,
    LessonAdmin,
    RegionAdmin,
)
from courses.admin.enrollment import (
    EnrollmentAdmin,
    LessonProgressAdmin,
    QuizAttemptAdmin,
)

__all__ = [
    "CourseAdmin",
    "DisclaimerAdmin",
    "EnrollmentAdmin",
    "InstructorAdmin",
    "LessonAdmin",
    "LessonProgressAdmin",
    "QuizAdmin",
    "QuizAttemptAdmin",
    "RegionAdmin",
]
