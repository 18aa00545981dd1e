from billing import gateway
from billing.models import Plan, Price


def sync_plans() -> list[Price]:
    """Give every plan its product and every price on sale its price at Stripe."""
    synced: list[Price] = []
    for plan in Plan.objects.order_by("weight", "pk"):
        product_id = plan.stripe_product_id or f"natcampus-{plan.slug}"
        gateway.ensure_product(product_id=product_id, name=plan.name)
        if plan.stripe_product_id != product_id:
            plan.stripe_product_id = product_id
            plan.save(update_fields=["stripe_product_id", "updated_at"])
        on_sale = plan.prices.filter(is_active=True).order_by("unit_amount")
        synced += [_sync_price(price, product_id=product_id) for price in on_sale]
    return synced


def _sync_price(price: Price, *, product_id: str) -> Price:
    stripe_price_id = gateway.ensure_price(
        product_id=product_id,
        lookup_key=price.slug,
        currency=price.currency,
        amount=price.unit_amount,
        interval=price.interval,
    )
    if price.stripe_price_id != stripe_price_id:
        price.stripe_price_id = stripe_price_id
        price.save(update_fields=["stripe_price_id", "updated_at"])
    return price
