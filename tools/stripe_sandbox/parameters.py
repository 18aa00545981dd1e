"""Reads requests by the annotations of the SDK's own parameter classes."""

import sys
import types
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any, ForwardRef, Literal, Union, get_args, get_origin

from stripe import RequestOptions

from tools.stripe_sandbox.errors import StripeProblem
from tools.stripe_sandbox.forms import Json, as_list

SCALARS: dict[object, str] = {int: "integer", bool: "boolean", float: "number"}
# Annotations are classes, generics or forward references: no one type names them.
Annotation = Any


@dataclass
class Spec:
    """What one parameter may be: a few alternatives at once."""

    scalars: set[str] = field(default_factory=set)
    choices: set[str] = field(default_factory=set)
    fields: dict[str, "Spec"] | None = None
    required: set[str] = field(default_factory=set)
    items: "Spec | None" = None
    mapping: bool = False
    unsettable: bool = False


@cache
def request_spec(params_class: str) -> Spec:
    """Return the parameters of an operation, such as `checkout.SessionCreateParams`."""
    package, _, name = f"stripe.params.{params_class}".rpartition(".")
    return _of_class(getattr(import_module(package), name))


def _of_class(cls: type) -> Spec:
    options = set(RequestOptions.__annotations__)
    spec = Spec(fields={})
    for name, annotation in cls.__annotations__.items():
        if name in options:
            continue
        inner, required = _unwrap(annotation)
        spec.fields = {**(spec.fields or {}), name: _of(inner, cls)}
        if required:
            spec.required.add(name)
    return spec


def _unwrap(annotation: Annotation) -> tuple[Annotation, bool]:
    marker = str(get_origin(annotation))
    if marker.endswith("NotRequired"):
        return get_args(annotation)[0], False
    if marker.endswith("Required"):
        return get_args(annotation)[0], True
    return annotation, True


def _resolve(annotation: Annotation, owner: type) -> Annotation:
    if isinstance(annotation, str):
        annotation = ForwardRef(annotation)
    if isinstance(annotation, ForwardRef):
        names = vars(sys.modules[owner.__module__])
        # The text is the installed SDK's own source, not a request's.
        return eval(annotation.__forward_arg__, dict(names))  # noqa: S307
    return annotation


def _of(annotation: Annotation, owner: type) -> Spec:
    spec = Spec()
    _merge(spec, annotation, owner)
    return spec


def _merge(spec: Spec, annotation: Annotation, owner: type) -> None:
    annotation = _resolve(annotation, owner)
    origin: object = get_origin(annotation)
    if origin in (Union, types.UnionType):
        for part in get_args(annotation):
            _merge(spec, part, owner)
    elif origin is Literal:
        spec.unsettable |= "" in get_args(annotation)
        spec.choices |= {str(value) for value in get_args(annotation)} - {""}
    elif origin in (list, tuple):
        spec.items = _of(get_args(annotation)[0], owner)
    elif origin is dict or "UntypedStripeObject" in str(annotation):
        spec.mapping = True
    elif hasattr(annotation, "__required_keys__"):
        nested = _of_class(annotation)
        spec.fields, spec.required = nested.fields, nested.required
    else:
        spec.scalars.add(SCALARS.get(annotation, "string"))


# What a request holds may be anything until it has been read.
def read(spec: Spec, raw: Json) -> Json:
    """Return the typed parameters, or raise the 400 that Stripe would answer."""
    return _read_fields(spec, raw, "")


def _read_fields(spec: Spec, raw: Json, path: str) -> Json:
    fields = spec.fields or {}
    values: Json = {}
    for name, value in raw.items():
        label = f"{path}[{name}]" if path else name
        if name not in fields:
            raise StripeProblem(
                f"Received unknown parameter: {label}",
                code="parameter_unknown",
                param=label,
            )
        values[name] = _read_value(fields[name], value, label)
    for name in sorted(spec.required - values.keys()):
        label = f"{path}[{name}]" if path else name
        raise StripeProblem(
            f"Missing required param: {label}.", code="parameter_missing", param=label
        )
    return values


def _read_value(spec: Spec, value: str | Json, label: str) -> object:
    if isinstance(value, dict):
        return _read_container(spec, value, label)
    if value == "" and (spec.unsettable or not _is_plain(spec)):
        return ""
    return _read_scalar(spec, value, label)


def _is_plain(spec: Spec) -> bool:
    return bool(spec.scalars or spec.choices)


def _read_container(spec: Spec, value: Json, label: str) -> object:
    if spec.items is not None:
        inner = spec.items
        return [
            _read_value(inner, part, f"{label}[{number}]")
            for number, part in enumerate(as_list(value))
        ]
    if spec.fields is not None:
        return _read_fields(spec, value, label)
    if spec.mapping:
        return value
    raise StripeProblem(f"Invalid string: {value}", param=label)


def _read_scalar(spec: Spec, value: str, label: str) -> object:
    if value in spec.choices:
        return value
    if "integer" in spec.scalars and value.lstrip("-").isdecimal():
        return int(value)
    if "boolean" in spec.scalars and value in {"true", "false"}:
        return value == "true"
    if "number" in spec.scalars:
        return _number(value, label)
    # The SDK leaves its enumerations open to later values; today's API does not.
    if "string" in spec.scalars and not spec.choices:
        return value
    raise _refusal(spec, value, label)


def _number(value: str, label: str) -> float:
    try:
        return float(value)
    except ValueError as error:
        raise StripeProblem(f"Invalid number: {value}", param=label) from error


def _refusal(spec: Spec, value: str, label: str) -> StripeProblem:
    if spec.choices:
        known = ", ".join(sorted(spec.choices))
        return StripeProblem(f"Invalid {label}: must be one of {known}", param=label)
    kind = next(iter(spec.scalars), "object")
    return StripeProblem(
        f"Invalid {kind}: {value}", code=f"parameter_invalid_{kind}", param=label
    )
