"""Completes objects to the shape that the SDK's response annotations declare."""

import types
from collections.abc import Hashable
from functools import cache
from typing import Any, Literal, NamedTuple, Union, cast, get_args, get_origin

from stripe import ListObject, StripeObject

from tools.stripe_sandbox.forms import Json

# Present only on request, or only on some kinds of object; null would be a lie.
LEFT_OUT = {
    "cash_balance",
    "confirmation_secret",
    "deleted",
    "hooks",
    "individual_name",
    "business_name",
    "level3",
    "payment_record",
    "plan",
    "secret",
    "tax",
    "tiers",
}
METHOD_FIELDS = {"card", "customer", "customer_account", "allow_redisplay"}


class Field(NamedTuple):
    nullable: bool
    nested: type[StripeObject] | None


def complete(cls: type[StripeObject], values: Json) -> Json:
    """Add every field that is unset, as null, and never an unset map or list."""
    fields = _fields(cast(Hashable, cls))
    result = dict.fromkeys(
        [
            name
            for name, entry in fields.items()
            if entry.nullable and name not in values
        ]
    )
    for name, value in values.items():
        nested = fields[name].nested if name in fields else None
        if nested is not None and isinstance(value, dict) and "object" not in value:
            value = complete(nested, value)  # noqa: PLW2901 - the same value, completed
        result[name] = value
    return result


@cache
def _fields(cls: Any) -> dict[str, Field]:
    found: dict[str, Field] = {}
    is_method = cls.__name__ == "PaymentMethod"
    for name, annotation in cls.__annotations__.items():
        if get_origin(annotation) is not None and "ClassVar" in str(annotation)[:20]:
            continue
        nullable = type(None) in get_args(annotation) and name not in LEFT_OUT
        if is_method and name not in METHOD_FIELDS:
            nullable = False
        parts = _parts(annotation)
        if any(_is_collection(part) for part in parts):
            nullable = nullable and not _is_left_out(parts)
        found[name] = Field(nullable=nullable, nested=_nested(parts))
    return found


# Annotations are classes, generics or forward references: no one type names them.
def _parts(annotation: Any) -> list[Any]:
    if get_origin(annotation) in (Union, types.UnionType):
        return [part for part in get_args(annotation) if part is not type(None)]
    return [annotation]


def _is_collection(part: Any) -> bool:
    return get_origin(part) is not None and get_origin(part) is not Literal


def _is_left_out(parts: list[Any]) -> bool:
    marks = ("ListObject", "UntypedStripeObject", "Dict[")
    return any(mark in str(part) for part in parts for mark in marks)


def _nested(parts: list[Any]) -> type[StripeObject] | None:
    for part in parts:
        if isinstance(part, type) and issubclass(part, StripeObject):
            return None if part is ListObject else part
    return None
