"""What Stripe told: customers, subscriptions, invoices and what came back."""

import json

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from billing import services
from billing.admin import report
from billing.models import (
    AccessHold,
    Customer,
    Dispute,
    Invoice,
    Refund,
    RenewalConsent,
    Subscription,
    display_amount,
)
from core.admin import ReadOnlyAdmin, ReadOnlyInline

SYNCED_AT_ONCE = 20
DASHBOARD = "https://dashboard.stripe.com"


def stripe_link(kind: str, stripe_id: str | None) -> SafeString | str:
    """Link to the page of an object in Stripe's own dashboard."""
    if not stripe_id:
        return "-"
    mode = "" if settings.STRIPE_IS_LIVE else "/test"
    return format_html(
        '<a href="{}{}/{}/{}" rel="noreferrer">{}</a>',
        *(DASHBOARD, mode, kind, stripe_id, stripe_id),
    )


class MirroredAdmin(ReadOnlyAdmin):
    """A list of what Stripe told, with the object as it was told."""

    kind = ""

    def get_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> tuple[str, ...]:
        names = [str(name) for name in super().get_fields(request, obj)]
        shown = [name for name in names if name not in {"raw", "stripe_id"}]
        return ("at_stripe", *shown, *(("told",) if "raw" in names else ()))

    @admin.display(description="at Stripe")
    def at_stripe(self, row: Customer | Subscription | Invoice) -> SafeString | str:
        return stripe_link(self.kind, row.stripe_id)

    @admin.display(description="as Stripe told it")
    def told(self, row: Subscription | Invoice) -> SafeString:
        return format_html(
            "<details><summary>Show the object</summary><pre>{}</pre></details>",
            json.dumps(row.raw, indent=2, sort_keys=True),
        )

    def get_readonly_fields(
        self, _request: HttpRequest, _obj: Model | None = None
    ) -> tuple[str, ...]:
        return ("at_stripe", "told")


class SubscriptionInline(ReadOnlyInline):
    model = Subscription
    fields = ("stripe_id", "status", "price", "current_period_end", "cancel_at")
    related = ["price__plan"]
    show_change_link = True


class InvoiceInline(ReadOnlyInline):
    model = Invoice
    fields = ("number", "status", "stripe_created_at", "amount_paid", "paid_at")
    ordering = ("-stripe_created_at",)
    show_change_link = True


class HoldInline(ReadOnlyInline):
    model = AccessHold
    fields = ("kind", "source_id", "reason", "opened_at", "released_at")
    show_change_link = True


@admin.register(Customer)
class CustomerAdmin(MirroredAdmin):
    """People who pay, with all that Stripe told about them."""

    kind = "customers"
    list_display = ("stripe_id", "user", "card_last4", "synced_at", "deleted_at")
    list_filter = (("deleted_at", admin.EmptyFieldListFilter),)
    list_select_related = ("user",)
    search_fields = ("stripe_id", "user__email", "user__name")
    ordering = ("-pk",)
    inlines = (SubscriptionInline, InvoiceInline, HoldInline)
    actions = ("sync_now",)

    @admin.action(description="Read from Stripe now", permissions=["view"])
    def sync_now(self, request: HttpRequest, rows: QuerySet[Customer]) -> None:
        chosen = list(rows[:SYNCED_AT_ONCE])
        read = []
        for customer in chosen:
            if services.refresh_customer(customer=customer, at=timezone.now()):
                read.append(customer)
                self.log_change(request, customer, "Read from Stripe.")
        self.message_user(request, f"{len(read)} customers are up to date.")
        if len(read) < len(chosen):
            self.message_user(
                request,
                f"{len(chosen) - len(read)} could not be read: Stripe does not answer, "
                "or somebody is reading them. Nothing was changed.",
                messages.WARNING,
            )
        if rows.count() > SYNCED_AT_ONCE:
            self.message_user(
                request,
                f"Only the first {SYNCED_AT_ONCE} were read. The nightly comparison "
                "reads all.",
                messages.WARNING,
            )


class OfCustomer:
    """Shows whose row it is."""

    @admin.display(description="user", ordering="customer__user__email")
    def who(self, row: Subscription | Invoice | Refund | Dispute) -> User | None:
        return row.customer.user


@admin.register(Subscription)
class SubscriptionAdmin(OfCustomer, MirroredAdmin):
    """Subscriptions as Stripe last told them; changes are made at Stripe."""

    kind = "subscriptions"
    list_display = (
        *("who", "status", "price", "current_period_end"),
        *("cancel_at", "past_due_since", "stripe_id", "synced_at"),
    )
    list_filter = ("status", "price", "cancel_at_period_end", "is_surplus")
    list_select_related = ("customer__user", "price__plan")
    search_fields = (
        *("stripe_id", "customer__stripe_id"),
        *("customer__user__email", "customer__user__name"),
    )
    date_hierarchy = "stripe_created_at"
    ordering = ("-stripe_created_at",)


@admin.register(Invoice)
class InvoiceAdmin(OfCustomer, MirroredAdmin):
    kind = "invoices"
    list_display = (
        *("__str__", "who", "status", "paid", "billing_reason"),
        *("stripe_created_at", "paid_at", "synced_at"),
    )
    list_filter = ("status", "billing_reason", "currency")
    list_select_related = ("customer__user",)
    search_fields = (
        *("number", "stripe_id", "payment_intent_id"),
        *("customer__stripe_id", "customer__user__email"),
    )
    date_hierarchy = "stripe_created_at"
    ordering = ("-stripe_created_at",)
    change_list_template = "admin/billing/invoice/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(report.show)
        return [path("money/", view, name="billing_money"), *super().get_urls()]

    @admin.display(description="paid", ordering="amount_paid")
    def paid(self, invoice: Invoice) -> str:
        return display_amount(invoice.amount_paid, invoice.currency)


class MovementAdmin(OfCustomer, MirroredAdmin):
    list_display = (
        *("stripe_id", "who", "status", "money", "reason"),
        *("invoice", "stripe_created_at", "synced_at"),
    )
    list_filter = ("status", "reason")
    list_select_related = ("customer__user", "invoice")
    search_fields = ("stripe_id", "charge_id", "customer__user__email")
    date_hierarchy = "stripe_created_at"
    ordering = ("-stripe_created_at",)

    @admin.display(description="amount", ordering="amount")
    def money(self, row: Refund | Dispute) -> str:
        return display_amount(row.amount, row.currency)


@admin.register(Refund)
class RefundAdmin(MovementAdmin):
    kind = "refunds"


@admin.register(Dispute)
class DisputeAdmin(MovementAdmin):
    kind = "disputes"


@admin.register(RenewalConsent)
class RenewalConsentAdmin(ReadOnlyAdmin):
    """What people agreed to before they paid, in the words that they read."""

    list_display = ("customer", "text_version", "unit_amount", "interval", "agreed_at")
    list_filter = ("text_version", "interval")
    list_select_related = ("customer",)
    search_fields = ("customer__stripe_id", "customer__user__email")
    date_hierarchy = "agreed_at"
    ordering = ("-agreed_at",)
