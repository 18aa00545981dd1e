"""Members who are moved from an old amount to a new one."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from billing import services
from billing.models import Price, PriceChange, PriceChangeNotice
from billing.services.notices import renewing
from core.admin import ReadOnlyInline, ReadOnlyMixin, RevocableAdmin
from core.errors import DomainError

A_MONTH_AND_A_WEEK = timedelta(days=38)
NOBODY_TO_MOVE = (
    "Only the subscribers of a price that is off sale are moved, to the one on sale in "
    "its place. Put a new amount on sale first."
)


class MoveForm(forms.Form):
    """From which day on members may be charged the new amount."""

    starts_date = forms.DateField(
        label="From",
        widget=forms.DateInput({"type": "date"}),
        error_messages={
            "required": "Choose the day from which renewals cost the new amount.",
            "invalid": "Write the day as a date, such as 2027-01-31.",
        },
    )

    def clean_starts_date(self) -> date:
        starts_date: date = self.cleaned_data["starts_date"]
        first = services.first_day(at=timezone.now())
        if starts_date < first:
            raise forms.ValidationError(
                "Members are told a week before they pay more. "
                f"Choose {date_format(first)} or a later day."
            )
        return starts_date


def move_subscribers(
    request: HttpRequest, page: admin.ModelAdmin[Price], pk: int
) -> HttpResponse:
    """Ask from when, say what follows from it, then order the move."""
    if not request.user.has_perm("billing.add_pricechange"):
        raise PermissionDenied
    price = get_object_or_404(Price.objects.select_related("plan"), pk=pk)
    target = services.successor(price)
    paying = services.subscribers_of(price)
    moving = sum(1 for _ in renewing(price=price))
    if price.is_active or target is None or not paying:
        messages.info(request, NOBODY_TO_MOVE)
        return redirect("admin:billing_price_change", pk)
    day = timezone.localdate() + A_MONTH_AND_A_WEEK
    form = MoveForm(request.POST or None, initial={"starts_date": day})
    is_valid = request.method == "POST" and form.is_valid()
    if is_valid and "confirmed" in request.POST:
        return _order(request, page, price, form.cleaned_data["starts_date"])
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "original": price,
        "title": f"Move the subscribers of {price}",
        "form": form,
        "target": target,
        "moving": moving,
        "staying": paying - moving,
        "starts": date_format(form.cleaned_data["starts_date"]) if is_valid else "",
    }
    return render(request, "admin/billing/price/move_subscribers.html", context)


def _order(
    request: HttpRequest,
    page: admin.ModelAdmin[Price],
    price: Price,
    starts_date: date,
) -> HttpResponse:
    try:
        change = services.plan_price_change(
            price=price,
            starts_date=starts_date,
            by=request.user,  # type: ignore[arg-type] # staff is never anonymous
            at=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("admin:billing_price_change", price.pk)
    page.log_change(request, price, f"Its subscribers are moved to {change.to_price}.")
    messages.success(
        request,
        f"Members are told in time, and pay {change.to_price} from their first renewal "
        f"on or after {date_format(starts_date)}. Here you see how far it is.",
    )
    return redirect("admin:billing_pricechange_change", change.pk)


class NoticeInline(ReadOnlyInline):
    model = PriceChangeNotice
    fields = ["who", "subscription", "announced_at", "takes_effect_at", "applied_at"]
    readonly_fields = ["who"]
    related = ["subscription__customer__user"]
    ordering = ["takes_effect_at"]
    verbose_name_plural = "who was told"

    @admin.display(description="member")
    def who(self, notice: PriceChangeNotice) -> str:
        return str(notice.subscription.customer.user or "deleted account")


@admin.register(PriceChange)
class PriceChangeAdmin(ReadOnlyMixin, RevocableAdmin):
    """How far each move is; it is ordered on the page of the old price."""

    verb = "withdraw"
    past = "withdrawn"
    change_form_template = "admin/billing/pricechange/change_form.html"
    list_display = ("move", "starts_date", "told", "moved", "withdrawn_at")
    list_filter = (("withdrawn_at", admin.EmptyFieldListFilter), "starts_date")
    list_select_related = ("from_price", "to_price")
    search_fields = ("from_price__slug", "to_price__slug", "withdrawn_reason")
    date_hierarchy = "starts_date"
    ordering = ("-starts_date",)
    fields = (
        *("from_price", "to_price", "starts_date", "told", "moved"),
        *("created_by", "created_at", "withdrawn_at", "withdrawn_reason"),
    )
    inlines = (NoticeInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        moved = Count("notices", filter=Q(notices__applied_at__isnull=False))
        rows: QuerySet[Any] = (
            super()
            .get_queryset(request)
            .annotate(told_count=Count("notices"), moved_count=moved)
        )
        return rows

    @admin.display(description="move", ordering="from_price__unit_amount")
    def move(self, change: PriceChange) -> str:
        return str(change)

    @admin.display(description="told", ordering="told_count")
    def told(self, change: Any) -> int:
        return int(change.told_count)

    @admin.display(description="moved", ordering="moved_count")
    def moved(self, change: Any) -> int:
        return int(change.moved_count)

    def revoke(self, row: PriceChange, *, reason: str, by: User, at: datetime) -> str:
        told = services.withdraw_price_change(change=row, reason=reason, at=at)
        return f"The move is withdrawn. {told} members hear that their price stays."
