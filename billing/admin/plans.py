"""What is for sale, who began to pay, and complimentary access."""

from datetime import datetime
from typing import Any

from django import forms
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
    Subscription,
)
from core.admin import ReadOnlyAdmin, RevocableAdmin


class NoDeletionMixin:
    """What money has touched is kept."""

    def has_delete_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False


class PlanForm(forms.ModelForm[Plan]):
    """Says what follows before a plan goes off sale."""

    is_confirmed = forms.BooleanField(
        label="Yes, nobody new can subscribe",
        required=False,
        help_text="Tick it to make an active plan inactive. Who has it keeps it.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        goes = self.instance.pk and self.initial.get("is_active")
        if goes and not cleaned["is_active"] and not cleaned.get("is_confirmed"):
            count = (
                Subscription.objects.live().filter(price__plan=self.instance).count()
            )
            self.add_error(
                "is_confirmed",
                f"{count} {'person has' if count == 1 else 'people have'} a subscription "
                "of this plan: they keep it and go on paying. Nobody new can subscribe. "
                "Tick this box and save again, or make the plan active again.",
            )
        return cleaned


@admin.register(Plan)
class PlanAdmin(NoDeletionMixin, admin.ModelAdmin[Plan]):
    form = PlanForm
    list_display = ("name", "entitlement", "is_active", "weight", "stripe_product_id")
    list_filter = ("is_active",)
    search_fields = ("name", "slug", "entitlement")
    ordering = ("weight",)
    prepopulated_fields = {"slug": ("name",)}

    def get_fields(
        self, request: HttpRequest, plan: Plan | None = None
    ) -> tuple[str, ...]:
        can_end = plan and plan.is_active and self.has_change_permission(request, plan)
        return (
            *("name", "slug", "entitlement", "is_active"),
            *(("is_confirmed",) if can_end else ()),
            *("weight", "stripe_product_id"),
        )

    def get_readonly_fields(
        self, _request: HttpRequest, plan: Plan | None = None
    ) -> tuple[str, ...]:
        """Keep the key that somebody's access hangs on."""
        is_held = plan is not None and (
            Subscription.objects.filter(price__plan=plan).exists()
            or AccessGrant.objects.filter(plan=plan).exists()
        )
        return (*(("entitlement",) if is_held else ()), "stripe_product_id")

    def save_model(
        self, request: HttpRequest, obj: Plan, form: Any, *args: Any, **kwargs: Any
    ) -> None:
        super().save_model(request, obj, form, *args, **kwargs)
        if "is_active" in form.changed_data and not obj.is_active:
            messages.warning(
                request,
                f"{obj} is off sale: nobody new can subscribe. Who has it keeps it.",
            )


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


class GrantForm(forms.ModelForm[AccessGrant]):
    def clean_valid_until(self) -> datetime | None:
        valid_until: datetime | None = self.cleaned_data["valid_until"]
        if valid_until and valid_until <= timezone.now():
            raise forms.ValidationError(
                "That is over already: it would open nothing. Choose a later moment."
            )
        return valid_until

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        is_lifetime, ends = cleaned.get("is_lifetime"), cleaned.get("valid_until")
        if is_lifetime and ends:
            self.add_error("is_lifetime", "Choose either an end or access for life.")
        elif not is_lifetime and not ends and "valid_until" not in self.errors:
            self.add_error("valid_until", "Choose an end, or tick For life.")
        return cleaned


@admin.register(AccessGrant)
class AccessGrantAdmin(NoDeletionMixin, RevocableAdmin):
    """Complimentary access: given with a reason, taken back with a reason."""

    form = GrantForm
    change_form_template = "admin/billing/accessgrant/change_form.html"
    fields = ("user", "plan", "valid_from", "valid_until", "is_lifetime", "reason")
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
        ended = ("revoked_at", "revoked_by", "revoked_reason")
        return (*self.fields, "granted_by", *ended)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
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
        services.revoke_grant(grant=row, reason=reason, by=by, at=at)
        return f"{row.user} no longer has complimentary access to {row.plan}."
