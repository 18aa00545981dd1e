"""Refunds, which the site asks for; disputes and warnings, which a control opens."""

from collections.abc import Iterator

import stripe

from tools.stripe_sandbox.context import Context
from tools.stripe_sandbox.errors import StripeProblem
from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.resources.listing import matches, merge_metadata, page
from tools.stripe_sandbox.resources.periods import DAY
from tools.stripe_sandbox.shapes import complete
from tools.stripe_sandbox.store import copy, new_id

ANSWER_WITHIN = 7 * DAY
CLOSED = ("lost", "won")
GIVEN_UP = ("failed", "canceled")
# How a refund may go on from where it is.
NEXT = {"pending": ("succeeded", *GIVEN_UP), "succeeded": ("failed",)}


def create(context: Context, params: Json, _id: str = "") -> Json:
    """Give back all that is left of a charge, or the amount asked for."""
    return give_back(context, params)


def give_back(context: Context, params: Json, *, status: str = "succeeded") -> Json:
    """Refund a charge at once, or with a bank that takes its time: `pending`."""
    charge = _charge(context, params)
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = int(params.get("amount", left))
    if charge["refunded"]:
        raise StripeProblem(
            f"Charge {charge['id']} has already been refunded.",
            code="charge_already_refunded",
        )
    if not 0 < amount <= left:
        raise StripeProblem(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge"
            f" ({left})",
            param="amount",
        )
    before = copy(charge)
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    context.save(charge, "charge.refunded", before=before)
    values: Json = {
        "id": new_id("refund"),
        "object": "refund",
        "amount": amount,
        "charge": charge["id"],
        "created": context.at,
        "currency": charge["currency"],
        "metadata": merge_metadata({}, params.get("metadata")),
        "payment_intent": charge["payment_intent"],
        "reason": params.get("reason"),
        "status": status,
    }
    refund = complete(stripe.Refund, values)
    return context.save(refund, "refund.created")


def settle(context: Context, refund_id: str, *, status: str) -> Json:
    """Let a refund end otherwise than it began: what failed is the charge's again."""
    refund = context.store.get("refund", refund_id)
    if status not in NEXT.get(refund["status"], ()):
        raise StripeProblem(
            f"This refund is {refund['status']} and can't become {status}.",
            param="status",
        )
    before = copy(refund)
    refund["status"] = status
    if status not in GIVEN_UP:
        return context.save(refund, "refund.updated", before=before)
    if status == "failed":
        refund["failure_reason"] = "expired_or_canceled_card"
    charge = context.store.get("charge", refund["charge"])
    was = copy(charge)
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    context.save(charge, "charge.updated", before=was)
    context.save(refund, "refund.updated", before=before)
    if status == "failed":
        context.emit("refund.failed", refund)
    return refund


def _charge(context: Context, params: Json) -> Json:
    charge_id = params.get("charge")
    if intent_id := params.get("payment_intent"):
        intent = context.store.get("payment_intent", intent_id, param="payment_intent")
        charge_id = intent["latest_charge"]
    if not charge_id:
        raise StripeProblem(
            "One of the following params should be provided for this request:"
            " payment_intent or charge."
        )
    charge = context.store.get("charge", charge_id, param="charge")
    if charge["status"] != "succeeded":
        raise StripeProblem("This charge took no money.", param="charge")
    return charge


def retrieve(context: Context, _params: Json, refund_id: str) -> Json:
    return context.store.get("refund", refund_id)


def list_(context: Context, params: Json, _id: str = "") -> Json:
    found = _of_charge(context, "refund", params)
    return page(found, params, url="/v1/refunds")


def _of_charge(context: Context, kind: str, params: Json) -> Iterator[Json]:
    for row in context.store.newest_first(kind):
        if matches(row, params, "charge", "payment_intent"):
            yield row


def dispute(context: Context, charge_id: str, *, status: str, reason: str) -> Json:
    """Open a dispute of a charge, or move the one that is open."""
    charge = context.store.get("charge", charge_id, param="charge")
    known = list(_of_charge(context, "dispute", {"charge": charge_id}))
    if not known:
        charge["disputed"] = True
        context.save(charge, "charge.updated", before={**charge, "disputed": False})
        opened = _dispute(context, charge, status=status, reason=reason)
        return context.save(opened, "charge.dispute.created")
    before = copy(known[0])
    moved = {**before, "status": status}
    ended = status in CLOSED
    kind = "charge.dispute.closed" if ended else "charge.dispute.updated"
    return context.save(moved, kind, before=before)


def _dispute(context: Context, charge: Json, *, status: str, reason: str) -> Json:
    details = {
        "due_by": context.at + ANSWER_WITHIN,
        "has_evidence": False,
        "past_due": False,
        "submission_count": 0,
        "submission_method": "not_submitted",
        "enhanced_eligibility": {},
    }
    return complete(
        stripe.Dispute,
        {
            "id": new_id("dispute"),
            "object": "dispute",
            "amount": charge["amount"],
            "balance_transactions": [],
            "charge": charge["id"],
            "created": context.at,
            "currency": charge["currency"],
            "enhanced_eligibility_types": [],
            "evidence": {"enhanced_evidence": {}},
            "evidence_details": details,
            "is_charge_refundable": status.startswith("warning"),
            "livemode": False,
            "metadata": {},
            "payment_intent": charge["payment_intent"],
            "reason": reason,
            "status": status,
        },
    )


def retrieve_dispute(context: Context, _params: Json, dispute_id: str) -> Json:
    return context.store.get("dispute", dispute_id)


def list_disputes(context: Context, params: Json, _id: str = "") -> Json:
    found = _of_charge(context, "dispute", params)
    return page(found, params, url="/v1/disputes")


def warn(context: Context, charge_id: str) -> Json:
    """Tell early that a card's owner knows nothing of a charge."""
    charge = context.store.get("charge", charge_id, param="charge")
    warning = complete(
        stripe.radar.EarlyFraudWarning,
        {
            "id": new_id("radar.early_fraud_warning"),
            "object": "radar.early_fraud_warning",
            "actionable": not (charge["disputed"] or charge["refunded"]),
            "charge": charge["id"],
            "created": context.at,
            "fraud_type": "unauthorized_use_of_card",
            "livemode": False,
            "payment_intent": charge["payment_intent"],
        },
    )
    return context.save(warning, "radar.early_fraud_warning.created")


def retrieve_warning(context: Context, _params: Json, warning_id: str) -> Json:
    return context.store.get("radar.early_fraud_warning", warning_id)


def list_warnings(context: Context, params: Json, _id: str = "") -> Json:
    found = _of_charge(context, "radar.early_fraud_warning", params)
    return page(found, params, url="/v1/radar/early_fraud_warnings")
