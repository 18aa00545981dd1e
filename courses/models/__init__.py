from courses.models.assessment import (
    Choice,
    ExtraAttempts,
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
from courses.models.versions import (
    CourseVersion,
    VersionChoice,
    VersionQuestion,
    VersionQuiz,
)

__all__ = [
    "Chapter",
    "Choice",
    "Course",
    "CourseQuerySet",
    "CourseVersion",
    "Disclaimer",
    "DisclaimerQuerySet",
    "Enrollment",
    "EnrollmentQuerySet",
    "ExtraAttempts",
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
    "VersionChoice",
    "VersionQuestion",
    "VersionQuiz",
    "build_outline",
]
