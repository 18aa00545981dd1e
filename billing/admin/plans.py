"""What is for sale, who began to pay, and complimentary access."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from billing import services
from billing.models import (
    AccessGrant,
    CheckoutAttempt,
    Plan,
)
from core.admin import ReadOnlyAdmin, RevocableAdmin


class NoDeletionMixin:
    """What money has touched is kept."""

    def has_delete_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False


@admin.register(Plan)
class PlanAdmin(NoDeletionMixin, admin.ModelAdmin[Plan]):
    list_display = ("name", "entitlement", "is_active", "weight", "stripe_product_id")
    list_filter = ("is_active",)
    search_fields = ("name", "slug", "entitlement")
    ordering = ("weight",)
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "slug", "entitlement", "is_active", "weight", "stripe_product_id")
    readonly_fields = ("stripe_product_id",)


@admin.register(CheckoutAttempt)
class CheckoutAttemptAdmin(ReadOnlyAdmin):
    list_display = ("user", "price", "status", "created_at", "expires_at")
    list_filter = ("status", "price")
    list_select_related = ("user", "price")
    search_fields = ("user__email", "stripe_session_id", "id")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)


class ValidityFilter(admin.SimpleListFilter):
    title = "validity"
    parameter_name = "validity"

    def lookups(
        self, _request: HttpRequest, _model_admin: Any
    ) -> list[tuple[str, str]]:
        return [("valid", "Valid now")]

    def queryset(
        self, _request: HttpRequest, queryset: QuerySet[AccessGrant]
    ) -> QuerySet[AccessGrant]:
        if self.value() != "valid":
            return queryset
        valid = AccessGrant.objects.valid(at=timezone.now())
        return queryset.filter(pk__in=valid.values("pk"))


@admin.register(AccessGrant)
class AccessGrantAdmin(NoDeletionMixin, RevocableAdmin):
    """Complimentary access: given with a reason, taken back with a reason."""

    change_form_template = "admin/billing/accessgrant/change_form.html"
    fields = ("user", "plan", "valid_from", "valid_until", "reason")
    list_display = ("user", "plan", "valid_from", "valid_until", "granted_by", "reason")
    list_filter = (
        ValidityFilter,
        "plan",
        ("revoked_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("user", "plan", "granted_by")
    search_fields = ("user__email", "user__name", "reason")
    date_hierarchy = "valid_from"
    ordering = ("-valid_from",)
    autocomplete_fields = ("user",)

    def has_change_permission(
        self, _request: HttpRequest, _obj: AccessGrant | None = None
    ) -> bool:
        return False

    def get_fields(
        self, _request: HttpRequest, grant: AccessGrant | None = None
    ) -> tuple[str, ...]:
        if grant is None:
            return self.fields
        return (*self.fields, "granted_by", "revoked_at", "revoked_reason")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        sent = super().get_changeform_initial_data(request)
        # An address that somebody typed may name anything; a row has a number.
        initial: dict[str, Any] = {
            name: value
            for name, value in sent.items()
            if name not in {"user", "plan"} or str(value).isdecimal()
        }
        plans = Plan.objects.values_list("pk", flat=True)[:2]
        only_plan = {"plan": plans[0]} if len(plans) == 1 else {}
        return {"valid_from": timezone.now(), **only_plan, **initial}

    def save_model(
        self, request: HttpRequest, obj: AccessGrant, *_form: Any, **_change: Any
    ) -> None:
        given = services.grant_access(
            user=obj.user,
            plan=obj.plan,
            reason=obj.reason,
            granted_by=request.user,  # type: ignore[arg-type] # staff is never anonymous
            valid_from=obj.valid_from,
            valid_until=obj.valid_until,
        )
        vars(obj).update(vars(given))

    def revoke(self, row: AccessGrant, *, reason: str, by: User, at: datetime) -> str:
        services.revoke_grant(grant=row, reason=reason, at=at)
        return "The access has ended."
