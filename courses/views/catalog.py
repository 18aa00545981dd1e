from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.generic import ListView

from accounts.models import Profession, User
from billing.access import AccessState
from billing.models import Price
from core.errors import DomainError
from core.http import local_path, posted_from
from courses import services
from courses.models import (
    Course,
    Enrollment,
    Instructor,
    Objective,
    Region,
    Step,
)
from courses.views.visit import Visit, course_page

SORTS = {
    "newest": ("Newest", ("-published_at", "pk")),
    "shortest": ("Shortest", ("contact_hours", "title")),
    "title": ("A to Z", ("title",)),
}
HOURS = (
    ("under-2", "Under 2 hours"),
    ("2-to-4", "2 to 4 hours"),
    ("over-4", "Over 4 hours"),
)


@dataclass(frozen=True)
class Facet:
    """One group of filters with what the visitor has ticked."""

    name: str
    label: str
    options: list[tuple[str, str, bool]]


class CourseList(ListView[Course]):
    """The catalog with its filters, which are all part of the address."""

    paginate_by = 12

    def get_queryset(self) -> QuerySet[Course]:
        courses = Course.objects.published(at=timezone.now()).with_catalog_facts()
        picked = self.request.GET.getlist
        return courses.matching(
            professions=picked("profession"),
            regions=picked("region"),
            levels=picked("level"),
            hours=picked("hours"),
        ).order_by(*SORTS[self._sort()][1])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        facets = [facet for facet in self._facets() if facet.options]
        context |= {
            "facets": facets,
            "picked": [
                (label, self._without(facet.name, value))
                for facet in facets
                for value, label, is_on in facet.options
                if is_on
            ],
            "sorts": [(key, label) for key, (label, _order) in SORTS.items()],
            "sort": self._sort(),
            "cards": _with_standings(self.request, context["object_list"]),
        }
        return context

    def _sort(self) -> str:
        asked = self.request.GET.get("sort", "")
        return asked if asked in SORTS else "newest"

    def _without(self, name: str, value: str) -> str:
        """Return the address of the catalog with one filter taken away."""
        query = self.request.GET.copy()
        query.setlist(name, [one for one in query.getlist(name) if one != value])
        query.pop("page", None)
        return f"?{query.urlencode()}"

    def _facets(self) -> list[Facet]:
        professions = Profession.objects.order_by("weight", "name")
        regions = Region.objects.order_by("weight", "name")
        return [
            self._facet(
                "profession", "Profession", professions.values_list("slug", "name")
            ),
            self._facet("region", "Region", regions.values_list("slug", "name")),
            self._facet("hours", "CE hours", HOURS),
            self._facet("level", "Level", Course.Level.choices),
        ]

    def _facet(self, name: str, label: str, options: Iterable[Any]) -> Facet:
        picked = set(self.request.GET.getlist(name))
        return Facet(
            name, label, [(value, text, value in picked) for value, text in options]
        )


def _with_standings(
    request: HttpRequest, courses: Iterable[Course]
) -> list[tuple[Course, Enrollment | None]]:
    mine: dict[int, Enrollment] = {}
    if isinstance(request.user, User):
        enrollments = Enrollment.objects.current().with_progress()
        rows = enrollments.filter(user=request.user, course__in=list(courses))
        mine = {enrollment.course_id: enrollment for enrollment in rows}
    return [(course, mine.get(course.pk)) for course in courses]


@require_safe
@course_page
def course_detail(visit: Visit) -> HttpResponse:
    """Show what the course teaches, how it is completed and how to start."""
    return render(
        visit.request,
        "courses/course_detail.html",
        visit.context(
            page=CoursePage(visit),
            has_lapsed=visit.access.state == AccessState.LAPSED,
        ),
    )


class CoursePage:
    """What stands around a course; read only when no fragment holds it already."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.course = visit.course

    @cached_property
    def resume(self) -> Step | None:
        return self.visit.outline.resume(self.visit.enrollment)

    @cached_property
    def objectives(self) -> list[Objective]:
        return list(self.course.objectives.order_by("weight", "pk"))

    @cached_property
    def instructors(self) -> list[Instructor]:
        return list(self.course.instructors.all())

    @cached_property
    def professions(self) -> list[Profession]:
        return list(self.course.professions.order_by("weight"))

    @cached_property
    def related(self) -> list[Course]:
        return Course.objects.related_to(self.course, at=self.visit.at)

    @cached_property
    def price(self) -> Price | None:
        return Price.objects.on_sale().first()


@require_safe
@course_page
def course_preview(visit: Visit) -> HttpResponse:
    """Lead to the first lesson that is open to everybody."""
    step = visit.outline.preview
    if step is None:
        raise Http404
    return redirect(step.lesson.get_absolute_url() + visit.preview_query)


@posted_from("courses:course-detail")
@login_required
@course_page
def course_enroll(visit: Visit) -> HttpResponseBase:
    """Enroll the visitor and open the lesson to start with."""
    assert isinstance(visit.request.user, User)  # noqa: S101 - login_required saw to it
    try:
        enrollment = services.enroll(
            user=visit.request.user, course=visit.course, at=visit.at
        )
    except DomainError as error:
        messages.error(visit.request, str(error))
        return redirect(visit.course)
    if wanted := local_path(visit.request.POST.get("next", "")):
        return redirect(wanted)
    visit.enrollment = enrollment
    step = visit.outline.resume(enrollment)
    if step is None:
        return redirect("courses:classroom-detail", visit.course.slug)
    return redirect(step.lesson.get_absolute_url())
