"""The numbers on the first page of the administration; each links to its rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from articles.models import Article
from billing.models import (
    AccessGrant,
    AccessHold,
    OutboxEntry,
    ReconcileRun,
    StripeEvent,
    Subscription,
)
from certification.models import Certificate
from courses.models import Course, Enrollment, Lesson
from mail.models import OutgoingEmail
from natcampus import pages

MONTH = timedelta(days=30)


@dataclass(frozen=True)
class Figure:
    """One number of the dashboard, and the list that it counts."""

    label: str
    rows: QuerySet  # type: ignore[type-arg] # of any model
    filters: dict[str, str]
    is_alarming: bool = False

    @property
    def count(self) -> int:
        return self.rows.count()

    @property
    def url(self) -> str:
        opts = self.rows.model._meta
        base = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
        return f"{base}?{urlencode(self.filters)}" if self.filters else base

    def is_for(self, user: User) -> bool:
        opts = self.rows.model._meta
        return user.has_perm(f"{opts.app_label}.view_{opts.model_name}")


@dataclass(frozen=True)
class Panel:
    """Figures that belong together."""

    title: str
    figures: list[Figure]


def panels(user: AbstractBaseUser | AnonymousUser, *, at: datetime) -> list[Panel]:
    """Return what the user may see, panel by panel; empty panels are left out."""
    if not isinstance(user, User):
        return []
    shown = []
    for panel in _all(at=at):
        figures = [figure for figure in panel.figures if figure.is_for(user)]
        if figures:
            shown.append(Panel(panel.title, figures))
    return shown


def _all(*, at: datetime) -> Iterator[Panel]:
    yield Panel("Needs attention", _attention())
    yield Panel("Members", _members(at=at))
    yield Panel("Learning", _learning())
    yield Panel("Content", _content(at=at))


def _attention() -> list[Figure]:
    without_captions = Lesson.objects.filter(kind="video", captions="")
    return [
        Figure(
            "Past due",
            Subscription.objects.filter(status="past_due"),
            {"status__exact": "past_due"},
            is_alarming=True,
        ),
        Figure(
            "Failed emails",
            OutgoingEmail.objects.filter(status="failed"),
            {"status__exact": "failed"},
            is_alarming=True,
        ),
        Figure(
            "Failed webhooks",
            StripeEvent.objects.filter(status="failed"),
            {"status__exact": "failed"},
            is_alarming=True,
        ),
        *_money_attention(),
        Figure(
            "Videos without captions",
            without_captions,
            {"kind__exact": "video", "captions__isempty": "1"},
            is_alarming=True,
        ),
        Figure(
            "Pages to write",
            pages.unwritten_pages(),
            {"q": pages.UNWRITTEN},
            is_alarming=True,
        ),
    ]


def _money_attention() -> list[Figure]:
    return [
        Figure(
            "Open holds",
            AccessHold.objects.open(),
            {"released_at__isempty": "1"},
            is_alarming=True,
        ),
        Figure(
            "Untold to Stripe",
            OutboxEntry.objects.filter(done_at=None).exclude(parked_at=None),
            {"state": "parked"},
            is_alarming=True,
        ),
        Figure(
            "Stopped comparisons",
            ReconcileRun.objects.filter(was_stopped=True),
            {"was_stopped__exact": "1"},
            is_alarming=True,
        ),
    ]


def _members(*, at: datetime) -> list[Figure]:
    live = Subscription.objects.filter(status__in=("active", "trialing"))
    return [
        Figure(
            "Accounts", User.objects.filter(is_active=True), {"is_active__exact": "1"}
        ),
        Figure("Active members", live, {"status__in": "active,trialing"}),
        Figure(
            "Complimentary",
            AccessGrant.objects.valid(at=at),
            {"validity": "valid"},
        ),
    ]


def _learning() -> list[Figure]:
    return [
        Figure(
            "Active enrollments",
            Enrollment.objects.filter(status="active"),
            {"status__exact": "active"},
        ),
        Figure(
            "Completed courses",
            Enrollment.objects.filter(status="completed"),
            {"status__exact": "completed"},
        ),
        Figure("Certificates", Certificate.objects.all(), {}),
    ]


def _content(*, at: datetime) -> list[Figure]:
    return [
        Figure(
            "Published courses",
            Course.objects.published(at=at),
            {"publication": "published"},
        ),
        Figure(
            "Published articles",
            Article.objects.published(at=at),
            {"publication": "published"},
        ),
        Figure(
            "Article drafts",
            Article.objects.filter(published_at__isnull=True),
            {"publication": "draft"},
        ),
    ]
