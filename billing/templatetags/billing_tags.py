from urllib.parse import parse_qs, urlsplit

from django import template
from django.template.context import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from billing import gateway, services
from billing.access import Access, AccessState, access_for
from billing.forms import CheckoutForm
from billing.models import Invoice, Price, Subscription, display_amount
from core.http import local_path

register = template.Library()

WITHOUT_BANNER = {
    AccessState.ANONYMOUS,
    AccessState.ACTIVE,
    AccessState.COMP,
    AccessState.STAFF,
}
UNPAID = {AccessState.INCOMPLETE, AccessState.PAST_DUE, AccessState.LAPSED}


@register.filter
def money(amount: int, currency: str) -> str:
    """Write an amount in the currency that it was paid in: $19.95, SEK 199.00."""
    return display_amount(amount, currency, is_long=True)


@register.simple_tag(takes_context=True)
def checkout_form(
    context: Context, form: CheckoutForm | None = None, *, return_path: str = ""
) -> SafeString:
    """Print the one form with which somebody starts to pay, and its terms."""
    request = context["request"]
    if form is None:
        offer = services.offer_for(
            request.user, prices=Price.objects.on_sale(), at=timezone.now()
        )
        form = CheckoutForm(offer=offer, return_path=return_path)
    return _render(
        "billing/_checkout_form.html",
        context,
        form=form,
        access=_access(context),
        is_for_sale=gateway.is_configured()
        and any(terms.price.stripe_price_id for terms in form.offer.terms),
    )


@register.simple_tag(takes_context=True)
def access_banner(context: Context) -> SafeString:
    """Print the one banner of the person's access state, or nothing."""
    access = _access(context)
    is_checked = access.state == AccessState.FREE and access.is_billed
    if access.state in WITHOUT_BANNER or is_checked:
        return SafeString()
    is_over = access.state == AccessState.LAPSED
    return _render(
        "billing/_access_banner.html",
        context,
        access=access,
        due=_due(context) if access.state in UNPAID and access.is_billed else None,
        price=_lowest_price() if is_over and not access.is_billed else None,
        ended_unpaid=is_over and not access.is_billed and _ended_unpaid(context),
    )


@register.simple_tag
def price_ahead(path: str | None) -> Price | None:
    """Return the price that somebody has chosen who goes on to the pricing page."""
    target = urlsplit(local_path(path or ""))
    if target.path != reverse("billing:price-list"):
        return None
    slug = parse_qs(target.query).get("price", [""])[0]
    return Price.objects.on_sale().filter(slug=slug).first()


@register.simple_tag(takes_context=True)
def start_membership_button(context: Context) -> SafeString:
    """Print the way to the price, or to the payment that is due; members see none."""
    access = _access(context)
    if access.entitlements:
        return SafeString()
    return _render(
        "billing/_start_button.html",
        context,
        access=access,
        price=None if access.is_billed else _lowest_price(),
        back=context["request"].path,
        css="c-btn--lg",
    )


def _access(context: Context) -> Access:
    known: Access | None = context.get("viewer_access")
    if known is not None:
        return known
    request = context.get("request")
    if request is None or not hasattr(request, "user"):
        return Access(state=AccessState.ANONYMOUS)
    return access_for(request.user, at=timezone.now())


def _due(context: Context) -> Invoice | None:
    """Return what the person has to pay or to confirm, if that is what is wrong."""
    return Invoice.objects.due().filter(customer__user=context["request"].user).first()


def _ended_unpaid(context: Context) -> bool:
    """Say whether the newest subscription ended because nobody paid."""
    own = Subscription.objects.filter(
        customer__user=context["request"].user, is_surplus=False
    )
    newest = own.order_by("-stripe_created_at").first()
    return newest is not None and newest.ended_unpaid


def _lowest_price() -> Price | None:
    return Price.objects.on_sale().first()


def _render(name: str, context: Context, **values: object) -> SafeString:
    return render_to_string(name, values, request=context.get("request"))
