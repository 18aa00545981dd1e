"""Invoices, and the money that went back or is contested."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString

from billing.admin import report
from billing.admin.people import DisputeInline, RefundInline
from billing.admin.shown import MirroredAdmin, OfCustomer, money, stripe_link
from billing.models import Dispute, Invoice, Refund


class TriesFilter(admin.SimpleListFilter):
    """Invoices that were paid only after a payment had failed."""

    title = "payments"
    parameter_name = "tries"

    def lookups(self, _request: HttpRequest, _model: object) -> list[tuple[str, str]]:
        return [("several", "Needed several tries")]

    def queryset(
        self, _request: HttpRequest, queryset: QuerySet[Invoice]
    ) -> QuerySet[Invoice]:
        if self.value() != "several":
            return queryset
        return queryset.filter(attempt_count__gt=1)


@admin.register(Invoice)
class InvoiceAdmin(OfCustomer, MirroredAdmin):
    """Invoices as Stripe last told them."""

    total_shown = money("total")
    amount_paid_shown = money("amount_paid")
    subtotal_shown = money("subtotal")
    tax_shown = money("tax")
    amount_due_shown = money("amount_due")
    by_credit_shown = money("paid_by_credit", "paid by credit", is_column=False)
    amount_remaining_shown = money("amount_remaining")
    kind = "invoices"
    list_display = (
        *("__str__", "member", "status", "total_shown", "amount_paid_shown"),
        *("by_credit_shown", "stripe_created_at", "paid_at"),
    )
    list_filter = ("status", TriesFilter, "billing_reason", "currency")
    list_select_related = ("customer__user",)
    search_fields = (
        *("number", "stripe_id", "payment_intent_id", "customer__stripe_id"),
        *("customer__user__email", "customer__user__name"),
    )
    search_help_text = "Number, name, email address or Stripe ID"
    date_hierarchy = "stripe_created_at"
    ordering = ("-stripe_created_at",)
    inlines = (RefundInline, DisputeInline)
    change_list_template = "admin/billing/invoice/change_list.html"
    fields = (
        *("customer", "member", "at_stripe", "synced", "number", "status"),
        *("subscription", "billing_reason", "subtotal_shown", "tax_shown"),
        *("total_shown", "amount_due_shown", "amount_paid_shown"),
        *("by_credit_shown", "amount_remaining_shown", "period_start", "period_end"),
        *("stripe_created_at", "paid_at", "attempt_count"),
        *("next_payment_attempt_at", "needs_confirmation"),
        *("refund_at_stripe", "hosted_invoice_url", "told"),
    )

    @admin.display(description="refund at Stripe")
    def refund_at_stripe(self, invoice: Invoice) -> SafeString | str:
        """Lead to the page of the payment, where Stripe gives money back."""
        return stripe_link("payments", invoice.payment_intent_id)

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        return [
            path("money/", guarded(report.show), name="billing_money"),
            path(
                "money/<str:month>.csv",
                guarded(report.invoices_of_month),
                name="billing_money_invoices",
            ),
            *super().get_urls(),
        ]


OF_MOVEMENT = (
    *("stripe_id", "member", "status", "amount_shown", "reason"),
    *("invoice", "stripe_created_at"),
)
PAGE_OF_MOVEMENT = (
    *("customer", "member", "at_stripe", "synced", "stripe_id", "status"),
    *("amount_shown", "reason", "invoice", "stripe_created_at"),
)


class MovementAdmin(OfCustomer, MirroredAdmin):
    """Money that left: Stripe shows it on the page of its payment."""

    amount_shown = money("amount")
    kind = "payments"
    id_field = "charge_id"
    list_filter = ("status", "currency")
    list_select_related = ("customer__user", "invoice")
    search_fields = (
        *("stripe_id", "charge_id", "customer__stripe_id"),
        *("customer__user__email", "customer__user__name"),
    )
    search_help_text = "Name, email address or Stripe ID"
    date_hierarchy = "stripe_created_at"
    ordering = ("-stripe_created_at",)


@admin.register(Refund)
class RefundAdmin(MovementAdmin):
    list_display = OF_MOVEMENT
    fields = PAGE_OF_MOVEMENT


@admin.register(Dispute)
class DisputeAdmin(MovementAdmin):
    """Payments that a cardholder contests: the bank waits for an answer only so long."""

    list_display = (*OF_MOVEMENT, "answer_until")
    fields = (*PAGE_OF_MOVEMENT, "answer_until")

    @admin.display(description="answer until", ordering="evidence_due_at")
    def answer_until(self, dispute: Dispute) -> str:
        """Say the day and how many are left, while an answer is awaited."""
        due_at = dispute.evidence_due_at
        left = dispute.days_left(at=timezone.now())
        if due_at is None or left is None:
            return "-"
        day = date_format(timezone.localtime(due_at))
        if due_at <= timezone.now():
            return f"{day}, over"
        return f"{day}, {'1 day' if left == 1 else f'{left} days'} left"
