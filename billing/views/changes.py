from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import formats, timezone
from django.views.generic import TemplateView

from billing import services
from billing.forms import PauseForm, SwitchForm
from billing.models import Subscription
from core.http import AuthenticatedHttpRequest, posted_from

BILLING = "billing:subscription-detail"


class _SubscriptionPage(LoginRequiredMixin, TemplateView):
    """A page about the member's own subscription; who has none is led to Billing."""

    request: AuthenticatedHttpRequest
    subscription: Subscription

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        found = services.current_subscription(user=request.user)
        if found is None:
            messages.info(request, "There is no membership to change.")
            return redirect(BILLING)
        self.subscription = found
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(subscription=self.subscription, **kwargs)


class SubscriptionCancel(_SubscriptionPage):
    """Says until when access stays, and cancels with the second click."""

    template_name = "billing/subscription_cancel.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.subscription.ends_at:
            messages.info(request, "Your membership is canceled already.")
            return redirect(BILLING)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            ends_at_once=services.ends_at_once(self.subscription),
            is_running=services.is_running(self.subscription),
            is_held=_is_held(self.subscription),
            **kwargs,
        )

    def post(self, request: AuthenticatedHttpRequest) -> HttpResponse:
        def cancel() -> str:
            row = services.cancel_subscription(user=request.user, at=timezone.now())
            if row.status == Subscription.Status.CANCELED or not row.ends_at:
                return (
                    "Your membership is canceled and has ended. "
                    "Nothing more is charged."
                )
            if _is_held(row):
                return (
                    "Your membership is canceled. It ends on "
                    f"{_date(row.ends_at)}. Nothing more is charged."
                )
            return (
                "Your membership is canceled. You keep full access until "
                f"{_date(row.ends_at)}."
            )

        return _changed(request, cancel)


class SubscriptionSwitch(_SubscriptionPage):
    """Shows what the other interval would cost today, and switches when confirmed."""

    template_name = "billing/subscription_switch.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            self.offer = services.preview_switch(
                user=self.request.user, at=timezone.now()
            )
        except services.ChangeRefusedError as error:
            messages.error(request, str(error))
            return redirect(BILLING)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        signed = SwitchForm.signed(self.offer, user=self.request.user)
        return super().get_context_data(offer=self.offer, signed=signed, **kwargs)

    def post(self, request: AuthenticatedHttpRequest) -> HttpResponse:
        form = SwitchForm(request.POST, user=request.user)
        if not form.is_valid():
            messages.error(request, str(form.errors["offer"][0]))
            return redirect("billing:subscription-switch")
        price, prorated_at, after_invoice = form.cleaned_data["offer"]

        def switch() -> str:
            row = services.switch_price(
                user=request.user,
                price=price,
                prorated_at=prorated_at,
                after_invoice=after_invoice,
                at=timezone.now(),
            )
            said = f"You now pay {price.display_amount} a {price.interval}."
            return _with_credit(said, row)

        return _changed(request, switch)


class SubscriptionPause(_SubscriptionPage):
    """Asks for how long, and pauses."""

    template_name = "billing/subscription_pause.html"
    form: PauseForm | None = None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not services.is_running(self.subscription):
            messages.info(request, services.NO_PAUSE)
            return redirect(BILLING)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(form=self.form or PauseForm(), **kwargs)

    def post(self, request: AuthenticatedHttpRequest) -> HttpResponse:
        form = self.form = PauseForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data())

        def pause() -> str:
            row = services.pause_subscription(
                user=request.user,
                months=form.cleaned_data["months"],
                at=timezone.now(),
            )
            said = f"Your membership is paused until {_date(row.resumes_at)}."
            return _with_credit(said, row)

        return _changed(request, pause)


@posted_from(BILLING)
@login_required
def keep_subscription(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Take the cancellation back with one click."""

    def keep() -> str:
        services.keep_subscription(user=request.user, at=timezone.now())
        return "Your membership goes on. Thank you for staying."

    return _changed(request, keep)


@posted_from(BILLING)
@login_required
def resume_subscription(request: AuthenticatedHttpRequest) -> HttpResponse:
    """End the pause with one click."""

    def resume() -> str:
        services.resume_subscription(user=request.user, at=timezone.now())
        return "Your membership runs again. Welcome back."

    return _changed(request, resume)


def _changed(
    request: AuthenticatedHttpRequest, change: Callable[[], str]
) -> HttpResponse:
    """Make the change, tell what became of it, and lead back to Billing."""
    try:
        messages.success(request, change())
    except services.ChangeUnknownError as error:
        messages.warning(request, str(error))
    except services.ChangeRefusedError as error:
        messages.error(request, str(error))
    return redirect(BILLING)


def _is_held(subscription: Subscription) -> bool:
    return subscription.customer.holds.open().exists()


def _with_credit(said: str, subscription: Subscription) -> str:
    return f"{said} {subscription.customer.credit_words}".strip()


def _date(moment: datetime | None) -> str:
    return (
        formats.date_format(timezone.localtime(moment)) if moment else "you resume it"
    )
