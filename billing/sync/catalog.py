"""Notes where what we sell is not what Stripe would charge; nothing is changed."""

import logging

from billing import gateway
from billing.models import Price, display_amount

logger = logging.getLogger(__name__)

# The events that tell of the catalog, and of no customer.
CATALOG_TYPES = frozenset(
    {"price.deleted", "price.updated", "product.deleted", "product.updated"}
)


def check_prices() -> None:
    """Compare every price on sale with the one at Stripe that people pay through it."""
    for price in Price.objects.exclude(stripe_price_id=None):
        difference = _difference(price) if price.is_active else ""
        if difference == price.difference:
            continue
        price.difference = difference
        price.save(update_fields=["difference", "updated_at"])
        if difference:
            logger.error("price %s differs at Stripe: %s", price.slug, difference)


def _difference(price: Price) -> str:
    try:
        found = gateway.retrieve_price(price.stripe_price_id or "")
    except gateway.MissingError:
        return "Stripe does not know it: nobody can pay it."
    if not found.is_on_sale:
        return "It is archived at Stripe: nobody can pay it."
    here = (price.currency, price.unit_amount, price.interval)
    if (found.currency, found.unit_amount, found.interval) != here:
        amount = display_amount(found.unit_amount, found.currency)
        return f"Stripe charges {amount} a {found.interval or 'time'}."
    return ""
