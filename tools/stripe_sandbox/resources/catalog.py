"""Products and prices."""

from decimal import Decimal

import stripe

from tools.stripe_sandbox.context import Context
from tools.stripe_sandbox.errors import StripeProblem
from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.resources.listing import matches, merge_metadata, page
from tools.stripe_sandbox.shapes import complete
from tools.stripe_sandbox.store import copy, new_id

PRODUCT_FIELDS = (
    "active",
    "default_price",
    "description",
    "images",
    "marketing_features",
    "name",
    "statement_descriptor",
    "tax_code",
    "unit_label",
    "url",
)
PRICE_FIELDS = ("active", "nickname", "tax_behavior")


def create_product(context: Context, params: Json, _id: str = "") -> Json:
    product_id = params.get("id") or new_id("product")
    if context.store.find("product", product_id):
        raise StripeProblem("Product already exists.", code="resource_already_exists")
    values: Json = {
        "id": product_id,
        "object": "product",
        "active": True,
        "created": context.at,
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": merge_metadata({}, params.get("metadata")),
        "name": params["name"],
        "type": "service",
        "updated": context.at,
    }
    product = complete(stripe.Product, values)
    _apply(product, params, PRODUCT_FIELDS)
    context.save(product, "product.created")
    if data := params.get("default_price_data"):
        price = create_price(context, {**data, "product": product_id})
        product["default_price"] = price["id"]
        context.store.save(product)
    return product


def _apply(target: Json, params: Json, names: tuple[str, ...]) -> None:
    for name in names:
        if name in params:
            target[name] = None if params[name] == "" else params[name]


def retrieve_product(context: Context, _params: Json, product_id: str) -> Json:
    return context.store.get("product", product_id)


def update_product(context: Context, params: Json, product_id: str) -> Json:
    product = context.store.get("product", product_id)
    before = copy(product)
    _apply(product, params, PRODUCT_FIELDS)
    if "metadata" in params:
        product["metadata"] = merge_metadata(product["metadata"], params["metadata"])
    product["updated"] = context.at
    return context.save(product, "product.updated", before=before)


def list_products(context: Context, params: Json, _id: str = "") -> Json:
    wanted = params.get("ids")
    rows = (
        row
        for row in context.store.newest_first("product")
        if matches(row, params, "active", "url") and (not wanted or row["id"] in wanted)
    )
    return page(rows, params, url="/v1/products")


def create_price(context: Context, params: Json, _id: str = "") -> Json:
    product_id = _product_of(context, params)
    amount = _amount(params)
    recurring = params.get("recurring")
    values: Json = {
        "id": new_id("price"),
        "object": "price",
        "active": params.get("active", True),
        "billing_scheme": params.get("billing_scheme", "per_unit"),
        "created": context.at,
        "currency": str(params["currency"]).lower(),
        "livemode": False,
        "lookup_key": _claim_lookup_key(context, params),
        "metadata": merge_metadata({}, params.get("metadata")),
        "nickname": params.get("nickname"),
        "product": product_id,
        "tax_behavior": params.get("tax_behavior", "unspecified"),
        "type": "recurring" if recurring else "one_time",
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
    }
    if recurring:
        values["recurring"] = {
            "interval": recurring["interval"],
            "interval_count": recurring.get("interval_count", 1),
            "trial_period_days": recurring.get("trial_period_days"),
            "usage_type": recurring.get("usage_type", "licensed"),
        }
    return context.save(complete(stripe.Price, values), "price.created")


def _product_of(context: Context, params: Json) -> str:
    if data := params.get("product_data"):
        return str(create_product(context, data)["id"])
    if "product" not in params:
        raise StripeProblem(
            "Must provide product or product_data when creating a price.",
            code="parameter_missing",
            param="product",
        )
    return str(context.store.get("product", params["product"], param="product")["id"])


def _amount(params: Json) -> int:
    if "unit_amount" in params:
        return int(params["unit_amount"])
    if "unit_amount_decimal" in params:
        return int(Decimal(params["unit_amount_decimal"]))
    raise StripeProblem(
        "Prices require an unit_amount or unit_amount_decimal parameter to be set.",
        code="parameter_missing",
        param="unit_amount",
    )


def _claim_lookup_key(context: Context, params: Json) -> str | None:
    key = params.get("lookup_key") or None
    for row in list(context.store.newest_first("price")) if key else []:
        if row["lookup_key"] != key:
            continue
        if not params.get("transfer_lookup_key"):
            raise StripeProblem(
                f"A price (`{row['id']}`) already uses that lookup key.",
                code="lookup_key_in_use",
                param="lookup_key",
            )
        holder = copy(row)
        holder["lookup_key"] = None
        context.save(holder, "price.updated", before=row)
    return key


def retrieve_price(context: Context, _params: Json, price_id: str) -> Json:
    return context.store.get("price", price_id)


def update_price(context: Context, params: Json, price_id: str) -> Json:
    price = context.store.get("price", price_id)
    before = copy(price)
    _apply(price, params, PRICE_FIELDS)
    if "lookup_key" in params and params["lookup_key"] != price["lookup_key"]:
        price["lookup_key"] = _claim_lookup_key(context, params)
    if "metadata" in params:
        price["metadata"] = merge_metadata(price["metadata"], params["metadata"])
    return context.save(price, "price.updated", before=before)


def list_prices(context: Context, params: Json, _id: str = "") -> Json:
    keys = params.get("lookup_keys")
    rows = (
        row
        for row in context.store.newest_first("price")
        if matches(row, params, "active", "currency", "product", "type")
        and (not keys or row["lookup_key"] in keys)
        and _recurs(row, params.get("recurring") or {})
    )
    return page(rows, params, url="/v1/prices")


def _recurs(row: Json, wanted: Json) -> bool:
    recurring = row["recurring"] or {}
    return all(recurring.get(name) == value for name, value in wanted.items())
