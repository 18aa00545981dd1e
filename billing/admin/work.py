"""What the site does about money by itself, and what staff decide."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from billing import services
from billing.admin.plans import NoDeletionMixin
from billing.models import AccessHold, OutboxEntry, ReconcileRun, StripeEvent
from core.admin import ReadOnlyAdmin
from core.errors import DomainError


@admin.register(StripeEvent)
class StripeEventAdmin(ReadOnlyAdmin):
    """What Stripe sent, what became of it, and a way to process it again."""

    list_display = (
        *("event_id", "type", "status", "attempts", "deliveries"),
        *("stripe_customer_id", "received_at", "processed_at"),
    )
    list_filter = ("status", "type")
    search_fields = ("event_id", "stripe_customer_id", "object_id", "type")
    date_hierarchy = "received_at"
    ordering = ("-received_at",)
    actions = ("replay",)

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("billing.replay_stripeevent")

    @admin.action(description="Replay", permissions=["replay"])
    def replay(self, request: HttpRequest, rows: QuerySet[StripeEvent]) -> None:
        for event in rows:
            services.replay_event(event=event, at=timezone.now())
            self.log_change(request, event, "Replayed.")
        self.message_user(request, "The events are processed again now.")


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
class OutboxEntryAdmin(ReadOnlyAdmin):
    """What Stripe has to be told: it is tried until Stripe has heard it."""

    list_display = (
        *("kind", "customer", "subject_id", "attempts"),
        *("next_attempt_at", "done_at", "parked_at"),
    )
    list_filter = (OpenFilter, "kind")
    list_select_related = ("customer",)
    search_fields = ("subject_id", "customer__stripe_id", "customer__user__email")
    ordering = ("-pk",)
    actions = ("retry",)

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("billing.retry_outboxentry")

    @admin.action(description="Try again", permissions=["retry"])
    def retry(self, request: HttpRequest, rows: QuerySet[OutboxEntry]) -> None:
        for entry in rows:
            services.retry_entry(entry=entry, at=timezone.now())
            self.log_change(request, entry, "Tried again.")
        self.message_user(request, "Stripe is told again now.")


@admin.register(ReconcileRun)
class ReconcileRunAdmin(ReadOnlyAdmin):
    """Comparisons of all rows with Stripe, and what each has changed."""

    list_display = (
        *("started_at", "finished_at", "is_dry_run", "was_stopped"),
        *("checked", "differing", "repaired", "failed", "losing_access"),
    )
    list_filter = ("was_stopped", "is_dry_run")
    search_fields = ("started_at",)
    date_hierarchy = "started_at"
    ordering = ("-started_at",)


class ReasonForm(ActionForm):
    reason = forms.CharField(
        required=False,
        max_length=200,
        help_text="Needed to release a hold; it is kept.",
    )


@admin.register(AccessHold)
class AccessHoldAdmin(NoDeletionMixin, admin.ModelAdmin[AccessHold]):
    """What keeps paid access closed, why, and who released it."""

    list_display = (
        *("customer", "kind", "reason", "opened_at"),
        *("released_at", "released_by", "source_id"),
    )
    list_filter = ("kind", ("released_at", admin.EmptyFieldListFilter))
    list_select_related = ("customer", "released_by")
    search_fields = ("source_id", "customer__stripe_id", "customer__user__email")
    date_hierarchy = "opened_at"
    ordering = ("-opened_at",)
    autocomplete_fields = ("customer",)
    action_form = ReasonForm
    actions = ("release",)

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
            *("customer", "kind", "source_id", "reason", "opened_at", "opened_by"),
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

    def has_release_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("billing.release_accesshold")

    @admin.action(description="Release", permissions=["release"])
    def release(self, request: HttpRequest, rows: QuerySet[AccessHold]) -> None:
        reason = request.POST.get("reason", "")
        for hold in rows:
            try:
                services.release_hold(
                    hold=hold,
                    reason=reason,
                    released_by=request.user,  # type: ignore[arg-type] # as above
                    at=timezone.now(),
                )
            except DomainError as error:
                self.message_user(request, f"{hold}: {error}", "ERROR")
            else:
                self.log_change(request, hold, f"Released: {reason}")
                self.message_user(request, f"{hold} is released.")
