"""The products and prices that people pay through."""

from dataclasses import dataclass

import stripe

from billing.gateway.client import client, translated


@dataclass(frozen=True, kw_only=True)
class RemotePrice:
    """A price at Stripe; nobody can pay one whose product was archived."""

    is_on_sale: bool
    currency: str
    unit_amount: int
    interval: str


def retrieve_price(price_id: str) -> RemotePrice:
    with translated():
        found = client().v1.prices.retrieve(price_id, {"expand": ["product"]})
    product = found.product
    return RemotePrice(
        is_on_sale=found.active and getattr(product, "active", False),
        currency=found.currency,
        unit_amount=found.unit_amount or 0,
        interval=_interval(found),
    )


def ensure_product(*, product_id: str, name: str) -> None:
    """Create the product under our own id, or bring its name up to date."""
    with translated():
        products = client().v1.products
        try:
            product = products.retrieve(product_id)
        except stripe.InvalidRequestError as error:
            if error.code != "resource_missing":
                raise
            products.create({"id": product_id, "name": name})
            return
        if product.name != name:
            products.update(product_id, {"name": name})


def ensure_price(
    *,
    product_id: str,
    lookup_key: str,
    currency: str,
    amount: int,
    interval: str,
    replaces: str,
) -> str:
    """Return the id of the price with this key and these terms; create it if need be."""
    key = f"{product_id}-{lookup_key}-{currency}-{amount}-{interval}-{replaces}"
    with translated():
        prices = client().v1.prices
        for found in prices.list({"lookup_keys": [lookup_key], "active": True}).data:
            terms = (found.currency, found.unit_amount, _interval(found))
            if terms == (currency, amount, interval):
                return found.id
        created = prices.create(
            {
                "product": product_id,
                "currency": currency,
                "unit_amount": amount,
                "recurring": {"interval": "year" if interval == "year" else "month"},
                "lookup_key": lookup_key,
                "transfer_lookup_key": True,
            },
            {"idempotency_key": f"price-{key}"},
        )
    return created.id


def _interval(price: stripe.Price) -> str:
    return price.recurring.interval if price.recurring else ""
