"""Checks objects against the response annotations of the installed SDK."""

import ast
import inspect
import sys
import types
from functools import cache
from importlib import import_module
from typing import Any, ForwardRef, Literal, Union, get_args, get_origin

import stripe
from stripe import ListObject, StripeObject

SCALARS = {int: (int,), float: (int, float), bool: (bool,), str: (str,)}
# Amounts with decimals travel as text and become Decimal in the SDK.
TEXT = {"Decimal"}


@cache
def imported_names(module_name: str) -> dict[str, Any]:
    """Return what a module of the SDK imports for its annotations only."""
    module = sys.modules[module_name]
    names = dict(vars(module))
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            "stripe."
        ):
            source = import_module(node.module or "")
            for alias in node.names:
                if hasattr(source, alias.name):
                    names[alias.asname or alias.name] = getattr(source, alias.name)
    return names


def resolve(annotation: Any, owner: type) -> Any:
    if isinstance(annotation, str):
        annotation = ForwardRef(annotation)
    if isinstance(annotation, ForwardRef):
        names = imported_names(owner.__module__)
        return eval(annotation.__forward_arg__, names)  # noqa: S307 - the SDK's own text
    return annotation


def problems(cls: type[StripeObject], value: Any, path: str) -> list[str]:
    """Return every difference between an object and its class."""
    if not isinstance(value, dict):
        return [f"{path}: {value!r} is no object"]
    annotations = {
        name: annotation
        for name, annotation in cls.__annotations__.items()
        if "ClassVar" not in str(annotation)[:20]
    }
    found = [f"{path}.{name}: unknown" for name in value if name not in annotations]
    for name, annotation in annotations.items():
        if name in value:
            found += mismatch(annotation, value[name], cls, f"{path}.{name}")
        elif type(None) not in get_args(annotation):
            found.append(f"{path}.{name}: missing")
    return found


def mismatch(annotation: Any, value: Any, owner: type, path: str) -> list[str]:
    annotation = resolve(annotation, owner)
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return union_problems(get_args(annotation), value, owner, path)
    if origin is ListObject:
        return list_problems(get_args(annotation)[0], value, owner, path)
    if origin is list:
        return array_problems(get_args(annotation)[0], value, owner, path)
    return plain_problems(annotation, value, path)


def union_problems(parts: tuple, value: Any, owner: type, path: str) -> list[str]:
    if any(get_origin(part) is Literal for part in parts):
        # The SDK leaves its enumerations open to later values; we have none.
        parts = tuple(part for part in parts if part is not str)
    attempts = [mismatch(part, value, owner, path) for part in parts]
    return min(attempts, key=len) if all(attempts) else []


def array_problems(inner: Any, value: Any, owner: type, path: str) -> list[str]:
    if not isinstance(value, list):
        return [f"{path}: {value!r} is no list"]
    return [
        problem
        for number, part in enumerate(value)
        for problem in mismatch(inner, part, owner, f"{path}[{number}]")
    ]


def plain_problems(annotation: Any, value: Any, path: str) -> list[str]:
    is_map = "UntypedStripeObject" in str(annotation)
    is_class = isinstance(annotation, type) and not is_map
    if is_class and issubclass(annotation, StripeObject):
        return problems(annotation, value, path)
    return [] if fits(annotation, value) else [f"{path}: {value!r} is no {annotation}"]


def fits(annotation: Any, value: Any) -> bool:
    if get_origin(annotation) is Literal or annotation is type(None):
        return value in (get_args(annotation) or (None,))
    if "UntypedStripeObject" in str(annotation) or get_origin(annotation) is dict:
        return isinstance(value, dict)
    if getattr(annotation, "__name__", "") in TEXT:
        return isinstance(value, str)
    if annotation in SCALARS:
        is_bool = isinstance(value, bool)
        return isinstance(value, SCALARS[annotation]) and is_bool == (
            annotation is bool
        )
    return annotation is Any


def list_problems(inner: Any, value: Any, owner: type, path: str) -> list[str]:
    if not isinstance(value, dict) or value.get("object") != "list":
        return [f"{path}: {value!r} is no list object"]
    found = [
        f"{path}.{name}: missing"
        for name in ("data", "has_more", "url")
        if name not in value
    ]
    for number, part in enumerate(value.get("data", [])):
        found += mismatch(inner, part, owner, f"{path}.data[{number}]")
    return found


@cache
def classes() -> dict[str, type[StripeObject]]:
    """Return the class of every kind of object, by its `object` value."""
    return {
        **stripe_classes(),
        "item": stripe.LineItem,
        "line_item": stripe.InvoiceLineItem,
        "checkout.session": stripe.checkout.Session,
        "billing_portal.session": stripe.billing_portal.Session,
        "radar.early_fraud_warning": stripe.radar.EarlyFraudWarning,
        "test_helpers.test_clock": stripe.test_helpers.TestClock,
    }


def stripe_classes() -> dict[str, type[StripeObject]]:
    names = """
        Charge Customer Event Invoice InvoicePayment PaymentIntent PaymentMethod
        Coupon Discount Dispute Plan Price Product PromotionCode Refund Subscription SubscriptionItem WebhookEndpoint
    """
    found = [getattr(stripe, name) for name in names.split()]
    return {cls.OBJECT_NAME: cls for cls in found}


def check_events(events: list[dict[str, Any]]) -> None:
    """Fail unless every event and what it tells about have the SDK's shape."""
    assert events
    for event in events:
        check(event)
        told = event["data"]["object"]
        # An upcoming invoice is the one object that has no id yet.
        check({"id": "in_later", **told} if told["object"] == "invoice" else told)


def check(value: dict[str, Any]) -> None:
    """Fail with every difference between an object and the SDK's class for it."""
    if value["object"] == "list":
        for part in value["data"]:
            check(part)
        return
    found = problems(classes()[value["object"]], value, value["object"])
    assert not found, "\n".join(found)
