import re

from django.db import transaction

from billing import gateway, sync
from billing.models import CheckoutAttempt, Plan, Price, Subscription, display_amount
from core.errors import DomainError

# Stripe takes no less than 50 cents; more than that is a slip of the finger.
LEAST, MOST = 50, 1_000_000
VERSION = re.compile(r"-v([0-9]+)$")
LONGEST_NAME = 44  # and a version behind it


class PriceRefusedError(DomainError):
    """The price cannot be replaced like this."""


def check_new_amount(*, price: Price, unit_amount: int) -> None:
    """Refuse an amount that is no new one, or that nobody can have meant."""
    if unit_amount == price.unit_amount:
        raise PriceRefusedError(f"{price} is on sale already.")
    check_amount(unit_amount=unit_amount, currency=price.currency)


def check_amount(*, unit_amount: int, currency: str) -> None:
    """Refuse an amount that nobody can have meant."""
    if not LEAST <= unit_amount <= MOST:
        least, most = (display_amount(end, currency) for end in (LEAST, MOST))
        raise PriceRefusedError(f"Enter an amount from {least} to {most}.")


def subscribers_of(price: Price) -> int:
    """Count who pays this price and goes on paying it."""
    return Subscription.objects.live().filter(price=price, is_surplus=False).count()


@transaction.atomic
def replace_price(*, price: Price, unit_amount: int) -> Price:
    """Put a new amount on sale instead of this price; who pays the old one keeps it."""
    check_new_amount(price=price, unit_amount=unit_amount)
    old = Price.objects.select_for_update().get(pk=price.pk)
    if not old.is_active:
        raise PriceRefusedError(f"{old} is not on sale any more. Look at the new one.")
    old.is_active = False
    old.save(update_fields=["is_active", "updated_at"])
    return Price.objects.create(
        plan=old.plan,
        slug=_next_slug(old.slug),
        currency=old.currency,
        unit_amount=unit_amount,
        interval=old.interval,
        trial_days=old.trial_days,
    )


def _next_slug(slug: str) -> str:
    """Return the short name with the next version that is free: monthly-v2."""
    name = VERSION.sub("", slug)[:LONGEST_NAME]
    taken = Price.objects.filter(slug__startswith=f"{name}-v").values_list("slug")
    found = [VERSION.search(other) for (other,) in taken]
    newest = max((int(version[1]) for version in found if version), default=1)
    return f"{name}-v{newest + 1}"


def sync_plans() -> list[Price]:
    """Give every plan its product and every price on sale its price at Stripe.

    A price that somebody pays keeps the one it has; how that differs is noted.
    """
    synced: list[Price] = []
    for plan in Plan.objects.order_by("weight", "pk"):
        product_id = plan.stripe_product_id or f"natcampus-{plan.slug}"
        gateway.ensure_product(product_id=product_id, name=plan.name)
        if plan.stripe_product_id != product_id:
            plan.stripe_product_id = product_id
            plan.save(update_fields=["stripe_product_id", "updated_at"])
        on_sale = plan.prices.filter(is_active=True).order_by("unit_amount")
        synced += [_sync_price(price, product_id=product_id) for price in on_sale]
    sync.check_prices()
    for price in synced:
        price.refresh_from_db(fields=["difference"])
    return synced


def sync_waiting_prices() -> None:
    """Put on sale what waits for a Stripe that did not answer, as soon as it does."""
    waiting = Price.objects.filter(is_active=True, stripe_price_id=None)
    if gateway.is_configured() and waiting.exists():
        sync_plans()


def sync_plans_at_once() -> list[Price]:
    """Do the same within the time that a person waits for a page."""
    with gateway.somebody_waits():
        return sync_plans()


def _sync_price(price: Price, *, product_id: str) -> Price:
    if price.stripe_price_id and _is_in_use(price):
        return price
    stripe_price_id = gateway.ensure_price(
        product_id=product_id,
        lookup_key=price.slug,
        currency=price.currency,
        amount=price.unit_amount,
        interval=price.interval,
        replaces=price.stripe_price_id or "nothing",
    )
    if price.stripe_price_id != stripe_price_id:
        price.stripe_price_id = stripe_price_id
        price.save(update_fields=["stripe_price_id", "updated_at"])
    return price


def _is_in_use(price: Price) -> bool:
    """Say whether anybody at Stripe has the price: by its id we know what they pay."""
    paying = CheckoutAttempt.objects.filter(price=price, status="open")
    return Subscription.objects.filter(price=price).exists() or paying.exists()
