"""How many CE hours a course holds, counted from what its learners read and watch."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from html import unescape
from statistics import median

from django.utils.html import strip_tags

from courses.models import Course, Evaluation, Lesson

WORDS_AN_HOUR = 12_000
WORDS_A_MINUTE = WORDS_AN_HOUR // 60
QUARTER = Decimal("0.25")
MOST_EVALUATIONS = 1000  # the newest tell enough
WORD = re.compile(r"\w+(?:['\u2019-]\w+)*")
BLOCK = re.compile(r"</?(?:p|li|h\d|t[dhr]|br|div|blockquote|figcaption)\b")


@dataclass(frozen=True, kw_only=True)
class Workload:
    """What the required lessons of a course ask of a learner."""

    words: int
    media_seconds: int
    quiz_minutes: int

    @property
    def minutes(self) -> Fraction:
        reading = Fraction(self.words, WORDS_A_MINUTE)
        return reading + Fraction(self.media_seconds, 60) + self.quiz_minutes


@dataclass(frozen=True, kw_only=True)
class HourCount:
    """The hours that one way of counting proposes, in full quarters."""

    name: str
    rule: str
    hours: Decimal


@dataclass(frozen=True, kw_only=True)
class ReportedTime:
    """The minutes that learners say they needed."""

    minutes: int
    people: int


def count_words(html: str) -> int:
    spaced = BLOCK.sub(lambda tag: f" {tag[0]}", html)
    return len(WORD.findall(unescape(strip_tags(spaced))))


def measure(lessons: Iterable[Lesson]) -> Workload:
    """Add up the required lessons: hours are for what everybody does."""
    required = [lesson for lesson in lessons if lesson.is_required]
    kinds = Lesson.Kind
    return Workload(
        words=sum(
            count_words(one.body) for one in required if one.kind == kinds.READING
        ),
        media_seconds=sum(
            one.duration_seconds or 0 for one in required if one.is_playable
        ),
        quiz_minutes=sum(one.minutes for one in required if one.kind == kinds.QUIZ),
    )


def count_hours(workload: Workload) -> list[HourCount]:
    """Propose the hours by each way of counting that credit bodies use."""
    studied = workload.minutes - workload.quiz_minutes
    return [
        HourCount(
            name="NCBTMB home study",
            rule="12,000 words or 60 minutes of media are 1 CE; quizzes do not count.",
            hours=_quarters(studied / 60),
        ),
        HourCount(
            name="60-minute hours",
            rule="Reading at 200 words a minute, media and quizzes.",
            hours=_quarters(workload.minutes / 60),
        ),
        HourCount(
            name="50-minute hours",
            rule="The same minutes, for boards whose hour is 50 minutes.",
            hours=_quarters(workload.minutes / 50),
        ),
    ]


def most_hours(workload: Workload) -> Decimal:
    """Return the hours of the most generous way: no body grants more."""
    return max(count.hours for count in count_hours(workload))


def reported_time(course: Course) -> ReportedTime | None:
    """Return the median of what learners reported in their evaluations."""
    told = Evaluation.objects.filter(version__course=course).order_by("-pk")
    minutes = list(told.values_list("minutes", flat=True)[:MOST_EVALUATIONS])
    if not minutes:
        return None
    return ReportedTime(minutes=round(median(minutes)), people=len(minutes))


def _quarters(hours: Fraction) -> Decimal:
    exact = Decimal(hours.numerator) / Decimal(hours.denominator)
    return (exact / QUARTER).to_integral_value(ROUND_FLOOR) * QUARTER
