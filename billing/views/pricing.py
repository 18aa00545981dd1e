import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.generic import DetailView, ListView

from billing import services
from billing.access import access_for
from billing.forms import CheckoutForm
from billing.models import CheckoutAttempt, Price
from core.http import (
    AuthenticatedHttpRequest,
    HttpResponseSeeOther,
    local_path,
    posted_from,
)

SESSION_ID = re.compile(r"\w{1,100}", re.ASCII)
REFUSED = "billing.refused_checkout"
LONGEST_CHOICE = 100
POLL_SECONDS = 5
SLOW_POLL_SECONDS = 30
SLOW_AFTER_SECONDS = 60
LONGEST_WAIT_SECONDS = 3600
WHILE_PAYING = timedelta(days=1)  # Stripe closes a payment page after 24 hours


class PriceList(ListView[Price]):
    """The pricing page: one decision, with every amount from a price row."""

    model = Price

    def get_queryset(self) -> QuerySet[Price]:
        return Price.objects.on_sale()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        prices = list(self.object_list)
        unpaid = self._unpaid_attempt()
        form = self._refused(prices) or self._unbound(prices, unpaid)
        return super().get_context_data(
            prices=prices,
            main_price=next(iter(prices), None),
            form=form,
            grace_days=settings.BILLING_GRACE_DAYS,
            has_open_attempt=unpaid is not None,
            **kwargs,
        )

    def _offer(self, prices: list[Price]) -> services.Offer:
        return services.offer_for(self.request.user, prices=prices, at=timezone.now())

    def _refused(self, prices: list[Price]) -> CheckoutForm | None:
        """Return the form that was refused a moment ago, as it was sent; once."""
        sent = self.request.session.pop(REFUSED, None)
        if sent is None or not self.request.user.is_authenticated:
            return None
        data = QueryDict(mutable=True)
        data.update(sent["choice"])
        form = CheckoutForm(
            data, offer=self._offer(prices), return_path=data.get("next", "")
        )
        if sent["problem"]:
            form.add_error(None, sent["problem"])
        return form

    def _unbound(
        self, prices: list[Price], unpaid: CheckoutAttempt | None
    ) -> CheckoutForm:
        asked = self.request.GET
        chosen = asked.get("price") or (unpaid.price.slug if unpaid else "")
        known = {price.slug for price in prices}
        return CheckoutForm(
            offer=self._offer(prices),
            price=chosen if chosen in known else "",
            return_path=asked.get("next") or (unpaid.return_path if unpaid else ""),
        )

    def _unpaid_attempt(self) -> CheckoutAttempt | None:
        """Return what the person has just left the payment page of."""
        if "canceled" not in self.request.GET or not self.request.user.is_authenticated:
            return None
        own = CheckoutAttempt.objects.filter(user=self.request.user, status="open")
        return own.select_related("price").first()


@method_decorator(posted_from("billing:price-list"), name="dispatch")
class CheckoutStart(PriceList):
    """The button of the pricing page; a visitor signs up first and keeps the choice."""

    def post(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self._postponed(request.POST)
        now = timezone.now()
        form = CheckoutForm(
            request.POST,
            offer=self._offer(list(self.get_queryset())),
            return_path=request.POST.get("next", ""),
        )
        if not form.is_valid():
            return self._shown_again(form)
        try:
            attempt = services.start_checkout(
                user=request.user,
                terms=form.agreed,
                return_path=form.return_path,
                at=now,
            )
        except services.AlreadySubscribedError as error:
            messages.info(request, str(error))
            return redirect("billing:subscription-detail")
        except services.CheckoutRefusedError as error:
            return self._shown_again(form, problem=str(error))
        return HttpResponseSeeOther(attempt.url)

    def _shown_again(self, form: CheckoutForm, *, problem: str = "") -> HttpResponse:
        """Lead back to the page, so that Back and Reload send nothing twice."""
        choice = {
            name: form.data[name][:LONGEST_CHOICE]
            for name in form.fields
            if name in form.data
        }
        choice["next"] = form.return_path
        self.request.session[REFUSED] = {"choice": choice, "problem": problem}
        return HttpResponseSeeOther(reverse("billing:price-list"))

    def _postponed(self, choice: QueryDict) -> HttpResponse:
        kept = {
            "price": choice.get("price", ""),
            "next": local_path(choice.get("next", "")),
        }
        query = urlencode({name: value for name, value in kept.items() if value})
        pricing = f"{reverse('billing:price-list')}?{query}"
        return redirect(f"{reverse('account_signup')}?{urlencode({'next': pricing})}")


class CheckoutDone(LoginRequiredMixin, DetailView[CheckoutAttempt]):
    """The page after paying: it waits for what Stripe says, and grants nothing."""

    request: AuthenticatedHttpRequest

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        if self.state == "over":
            return redirect("billing:subscription-detail")
        response.headers["Referrer-Policy"] = "same-origin"
        is_page = "poll" not in request.GET
        if self.state == "ready" and self.object.return_path and is_page:
            messages.success(request, "Your membership has started.")
            return redirect(self.object.return_path)
        return response

    def get_object(self, queryset: Any = None) -> CheckoutAttempt:
        session_id = self.request.GET.get("session_id", "")
        if not SESSION_ID.fullmatch(session_id):
            raise Http404
        own = CheckoutAttempt.objects.filter(user=self.request.user)
        return get_object_or_404(
            own.select_related("price__plan"), stripe_session_id=session_id
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        is_known = services.confirm_checkout(attempt=self.object, at=now)
        access = access_for(self.request.user, at=now)
        plan = self.object.price.plan
        self.state = _state(
            self.object.status,
            is_known=is_known,
            is_open=plan.entitlement in access.entitlements,
            is_old=self.object.created_at <= now - WHILE_PAYING,
        )
        waited = _seconds(self.request.GET.get("waited", ""))
        pause = SLOW_POLL_SECONDS if waited >= SLOW_AFTER_SECONDS else POLL_SECONDS
        return super().get_context_data(
            state=self.state,
            access=access,
            is_slow=waited >= SLOW_AFTER_SECONDS,
            next_waited=waited + pause,
            pause_seconds=pause,
            **kwargs,
        )


def _state(status: str, *, is_known: bool, is_open: bool, is_old: bool) -> str:
    if status == CheckoutAttempt.Status.COMPLETED and not is_open:
        return "over" if is_old else "confirming"
    if status == CheckoutAttempt.Status.COMPLETED:
        return "ready"
    if status == CheckoutAttempt.Status.OPEN:
        return "unpaid" if is_known else "confirming"
    return "expired"


def _seconds(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text):
        return 0
    return min(int(text), LONGEST_WAIT_SECONDS)
