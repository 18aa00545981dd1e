from courses.models.accommodations import Accommodation
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
from courses.models.notes import (
    LessonQuestion,
    LessonQuestionQuerySet,
    Note,
    NoteQuerySet,
)
from courses.models.outline import Chapter, Outline, Step, build_outline
from courses.models.practice import PracticeAnswer
from courses.models.reference import (
    Disclaimer,
    DisclaimerQuerySet,
    Instructor,
    Region,
)
from courses.models.reviews import Rating, Review, ReviewQuerySet, rating_of
from courses.models.sequence import CourseEmail, EmailDelivery
from courses.models.statements import (
    Attestation,
    Evaluation,
    EvaluationReceipt,
    StaffCompletion,
)
from courses.models.streams import VideoStream
from courses.models.syllabus import Syllabus
from courses.models.versions import (
    CourseVersion,
    VersionChoice,
    VersionQuestion,
    VersionQuiz,
)

__all__ = [
    "Accommodation",
    "Accreditation",
    "AccreditationQuerySet",
    "AccreditedVersion",
    "Attestation",
    "Chapter",
    "Choice",
    "Course",
    "CourseEmail",
    "CourseQuerySet",
    "CourseVersion",
    "CreditBody",
    "Disclaimer",
    "DisclaimerQuerySet",
    "EarlyRelease",
    "EmailDelivery",
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
    "LessonQuestion",
    "LessonQuestionQuerySet",
    "Module",
    "Note",
    "NoteQuerySet",
    "Objective",
    "Outline",
    "PracticeAnswer",
    "Question",
    "Quiz",
    "QuizAnswer",
    "QuizAttempt",
    "Rating",
    "Region",
    "Review",
    "ReviewQuerySet",
    "StaffCompletion",
    "Step",
    "Syllabus",
    "VersionChoice",
    "VersionQuestion",
    "VersionQuiz",
    "VideoStream",
    "build_outline",
    "rating_of",
]
