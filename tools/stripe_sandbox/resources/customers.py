import secrets

import stripe

from tools.stripe_sandbox.context import Context
from tools.stripe_sandbox.errors import missing
from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.resources import subscriptions
from tools.stripe_sandbox.resources.listing import matches, merge_metadata, page
from tools.stripe_sandbox.shapes import complete
from tools.stripe_sandbox.store import copy, new_id

URL = "/v1/customers"
CLOCK = "test_helpers.test_clock"
SETTABLE = (
    "address",
    "balance",
    "description",
    "email",
    "invoice_prefix",
    "name",
    "next_invoice_sequence",
    "phone",
    "preferred_locales",
    "shipping",
    "tax_exempt",
)


def create(context: Context, params: Json, _id: str = "") -> Json:
    clock_id = params.get("test_clock")
    if clock_id:
        clock = context.store.get(CLOCK, clock_id, param="test_clock")
        context.told_at, context.at = context.at, int(clock["frozen_time"])
    values: Json = {
        "id": new_id("customer"),
        "object": "customer",
        "balance": 0,
        "created": context.at,
        "delinquent": False,
        "invoice_prefix": secrets.token_hex(4).upper(),
        "invoice_settings": {"default_payment_method": None},
        "livemode": False,
        "metadata": merge_metadata({}, params.get("metadata")),
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "tax_exempt": "none",
        "test_clock": clock_id,
    }
    customer = complete(stripe.Customer, values)
    _apply(customer, params)
    return context.save(customer, "customer.created")


def live(context: Context, customer_id: str, *, param: str = "customer") -> Json:
    """Return a customer that exists and is not deleted, or raise the 400."""
    customer = context.store.find("customer", customer_id)
    if customer is None or customer.get("deleted"):
        problem = missing("customer", customer_id, param=param)
        problem.status = 400
        raise problem
    return customer


def retrieve(context: Context, _params: Json, customer_id: str) -> Json:
    return context.store.get("customer", customer_id)


def update(context: Context, params: Json, customer_id: str) -> Json:
    customer = context.store.get("customer", customer_id)
    if customer.get("deleted"):
        raise missing("customer", customer_id)
    before = copy(customer)
    _apply(customer, params)
    if "metadata" in params:
        customer["metadata"] = merge_metadata(customer["metadata"], params["metadata"])
    return context.save(customer, "customer.updated", before=before)


def _apply(customer: Json, params: Json) -> None:
    for name in SETTABLE:
        if name in params:
            customer[name] = None if params[name] == "" else params[name]
    settings = params.get("invoice_settings") or {}
    for name, value in settings.items():
        customer["invoice_settings"][name] = None if value == "" else value


def list_(context: Context, params: Json, _id: str = "") -> Json:
    rows = (
        row
        for row in context.store.newest_first("customer")
        if not row.get("deleted")
        and matches(row, params, "email")
        and row["test_clock"] == params.get("test_clock")
    )
    return page(rows, params, url=URL)


def delete(context: Context, _params: Json, customer_id: str) -> Json:
    """Delete as Stripe does: every subscription ends now, the id stays known."""
    customer = context.store.get("customer", customer_id)
    for row in list(context.store.newest_first("subscription", owner=customer_id)):
        if row["status"] not in subscriptions.ENDED:
            subscriptions.end(context, copy(row), reason="cancellation_requested")
    context.emit("customer.deleted", customer)
    return context.store.save(
        {"id": customer_id, "object": "customer", "deleted": True}
    )
