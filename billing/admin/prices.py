"""What a plan costs, and a new amount in place of an old one."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path

from billing import services
from billing.admin.plans import NoDeletionMixin
from billing.admin.price_changes import move_subscribers
from billing.models import (
    SYMBOLS,
    Price,
    digits_of,
    display_amount,
    plain_amount,
)
from core.errors import DomainError

LONGEST = 12
NOT_REPLACEABLE = (
    "Only a price that is on sale and at Stripe gets a new amount. "
    "One that Stripe does not know yet is simply changed here."
)


class NewAmountForm(forms.Form):
    """An amount as people write it: 24.95, or 2495 of a currency without cents."""

    amount = forms.DecimalField(
        max_digits=LONGEST,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={"required": "Enter the new amount."},
    )

    def __init__(self, *args: Any, price: Price, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.price = price
        self.digits = digits_of(price.currency)
        example = plain_amount(price.unit_amount, price.currency)
        field = self.fields["amount"]
        field.label = f"New amount in {price.currency.upper()}"
        field.help_text = f"Such as {example}."
        field.error_messages["invalid"] = f"Write the amount as a number: {example}."

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        cents = amount.scaleb(self.digits)
        if cents != cents.to_integral_value():
            raise forms.ValidationError(
                f"Write at most {self.digits} digits behind the point."
            )
        try:
            services.check_new_amount(price=self.price, unit_amount=int(cents))
        except DomainError as error:
            raise forms.ValidationError(str(error)) from error
        return amount

    @property
    def cents(self) -> int:
        return int(self.cleaned_data["amount"].scaleb(self.digits))

    @property
    def wanted(self) -> str:
        return display_amount(self.cents, self.price.currency)


class PriceForm(forms.ModelForm[Price]):
    """Refuses, beside the field, what the database or Stripe would refuse later."""

    def clean_currency(self) -> str:
        currency: str = self.cleaned_data["currency"].lower()
        if "currency" in self.changed_data and currency not in SYMBOLS:
            known = ", ".join(sorted(SYMBOLS))
            raise forms.ValidationError(f"Choose one of these currencies: {known}.")
        return currency

    def clean_unit_amount(self) -> int:
        amount: int = self.cleaned_data["unit_amount"]
        try:
            services.check_amount(unit_amount=amount, currency="usd")
        except DomainError as error:
            raise forms.ValidationError(f"{error} Write it in cents.") from error
        return amount

    def clean(self) -> dict[str, Any]:
        """Compare also with fields that can no longer be changed, and so were not sent."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("is_active"):
            return cleaned
        terms = {
            name: cleaned.get(name, getattr(self.instance, name, None))
            for name in ("currency", "interval")
        }
        plan = cleaned.get("plan") or self.instance.plan_id
        same = Price.objects.filter(plan=plan, is_active=True, **terms)
        if plan and same.exclude(pk=self.instance.pk).exists():
            self.add_error(
                "is_active",
                "The plan has an active price of this interval. Take that off sale "
                "first, or use its “New amount …”.",
            )
        return cleaned


@admin.register(Price)
class PriceAdmin(NoDeletionMixin, admin.ModelAdmin[Price]):
    """Prices; one that Stripe knows keeps its terms, a new amount is a new price."""

    form = PriceForm
    fieldsets = (
        (
            None,
            {
                "description": (
                    "A price that Stripe knows keeps its amount, because people pay "
                    "it. “New amount …” puts another one on sale in its place: who "
                    "pays the old one keeps it."
                ),
                "fields": (
                    *("plan", "interval", "unit_amount", "currency", "slug"),
                    *("is_active", "sale", "stripe_price_id", "difference"),
                ),
            },
        ),
    )

    list_display = (
        "slug",
        "plan",
        "display_amount",
        "interval",
        "sale",
        "difference",
    )
    list_filter = (
        *("is_active", "interval", "plan"),
        ("stripe_price_id", admin.EmptyFieldListFilter),
        ("difference", admin.EmptyFieldListFilter),
    )
    list_select_related = ("plan",)
    search_fields = ("slug", "plan__name", "stripe_price_id")
    ordering = ("plan__weight", "unit_amount")
    actions = ("create_at_stripe",)
    change_form_template = "admin/billing/price/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.new_amount)
        page = path("<int:pk>/new-amount/", view, name="billing_price_new_amount")
        move = path(
            "<int:pk>/move-subscribers/",
            self.admin_site.admin_view(self.move_subscribers),
            name="billing_price_move_subscribers",
        )
        send = path(
            "<int:pk>/send/",
            self.admin_site.admin_view(self.send_to_stripe),
            name="billing_price_send",
        )
        return [page, move, send, *super().get_urls()]

    def move_subscribers(self, request: HttpRequest, pk: int) -> HttpResponse:
        return move_subscribers(request, self, pk)

    def new_amount(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for the amount, say what follows from it, then put it on sale."""
        if not (
            self.has_add_permission(request) and self.has_change_permission(request)
        ):
            raise PermissionDenied
        price = get_object_or_404(Price.objects.select_related("plan"), pk=pk)
        form = NewAmountForm(request.POST or None, price=price)
        if not (price.is_active and price.stripe_price_id):
            messages.info(request, NOT_REPLACEABLE)
            return redirect("admin:billing_price_change", pk)
        is_valid = request.method == "POST" and form.is_valid()
        if is_valid and "confirmed" in request.POST:
            return self._replace(request, price, form.cents)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": price,
            "title": f"New amount instead of {price}",
            "form": form,
            "wanted": form.wanted if is_valid else "",
            "keeping": services.subscribers_of(price),
        }
        return render(request, "admin/billing/price/new_amount.html", context)

    def _replace(
        self, request: HttpRequest, price: Price, unit_amount: int
    ) -> HttpResponse:
        try:
            new = services.replace_price(price=price, unit_amount=unit_amount)
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("admin:billing_price_change", price.pk)
        self.log_change(request, price, f"Taken off sale: replaced by {new.slug}.")
        self.log_addition(request, new, f"{new} in place of {price}.")
        try:
            services.sync_plans_at_once()
        except DomainError as error:
            messages.warning(
                request,
                f"{error} {new} is stored and {price} is off sale, but nobody can pay "
                "the new amount yet. It is sent again every ten minutes; “Send to Stripe "
                "now” tries it at once. Then it is on sale.",
            )
        else:
            messages.success(
                request, f"{new} is on sale. Who pays {price} keeps that price."
            )
        return redirect("admin:billing_price_change", new.pk)

    def save_model(
        self, request: HttpRequest, obj: Price, *args: Any, **kwargs: Any
    ) -> None:
        super().save_model(request, obj, *args, **kwargs)
        if obj.is_active and not obj.stripe_price_id:
            messages.warning(
                request,
                f"{obj} waits for Stripe and is not on sale yet. Press “Send to Stripe "
                "now” on its page.",
            )
        if not obj.is_active and not obj.plan.prices.filter(is_active=True).exists():
            messages.warning(
                request,
                f"{obj.plan} has no price on sale now: nobody can subscribe to it.",
            )

    @admin.display(description="sale", ordering="is_active")
    def sale(self, price: Price) -> str:
        """Say whether a visitor may buy it, and what that waits for."""
        if not price.is_active:
            return "Off sale"
        if not price.stripe_price_id:
            return "Waiting for Stripe"
        return "On sale" if price.plan.is_active else "Its plan is not active"

    def send_to_stripe(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_change_permission(request):
            raise PermissionDenied
        self.create_at_stripe(request, Price.objects.filter(pk=pk))
        return redirect("admin:billing_price_change", pk)

    def get_readonly_fields(
        self, _request: HttpRequest, price: Price | None = None
    ) -> tuple[str, ...]:
        if price is not None and price.stripe_price_id:
            terms = ("plan", "slug", "currency", "unit_amount", "interval")
            return (*terms, "sale", "stripe_price_id", "difference")
        return ("sale", "stripe_price_id", "difference")

    @admin.action(
        description="Create what is missing at Stripe", permissions=["change"]
    )
    def create_at_stripe(self, request: HttpRequest, _rows: QuerySet[Price]) -> None:
        try:
            prices = services.sync_plans_at_once()
        except DomainError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, f"{len(prices)} prices are at Stripe.")
            for price in prices:
                if price.difference:
                    told = f"{price.slug}: {price.difference} It stays for who pays it."
                    self.message_user(request, told, messages.WARNING)
