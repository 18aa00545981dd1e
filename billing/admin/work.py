"""What the site does about money by itself, and what staff decide."""

import json
from collections import Counter
from datetime import datetime
from typing import Any

from celery import current_app
from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.models import User
from billing import services
from billing.admin.plans import NoDeletionMixin
from billing.admin.shown import (
    MirroredAdmin,
    OfCustomer,
    as_json,
    folded,
    link_to,
    person_link,
)
from billing.models import (
    AccessHold,
    Customer,
    OutboxEntry,
    ReconcileRun,
    StripeEvent,
)
from core.admin import (
    ReadOnlyAdmin,
    ReasonedAdmin,
    RevocableAdmin,
    reason_of,
)
from core.tasks import enqueue

SHOWN_AT_ONCE = 20
NIGHTLY = "billing.jobs.reconcile"
NOT_REPLAYED = {
    "received": "waiting already",
    "processing": "being processed just now",
    "processed": "already processed",
    "ignored": "nothing that this site uses",
}


@admin.register(StripeEvent)
class StripeEventAdmin(ReasonedAdmin, MirroredAdmin):
    """What Stripe sent, what became of it, and a way to process it again."""

    list_display = (
        *("type", "status", "member"),
        *("attempts", "received_at", "event_id"),
    )
    list_filter = ("status", "type")
    search_fields = ("event_id", "stripe_customer_id", "object_id", "type")
    date_hierarchy = "received_at"
    ordering = ("-received_at",)
    fields = (
        *("type", "at_stripe", "status", "last_error", "member"),
        *("stripe_customer_id", "object_id", "charge_id", "api_version"),
        *("stripe_created_at", "received_at", "processed_at", "next_try"),
        "attempts",
        *("deliveries", "told"),
    )
    consequences = {
        "replay": "What failed is processed again: Stripe is asked how things stand now, "
        "so nothing is charged or sent twice. The others stay as they are."
    }
    kind = "events"
    id_field = "event_id"
    actions = ("replay",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        customers = Customer.objects.filter(stripe_id=OuterRef("stripe_customer_id"))
        rows = super().get_queryset(request)
        named: QuerySet[Any] = rows.annotate(
            member_id=Subquery(customers.values("user")[:1]),
            member_email=Subquery(customers.values("user__email")[:1]),
        )
        return named

    @admin.display(description="member", ordering="member_email")
    def member(self, event: Any) -> SafeString | str:
        return person_link(event.member_id, event.member_email)

    @admin.display(description="next attempt at")
    def next_try(self, event: StripeEvent) -> datetime | None:
        waits = event.status in {event.Status.RECEIVED, event.Status.PROCESSING}
        return event.next_attempt_at if waits else None

    @admin.display(description="as Stripe sent it")
    def told(self, event: StripeEvent) -> SafeString:
        try:
            text = as_json(json.loads(event.body))
        except ValueError:
            text = event.body
        return folded("Show the event", text)

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("billing.replay_stripeevent")

    @admin.action(description="Replay", permissions=["replay"])
    def replay(self, request: HttpRequest, rows: QuerySet[StripeEvent]) -> None:
        left: Counter[str] = Counter()
        replayed = 0
        for event in rows:
            if event.status != StripeEvent.Status.FAILED:
                left[NOT_REPLAYED[event.status]] += 1
                continue
            services.replay_event(event=event, at=timezone.now())
            self.log_change(request, event, f"Replayed: {reason_of(request)}")
            replayed += 1
        told = [f"{count} not: {why}" for why, count in left.items()]
        self.message_user(
            request,
            ", ".join([f"{replayed} replayed", *told]) + ".",
            messages.SUCCESS if replayed else messages.WARNING,
        )


class OpenFilter(admin.SimpleListFilter):
    """Of two columns that end a row, neither is set yet."""

    title = "state"
    parameter_name = "state"

    def lookups(
        self, _request: HttpRequest, _model_admin: Any
    ) -> list[tuple[str, str]]:
        return [("waiting", "Waiting"), ("parked", "Given up"), ("done", "Done")]

    def queryset(
        self, _request: HttpRequest, queryset: QuerySet[OutboxEntry]
    ) -> QuerySet[OutboxEntry]:
        waiting = {"done_at__isnull": True, "parked_at__isnull": True}
        states: dict[str | None, dict[str, bool]] = {
            "waiting": waiting,
            "parked": {"done_at__isnull": True, "parked_at__isnull": False},
            "done": {"done_at__isnull": False},
        }
        return queryset.filter(**states.get(self.value(), {}))


@admin.register(OutboxEntry)
class OutboxEntryAdmin(ReasonedAdmin, OfCustomer, ReadOnlyAdmin):
    """What Stripe has to be told: it is tried until Stripe has heard it."""

    list_display = (
        *("kind", "member", "attempts"),
        *("next_try", "done_at", "parked_at"),
    )
    list_filter = (OpenFilter, "kind")
    list_select_related = ("customer__user",)
    search_fields = (
        *("subject_id", "key", "customer__stripe_id"),
        *("customer__user__email", "customer__user__name"),
    )
    date_hierarchy = "created_at"
    ordering = ("-pk",)
    fields = (
        *("kind", "customer", "member", "subject_id", "last_error", "attempts"),
        *("created_at", "next_try", "done_at", "parked_at", "key"),
    )
    consequences = {
        "retry": "Stripe is told again what it has not heard. What it has heard already "
        "is not told twice."
    }
    actions = ("retry",)

    @admin.display(description="next attempt at", ordering="next_attempt_at")
    def next_try(self, entry: OutboxEntry) -> datetime | None:
        is_over = entry.done_at or entry.parked_at
        return None if is_over else entry.next_attempt_at

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("billing.retry_outboxentry")

    @admin.action(description="Try again", permissions=["retry"])
    def retry(self, request: HttpRequest, rows: QuerySet[OutboxEntry]) -> None:
        waiting = list(rows.filter(done_at__isnull=True))
        for entry in waiting:
            services.retry_entry(entry=entry, at=timezone.now())
            self.log_change(request, entry, f"Tried again: {reason_of(request)}")
        if waiting:
            self.message_user(
                request, f"Stripe is told again, {_times(len(waiting))}, in a moment."
            )
        else:
            self.message_user(
                request,
                "Stripe has heard all of these: there is nothing to try again.",
                messages.WARNING,
            )


def _in_words(difference: dict[str, str]) -> str:
    whose = " ".join(filter(None, map(difference.get, ("customer", "subject"))))
    here, there = difference.get("here") or "-", difference.get("there") or "-"
    return f"{difference.get('kind')}: {whose} (here {here}, at Stripe {there})"


def _times(count: int) -> str:
    return "1 time" if count == 1 else f"{count} times"


@admin.register(ReconcileRun)
class ReconcileRunAdmin(ReasonedAdmin, ReadOnlyAdmin):
    """Comparisons of all rows with Stripe, and what each has changed."""

    list_display = (
        *("started_at", "was_stopped", "checked", "differing"),
        *("repaired", "failed", "losing_access"),
    )
    list_filter = ("was_stopped", "is_dry_run")
    search_fields = ("differences",)
    search_help_text = "A Stripe ID or a word of the differences"
    date_hierarchy = "started_at"
    ordering = ("-started_at",)
    fields = (
        *("started_at", "finished_at", "is_dry_run", "was_stopped", "checked"),
        *("differing", "repaired", "failed", "losing_access", "found"),
    )
    consequences = {
        "repair": "Look at the differences first: a wrong key or a broken listing looks "
        "like this too. All rows are compared with Stripe once more, and repaired "
        "although many people lose their access. What ended at Stripe ends here."
    }
    actions = ("repair",)

    def has_repair_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("billing.replay_stripeevent")

    @admin.action(description="Repair all the same", permissions=["repair"])
    def repair(self, request: HttpRequest, rows: QuerySet[ReconcileRun]) -> None:
        newest = ReconcileRun.objects.order_by("-started_at").first()
        if newest is None or not newest.was_stopped or list(rows) != [newest]:
            self.message_user(
                request,
                "Nothing is done: choose the newest run alone, if it was stopped.",
                messages.WARNING,
            )
            return
        enqueue(current_app.tasks[NIGHTLY], is_forced=True)
        self.log_change(request, newest, f"Repaired all the same: {reason_of(request)}")
        self.message_user(
            request, "All rows are being compared and repaired: a new run appears here."
        )

    @admin.display(description="differences")
    def found(self, run: ReconcileRun) -> SafeString | str:
        """Say in words what was told otherwise here than at Stripe."""
        if not run.differences:
            return "None"
        customers = Customer.objects.select_related("user").filter(
            stripe_id__in={one.get("customer") for one in run.differences}
        )
        people = {customer.stripe_id: customer.user for customer in customers}
        told = format_html_join(
            "",
            "<li>{} {}</li>",
            (
                (_in_words(one), link_to(people.get(one.get("customer")), unknown=""))
                for one in run.differences
            ),
        )
        return format_html(
            "<details{}><summary>{} found</summary><ol>{}</ol></details>",
            SafeString(" open") if len(run.differences) <= SHOWN_AT_ONCE else "",
            *(len(run.differences), told),
        )


@admin.register(AccessHold)
class AccessHoldAdmin(OfCustomer, NoDeletionMixin, RevocableAdmin):
    """What keeps paid access closed, why, and who released it."""

    verb, past = "release", "released"
    change_form_template = "admin/billing/accesshold/change_form.html"
    list_display = (
        *("__str__", "member", "reason", "opened_at"),
        *("released_at", "released_by"),
    )
    list_filter = ("kind", ("released_at", admin.EmptyFieldListFilter))
    list_select_related = ("customer__user", "released_by")
    search_fields = (
        *("source_id", "reason", "customer__stripe_id"),
        *("customer__user__email", "customer__user__name"),
    )
    date_hierarchy = "opened_at"
    ordering = ("-opened_at",)
    autocomplete_fields = ("customer",)

    def has_change_permission(
        self, _request: HttpRequest, _obj: AccessHold | None = None
    ) -> bool:
        return False

    def get_fields(
        self, _request: HttpRequest, hold: AccessHold | None = None
    ) -> tuple[str, ...]:
        if hold is None:
            return ("customer", "reason")
        return (
            *("customer", "member", "kind", "source_id", "reason"),
            *("opened_at", "opened_by"),
            *("released_at", "released_by", "released_reason"),
        )

    def save_model(
        self, request: HttpRequest, obj: AccessHold, *_form: Any, **_change: Any
    ) -> None:
        opened = services.open_hold(
            customer=obj.customer,
            reason=obj.reason,
            opened_by=request.user,  # type: ignore[arg-type] # staff is never anonymous
            at=timezone.now(),
        )
        vars(obj).update(vars(opened))

    def revoke(self, row: AccessHold, *, reason: str, by: User, at: datetime) -> str:
        services.release_hold(hold=row, reason=reason, released_by=by, at=at)
        person = row.customer.user or "The person of a closed account"
        left = row.customer.holds.open().count()
        if left:
            others = "1 other hold is" if left == 1 else f"{left} other holds are"
            return f"Released. {others} open: {person} stays without paid access."
        return f"Released. What {person} has paid for is open again."
