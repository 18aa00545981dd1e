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
    Lesson,
    LessonFile,
    LessonQuerySet,
    Module,
    Objective,
)
from courses.models.credit import (
    Accreditation,
    AccreditationQuerySet,
    AccreditedVersion,
    CreditBody,
)
from courses.models.enrollment import (
    EarlyRelease,
    Enrollment,
    EnrollmentQuerySet,
    LessonProgress,
)
from courses.models.outline import Chapter, Outline, Step, build_outline
from courses.models.reference import (
    Disclaimer,
    DisclaimerQuerySet,
    Instructor,
    Region,
)
from courses.models.statements import (
    Attestation,
    Evaluation,
    EvaluationReceipt,
    StaffCompletion,
)
from courses.models.streams import VideoStream
from courses.models.versions import (
    CourseVersion,
    VersionChoice,
    VersionQuestion,
    VersionQuiz,
)

__all__ = [
    "Accreditation",
    "AccreditationQuerySet",
    "AccreditedVersion",
    "Attestation",
    "Chapter",
    "Choice",
    "Course",
    "CourseQuerySet",
    "CourseVersion",
    "CreditBody",
    "Disclaimer",
    "DisclaimerQuerySet",
    "EarlyRelease",
    "Enrollment",
    "EnrollmentQuerySet",
    "Evaluation",
    "EvaluationReceipt",
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
    "StaffCompletion",
    "Step",
    "VersionChoice",
    "VersionQuestion",
    "VersionQuiz",
    "VideoStream",
    "build_outline",
]
