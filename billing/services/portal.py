from django.conf import settings
from django.urls import reverse

from accounts.models import User
from billing import gateway
from billing.models import Customer, Invoice
from core.errors import DomainError

FLOWS = frozenset({"payment_method_update"})


class PortalUnavailableError(DomainError):
    """Stripe's pages for cards and invoices cannot be opened."""


def open_portal(*, user: User, flow: str) -> str:
    """Return the address of Stripe's pages for this person's card and invoices."""
    customer = Customer.objects.filter(user=user).first()
    if customer is None or not customer.exists_at_stripe:
        raise PortalUnavailableError("There is nothing to manage yet.")
    return_url = settings.SITE_URL + reverse("billing:subscription-detail")
    try:
        with gateway.somebody_waits():
            return gateway.create_portal_session(
                customer_id=customer.stripe_id or "",
                return_url=f"{return_url}?updated=1",
                done_url=f"{return_url}?updated=card",
                flow=flow if flow in FLOWS else "",
            )
    except gateway.GatewayError as error:
        raise PortalUnavailableError(
            "Stripe does not answer right now. Nothing was changed. "
            "Wait a minute and try again."
        ) from error


def invoice_address(*, invoice: Invoice, is_pdf: bool) -> str:
    """Ask for the address, which ends after a month; that of before is better than none.

    Nothing is returned where Stripe has made no page for the invoice.
    """
    try:
        with gateway.somebody_waits():
            page, file = gateway.invoice_addresses(invoice.stripe_id)
    except gateway.GatewayError:
        page, file = invoice.hosted_invoice_url, invoice.invoice_pdf
    return file if is_pdf else page
