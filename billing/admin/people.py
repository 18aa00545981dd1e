"""People who pay, what they subscribe to and what they agreed to."""

from time import monotonic

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from billing import services
from billing.admin.shown import MirroredAdmin, OfCustomer, money
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
from billing.services import reports
from core.admin import (
    ReadOnlyAdmin,
    ReadOnlyInline,
    ReasonedAdmin,
    reason_of,
)

SYNCED_AT_ONCE = 20
PATIENCE_SECONDS = 15.0


class OwnInline(ReadOnlyInline):
    """Rows of one customer, newest first, each with a link to its page."""

    show_change_link = True


class SubscriptionInline(OwnInline):
    model = Subscription
    fields = ("status", "price", "current_period_end", "cancel_at", "ended_at")
    ordering = ("-stripe_created_at",)
    related = ["price__plan"]


class InvoiceInline(OwnInline):
    total_shown = money("total")
    amount_paid_shown = money("amount_paid", "paid")
    model = Invoice
    by_credit_shown = money("paid_by_credit", "paid by credit", is_column=False)
    fields = (
        *("status", "total_shown", "amount_paid_shown", "by_credit_shown"),
        "paid_at",
    )
    readonly_fields = ("total_shown", "amount_paid_shown", "by_credit_shown")
    ordering = ("-stripe_created_at",)


class RefundInline(OwnInline):
    amount_shown = money("amount")
    model = Refund
    fields = ("status", "amount_shown", "invoice", "reason", "stripe_created_at")
    readonly_fields = ("amount_shown",)
    related = ["invoice"]
    ordering = ("-stripe_created_at",)


class DisputeInline(OwnInline):
    amount_shown = money("amount")
    model = Dispute
    fields = ("status", "amount_shown", "invoice", "reason", "stripe_created_at")
    readonly_fields = ("amount_shown",)
    related = ["invoice"]
    ordering = ("-stripe_created_at",)


class HoldInline(OwnInline):
    model = AccessHold
    fields = ("reason", "opened_at", "released_at", "released_reason")
    ordering = ("-opened_at",)


class ConsentInline(OwnInline):
    unit_amount_shown = money("unit_amount", "price")
    model = RenewalConsent
    fields = ("agreed_at", "unit_amount_shown", "interval", "text_version")
    readonly_fields = ("unit_amount_shown",)
    ordering = ("-agreed_at",)


@admin.register(Customer)
class CustomerAdmin(ReasonedAdmin, MirroredAdmin):
    """People who pay, with all that Stripe told about them."""

    kind = "customers"
    list_display = ("__str__", "user", "card", "synced", "deleted_at")
    list_filter = (("deleted_at", admin.EmptyFieldListFilter),)
    list_select_related = ("user",)
    search_fields = ("stripe_id", "user__email", "user__name")
    search_help_text = "Name, email address or Stripe ID"
    date_hierarchy = "created_at"
    ordering = ("-pk",)
    fields = (
        *("user", "at_stripe", "synced", "card", "card_expiry_date"),
        *("balance_shown", "currency", "trial_used_at", "created_at", "deleted_at"),
    )
    inlines = (
        *(SubscriptionInline, InvoiceInline, RefundInline),
        *(DisputeInline, HoldInline, ConsentInline),
    )
    actions = ("sync_now",)
    consequences = {
        "sync_now": "What Stripe says now is read and replaces what is stored here. "
        "Access follows it at once; nothing changes at Stripe."
    }
    change_form_template = "admin/billing/customer/change_form.html"

    def autocomplete_label(self, customer: Customer) -> str:
        """Name the person, not only the number at Stripe."""
        user = customer.user
        return f"{user.name}, {user.email} ({customer})" if user else str(customer)

    @admin.display(description="balance")
    def balance_shown(self, customer: Customer) -> str:
        """Say which way the money goes: Stripe writes a credit as less than nothing."""
        if not customer.balance:
            return "Nothing"
        amount = display_amount(abs(customer.balance), customer.currency, is_long=True)
        if customer.credit:
            return f"{amount} credit: it pays the next invoices first"
        return f"{amount} owed: the next invoice asks for it too"

    @admin.display(description="card")
    def card(self, customer: Customer) -> str:
        if not customer.card_last4:
            return "-"
        return f"{customer.card_brand.capitalize()} •••• {customer.card_last4}"

    @admin.action(description="Sync now: read from Stripe", permissions=["view"])
    def sync_now(self, request: HttpRequest, rows: QuerySet[Customer]) -> None:
        chosen = list(rows.select_related("user")[:SYNCED_AT_ONCE])
        read = self._read(request, chosen)
        self.message_user(request, f"{_counted(read)} up to date.")
        if read < len(chosen):
            self.message_user(
                request,
                f"{_counted(len(chosen) - read)} not read: Stripe does not know the "
                "customer or does not answer, or somebody is reading it just now. "
                "Nothing was changed there. Try again in a minute.",
                messages.WARNING,
            )
        if rows.count() > SYNCED_AT_ONCE:
            self.message_user(
                request,
                f"Only the first {SYNCED_AT_ONCE} were read. The nightly comparison "
                "reads all.",
                messages.WARNING,
            )

    def _read(self, request: HttpRequest, chosen: list[Customer]) -> int:
        """Read one after the other, no longer than a person waits for a page."""
        stop_at = monotonic() + PATIENCE_SECONDS
        read = 0
        for customer in chosen:
            if monotonic() < stop_at and services.refresh_customer(
                customer=customer, at=timezone.now()
            ):
                read += 1
                self.log_change(
                    request, customer, f"Read from Stripe: {reason_of(request)}"
                )
        return read


def _counted(count: int) -> str:
    return "1 customer is" if count == 1 else f"{count} customers are"


class HeldFilter(admin.SimpleListFilter):
    """Those that a hold keeps closed, whatever Stripe says, and the others."""

    title = "hold"
    parameter_name = "held"

    def lookups(self, _request: HttpRequest, _model: object) -> list[tuple[str, str]]:
        return [("yes", "On hold"), ("no", "Not on hold")]

    def queryset(
        self, _request: HttpRequest, queryset: QuerySet[Subscription]
    ) -> QuerySet[Subscription]:
        held = AccessHold.objects.open().values("customer")
        if self.value() == "yes":
            return queryset.filter(customer__in=held)
        if self.value() == "no":
            return queryset.exclude(customer__in=held)
        return queryset


class PayingFilter(admin.SimpleListFilter):
    """Those behind the recurring revenue of a month in the report."""

    title = "recurring revenue"
    parameter_name = "paying"

    def lookups(self, _request: HttpRequest, _model: object) -> list[tuple[str, str]]:
        return [(one.key, str(one)) for one in self._months()]

    def queryset(
        self, _request: HttpRequest, queryset: QuerySet[Subscription]
    ) -> QuerySet[Subscription]:
        for month in self._months():
            if month.key == self.value():
                return reports.recurring(queryset, at=month.known_until)
        return queryset

    @staticmethod
    def _months() -> list[reports.Month]:
        return reports.last_months(at=timezone.now())


@admin.register(Subscription)
class SubscriptionAdmin(OfCustomer, MirroredAdmin):
    """Subscriptions as Stripe last told them; changes are made at Stripe."""

    kind = "subscriptions"
    list_display = (
        *("who", "status", "price", "current_period_end"),
        *("cancel_at", "synced"),
    )
    list_filter = (
        *("status", "price", "price__currency", "cancel_at_period_end"),
        *("is_surplus", HeldFilter, PayingFilter),
    )
    list_select_related = ("customer__user", "price__plan")
    search_fields = (
        *("stripe_id", "customer__stripe_id"),
        *("customer__user__email", "customer__user__name"),
    )
    search_help_text = "Name, email address or Stripe ID"
    date_hierarchy = "stripe_created_at"
    ordering = ("-stripe_created_at",)
    fields = (
        *("customer", "member", "at_stripe", "synced", "status", "price", "quantity"),
        *("stripe_created_at", "current_period_start", "current_period_end"),
        *("trial_ends_at", "past_due_since", "paused_at", "resumes_at"),
        *("cancel_at_period_end", "cancel_at", "canceled_at", "ended_at"),
        *("is_surplus", "latest_invoice_id", "told"),
    )


@admin.register(RenewalConsent)
class RenewalConsentAdmin(OfCustomer, ReadOnlyAdmin):
    """What people agreed to before they paid, in the words that they read."""

    unit_amount_shown = money("unit_amount", "price")
    list_display = (
        *("__str__", "member", "unit_amount_shown", "interval"),
        *("text_version", "agreed_at"),
    )
    list_filter = ("text_version", "interval")
    list_select_related = ("customer__user",)
    search_fields = (
        *("customer__stripe_id", "customer__user__email"),
        "customer__user__name",
    )
    date_hierarchy = "agreed_at"
    ordering = ("-agreed_at",)
    fields = (
        *("customer", "member", "agreed_at", "unit_amount_shown", "interval"),
        *("text", "text_version", "attempt"),
    )
