import stripe

from tools.stripe_sandbox.context import Context
from tools.stripe_sandbox.errors import StripeProblem
from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.resources import discounts, payments, pending
from tools.stripe_sandbox.resources.listing import list_object, matches, page
from tools.stripe_sandbox.resources.periods import DAY, HOUR
from tools.stripe_sandbox.shapes import complete
from tools.stripe_sandbox.store import copy, new_id

DRAFT_FOR = HOUR
RETRY_AFTER = 3 * DAY


def line(subscription: Json, item: Json, *, amount: int, proration: bool) -> Json:
    """Describe what an invoice asks for one subscription item and its period."""
    price = item["price"]
    details = {
        "proration": proration,
        "subscription": subscription["id"],
        "subscription_item": item["id"],
    }
    return complete(
        stripe.InvoiceLineItem,
        {
            "id": new_id("line_item"),
            "object": "line_item",
            "amount": amount,
            "currency": price["currency"],
            "description": f"{item['quantity']} × subscription",  # noqa: RUF001 - as Stripe prints it
            "discount_amounts": [],
            "discountable": not proration,
            "discounts": [],
            "livemode": False,
            "metadata": subscription["metadata"],
            "parent": {
                "subscription_item_details": details,
                "type": "subscription_item_details",
            },
            "period": {
                "start": item["current_period_start"],
                "end": item["current_period_end"],
            },
            "pricing": {
                "price_details": {"price": price["id"], "product": price["product"]},
                "type": "price_details",
                "unit_amount_decimal": price["unit_amount_decimal"],
            },
            "quantity": item["quantity"],
            "subscription": subscription["id"],
            "subtotal": amount,
            "taxes": [],
        },
    )


def period_lines(subscription: Json, *, free: bool = False) -> list[Json]:
    """Ask for the current period of every item, or nothing during a trial."""
    return [
        line(
            subscription,
            item,
            amount=0 if free else item["price"]["unit_amount"] * item["quantity"],
            proration=False,
        )
        for item in subscription["items"]["data"]
    ]


def draft(
    context: Context,
    customer: Json,
    subscription: Json,
    lines: list[Json],
    *,
    reason: str,
) -> Json:
    """Return a draft that is not stored yet; an hour later it would be collected."""
    invoice_id = new_id("invoice")
    for entry in lines:
        entry["invoice"] = invoice_id
    item = subscription["items"]["data"][0]
    values: Json = {
        "id": invoice_id,
        "object": "invoice",
        "account_country": "US",
        "account_name": "Sandbox",
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": True,
        "automatic_tax": {"enabled": False},
        "billing_reason": reason,
        "collection_method": "charge_automatically",
        "created": context.at,
        "currency": subscription["currency"],
        "default_tax_rates": [],
        "issuer": {"type": "self"},
        "lines": list_object(lines, url=f"/v1/invoices/{invoice_id}/lines"),
        "livemode": False,
        "metadata": {},
        "next_payment_attempt": max(context.at, item["current_period_start"])
        + DRAFT_FOR,
        "parent": _parent(subscription),
        "payment_settings": {},
        "period_end": item["current_period_end"],
        "period_start": item["current_period_start"],
        "status": "draft",
        "status_transitions": {},
    }
    subtotal = sum(entry["amount"] for entry in lines)
    taken = discounts.reductions(context, subscription, max(subtotal, 0))
    lines[0]["discount_amounts"] = taken
    values |= _amounts(subtotal, sum(entry["amount"] for entry in taken))
    values |= _after_balance(customer, values["total"]) | {"ending_balance": None}
    values |= {
        "discounts": [entry["discount"] for entry in taken],
        "total_discount_amounts": taken,
    }
    return complete(stripe.Invoice, values | _addressee(customer))


def _parent(subscription: Json) -> Json:
    details = {
        "metadata": subscription["metadata"],
        "subscription": subscription["id"],
    }
    return {"subscription_details": details, "type": "subscription_details"}


def _amounts(subtotal: int, taken: int) -> Json:
    total = subtotal - taken
    return {
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_shipping": 0,
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal,
        "total": total,
        "total_excluding_tax": total,
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
    }


def _after_balance(customer: Json, total: int) -> Json:
    """Let the balance pay first; less than nothing is a credit for what comes next."""
    after = customer["balance"] + total
    due = max(after, 0)
    return {
        "amount_due": due,
        "amount_remaining": due,
        "ending_balance": after - due,
        "starting_balance": customer["balance"],
    }


def _move_balance(context: Context, customer: Json, *, to: int) -> None:
    if to != customer["balance"]:
        before = copy(customer)
        customer["balance"] = to
        context.save(customer, "customer.updated", before=before)


def _addressee(customer: Json) -> Json:
    return {
        "customer": customer["id"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_tax_exempt": "none",
        "customer_tax_ids": [],
        "test_clock": customer.get("test_clock"),
    }


def _next_number(context: Context, customer: Json) -> str:
    number = f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04d}"
    customer["next_invoice_sequence"] += 1
    context.store.save(customer)
    return number


def issue(context: Context, invoice: Json) -> Json:
    """Store a new invoice and finalize it at once."""
    return finalize(context, context.save(invoice, "invoice.created"))


def finalize(context: Context, invoice: Json) -> Json:
    """Give a draft its number and its page; from then on it can be paid."""
    customer = context.store.get("customer", invoice["customer"])
    url = f"{context.base_url}/i/{invoice['id']}"
    invoice |= {
        "effective_at": context.at,
        "hosted_invoice_url": url,
        "invoice_pdf": f"{url}/pdf",
        "next_payment_attempt": None,
        "number": _next_number(context, customer),
        "status": "open",
    }
    invoice |= _after_balance(customer, invoice["total"])
    _move_balance(context, customer, to=invoice["ending_balance"])
    invoice["status_transitions"]["finalized_at"] = context.at
    return context.save(invoice, "invoice.finalized")


def settle(context: Context, invoice: Json, intent: Json | None) -> Json:
    """Mark the invoice paid; a free one has no payment."""
    amount = invoice["amount_due"]
    if intent is not None:
        record = _payment(context, invoice, intent, paid=True)
        context.save(record, "invoice_payment.paid")
    invoice |= {
        "amount_paid": amount,
        "amount_remaining": 0,
        "attempt_count": max(invoice["attempt_count"], 1 if intent else 0),
        "attempted": True,
        "auto_advance": False,
        "next_payment_attempt": None,
        "status": "paid",
    }
    invoice["status_transitions"]["paid_at"] = context.at
    context.save(invoice, "invoice.paid")
    context.emit("invoice.payment_succeeded", invoice)
    pending.settle(context, invoice, subscription_of(invoice))
    return invoice


def refuse(context: Context, invoice: Json, intent: Json) -> Json:
    """Record one failed attempt; the invoice stays open."""
    payment = _payment(context, invoice, intent, paid=False)
    context.store.save(payment)
    invoice |= {"attempt_count": max(invoice["attempt_count"], 1), "attempted": True}
    return context.save(invoice, "invoice.payment_failed")


def schedule_retry(context: Context, invoice: Json, *, is_last: bool) -> None:
    """Count an attempt of ours and plan the next; what people try is not counted."""
    invoice["attempt_count"] += 1
    invoice["next_payment_attempt"] = None if is_last else context.at + RETRY_AFTER


def open_intent(context: Context, invoice: Json) -> Json | None:
    """Return the payment intent of an invoice that failed before."""
    for row in _open_payments(context, invoice["id"]):
        return context.store.get("payment_intent", row["payment"]["payment_intent"])
    return None


def intent_of(context: Context, invoice: Json, customer: Json) -> Json:
    """Return the one payment intent of an invoice, opened by its first attempt."""
    return open_intent(context, invoice) or payments.intend(
        context,
        customer,
        amount=invoice["amount_due"],
        currency=invoice["currency"],
    )


def _open_payments(context: Context, invoice_id: str) -> list[Json]:
    rows = payments_of(context, invoice_id)
    return [row for row in rows if row["status"] == "open"]


def _payment(context: Context, invoice: Json, intent: Json, *, paid: bool) -> Json:
    known = _open_payments(context, invoice["id"])
    return complete(
        stripe.InvoicePayment,
        {
            "id": known[0]["id"] if known else new_id("invoice_payment"),
            "object": "invoice_payment",
            "amount_paid": invoice["amount_due"] if paid else None,
            "amount_requested": invoice["amount_due"],
            "created": known[0]["created"] if known else context.at,
            "currency": invoice["currency"],
            "invoice": invoice["id"],
            "is_default": True,
            "livemode": False,
            "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
            "status": "paid" if paid else "open",
            "status_transitions": {"paid_at": context.at if paid else None},
        },
    )


def payments_of(context: Context, invoice_id: str) -> list[Json]:
    return [
        copy(row)
        for row in context.store.newest_first("invoice_payment", owner=invoice_id)
    ]


def collect(context: Context, invoice: Json, customer: Json, method: Json) -> Json:
    """Charge an open invoice to a card that accepts; return it paid."""
    if not invoice["amount_due"]:
        return settle(context, invoice, None)
    intent = intent_of(context, invoice, customer)
    payments.charge(context, customer, intent, method=method)
    return settle(context, invoice, intent)


def void(context: Context, _params: Json, invoice_id: str) -> Json:
    """Give up an open invoice for good; what the balance paid of it comes back."""
    invoice = context.store.get("invoice", invoice_id)
    if invoice["status"] != "open":
        raise StripeProblem(
            f"You can only pass in open invoices. This invoice is {invoice['status']}.",
            param="id",
        )
    invoice |= {"status": "void", "next_payment_attempt": None, "auto_advance": False}
    invoice["status_transitions"]["voided_at"] = context.at
    customer = context.store.get("customer", invoice["customer"])
    if not customer.get("deleted"):
        taken = (invoice["ending_balance"] or 0) - invoice["starting_balance"]
        _move_balance(context, customer, to=customer["balance"] - taken)
    voided = context.save(invoice, "invoice.voided")
    pending.settle(context, voided, subscription_of(voided))
    return voided


def give_up(context: Context, invoice: Json) -> Json:
    """Count an open invoice as a loss."""
    invoice |= {"status": "uncollectible", "auto_advance": False}
    invoice["status_transitions"]["marked_uncollectible_at"] = context.at
    return context.save(invoice, "invoice.marked_uncollectible")


def retrieve(context: Context, _params: Json, invoice_id: str) -> Json:
    return context.store.get("invoice", invoice_id)


def list_(context: Context, params: Json, _id: str = "") -> Json:
    rows = (
        row
        for row in context.store.newest_first(
            "invoice", owner=params.get("customer", "")
        )
        if matches(row, params, "status", "collection_method")
        and params.get("subscription") in (None, subscription_of(row))
    )
    return page(rows, params, url="/v1/invoices")


def subscription_of(invoice: Json) -> str | None:
    parent = invoice["parent"] or {}
    return (parent.get("subscription_details") or {}).get("subscription")


def list_lines(context: Context, params: Json, invoice_id: str) -> Json:
    lines = context.store.get("invoice", invoice_id)["lines"]
    return page(lines["data"], params, url=lines["url"])


def retrieve_payment(context: Context, _params: Json, payment_id: str) -> Json:
    return context.store.get("invoice_payment", payment_id)


def list_payments(context: Context, params: Json, _id: str = "") -> Json:
    payment = params.get("payment") or {}
    wanted = payment.get("payment_intent")
    rows = (
        row
        for row in context.store.newest_first(
            "invoice_payment", owner=params.get("invoice", "")
        )
        if matches(row, params, "invoice", "status")
        and wanted in (None, row["payment"]["payment_intent"])
    )
    return page(rows, params, url="/v1/invoice_payments")
