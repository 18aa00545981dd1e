from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core import signing
from django.http import QueryDict

from accounts.models import User
from billing.models import Price
from billing.services import Offer, SwitchOffer, Terms
from billing.services.checkout import TERMS_CHANGED
from billing.services.terms import CONSENT
from core.http import local_path

OFFER_SECONDS = 15 * 60
OFFER_SALT = "billing.switch.after-invoice"
OFFER_IS_OLD = "That offer is over 15 minutes old. Look at it once more, then confirm."


class CheckoutForm(forms.Form):
    """Which price somebody chose, by its slug, and whether to its renewal they agreed.

    An amount is never asked for.
    """

    price = forms.ModelChoiceField(
        queryset=Price.objects.on_sale(),
        to_field_name="slug",
        error_messages={
            "required": "Choose monthly or yearly payment.",
            "invalid_choice": "That price is no longer offered. Choose another one.",
        },
    )
    terms = forms.CharField(required=False, widget=forms.HiddenInput)
    consent = forms.BooleanField(
        label=CONSENT,
        error_messages={
            "required": "Tick this box if you agree to the renewal. "
            "Without it we cannot take you to the payment."
        },
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        offer: Offer,
        price: str = "",
        return_path: str = "",
    ) -> None:
        super().__init__(
            data,
            initial={
                "price": price or next((t.price.slug for t in offer.terms), ""),
                "terms": offer.digest,
            },
        )
        self.offer = offer
        self.return_path = local_path(return_path)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("consent") and cleaned.get("terms") != self.offer.digest:
            self.add_error("consent", TERMS_CHANGED)
        return cleaned

    @property
    def agreed(self) -> Terms:
        """Return the terms of the price that was chosen."""
        price = self.cleaned_data["price"]
        return next(terms for terms in self.offer.terms if terms.price == price)

    @property
    def has_agreed(self) -> bool:
        """Say whether the box stays ticked; terms that have changed untick it."""
        return bool(self["consent"].value()) and not self["consent"].errors


class SwitchForm(forms.Form):
    """The price and the moment of a preview, as we signed them for this person."""

    offer = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, data: QueryDict, *, user: User) -> None:
        super().__init__(data)
        self.user = user

    @staticmethod
    def signed(offer: SwitchOffer, *, user: User) -> str:
        """Sign what was shown, so that nothing else can be confirmed."""
        moment = offer.prorated_at.timestamp()
        values = [user.pk, offer.price.slug, moment, offer.after_invoice]
        return signing.dumps(values, salt=OFFER_SALT)

    def clean_offer(self) -> tuple[Price, datetime, str]:
        try:
            user_id, slug, moment, after_invoice = signing.loads(
                self.cleaned_data["offer"], salt=OFFER_SALT, max_age=OFFER_SECONDS
            )
        except signing.BadSignature:
            raise forms.ValidationError(OFFER_IS_OLD) from None
        price = Price.objects.on_sale().filter(slug=slug).first()
        if price is None or user_id != self.user.pk:
            raise forms.ValidationError(OFFER_IS_OLD)
        return price, datetime.fromtimestamp(moment, tz=UTC), after_invoice


class PauseForm(forms.Form):
    """For how long a membership rests."""

    months = forms.TypedChoiceField(
        label="How long",
        coerce=int,
        choices=[(1, "1 month"), (2, "2 months"), (3, "3 months")],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose how long the pause lasts.",
            "invalid_choice": "Choose 1, 2 or 3 months.",
        },
    )
