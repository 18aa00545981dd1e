import sys
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.mixins import LoginRequiredMixin, UserPassesTestMixin
from django.core.paginator import Paginator
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.views import defaults
from django.views.generic import TemplateView

from accounts.models import Profession, User
from articles.models import Article
from billing.models import Price
from certification.models import Certificate
from core.http import AuthenticatedHttpRequest
from courses import services as courses
from courses.models import Course, Enrollment, build_outline
from natcampus.forms import SampleForm


class Home(TemplateView):
    """The front page; a learner finds where to continue instead of the offer."""

    template_name = "home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        published = Course.objects.published(at=now).with_catalog_facts()
        articles = Article.objects.published(at=now).newest_first()
        return super().get_context_data(
            professions=Profession.objects.order_by("weight", "name"),
            courses=published.order_by("-published_at", "pk")[:3],
            articles=articles[:3],
            prices=SimpleLazyObject(lambda: list(Price.objects.on_sale())),
            **self._continue(at=now),
            **kwargs,
        )

    def _continue(self, *, at: datetime) -> dict[str, Any]:
        user = self.request.user
        if not user.is_authenticated:
            return _continue_card(None, at=at)
        started = Enrollment.objects.filter(
            user=user, status=Enrollment.Status.ACTIVE
        ).with_progress()
        for row in started.recent_first()[:5]:
            if not row.is_ready and row.course.publication_status(at=at) == "published":
                return _continue_card(row, at=at)
        return _continue_card(None, at=at)


def _continue_card(newest: Enrollment | None, *, at: datetime) -> dict[str, Any]:
    """Tell the lesson to go on with, and what it waits for if it is not open yet."""
    if newest is None:
        return {"newest": None, "resume": None, "waiting": ""}
    outline = build_outline(newest.course, newest)
    step = outline.resume(newest)
    waiting = (
        courses.waiting_for(step, enrollment=newest, outline=outline, at=at)
        if step
        else ""
    )
    return {"newest": newest, "resume": step, "waiting": waiting}


class StyleGuide(UserPassesTestMixin, TemplateView):
    """Every component in its states, for the people who build pages."""

    template_name = "styleguide.html"

    def test_func(self) -> bool:
        return settings.DEBUG or self.request.user.is_staff

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sample = SampleForm({"email": "maya"}, auto_id="sample_%s")
        page = Paginator(range(70), 10).page(2)
        return super().get_context_data(sample=sample, page_obj=page, **kwargs)


class Learning(LoginRequiredMixin, TemplateView):
    """My learning: where to continue, what is finished, what to start."""

    request: AuthenticatedHttpRequest
    template_name = "learning.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, now = self.request.user, timezone.now()
        enrollments = Enrollment.objects.current().filter(user=user.pk)
        recent = enrollments.with_progress().recent_first()
        mine = list(recent.select_related("course__region", "review"))
        earned = Certificate.objects.filter(user=user.pk)
        certificates = {row.enrollment_id: row for row in earned}
        studying = [
            row
            for row in mine
            if row.status == Enrollment.Status.ACTIVE
            and row.course.publication_status(at=now) == "published"
        ]
        started = [row for row in studying if not row.is_ready]
        return super().get_context_data(
            **_continue_card(started[0] if started else None, at=now),
            started=started[1:],
            ready=[row for row in studying if row.is_ready],
            finished=[
                (row, certificates.get(row.pk), _review_label(row, at=now))
                for row in mine
                if row.status == Enrollment.Status.COMPLETED
            ],
            suggested=_suggested(user, known=mine, at=now),
            **kwargs,
        )


def _review_label(row: Enrollment, *, at: datetime) -> str:
    """Say what may be done about a review; nothing once the course is withdrawn."""
    if row.course.publication_status(at=at) != "published":
        return ""
    return "Change your review" if hasattr(row, "review") else "Write a review"


def _suggested(user: User, *, known: list[Enrollment], at: datetime) -> list[Course]:
    """Offer a newcomer the shortest courses, and a learner the newest."""
    suited = Course.objects.published(at=at).suited_to(user.profession_id)
    others = suited.exclude(pk__in=[row.course_id for row in known])
    order = ("-published_at", "pk") if known else ("contact_hours", "title")
    return list(others.with_catalog_facts().order_by(*order)[:3])


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a failure; when it is the database's, say that it is worth waiting."""
    if not isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return defaults.server_error(request)
    response = HttpResponse(render_to_string("503.html"), status=503)
    response.headers["Retry-After"] = "30"
    return response
