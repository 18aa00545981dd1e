"""The numbers on the first page of the administration; each links to its rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince

from accounts.models import User
from articles.models import Article
from billing.models import (
    AccessGrant,
    AccessHold,
    Dispute,
    Invoice,
    OutboxEntry,
    Price,
    ReconcileRun,
    Refund,
    StripeEvent,
    Subscription,
)
from certification.models import Certificate
from courses.models import Accreditation, Course, Enrollment, Lesson
from courses.models.credit import ALARM_DAYS
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
    text: str = ""
    note: str = ""  # what the number alone does not say

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
    more: str = ""  # the name of a page with the whole story


def panels(user: AbstractBaseUser | AnonymousUser, *, at: datetime) -> list[Panel]:
    """Return what the user may see, panel by panel; empty panels are left out."""
    if not isinstance(user, User):
        return []
    shown = []
    for panel in _all(at=at):
        figures = [figure for figure in panel.figures if figure.is_for(user)]
        if figures:
            more = panel.more if user.has_perm("billing.export_invoice") else ""
            shown.append(Panel(panel.title, figures, more))
    return shown


def _all(*, at: datetime) -> Iterator[Panel]:
    yield Panel("Needs attention", [*_attention(at=at), *_credit_attention(at=at)])
    yield Panel("Members", _members(at=at))
    yield Panel("Money", _money(at=at), more="admin:billing_money")
    yield Panel("Learning", _learning())
    yield Panel("Content", _content(at=at))


def _attention(*, at: datetime) -> list[Figure]:
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
        *_money_attention(at=at),
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


def _credit_attention(*, at: datetime) -> list[Figure]:
    on = timezone.localdate(at)
    return [
        Figure(
            f"Approvals that expire in {days} days",
            Accreditation.objects.expiring(on=on, days=days),
            {"validity": str(days)},
            is_alarming=True,
        )
        for days in ALARM_DAYS
    ]


def _time_to_answer(*, at: datetime) -> str:
    """Say how long the most urgent dispute can wait."""
    waiting = Dispute.objects.filter(
        status__in=Dispute.TO_ANSWER, evidence_due_at__isnull=False
    )
    first = waiting.order_by("evidence_due_at").first()
    left = first.days_left(at=at) if first else None
    if left is None:
        return ""
    return f"{'1 day' if left == 1 else f'{left} days'} left for the first"


def _money_attention(*, at: datetime) -> list[Figure]:
    return [
        Figure(
            "Open holds",
            AccessHold.objects.open(),
            {"released_at__isempty": "1"},
            is_alarming=True,
        ),
        Figure(
            "Disputes to answer",
            Dispute.objects.filter(status__in=Dispute.TO_ANSWER),
            {"status__in": ",".join(Dispute.TO_ANSWER)},
            is_alarming=True,
            note=_time_to_answer(at=at),
        ),
        Figure(
            "Failed refunds",
            Refund.objects.filter(status="failed"),
            {"status__exact": "failed"},
            is_alarming=True,
        ),
        Figure(
            "Could not tell Stripe",
            OutboxEntry.objects.filter(done_at=None).exclude(parked_at=None),
            {"state": "parked"},
            is_alarming=True,
        ),
        Figure(
            "Prices that differ at Stripe",
            Price.objects.exclude(difference=""),
            {"difference__isempty": "0"},
            is_alarming=True,
        ),
        Figure(
            "Stopped comparison",
            _last_run().filter(was_stopped=True),
            _only(_last_run()) | {"was_stopped__exact": "1"},
            is_alarming=True,
        ),
    ]


def _money(*, at: datetime) -> list[Figure]:
    last = _last_run().first()
    return [
        Figure(
            "Open invoices",
            Invoice.objects.filter(status="open"),
            {"status__exact": "open"},
        ),
        Figure(
            "Last comparison with Stripe",
            _last_run(),
            _only(_last_run()),
            text=f"{timesince(last.started_at, at, depth=1)} ago" if last else "Never",
        ),
    ]


def _last_run() -> QuerySet[ReconcileRun]:
    """Return the newest run alone: a brake of last week is no news."""
    newest = ReconcileRun.objects.filter(is_dry_run=False).order_by(
        "-started_at", "-pk"
    )
    return ReconcileRun.objects.filter(pk__in=newest.values("pk")[:1])


def _only(rows: QuerySet[ReconcileRun]) -> dict[str, str]:
    return {"id__in": ",".join(str(row.pk) for row in rows) or "0"}


def _members(*, at: datetime) -> list[Figure]:
    live = Subscription.objects.filter(
        status__in=("active", "trialing"), is_surplus=False
    ).exclude(customer__in=AccessHold.objects.open().values("customer"))
    return [
        Figure(
            "Accounts", User.objects.filter(is_active=True), {"is_active__exact": "1"}
        ),
        Figure(
            "Active members",
            live,
            {
                "status__in": "active,trialing",
                "is_surplus__exact": "0",
                "held": "no",
            },
        ),
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
