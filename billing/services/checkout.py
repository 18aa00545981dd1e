"""Opens Stripe's payment page: one attempt a person, paid at most once.

No transaction is open while Stripe is asked. What holds the effect to one is in the
database: one open attempt a user, and the attempt's id as the key of its page.
"""

import uuid
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.models import User
from billing import gateway, sync
from billing.models import (
    CheckoutAttempt,
    Customer,
    Price,
    RenewalConsent,
    Subscription,
)
from billing.services import terms as renewal
from billing.services.accounts import order_closing
from billing.services.terms import Terms
from core.errors import DomainError

ROUNDS = 3
PAGE_LIFE = timedelta(days=1)  # as long as Stripe keeps a page open
READER_SECONDS = 3.0  # a webhook about the same change may be read at this moment
ALREADY_SUBSCRIBED = "You have a subscription already. Manage it under Billing."
NOT_CHARGED = (
    "The payment page did not open. You have not been charged. "
    "Wait a minute and try again."
)
CHECKING = (
    "We are checking your last payment with Stripe. "
    "Look at Billing in a minute, before you pay again."
)
TERMS_CHANGED = (
    "The terms have changed since you opened this page. Read them and agree again."
)
ACCOUNT_CLOSED = "This account is closed."


class CheckoutRefusedError(DomainError):
    """This person cannot start to pay now."""


class AlreadySubscribedError(CheckoutRefusedError):
    """There is a subscription that bills; a second one would charge twice."""


class OnHoldError(CheckoutRefusedError):
    """A dispute, a fraud warning or the staff keeps the account closed."""


class TermsChangedError(CheckoutRefusedError):
    """What the person agreed to is not what is on offer."""


class NotChargedError(CheckoutRefusedError):
    """Stripe did not open a page, and nobody can have paid."""


class PaymentUnknownError(CheckoutRefusedError):
    """An earlier page may have been paid, and Stripe does not say."""


class _StaleAttemptError(Exception):
    """The open attempt was settled just now; look again."""


def start_checkout(
    *, user: User, terms: Terms, return_path: str, at: datetime
) -> CheckoutAttempt:
    """Return the person's one open attempt with the address of its payment page.

    The terms are those that the person has agreed to.
    """
    _refuse_unready(user, terms.price)
    customer, _created = Customer.objects.get_or_create(user=user)
    with gateway.somebody_waits():
        for _round in range(ROUNDS):
            attempt = _claim_attempt(user, terms, return_path=return_path, at=at)
            try:
                return _with_page(attempt, customer, terms=terms, at=at)
            except _StaleAttemptError:
                continue
    raise NotChargedError(NOT_CHARGED)


def confirm_checkout(*, attempt: CheckoutAttempt, at: datetime) -> bool:
    """Ask Stripe what became of an open attempt; say whether the row now tells it."""
    customer = Customer.objects.filter(user_id=attempt.user_id).first()
    if customer is None or attempt.status != CheckoutAttempt.Status.OPEN:
        return True
    is_known = refresh_customer(customer=customer, at=at)
    attempt.refresh_from_db()
    return is_known


def refresh_customer(*, customer: Customer, at: datetime) -> bool:
    """Read Stripe while the person waits; say whether the rows are now up to date."""
    try:
        with gateway.somebody_waits():
            sync.sync_in_turn(customer=customer, at=at, seconds=READER_SECONDS)
    except (gateway.GatewayError, sync.SyncBusyError):
        return False
    return True


def _refuse_unready(user: User, price: Price) -> None:
    if not gateway.is_configured() or not price.stripe_price_id:
        raise CheckoutRefusedError(
            "Online payment is not set up yet. Contact us to join."
        )
    verified = EmailAddress.objects.filter(
        user=user, email__iexact=user.email, verified=True
    )
    if not verified.exists():
        raise CheckoutRefusedError("Confirm your email address first, then pay.")


@transaction.atomic
def _claim_attempt(
    user: User, terms: Terms, *, return_path: str, at: datetime
) -> CheckoutAttempt:
    """Find the open attempt or create it, with everybody else behind the row lock."""
    customer = Customer.objects.select_for_update().filter(user=user).first()
    # Asked behind the lock: who is deactivated now waits for it, or was before us.
    if customer is None or not User.objects.filter(pk=user.pk, is_active=True).exists():
        raise CheckoutRefusedError(ACCOUNT_CLOSED)
    _refuse_unentitled(user, customer, terms, at=at)
    attempt = CheckoutAttempt.objects.filter(user=user, status="open").first()
    if attempt is None:
        attempt = CheckoutAttempt.objects.create(
            user=user,
            price=terms.price,
            trial_days=terms.trial_days,
            return_path=return_path,
            expires_at=at + PAGE_LIFE,
        )
    elif attempt.return_path != return_path:
        attempt.return_path = return_path
        attempt.save(update_fields=["return_path", "updated_at"])
    if _is_of(attempt, terms):
        _keep_consent(attempt, customer, terms, at=at)
    return attempt


def _refuse_unentitled(
    user: User, customer: Customer, terms: Terms, *, at: datetime
) -> None:
    if customer.subscriptions.live().exists():
        raise AlreadySubscribedError(ALREADY_SUBSCRIBED)
    offer = renewal.offer_for(user, prices=[terms.price], at=at)
    if offer.is_on_hold:
        raise OnHoldError(on_hold())
    if offer.terms[0] != terms:
        raise TermsChangedError(TERMS_CHANGED)


def on_hold() -> str:
    return (
        "Your account is on hold because of a question about a payment, "
        f"so you cannot pay now. Write to {settings.SUPPORT_EMAIL} to settle it."
    )


def _is_of(attempt: CheckoutAttempt, terms: Terms) -> bool:
    """Say whether the payment page asks for what was agreed to."""
    is_same_price = attempt.price_id == terms.price.pk
    return is_same_price and attempt.trial_days == terms.trial_days


def _keep_consent(
    attempt: CheckoutAttempt, customer: Customer, terms: Terms, *, at: datetime
) -> None:
    RenewalConsent.objects.update_or_create(
        attempt=attempt,
        defaults={
            "customer": customer,
            "text_version": renewal.VERSION,
            "text": terms.agreement,
            "currency": terms.price.currency,
            "unit_amount": terms.price.unit_amount,
            "interval": terms.price.interval,
            "agreed_at": at,
        },
    )


def _with_page(
    attempt: CheckoutAttempt, customer: Customer, *, terms: Terms, at: datetime
) -> CheckoutAttempt:
    if attempt.stripe_session_id:
        return _reuse(attempt, customer, terms=terms, at=at)
    if not _is_of(attempt, terms):
        _give_up_unopened(attempt)
        raise _StaleAttemptError
    try:
        return _open(attempt, customer, at=at)
    except gateway.RefusedError as error:
        # Stripe repeats its refusal for this key: the next click needs a new attempt.
        if _give_up_unopened(attempt):
            raise NotChargedError(NOT_CHARGED) from error
        raise _StaleAttemptError from error
    except gateway.NoAnswerError as error:
        raise NotChargedError(NOT_CHARGED) from error


def _reuse(
    attempt: CheckoutAttempt, customer: Customer, *, terms: Terms, at: datetime
) -> CheckoutAttempt:
    session_id = attempt.stripe_session_id or ""
    try:
        session = gateway.retrieve_session(session_id)
        if session.status == "open" and _is_of(attempt, terms):
            return attempt
        if session.status == "open":
            gateway.expire_session(session_id)
            session = gateway.retrieve_session(session_id)
    except gateway.MissingError:
        CheckoutAttempt.objects.filter(pk=attempt.pk, status="open").update(
            status="failed"
        )
        raise _StaleAttemptError from None
    except gateway.GatewayError as error:
        raise PaymentUnknownError(CHECKING) from error
    # A paid page: its subscription must be known before anybody pays again.
    if session.status == "complete" and not refresh_customer(customer=customer, at=at):
        raise PaymentUnknownError(CHECKING)
    sync.settle_attempt(session)
    raise _StaleAttemptError


def _open(
    attempt: CheckoutAttempt, customer: Customer, *, at: datetime
) -> CheckoutAttempt:
    customer_id = _ensure_customer(customer, at=at)
    session = gateway.create_session(
        attempt_id=str(attempt.pk),
        customer_id=customer_id,
        price_id=attempt.price.stripe_price_id or "",
        # Stripe replaces the braces only where they are not percent-encoded.
        success_url=settings.SITE_URL
        + reverse("billing:checkout-done")
        + "?session_id={CHECKOUT_SESSION_ID}",
        cancel_url=settings.SITE_URL + reverse("billing:price-list") + "?canceled=1",
        trial_days=attempt.trial_days,
    )
    if not _keep_page(attempt, customer, session):
        gateway.expire_session(session.id)
        raise _StaleAttemptError
    attempt.refresh_from_db()
    return attempt


@transaction.atomic
def _keep_page(
    attempt: CheckoutAttempt, customer: Customer, session: gateway.RemoteSession
) -> bool:
    """Store the page, unless the attempt or the account was closed meanwhile."""
    Customer.objects.select_for_update().filter(pk=customer.pk).first()
    kept = CheckoutAttempt.objects.filter(
        pk=attempt.pk, status="open", user__is_active=True
    ).update(
        stripe_session_id=session.id, url=session.url, expires_at=session.expires_at
    )
    return bool(kept)


def _ensure_customer(customer: Customer, *, at: datetime) -> str:
    customer.refresh_from_db()
    if customer.stripe_id and customer.deleted_at:
        # A second customer would pay twice for what the first one still has.
        if not refresh_customer(customer=customer, at=at):
            raise NotChargedError(NOT_CHARGED)
        customer.refresh_from_db()
    if customer.exists_at_stripe and customer.stripe_id:
        _refuse_subscribed_at_stripe(customer, at=at)
        return customer.stripe_id
    return _create_customer(customer, at=at)


def _create_customer(customer: Customer, *, at: datetime) -> str:
    if customer.deleted_at:
        _renew_creation_key(customer)
    user = customer.user
    if user is None:
        raise CheckoutRefusedError(ACCOUNT_CLOSED)
    try:
        stripe_id = gateway.create_customer(
            user_id=user.pk,
            email=user.email,
            name=user.name,
            key=f"customer-{customer.creation_key}",
        )
    except gateway.RefusedError:
        _renew_creation_key(customer)
        raise
    stored = Customer.objects.filter(
        pk=customer.pk, creation_key=customer.creation_key
    ).update(stripe_id=stripe_id, deleted_at=None)
    if not stored:
        raise _StaleAttemptError
    if not Customer.objects.filter(pk=customer.pk, user=user).exists():
        # Deleted meanwhile, and nobody else knows of the customer at Stripe.
        order_closing(customer=customer, at=at)
        raise CheckoutRefusedError(ACCOUNT_CLOSED)
    return stripe_id


def _renew_creation_key(customer: Customer) -> None:
    Customer.objects.filter(pk=customer.pk, creation_key=customer.creation_key).update(
        creation_key=uuid.uuid4()
    )
    customer.refresh_from_db()


def _refuse_subscribed_at_stripe(customer: Customer, *, at: datetime) -> None:
    """Find the subscription that no webhook has told us about yet."""
    remote = gateway.list_subscriptions(customer.stripe_id or "")
    if any(found.status in Subscription.LIVE for found in remote):
        refresh_customer(customer=customer, at=at)
        raise AlreadySubscribedError(ALREADY_SUBSCRIBED)


def _give_up_unopened(attempt: CheckoutAttempt) -> bool:
    """Fail an attempt unless a parallel click has shown its page to the person."""
    unopened = CheckoutAttempt.objects.filter(
        pk=attempt.pk, status="open", stripe_session_id__isnull=True
    )
    return bool(unopened.update(status="failed"))
