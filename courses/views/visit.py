"""Finds the course of an address, and what this visitor may do with it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, wraps
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from billing.access import Access, access_for
from billing.models import Price
from core.fragments import EDITION, kept, note_edition, version
from core.prepared import Prepared
from core.preview import may_preview
from courses import access, services
from courses.models import (
    Course,
    CourseVersion,
    Enrollment,
    Lesson,
    LessonQuestion,
    Note,
    Outline,
    Step,
    build_outline,
)

View = Callable[..., HttpResponseBase]

_COURSES = Course.objects.select_related("region").annotate(edition=EDITION)
_ENROLLMENTS = Prepared(
    lambda user, course: (
        Enrollment.objects.current()
        .filter(user=user, course__slug=course)
        .select_related("course__region", "version", "review")
        .defer("version__test")
        .annotate(edition=EDITION)
    ),
    user=int,
    course=str,
)
# A lesson shows little of its course, and is asked for far more often.
_STUDIED = Prepared(
    lambda user, course: (
        Enrollment.objects.current()
        .filter(user=user, course__slug=course)
        .select_related("course", "version")
        .annotate(
            edition=EDITION,
            has_notes=Exists(Note.objects.kept().filter(enrollment=OuterRef("pk"))),
            has_questions=Exists(
                LessonQuestion.objects.filter(enrollment=OuterRef("pk"))
            ),
        )
        .only(
            *("version__title", "version__contact_hours", "version__number"),
            *("status", "last_lesson", "last_studied_at", "enrolled_at"),
            *("course__slug", "course__title", "course__image"),
            *("course__contact_hours", "course__order", "course__updated_at"),
            *("course__published_at", "course__unpublished_at"),
            *("course__required_entitlement", "course__allows_mark_complete"),
        )
    ),
    user=int,
    course=str,
)


@dataclass
class Visit:
    """One request for one course: who asks, and what that person may open."""

    request: HttpRequest
    course: Course
    enrollment: Enrollment | None
    at: datetime

    @property
    def user(self) -> User:
        """Return who asks; only for views behind a login."""
        assert isinstance(self.request.user, User)  # noqa: S101 - login_required saw to it
        return self.request.user

    @cached_property
    def access(self) -> Access:
        return access_for(self.request.user, at=self.at)

    @cached_property
    def may_study(self) -> bool:
        return access.unlocks(self.access, self.course)

    @property
    def may_start(self) -> bool:
        """Tell whether playing or completing a lesson would start the course."""
        is_learner = self.may_study and not self.edits
        return is_learner and not self.enrollment and not self.previews

    @cached_property
    def edits(self) -> bool:
        return access.edits_courses(self.request.user)

    @cached_property
    def previews(self) -> bool:
        """Tell whether a draft is shown: to its editors, or by its signed link."""
        return self.course.publication_status(at=self.at) != "published"

    @cached_property
    def version(self) -> str:
        """Name what the page says of the course itself; see `core.fragments`."""
        return version(self.request, self.course)

    @property
    def promised(self) -> CourseVersion | Course:
        """Return the title and hours that the learner earns, or would earn now."""
        return self.enrollment.version if self.enrollment else self.course

    @cached_property
    def outline(self) -> Outline:
        lessons = kept(
            f"outline-{self.version}", lambda: list(self.course.lessons.for_outline())
        )
        return build_outline(self.course, self.enrollment, lessons=lessons)

    @property
    def preview_query(self) -> str:
        token = self.request.GET.get("preview", "")
        return f"?{urlencode({'preview': token})}" if token and self.previews else ""

    def opens(self, lesson: Lesson) -> bool:
        return access.opens(self.access, lesson, user=self.request.user)

    def waiting_for(self, lesson: Lesson) -> str:
        """Say what has to happen before the lesson opens to this learner."""
        step = self.outline.find(lesson.pk) if services.is_ordered(lesson) else None
        if step is None or self.edits or self.previews:
            return ""
        # Who has not started waits as on the first day.
        begun = self.enrollment or Enrollment(course=self.course, enrolled_at=self.at)
        return services.waiting_for(
            step, enrollment=begun, outline=self.outline, at=self.at
        )

    def find_step(self, slug: str) -> Step:
        """Return the place of the lesson in the outline, or answer 404."""
        for step in self.outline.steps:
            if step.lesson.slug == slug:
                return step
        raise Http404

    def find_lesson(self, slug: str) -> Lesson:
        """Return the lesson with all its texts, or answer 404."""
        lessons = Lesson.objects.select_related("module")
        lesson = get_object_or_404(lessons, course=self.course, slug=slug)
        lesson.course = self.course
        return lesson

    def context(self, **extra: Any) -> dict[str, Any]:
        return {
            "visit": self,
            "course": self.course,
            "enrollment": self.enrollment,
            "version": self.version,
            "promised": self.promised,
            "outline": SimpleLazyObject(lambda: self.outline),
            "viewer_access": self.access,
            "opens_all": self.edits or self.may_study,
            "preview_query": self.preview_query,
            **extra,
        }


def course_page(view: View) -> View:
    """Hand the view a visit; a draft answers 404, a course that was withdrawn 410."""
    return _page(view, enrollments=_ENROLLMENTS)


def lesson_page(view: View) -> View:
    """Do the same, with only what a lesson shows, and whether there are notes to read."""
    return _page(view, enrollments=_STUDIED)


def enrolled_page(view: View) -> View:
    """Hand the view the learner's own visit, also of a course that was withdrawn."""

    @wraps(view)
    def wrapper(request: HttpRequest, course: str, **kwargs: Any) -> HttpResponseBase:
        at = timezone.now()
        visit = _find(request, course, enrollments=_ENROLLMENTS, at=at)
        if visit.enrollment is None:
            raise Http404
        return view(visit, **kwargs)

    return wrapper


def _page(view: View, *, enrollments: Prepared[Enrollment]) -> View:
    @wraps(view)
    def wrapper(request: HttpRequest, course: str, **kwargs: Any) -> HttpResponseBase:
        visit = _find(request, course, enrollments=enrollments, at=timezone.now())
        status = visit.course.publication_status(at=visit.at)
        if status == "published" or may_preview(request, visit.course):
            return view(visit, **kwargs)
        if status == "unpublished":
            return _gone(visit)
        raise Http404

    return wrapper


def locked_page(
    visit: Visit, lesson: Lesson, *, waiting_for: str = ""
) -> HttpResponseBase:
    """Answer with the lesson's title and the way to open it, and nothing of its content."""
    path = lesson.get_absolute_url()
    return render(
        visit.request,
        "courses/lesson_locked.html",
        visit.context(
            lesson=lesson,
            step=visit.outline.find(lesson.pk),
            waiting_for=waiting_for,
            resume=visit.outline.resume(visit.enrollment) if waiting_for else None,
            price=Price.objects.on_sale().first(),
            next_path=path,
            login_url=f"{reverse('account_login')}?{urlencode({'next': path})}",
            signup_url=f"{reverse('account_signup')}?{urlencode({'next': path})}",
        ),
    )


def _find(
    request: HttpRequest,
    slug: str,
    *,
    enrollments: Prepared[Enrollment],
    at: datetime,
) -> Visit:
    if isinstance(request.user, User):
        # There is one at most.
        for enrollment in enrollments.rows(user=request.user.pk, course=slug):
            note_edition(request, enrollment)
            enrollment.user = request.user
            return Visit(request, enrollment.course, enrollment, at)
    course = get_object_or_404(_COURSES, slug=slug)
    note_edition(request, course)
    return Visit(request, course, None, at)


def _gone(visit: Visit) -> HttpResponseBase:
    others = Course.objects.published(at=visit.at).with_catalog_facts()
    related = others.filter(region=visit.course.region)[:3]
    return render(
        visit.request, "courses/course_gone.html", {"related": related}, status=410
    )
