"""Payment methods, payment intents and charges, and the test cards."""

import secrets
from typing import NamedTuple

import stripe

from tools.stripe_sandbox.context import Context
from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.resources.listing import matches, page
from tools.stripe_sandbox.shapes import complete
from tools.stripe_sandbox.store import copy, new_id


class Outcome(NamedTuple):
    """How a test card behaves: at once, or only when it is charged later."""

    brand: str = "visa"
    decline_code: str = ""
    message: str = ""
    needs_confirmation: bool = False
    fails_later: bool = False


DECLINED = "Your card was declined."
FUNDS = "Your card has insufficient funds."
CARDS = {
    "4242424242424242": Outcome(),
    "5555555555554444": Outcome(brand="mastercard"),
    "4000000000000002": Outcome(decline_code="generic_decline", message=DECLINED),
    "4000000000009995": Outcome(decline_code="insufficient_funds", message=FUNDS),
    "4000000000000069": Outcome(
        decline_code="expired_card", message="Your card has expired."
    ),
    "4000000000000341": Outcome(fails_later=True),
    "4000002500003155": Outcome(needs_confirmation=True),
}
FAILS_LATER = {number[-4:] for number, card in CARDS.items() if card.fails_later}
UNKNOWN_CARD = Outcome(
    decline_code="incorrect_number", message="Your card number is incorrect."
)
LATER_DECLINE = Outcome(decline_code="generic_decline", message=DECLINED)
UNAUTHENTICATED = Outcome(
    decline_code="authentication_required",
    message="We are unable to authenticate your payment method.",
)


def outcome_of(card: str) -> Outcome:
    """Return how this card number behaves; spaces and dashes are ignored."""
    digits = "".join(character for character in card if character.isdecimal())
    return CARDS.get(digits, UNKNOWN_CARD)


def attach_card(context: Context, customer: Json, card: str) -> Json:
    """Create a card payment method and make it the customer's default."""
    digits = "".join(character for character in card if character.isdecimal())
    brand = outcome_of(digits).brand
    card_values: Json = {
        "brand": brand,
        "checks": {"cvc_check": "pass"},
        "country": "US",
        "display_brand": brand,
        "exp_month": 12,
        "exp_year": 2034,
        "fingerprint": "Sandbox" + digits[-4:],
        "funding": "credit",
        "last4": digits[-4:],
        "networks": {"available": [brand], "preferred": None},
    }
    method = complete(
        stripe.PaymentMethod,
        {
            "id": new_id("payment_method"),
            "object": "payment_method",
            "allow_redisplay": "limited",
            "billing_details": {
                "email": customer["email"],
                "name": customer["name"],
            },
            "card": card_values,
            "created": context.at,
            "customer": customer["id"],
            "livemode": False,
            "metadata": {},
            "type": "card",
        },
    )
    context.save(method, "payment_method.attached")
    before = copy(customer)
    customer["invoice_settings"]["default_payment_method"] = method["id"]
    context.save(customer, "customer.updated", before=before)
    return method


def outcome_of_method(method: Json | None) -> Outcome:
    """Return how a card on file behaves when its owner is there to pay."""
    if method is None:
        return Outcome(decline_code="card_missing", message="There is no card on file.")
    if not will_pay(method):
        return LATER_DECLINE
    last4 = method["card"]["last4"]
    known = (card for number, card in CARDS.items() if number.endswith(last4))
    return next(known, Outcome())


def will_pay(method: Json | None) -> bool:
    """Say whether a later charge of this payment method goes through."""
    return method is not None and method["card"]["last4"] not in FAILS_LATER


def intend(context: Context, customer: Json, *, amount: int, currency: str) -> Json:
    """Open a payment intent, for one attempt or for several."""
    intent = _intent(context, customer, amount, currency)
    return context.save(intent, "payment_intent.created")


def charge(
    context: Context,
    customer: Json,
    intent: Json,
    *,
    method: Json | None,
    refused: Outcome | None = None,
) -> Json:
    """Record one attempt to take the money of a payment intent; return that."""
    record = _charge(context, customer, intent, method)
    intent["latest_charge"] = record["id"]
    if refused is None:
        intent |= {"status": "succeeded", "amount_received": intent["amount"]}
        intent["last_payment_error"] = None
        intent["payment_method"] = method["id"] if method else None
        context.save(record, "charge.succeeded")
        context.save(intent, "payment_intent.succeeded")
        return intent
    error = {
        "code": "card_declined",
        "decline_code": refused.decline_code,
        "message": refused.message,
        "type": "card_error",
    }
    record |= {"status": "failed", "paid": False, "captured": False}
    record |= {"amount_captured": 0, "failure_code": "card_declined"}
    record["failure_message"] = refused.message
    intent |= {"status": "requires_payment_method", "last_payment_error": error}
    context.save(record, "charge.failed")
    context.save(intent, "payment_intent.payment_failed")
    return intent


def _intent(context: Context, customer: Json, amount: int, currency: str) -> Json:
    intent_id = new_id("payment_intent")
    return complete(
        stripe.PaymentIntent,
        {
            "id": intent_id,
            "object": "payment_intent",
            "amount": amount,
            "amount_capturable": 0,
            "amount_received": 0,
            "capture_method": "automatic",
            "client_secret": f"{intent_id}_secret_{secrets.token_hex(12)}",
            "confirmation_method": "automatic",
            "created": context.at,
            "currency": currency,
            "customer": customer["id"],
            "description": "Subscription creation",
            "livemode": False,
            "metadata": {},
            "payment_method_types": ["card"],
            "setup_future_usage": "off_session",
            "status": "requires_payment_method",
        },
    )


def _charge(
    context: Context, customer: Json, intent: Json, method: Json | None
) -> Json:
    return complete(
        stripe.Charge,
        {
            "id": new_id("charge"),
            "object": "charge",
            "amount": intent["amount"],
            "amount_captured": intent["amount"],
            "amount_refunded": 0,
            "billing_details": {"email": customer["email"], "name": customer["name"]},
            "captured": True,
            "created": context.at,
            "currency": intent["currency"],
            "customer": customer["id"],
            "disputed": False,
            "fraud_details": {},
            "livemode": False,
            "metadata": {},
            "paid": True,
            "payment_intent": intent["id"],
            "payment_method": method["id"] if method else None,
            "refunded": False,
            "status": "succeeded",
        },
    )


def retrieve_intent(context: Context, _params: Json, intent_id: str) -> Json:
    return context.store.get("payment_intent", intent_id)


def list_intents(context: Context, params: Json, _id: str = "") -> Json:
    rows = context.store.newest_first(
        "payment_intent", owner=params.get("customer", "")
    )
    found = (row for row in rows if matches(row, params))
    return page(found, params, url="/v1/payment_intents")


def retrieve_charge(context: Context, _params: Json, charge_id: str) -> Json:
    return context.store.get("charge", charge_id)


def list_charges(context: Context, params: Json, _id: str = "") -> Json:
    rows = context.store.newest_first("charge", owner=params.get("customer", ""))
    found = (row for row in rows if matches(row, params, "payment_intent"))
    return page(found, params, url="/v1/charges")


def retrieve_method(context: Context, _params: Json, method_id: str) -> Json:
    return context.store.get("payment_method", method_id)


def list_methods(context: Context, params: Json, customer_id: str = "") -> Json:
    owner = customer_id or params.get("customer", "")
    rows = context.store.newest_first("payment_method", owner=owner) if owner else ()
    found = (row for row in rows if params.get("type") in (None, row["type"]))
    url = f"/v1/customers/{owner}/payment_methods" if customer_id else None
    return page(found, params, url=url or "/v1/payment_methods")
