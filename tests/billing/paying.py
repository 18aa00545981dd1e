"""What a person does who pays."""

from django.utils import timezone

from billing import services


def terms_for(user, price):
    offer = services.offer_for(user, prices=[price], at=timezone.now())
    return offer.terms[0]


def start(user, price, return_path=""):
    """Open the payment page, with consent to what stands beside the button."""
    return services.start_checkout(
        user=user,
        terms=terms_for(user, price),
        return_path=return_path,
        at=timezone.now(),
    )
