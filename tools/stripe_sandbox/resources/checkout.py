"""Checkout sessions: created by the site, paid on the hosted page."""

from typing import NamedTuple

import stripe

from tools.stripe_sandbox.context import Context
from tools.stripe_sandbox.errors import StripeProblem, missing
from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.resources import (
    customers,
    discounts,
    lifecycle,
    payments,
    subscriptions,
)
from tools.stripe_sandbox.resources.listing import (
    list_object,
    matches,
    merge_metadata,
    page,
)
from tools.stripe_sandbox.shapes import complete
from tools.stripe_sandbox.store import new_id

DAY = 86_400
ECHOED = (
    "allow_promotion_codes",
    "billing_address_collection",
    "client_reference_id",
    "cancel_url",
    "customer",
    "customer_email",
    "locale",
    "payment_method_collection",
    "submit_type",
    "success_url",
)
KIND = "checkout.session"
PLACEHOLDER = "{CHECKOUT_SESSION_ID}"
UNSUPPORTED = ("optional_items", "shipping_options", "custom_fields")
SUBSCRIPTION_DATA = {
    "description",
    "metadata",
    "trial_end",
    "trial_period_days",
    "trial_settings",
}


class Result(NamedTuple):
    """What the payer sees after pressing Pay."""

    session: Json
    problem: str = ""
    needs_confirmation: bool = False


def create(context: Context, params: Json, _id: str = "") -> Json:
    _check(context, params)
    session_id = new_id(KIND)
    lines = [
        _line(context, entry, number)
        for number, entry in enumerate(params["line_items"])
    ]
    data = params.get("subscription_data") or {}
    trial = bool(data.get("trial_period_days") or data.get("trial_end"))
    subtotal = 0 if trial else sum(entry["amount_subtotal"] for entry in lines)
    offered = [discounts.requested(context, row) for row in params.get("discounts", [])]
    values: Json = {name: params[name] for name in ECHOED if name in params}
    values |= {
        "id": session_id,
        "object": KIND,
        "adaptive_pricing": {"enabled": False},
        "amount_subtotal": subtotal,
        "amount_total": subtotal,
        "automatic_tax": {"enabled": bool(_nested(params, "automatic_tax", "enabled"))},
        "created": context.at,
        "currency": lines[0]["currency"],
        "custom_fields": [],
        "custom_text": {},
        "customer_creation": None if params.get("customer") else "always",
        "customer_details": _details(context, params),
        "expires_at": params.get("expires_at", context.at + DAY),
        "livemode": False,
        "metadata": merge_metadata({}, params.get("metadata")),
        "mode": "subscription",
        "payment_method_types": params.get("payment_method_types") or ["card"],
        "payment_method_options": {},
        "payment_status": "unpaid",
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "status": "open",
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": f"{context.base_url}/c/pay/{session_id}",
    }
    values.setdefault("payment_method_collection", "always")
    session = complete(stripe.checkout.Session, values)
    for entry in offered:
        _offer(context, session, entry)
    context.store.save(session)
    order = {"id": session_id, "lines": lines, "subscription_data": data}
    context.store.save(order, kind="_order")
    return session


def _offer(context: Context, session: Json, entry: Json) -> None:
    """Show a discount in the amounts of the session."""
    coupon = discounts.coupon_of(context, entry)
    taken = discounts.amount_off(coupon, session["amount_subtotal"])
    session["discounts"] = [entry]
    session["amount_total"] = session["amount_subtotal"] - taken
    session["total_details"]["amount_discount"] = taken


def _redeem_code(context: Context, session: Json, code: str) -> bool:
    if not session["allow_promotion_codes"]:
        return False
    promotion = discounts.find_code(context, code)
    if promotion is None or not discounts.redeemable(context, promotion):
        return False
    entry = {"coupon": None, "promotion_code": promotion["id"]}
    _offer(context, session, entry)
    context.store.save(session)
    return True


def _nested(params: Json, name: str, key: str) -> object:
    return (params.get(name) or {}).get(key)


def _check_customer(context: Context, params: Json) -> None:
    if params.get("customer"):
        if params.get("customer_email"):
            raise StripeProblem(
                "You may only specify one of these parameters: customer,"
                " customer_email.",
                param="customer",
            )
        customers.live(context, params["customer"])


def _check_supported(params: Json) -> None:
    for name in sorted(set(params.get("subscription_data") or {}) - SUBSCRIPTION_DATA):
        label = f"subscription_data[{name}]"
        raise StripeProblem(f"The sandbox does not know {label}.", param=label)
    if params.get("discounts") and params.get("allow_promotion_codes"):
        raise StripeProblem(
            "You may only specify one of these parameters: allow_promotion_codes,"
            " discounts."
        )
    for name in UNSUPPORTED:
        if params.get(name):
            raise StripeProblem(f"The sandbox does not know {name}.", param=name)


def _check(context: Context, params: Json) -> None:
    if params.get("mode") != "subscription":
        raise StripeProblem("The sandbox knows mode=subscription only.", param="mode")
    for name in ("line_items", "success_url"):
        if not params.get(name):
            raise StripeProblem(
                f"Missing required param: {name}.",
                code="parameter_missing",
                param=name,
            )
    _check_supported(params)
    _check_customer(context, params)
    expires_in = params.get("expires_at", context.at + DAY) - context.at
    if not DAY // 48 - 60 <= expires_in <= DAY:
        raise StripeProblem(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from"
            " Checkout Session creation.",
            param="expires_at",
        )


def _line(context: Context, entry: Json, number: int) -> Json:
    param = f"line_items[{number}][price]"
    if "price" not in entry:
        raise StripeProblem("The sandbox knows line items by price only.", param=param)
    price = context.store.find("price", entry["price"])
    if price is None:
        problem = missing("price", entry["price"], param=param)
        problem.status = 400
        raise problem
    if not price["active"]:
        raise StripeProblem(
            f"The price specified is inactive: {price['id']}", param=param
        )
    quantity = entry.get("quantity", 1)
    amount = price["unit_amount"] * quantity
    product = context.store.get("product", price["product"])
    return complete(
        stripe.LineItem,
        {
            "id": "li_" + new_id("price").removeprefix("price_"),
            "object": "item",
            "amount_discount": 0,
            "amount_subtotal": amount,
            "amount_tax": 0,
            "amount_total": amount,
            "currency": price["currency"],
            "description": product["name"],
            "price": price,
            "quantity": quantity,
        },
    )


def _details(context: Context, params: Json) -> Json | None:
    email = params.get("customer_email")
    if customer_id := params.get("customer"):
        email = customers.live(context, customer_id)["email"]
    return {"email": email, "tax_exempt": "none"} if email else None


def current(context: Context, session_id: str) -> Json:
    """Return the session, expired first when its time has passed."""
    session = context.store.get(KIND, session_id)
    if session["status"] == "open" and session["expires_at"] <= context.at:
        return _expire(context, session)
    return session


def _expire(context: Context, session: Json) -> Json:
    session |= {"status": "expired", "url": None}
    return context.save(session, "checkout.session.expired")


def retrieve(context: Context, _params: Json, session_id: str) -> Json:
    return current(context, session_id)


def expire(context: Context, _params: Json, session_id: str) -> Json:
    session = current(context, session_id)
    if session["status"] != "open":
        raise StripeProblem(
            'Only Checkout Sessions with a status in ["open"] can be expired.'
            f" This Checkout Session has a status of `{session['status']}`."
        )
    return _expire(context, session)


def list_(context: Context, params: Json, _id: str = "") -> Json:
    rows = list(context.store.newest_first(KIND, owner=params.get("customer", "")))
    rows = [current(context, row["id"]) for row in rows]
    names = ("subscription", "payment_intent", "status")
    found = (row for row in rows if matches(row, params, *names))
    return page(found, params, url="/v1/checkout/sessions")


def list_lines(context: Context, params: Json, session_id: str) -> Json:
    lines = context.store.get("_order", session_id)["lines"]
    url = f"/v1/checkout/sessions/{session_id}/line_items"
    return page(lines, params, url=url)


def lines_of(context: Context, session_id: str) -> Json:
    lines = context.store.get("_order", session_id)["lines"]
    return list_object(lines, url=f"/v1/checkout/sessions/{session_id}/line_items")


def pay(
    context: Context,
    session_id: str,
    *,
    card: str,
    email: str = "",
    confirmed: str = "",
    code: str = "",
) -> Result:
    """Press Pay; a refused card leaves the session open and nothing subscribed."""
    session = current(context, session_id)
    if session["status"] != "open":
        return Result(session, problem="This checkout is no longer open.")
    if code and not _redeem_code(context, session, code):
        return Result(session, problem=discounts.INVALID)
    outcome = payments.outcome_of(card)
    if outcome.needs_confirmation and not confirmed:
        return Result(session, needs_confirmation=True)
    if outcome.needs_confirmation and confirmed != "complete":
        outcome = payments.UNAUTHENTICATED
    if outcome.decline_code:
        _refuse(context, session, outcome)
        return Result(session, problem=outcome.message)
    customer = _customer(context, session, email)
    method = payments.attach_card(context, customer, card)
    return Result(_complete(context, session, customer, method))


def _customer(context: Context, session: Json, email: str) -> Json:
    if session["customer"]:
        return customers.live(context, session["customer"])
    return customers.create(context, {"email": session["customer_email"] or email})


def _refuse(context: Context, session: Json, outcome: payments.Outcome) -> None:
    customer = {"id": session["customer"], "email": None, "name": None}
    if session["amount_total"]:
        intent = payments.intend(
            context,
            customer,
            amount=session["amount_total"],
            currency=session["currency"],
        )
        payments.charge(context, customer, intent, method=None, refused=outcome)


def _complete(context: Context, session: Json, customer: Json, method: Json) -> Json:
    order = context.store.get("_order", session["id"])
    first = order["lines"][0]
    data = order["subscription_data"]
    subscription = subscriptions.build(
        context,
        customer,
        first["price"],
        quantity=first["quantity"],
        trial_end=_trial_end(data, at=context.at),
    )
    subscription["metadata"] = merge_metadata({}, data.get("metadata"))
    subscription["description"] = data.get("description")
    if behavior := _nested(data, "trial_settings", "end_behavior"):
        subscription["trial_settings"]["end_behavior"].update(behavior)
    for entry in session["discounts"] or []:
        discounts.redeem(context, entry, subscription, session["id"])
    invoice = lifecycle.start(context, customer, subscription, method)
    session |= {
        "customer": customer["id"],
        "customer_details": complete(
            stripe.checkout.Session.CustomerDetails,
            {"email": customer["email"], "tax_exempt": "none", "tax_ids": []},
        ),
        "invoice": invoice["id"],
        "payment_status": "paid" if invoice["amount_due"] else "no_payment_required",
        "status": "complete",
        "subscription": subscription["id"],
        "url": None,
    }
    return context.save(session, "checkout.session.completed")


def _trial_end(data: Json, *, at: int) -> int | None:
    if "trial_end" in data:
        return int(data["trial_end"])
    days = int(data.get("trial_period_days", 0))
    return at + days * DAY if days else None


def success_url(session: Json) -> str:
    """Return where to send the payer, with the session's own id filled in."""
    return str(session["success_url"]).replace(PLACEHOLDER, session["id"])
