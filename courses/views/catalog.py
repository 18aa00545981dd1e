from collections import defaultdict
from datetime import datetime
from functools import cached_property

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import Value
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from billing.access import Access, AccessState
from billing.models import Price
from core.errors import DomainError
from core.fragments import edition, kept
from core.http import local_path, posted_from
from courses import services
from courses.models import (
    Course,
    Enrollment,
    Instructor,
    Rating,
    Review,
    Step,
    rating_of,
)
from courses.views.facets import FACETS, Facet, Option, Selection, read_index
from courses.views.visit import Visit, course_page

SORTS = {
    "newest": ("Newest", ("-published_at", "pk")),
    "shortest": ("Shortest", ("contact_hours", "title")),
    "title": ("A to Z", ("title",)),
}
A_PAGE = 12
FEW_REVIEWS = 3


@require_safe
def course_list(request: HttpRequest) -> HttpResponse:
    """Show the catalog with its filters, which are all part of the address."""
    catalog = Catalog(request, at=timezone.now())
    return render(request, "courses/course_list.html", {"catalog": catalog})


class Catalog:
    """One page of the catalog; read only when no fragment holds it already."""

    def __init__(self, request: HttpRequest, *, at: datetime) -> None:
        self.request = request
        self.at = at
        asked = request.GET.get("sort", "")
        self.sort = asked if asked in SORTS else "newest"

    @property
    def sorts(self) -> list[tuple[str, str]]:
        return [(key, label) for key, (label, _order) in SORTS.items()]

    @cached_property
    def selection(self) -> Selection:
        """Return what is ticked; what the facets hold is kept between the requests."""
        published = Course.objects.published(at=self.at)
        key = f"facets-{edition(self.request)}"
        return Selection(kept(key, lambda: read_index(published)), self.request.GET)

    @cached_property
    def page(self) -> Page[Course]:
        """Return the asked page; 404 where there is none."""
        courses = Course.objects.published(at=self.at).with_catalog_facts()
        if self.is_filtered:
            courses = courses.filter(pk__in=self.selection.courses)
        matching = courses.order_by(*SORTS[self.sort][1])
        try:
            return Paginator(matching, A_PAGE).page(self.request.GET.get("page", 1))
        except InvalidPage as error:
            raise Http404 from error

    @cached_property
    def cards(self) -> list[tuple[Course, Enrollment | None]]:
        """Pair each course with the visitor's enrollment in it, if there is one."""
        courses = list(self.page)
        mine: dict[int, Enrollment] = {}
        if isinstance(self.request.user, User):
            enrollments = Enrollment.objects.current().with_progress()
            rows = enrollments.filter(user=self.request.user, course__in=courses)
            mine = {enrollment.course_id: enrollment for enrollment in rows}
        return [(course, mine.get(course.pk)) for course in courses]

    @cached_property
    def facets(self) -> list[tuple[Facet, list[Option]]]:
        """Pair each facet that has options with them."""
        pairs = [(facet, self.selection.options(facet)) for facet in FACETS]
        return [(facet, options) for facet, options in pairs if options]

    @cached_property
    def picked(self) -> list[tuple[str, str]]:
        """Return the label of each filter, and the address without it."""
        return [
            (option.label, self._without(facet.name, option.value))
            for facet, options in self.facets
            for option in options
            if option.is_on
        ]

    def _without(self, name: str, value: str) -> str:
        query = self.request.GET.copy()
        query.setlist(name, [one for one in query.getlist(name) if one != value])
        query.pop("page", None)
        return f"?{query.urlencode()}"

    @property
    def is_filtered(self) -> bool:
        """Tell whether anything is asked for, also what no filter offers."""
        return not self.selection.is_empty


@require_safe
@course_page
def course_detail(visit: Visit) -> HttpResponse:
    """Show what the course teaches, how it is completed and how to start."""
    return render(
        visit.request,
        "courses/course_detail.html",
        visit.context(
            page=CoursePage(visit),
            offer=_offer(visit.access),
        ),
    )


def _offer(access: Access) -> str:
    """Say which button leads to the lessons; who is billed or on hold never starts again."""
    if access.is_paused:
        return "resume"
    if access.is_billed or access.is_held:
        return "billing"
    return "restart" if access.state == AccessState.LAPSED else "start"


class CoursePage:
    """What stands around a course; read only when no fragment holds it already."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.course = visit.course

    @cached_property
    def resume(self) -> Step | None:
        return self.visit.outline.resume(self.visit.enrollment)

    @cached_property
    def _lines(self) -> dict[str, list[tuple[str, ...]]]:
        """Read three lists at once: the queries of a page are counted."""
        course, empty = self.course, (Value(""), Value(""))
        goals = course.objectives.values_list(
            Value("goal"), "weight", "pk", "text", *empty
        )
        suited = course.professions.values_list(
            Value("profession"), "weight", "pk", "name_plural", *empty
        )
        teachers = course.instructors.values_list(
            Value("instructor"), Value(0), "pk", "name", "credentials", "bio"
        )
        lines: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for kind, _weight, _pk, *texts in sorted(
            goals.union(suited, teachers, all=True)
        ):
            lines[kind].append(tuple(texts))
        return lines

    @property
    def objectives(self) -> list[str]:
        return [text for text, *_ in self._lines["goal"]]

    @property
    def professions(self) -> list[str]:
        return [text for text, *_ in self._lines["profession"]]

    @property
    def instructors(self) -> list[Instructor]:
        return [
            Instructor(name=name, credentials=credentials, bio=bio)
            for name, credentials, bio in self._lines["instructor"]
        ]

    @cached_property
    def reviews(self) -> list[Review]:
        return list(self.course.reviews.shown().newest_first()[:FEW_REVIEWS])

    @property
    def rating(self) -> Rating | None:
        return rating_of(self.reviews)

    @property
    def own_review(self) -> Review | None:
        """Return what the visitor has written; it stands outside of every fragment."""
        return getattr(self.visit.enrollment, "review", None)

    @cached_property
    def credit(self) -> services.CreditTable:
        return services.credit_table(
            course=self.course, enrollment=self.visit.enrollment, at=self.visit.at
        )

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


@require_safe
@login_required
@course_page
def course_continue(visit: Visit) -> HttpResponseBase:
    """Lead to the very lesson that the learner does next, or to what ends the course."""
    enrollment = visit.enrollment
    if enrollment is None:
        return redirect(visit.course)
    is_active = enrollment.status == Enrollment.Status.ACTIVE
    if is_active and visit.outline.is_finished:
        return redirect("courses:enrollment-complete", visit.course.slug)
    step = visit.outline.resume(enrollment) if is_active else None
    if step is None:
        return redirect("courses:classroom-detail", visit.course.slug)
    return redirect(step.lesson)


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
