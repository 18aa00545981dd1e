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
    AccommodationAdmin,
    AttestationAdmin,
    EarlyReleaseAdmin,
    EnrollmentAdmin,
    EvaluationAdmin,
    ExtraAttemptsAdmin,
    LessonProgressAdmin,
    PracticeAnswerAdmin,
    QuizAttemptAdmin,
    StaffCompletionAdmin,
)
from courses.admin.questions import LessonQuestionAdmin
from courses.admin.reviews import ReviewAdmin
from courses.admin.sequence import CourseEmailAdmin, EmailDeliveryAdmin
from courses.admin.streams import VideoStreamAdmin
from courses.admin.versions import CourseVersionAdmin

__all__ = [
    "AccommodationAdmin",
    "AccreditationAdmin",
    "AttestationAdmin",
    "CourseAdmin",
    "CourseEmailAdmin",
    "CourseVersionAdmin",
    "CreditBodyAdmin",
    "DisclaimerAdmin",
    "EarlyReleaseAdmin",
    "EmailDeliveryAdmin",
    "EnrollmentAdmin",
    "EvaluationAdmin",
    "ExtraAttemptsAdmin",
    "InstructorAdmin",
    "LessonAdmin",
    "LessonProgressAdmin",
    "LessonQuestionAdmin",
    "PracticeAnswerAdmin",
    "QuestionAdmin",
    "QuizAdmin",
    "QuizAttemptAdmin",
    "RegionAdmin",
    "ReviewAdmin",
    "StaffCompletionAdmin",
    "VideoStreamAdmin",
]
