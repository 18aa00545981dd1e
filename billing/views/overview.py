from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.generic import ListView

from billing import services
from billing.access import access_for
from billing.models import (
    CheckoutAttempt,
    Customer,
    Invoice,
    Price,
    Refund,
    Subscription,
    next_price,
)
from core.http import AuthenticatedHttpRequest, HttpResponseSeeOther, posted_from


class SubscriptionDetail(LoginRequiredMixin, ListView[Invoice]):
    """What a member pays, until when, every invoice, and all that can be changed."""

    template_name = "billing/subscription_detail.html"
    paginate_by = 24
    request: AuthenticatedHttpRequest

    def get_queryset(self) -> QuerySet[Invoice]:
        self.customer = Customer.objects.filter(user=self.request.user).first()
        self.subscription = self._latest()
        self._refresh()
        if self.customer is None:
            return Invoice.objects.none()
        return _shown(self.customer)

    def _latest(self) -> Subscription | None:
        """Return the subscription that matters: a live one, else the newest."""
        if self.customer is None:
            return None
        found = self.customer.subscriptions.filter(is_surplus=False).select_related(
            "price__plan", "customer"
        )
        newest = found.order_by("-stripe_created_at")
        return newest.live().first() or newest.first()

    def _refresh(self) -> None:
        now = timezone.now()
        row = self.subscription
        is_outdated = row is not None and row.is_outdated(at=now)
        is_asked = "updated" in self.request.GET or is_outdated
        if self.customer and (is_asked or self._may_have_paid(at=now)):
            services.refresh_customer(customer=self.customer, at=now)
            self.customer.refresh_from_db()
            self.subscription = self._latest()

    def _may_have_paid(self, *, at: datetime) -> bool:
        """Say whether a payment page is open that Stripe may have been paid on."""
        row = self.subscription
        if row is not None and row.status in Subscription.LIVE:
            return False
        opened = CheckoutAttempt.objects.filter(
            user=self.request.user, status="open", stripe_session_id__isnull=False
        )
        return opened.filter(expires_at__gt=at).exists()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, now = self.subscription, timezone.now()
        unpaid = _unpaid(row) if row else None
        access = access_for(self.request.user, at=now)
        return super().get_context_data(
            access=access,
            viewer_access=access,
            customer=self.customer,
            subscription=row,
            has_portal=self.customer is not None and self.customer.exists_at_stripe,
            unpaid=unpaid,
            retry_at=unpaid.tried_again_at(at=now) if unpaid else None,
            is_card_changed=self.request.GET.get("updated") == "card",
            next_price=(ahead := next_price(row) if row else None),
            next_due=_next_due(ahead, self.customer),
            is_live=row is not None and row.status in Subscription.LIVE,
            is_running=row is not None and services.is_running(row),
            other_price=services.switchable_price(row) if row else None,
            **kwargs,
        )


def _next_due(price: Price | None, customer: Customer | None) -> int | None:
    """Return what the credit leaves to pay of the next invoice, if it pays some."""
    if price is None or customer is None or not customer.credit:
        return None
    return max(price.unit_amount - customer.credit, 0)


def _unpaid(subscription: Subscription) -> Invoice | None:
    """Ask for what is due; who pays regularly has nothing."""
    if subscription.status == Subscription.Status.ACTIVE:
        return None
    return Invoice.objects.due().filter(subscription=subscription).first()


def _shown(customer: Customer) -> QuerySet[Invoice]:
    """Return what was billed, newest first; a draft may still change."""
    refunds = Refund.objects.filter(
        invoice=OuterRef("pk"), status__in=Refund.GIVEN_BACK
    ).values("invoice")
    return (
        customer.invoices.exclude(status=Invoice.Status.DRAFT)
        .select_related("subscription")
        .defer("raw", "subscription__raw")
        .annotate(
            refunded=Coalesce(Subquery(refunds.values(total=Sum(F("amount")))), 0)
        )
        .order_by("-stripe_created_at", "-pk")
    )


@login_required
def open_invoice(
    request: AuthenticatedHttpRequest, pk: int, *, is_pdf: bool = False
) -> HttpResponse:
    """Lead to Stripe's page or file of an own invoice, at the address of today."""
    own = Invoice.objects.filter(customer__user=request.user).defer("raw")
    invoice = get_object_or_404(own, pk=pk)
    address = services.invoice_address(invoice=invoice, is_pdf=is_pdf)
    if not address:
        messages.error(request, "Stripe has no page for this invoice. Contact us.")
        return redirect("billing:subscription-detail")
    return redirect(address)


@posted_from("billing:subscription-detail")
@login_required
def open_portal(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Send the member to Stripe's pages for card, company details and invoices."""
    try:
        url = services.open_portal(user=request.user, flow=request.POST.get("flow", ""))
    except services.PortalUnavailableError as error:
        messages.error(request, str(error))
        return redirect("billing:subscription-detail")
    return HttpResponseSeeOther(url)
