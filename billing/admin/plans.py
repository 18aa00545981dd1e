"""What is for sale, who began to pay, and complimentary access."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from billing import services
from billing.models import (
    AccessGrant,
    CheckoutAttempt,
    Plan,
    Price,
)
from core.admin import ReadOnlyAdmin, RevocableAdmin
from core.errors import DomainError


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


@admin.register(Price)
class PriceAdmin(NoDeletionMixin, admin.ModelAdmin[Price]):
    """Prices; one that Stripe knows keeps its terms, a new amount is a new price."""

    fieldsets = (
        (
            None,
            {
                "description": (
                    "A price that Stripe knows keeps its amount, because people pay "
                    "it. For another amount add a new price, choose “Create what is "
                    "missing at Stripe” in the list of prices, and take the old one "
                    "off sale here: who pays it keeps it."
                ),
                "fields": (
                    *("plan", "interval", "unit_amount", "currency", "slug"),
                    *("is_active", "stripe_price_id"),
                ),
            },
        ),
    )

    list_display = (
        "slug",
        "plan",
        "display_amount",
        "interval",
        "is_active",
        "at_stripe",
    )
    list_filter = ("is_active", "interval", "plan")
    list_select_related = ("plan",)
    search_fields = ("slug", "plan__name", "stripe_price_id")
    ordering = ("plan__weight", "unit_amount")
    actions = ("create_at_stripe",)

    def save_model(
        self, request: HttpRequest, obj: Price, *args: Any, **kwargs: Any
    ) -> None:
        super().save_model(request, obj, *args, **kwargs)
        if not obj.is_active and not obj.plan.prices.filter(is_active=True).exists():
            messages.warning(
                request,
                f"{obj.plan} has no price on sale now: nobody can subscribe to it.",
            )

    @admin.display(description="at Stripe", boolean=True)
    def at_stripe(self, price: Price) -> bool:
        return bool(price.stripe_price_id)

    def get_readonly_fields(
        self, _request: HttpRequest, price: Price | None = None
    ) -> tuple[str, ...]:
        if price is not None and price.stripe_price_id:
            terms = ("plan", "slug", "currency", "unit_amount", "interval")
            return (*terms, "stripe_price_id")
        return ("stripe_price_id",)

    @admin.action(
        description="Create what is missing at Stripe", permissions=["change"]
    )
    def create_at_stripe(self, request: HttpRequest, _rows: QuerySet[Price]) -> None:
        try:
            prices = services.sync_plans()
        except DomainError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, f"{len(prices)} prices are at Stripe.")


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
        initial: dict[str, Any] = dict(super().get_changeform_initial_data(request))
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
