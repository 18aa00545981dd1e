from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from billing.models.plans import Price
from billing.models.subscriptions import Subscription
from core.constraints import both_or_neither
from core.models import TimestampedModel


class PriceChangeQuerySet(models.QuerySet["PriceChange"]):
    def open(self) -> Self:
        return self.filter(withdrawn_at__isnull=True)


class PriceChange(TimestampedModel):
    """Moves who pays an old price to the one on sale, each told in advance."""

    from_price = models.ForeignKey(
        Price, on_delete=models.PROTECT, related_name="changes"
    )
    to_price = models.ForeignKey(Price, on_delete=models.PROTECT, related_name="+")
    starts_date = models.DateField(
        "from",
        help_text="The first renewal on or after this day costs the new amount.",
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=200, blank=True)

    objects = PriceChangeQuerySet.as_manager()

    class Meta:
        permissions = [("withdraw_pricechange", "Can withdraw price change")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(from_price=F("to_price")),
                name="%(app_label)s_%(class)s_changes_something",
            ),
            models.UniqueConstraint(
                fields=["from_price"],
                condition=Q(withdrawn_at__isnull=True),
                name="%(app_label)s_%(class)s_one_open_per_price",
            ),
            both_or_neither(
                "withdrawn_at",
                "withdrawn_reason",
                name="%(app_label)s_%(class)s_withdrawn_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_price} to {self.to_price}"


class PriceChangeNoticeQuerySet(models.QuerySet["PriceChangeNotice"]):
    def ahead(self) -> Self:
        """Keep what is still to happen: a move that was begun is finished."""
        stands = Q(change__withdrawn_at__isnull=True) | Q(claimed_at__isnull=False)
        return self.filter(stands, applied_at__isnull=True)


class PriceChangeNotice(models.Model):
    """What one member was told, and whether the renewal costs it now."""

    change = models.ForeignKey(
        PriceChange, on_delete=models.PROTECT, related_name="notices"
    )
    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, related_name="price_change_notices"
    )
    takes_effect_at = models.DateTimeField()
    announced_at = models.DateTimeField()
    claimed_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When Stripe was asked to move the member: nothing stops it after.",
    )
    applied_at = models.DateTimeField(null=True, blank=True)

    objects = PriceChangeNoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["change", "subscription", "takes_effect_at"],
                name="%(app_label)s_%(class)s_one_per_renewal",
            ),
            models.CheckConstraint(
                condition=Q(announced_at__lt=F("takes_effect_at")),
                name="%(app_label)s_%(class)s_comes_before_its_effect",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscription} on {self.takes_effect_at:%Y-%m-%d}"


def next_price(subscription: Subscription) -> Price | None:
    """Ask what the next renewal costs: the price of now, or one that was announced."""
    if subscription.current_period_end is None:
        return subscription.price
    announced = PriceChangeNotice.objects.ahead().filter(
        subscription=subscription, takes_effect_at=subscription.current_period_end
    )
    notice = announced.select_related("change__to_price").first()
    return notice.change.to_price if notice else subscription.price
