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
    Instructor,
    Lesson,
    LessonFile,
    LessonQuerySet,
    Module,
    Objective,
    Region,
)
from courses.models.enrollment import Enrollment, EnrollmentQuerySet, LessonProgress

__all__ = [
    "Choice",
    "Course",
    "CourseQuerySet",
    "Disclaimer",
    "Enrollment",
    "EnrollmentQuerySet",
    "Instructor",
    "Lesson",
    "LessonFile",
    "LessonProgress",
    "LessonQuerySet",
    "Module",
    "Objective",
    "Question",
    "Quiz",
    "QuizAnswer",
    "QuizAttempt",
    "Region",
]
