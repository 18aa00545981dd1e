"""Coupons, the promotion codes that people type, and the discounts they become."""

import secrets
import string

import stripe

from tools.stripe_sandbox.context import Context
from tools.stripe_sandbox.errors import StripeProblem, missing
from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.resources.listing import matches, merge_metadata, page
from tools.stripe_sandbox.resources.periods import period_end
from tools.stripe_sandbox.shapes import complete
from tools.stripe_sandbox.store import copy, new_id

CODE = string.ascii_uppercase + string.digits
CODE_LENGTH = 8
INVALID = "This code is invalid."
COUPON_FIELDS = (
    "amount_off",
    "currency",
    "duration_in_months",
    "max_redemptions",
    "name",
    "percent_off",
    "redeem_by",
)
PROMOTION_FIELDS = ("customer", "expires_at", "max_redemptions")


def _random_code() -> str:
    return "".join(secrets.choice(CODE) for _ in range(CODE_LENGTH))


def create_coupon(context: Context, params: Json, _id: str = "") -> Json:
    if ("percent_off" in params) == ("amount_off" in params):
        raise StripeProblem("Must provide percent_off or amount_off, and not both.")
    values: Json = {name: params[name] for name in COUPON_FIELDS if name in params}
    values |= {
        "id": params.get("id") or _random_code(),
        "object": "coupon",
        "created": context.at,
        "duration": params.get("duration", "once"),
        "livemode": False,
        "metadata": merge_metadata({}, params.get("metadata")),
        "times_redeemed": 0,
        "valid": True,
    }
    coupon = complete(stripe.Coupon, values)
    coupon.pop("applies_to", None)
    return context.save(coupon, "coupon.created")


def retrieve_coupon(context: Context, _params: Json, coupon_id: str) -> Json:
    return context.store.get("coupon", coupon_id)


def list_coupons(context: Context, params: Json, _id: str = "") -> Json:
    rows = (row for row in context.store.newest_first("coupon") if matches(row, params))
    return page(rows, params, url="/v1/coupons")


def delete_coupon(context: Context, _params: Json, coupon_id: str) -> Json:
    """Delete the coupon; discounts that were given with it go on."""
    coupon = context.store.get("coupon", coupon_id)
    context.store.remove("coupon", coupon_id)
    context.emit("coupon.deleted", coupon)
    return {"id": coupon_id, "object": "coupon", "deleted": True}


def create_promotion(context: Context, params: Json, _id: str = "") -> Json:
    coupon_id = params["promotion"].get("coupon", "")
    context.store.get("coupon", coupon_id, param="promotion[coupon]")
    code = params.get("code") or _random_code()
    if find_code(context, code):
        raise StripeProblem(
            "An active promotion code with this code already exists.", param="code"
        )
    values: Json = {name: params[name] for name in PROMOTION_FIELDS if name in params}
    values |= {
        "id": new_id("promotion_code"),
        "object": "promotion_code",
        "active": params.get("active", True),
        "code": code,
        "created": context.at,
        "livemode": False,
        "metadata": merge_metadata({}, params.get("metadata")),
        "promotion": {"coupon": coupon_id, "type": "coupon"},
        "restrictions": {"first_time_transaction": False},
        "times_redeemed": 0,
    }
    promotion = complete(stripe.PromotionCode, values)
    return context.save(promotion, "promotion_code.created")


def retrieve_promotion(context: Context, _params: Json, promotion_id: str) -> Json:
    return context.store.get("promotion_code", promotion_id)


def update_promotion(context: Context, params: Json, promotion_id: str) -> Json:
    promotion = context.store.get("promotion_code", promotion_id)
    before = copy(promotion)
    if "active" in params:
        promotion["active"] = params["active"]
    if "metadata" in params:
        promotion["metadata"] = merge_metadata(
            promotion["metadata"], params["metadata"]
        )
    return context.save(promotion, "promotion_code.updated", before=before)


def list_promotions(context: Context, params: Json, _id: str = "") -> Json:
    code = params.get("code")
    rows = (
        row
        for row in context.store.newest_first("promotion_code")
        if matches(row, params, "active", "customer")
        and (code is None or row["code"].lower() == code.lower())
        and params.get("coupon") in (None, row["promotion"]["coupon"])
    )
    return page(rows, params, url="/v1/promotion_codes")


def find_code(context: Context, code: str) -> Json | None:
    """Return the active promotion code that reads so, in any case."""
    for row in context.store.newest_first("promotion_code"):
        if row["active"] and row["code"].lower() == code.strip().lower():
            return copy(row)
    return None


def redeemable(context: Context, promotion: Json | None) -> bool:
    """Say whether a promotion code and its coupon can still be used."""
    if promotion is None:
        return False
    coupon = context.store.find("coupon", promotion["promotion"]["coupon"])
    if coupon is None:
        return False
    expiries = (promotion["expires_at"], coupon["redeem_by"])
    return all(end is None or end > context.at for end in expiries) and all(
        row["max_redemptions"] is None or row["times_redeemed"] < row["max_redemptions"]
        for row in (promotion, coupon)
    )


def requested(context: Context, entry: Json) -> Json:
    """Read one entry of a session's `discounts`: a coupon or a promotion code."""
    if promotion_id := entry.get("promotion_code"):
        promotion = context.store.get(
            "promotion_code", promotion_id, param="discounts[0][promotion_code]"
        )
        if not promotion["active"] or not redeemable(context, promotion):
            raise StripeProblem("This promotion code is not active.", param="discounts")
        return {"coupon": None, "promotion_code": promotion["id"]}
    coupon_id = entry.get("coupon", "")
    if context.store.find("coupon", coupon_id) is None:
        problem = missing("coupon", coupon_id, param="discounts[0][coupon]")
        problem.status = 400
        raise problem
    return {"coupon": coupon_id, "promotion_code": None}


def coupon_of(context: Context, entry: Json) -> Json:
    """Return the coupon behind one entry of a session's `discounts`."""
    coupon_id = entry["coupon"]
    if entry["promotion_code"]:
        promotion = context.store.get("promotion_code", entry["promotion_code"])
        coupon_id = promotion["promotion"]["coupon"]
    return context.store.get("coupon", coupon_id)


def amount_off(coupon: Json, amount: int) -> int:
    """Return what the coupon takes off, never more than there is."""
    if coupon["percent_off"] is not None:
        return round(amount * float(coupon["percent_off"]) / 100)
    return min(int(coupon["amount_off"]), amount)


def redeem(context: Context, entry: Json, subscription: Json, session_id: str) -> None:
    """Turn what the checkout offered into a discount of the subscription."""
    coupon = coupon_of(context, entry)
    for kind, object_id in (
        ("coupon", coupon["id"]),
        ("promotion_code", entry["promotion_code"]),
    ):
        row = context.store.find(kind, object_id or "")
        if row is not None:
            context.store.save({**row, "times_redeemed": row["times_redeemed"] + 1})
    months = coupon["duration_in_months"]
    lasting = {"interval": "month", "interval_count": months}
    discount = complete(
        stripe.Discount,
        {
            "id": new_id("discount"),
            "object": "discount",
            "checkout_session": session_id,
            "customer": subscription["customer"],
            "end": period_end(context.at, lasting) if months else None,
            "promotion_code": entry["promotion_code"],
            "source": {"coupon": coupon["id"], "type": "coupon"},
            "start": context.at,
            "subscription": subscription["id"],
        },
    )
    context.save(discount, "customer.discount.created")
    # The terms live on with the discount when the coupon is deleted.
    context.store.save({**coupon, "id": discount["id"]}, kind="_terms")
    subscription["discounts"] = [discount["id"]]


def reductions(context: Context, subscription: Json, amount: int) -> list[Json]:
    """Return what each discount of the subscription takes off an amount."""
    found = []
    for discount_id in subscription["discounts"]:
        taken = amount_off(context.store.get("_terms", discount_id), amount)
        amount -= taken
        found.append({"amount": taken, "discount": discount_id})
    return found


def expire(context: Context, subscription: Json, *, next_period_at: int) -> None:
    """Drop the discounts that do not reach the next invoice."""
    kept = []
    for discount_id in subscription["discounts"]:
        discount = context.store.get("discount", discount_id)
        terms = context.store.get("_terms", discount_id)
        ended = discount["end"] is not None and discount["end"] <= next_period_at
        if terms["duration"] != "once" and not ended:
            kept.append(discount_id)
    subscription["discounts"] = kept
