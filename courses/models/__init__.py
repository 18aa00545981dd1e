from courses.models.assessment import (
    Choice,
    Question,
    Quiz,
    QuizAnswer,
    QuizAttempt,
)
from courses.models.catalog import (
    Course,
    CourseQuerySet,
    Disclaimer,
    DisclaimerQuerySet,
    Instructor,
    Lesson,
    LessonFile,
    LessonQuerySet,
    Module,
    Objective,
    Region,
)
from courses.models.enrollment import (
    Enrollment,
    EnrollmentQuerySet,
    LessonProgress,
)
from courses.models.outline import Chapter, Outline, Step, build_outline

__all__ = [
    "Chapter",
    "Choice",
    "Course",
    "CourseQuerySet",
    "Disclaimer",
    "DisclaimerQuerySet",
    "Enrollment",
    "EnrollmentQuerySet",
    "Instructor",
    "Lesson",
    "LessonFile",
    "LessonProgress",
    "LessonQuerySet",
    "Module",
    "Objective",
    "Outline",
    "Question",
    "Quiz",
    "QuizAnswer",
    "QuizAttempt",
    "Region",
    "Step",
    "build_outline",
]
