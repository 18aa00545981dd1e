"""The filters of the catalog: a facet is one line here, and all are counted by one rule."""

from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from accounts.models import Profession
from courses.models import Accreditation, Course, CourseQuerySet, Instructor


class Fact(NamedTuple):
    """What one course says of itself: rows of models would fill the memory."""

    pk: int
    level: str
    contact_hours: Decimal
    region: tuple[Any, ...]  # its weight, name and slug


@dataclass(frozen=True)
class Facts:
    """The courses of the catalog, as a query and as they were read."""

    courses: CourseQuerySet
    rows: list[Fact]


# The value in the address, its label, and a course it holds; an option may hold none.
Row = tuple[str, str, int | None]
Rows = Callable[[Facts], Iterable[Row]]

SHORT, LONG = 2, 4
HOURS = (
    ("under-2", "Under 2 hours"),
    ("2-to-4", "2 to 4 hours"),
    ("over-4", "Over 4 hours"),
)


def _related(options: QuerySet[Any]) -> Rows:
    """Read the options that are rows of their own, with the courses of each."""

    def rows(facts: Facts) -> Iterable[Row]:
        held = options.filter(courses__in=facts.courses)
        return held.values_list("slug", "name", "courses")

    return rows


def _of_region(facts: Facts) -> Iterator[Row]:
    for fact in sorted(facts.rows, key=attrgetter("region")):
        _weight, name, slug = fact.region
        yield slug, name, fact.pk


def _of_hours(facts: Facts) -> Iterator[Row]:
    yield from ((value, label, None) for value, label in HOURS)
    for fact in facts.rows:
        is_over = (fact.contact_hours >= SHORT) + (fact.contact_hours > LONG)
        yield *HOURS[is_over], fact.pk


def _of_level(facts: Facts) -> Iterator[Row]:
    yield from ((value, label, None) for value, label in Course.Level.choices)
    labels = dict(Course.Level.choices)
    yield from ((fact.level, labels[fact.level], fact.pk) for fact in facts.rows)


def _of_body(facts: Facts) -> Iterable[Row]:
    """Read what grants credit today to whoever starts a course."""
    valid = Accreditation.objects.valid(on=timezone.localdate())
    held = (
        valid.of_newest().filter(course__in=facts.courses).order_by("body__name", "pk")
    )
    return held.values_list("body__slug", "body__name", "course")


@dataclass(frozen=True)
class Facet:
    """A group of filters: its name in the address, its label, and where it is read."""

    name: str
    label: str
    rows: Rows


FACETS = (
    Facet(
        "profession",
        "Profession",
        _related(Profession.objects.order_by("weight", "name")),
    ),
    Facet("region", "Region", _of_region),
    Facet("hours", "CE hours", _of_hours),
    Facet("credit", "Credit by", _of_body),
    Facet("level", "Level", _of_level),
    Facet("instructor", "Instructor", _related(Instructor.objects.order_by("name"))),
)


@dataclass(frozen=True)
class Index:
    """Which courses each option of each facet holds; the same for every visitor."""

    courses: frozenset[int]
    labels: dict[str, dict[str, str]]
    held: dict[str, dict[str, set[int]]]


def read_index(courses: CourseQuerySet) -> Index:
    """Read the courses once, and each facet that is a table of its own once."""
    values = courses.values_list(
        *("pk", "level", "contact_hours"),
        *("region__weight", "region__name", "region__slug"),
    )
    rows = [
        Fact(pk, level, hours, tuple(region))
        for pk, level, hours, *region in values.iterator()
    ]
    facts = Facts(courses, rows)
    index = Index(frozenset(fact.pk for fact in rows), {}, {})
    for facet in FACETS:
        labels = index.labels[facet.name] = {}
        held = index.held[facet.name] = {}
        for value, label, course in facet.rows(facts):
            labels[value] = label
            held.setdefault(value, set()).update([course] if course else [])
    return index


@dataclass(frozen=True)
class Option:
    """One filter, and how many courses it gives together with the other facets."""

    value: str
    label: str
    count: int
    is_on: bool

    @property
    def is_offered(self) -> bool:
        """Tell whether ticking it shows something; what is ticked may be taken back."""
        return self.is_on or self.count > 0


class Selection:
    """What one visitor has ticked, and what that leaves of the catalog."""

    def __init__(self, index: Index, query: QueryDict) -> None:
        self.index = index
        self.ticked = {
            facet.name: {value for value in query.getlist(facet.name) if value}
            for facet in FACETS
        }

    @property
    def is_empty(self) -> bool:
        return not any(self.ticked.values())

    @property
    def courses(self) -> Set[int]:
        """Return the courses that fit one option of every facet that has any ticked."""
        return self._fitting()

    def options(self, facet: Facet) -> list[Option]:
        """Count each option within what the other facets leave."""
        left = self._fitting(but_for=facet.name)
        ticked = self.ticked[facet.name]
        return [
            Option(
                value,
                label,
                count=len(left & self.index.held[facet.name][value]),
                is_on=value in ticked,
            )
            for value, label in self.index.labels[facet.name].items()
        ]

    def _fitting(self, *, but_for: str = "") -> Set[int]:
        fitting: Set[int] = self.index.courses
        for name, values in self.ticked.items():
            if values and name != but_for:
                held = self.index.held[name]
                fitting &= set().union(*(held.get(value, ()) for value in values))
        return fitting
