from accounts.models import User
from billing.models import Subscription
from mail.models import Category
from mail.services import Email


def started(subscription: Subscription, *, user: User) -> Email:
    """Say what was bought, when it renews, how to cancel and where to begin."""
    return Email(
        template="billing/started",
        to=user.email,
        user=user,
        category=Category.BILLING,
        dedupe_key=f"subscription-started:{subscription.stripe_id}",
        context={
            "user": user,
            "subscription": subscription,
            "price": subscription.price,
        },
    )
