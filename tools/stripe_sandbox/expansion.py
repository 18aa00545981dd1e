"""Replaces ids by objects where a request asks to expand them."""

from collections.abc import Callable

from tools.stripe_sandbox.context import Context
from tools.stripe_sandbox.errors import StripeProblem
from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.resources import checkout, invoices, subscriptions
from tools.stripe_sandbox.resources.listing import list_object
from tools.stripe_sandbox.store import copy

MAX_DEPTH = 4


def _payments(context: Context, invoice: Json) -> Json:
    rows = invoices.payments_of(context, invoice["id"])
    return list_object(rows, url=f"/v1/invoice_payments?invoice={invoice['id']}")


def _subscriptions(context: Context, customer: Json) -> Json:
    rows = context.store.newest_first("subscription", owner=customer["id"])
    living = [copy(row) for row in rows if row["status"] not in subscriptions.ENDED]
    return list_object(living, url=f"/v1/customers/{customer['id']}/subscriptions")


def _line_items(context: Context, session: Json) -> Json:
    return checkout.lines_of(context, session["id"])


# Fields that are absent until they are asked for.
INCLUDABLE: dict[tuple[str, str], Callable[[Context, Json], Json]] = {
    ("checkout.session", "line_items"): _line_items,
    ("customer", "subscriptions"): _subscriptions,
    ("invoice", "payments"): _payments,
}


def expand(context: Context, value: Json, paths: list[str]) -> Json:
    """Return the object with every asked path replaced, or raise the 400."""
    for path in paths:
        steps = path.split(".")
        if len(steps) > MAX_DEPTH:
            raise StripeProblem(
                f"You cannot expand more than {MAX_DEPTH} levels of a property.",
                param="expand",
            )
        _follow(context, value, steps, path)
    return value


def _follow(context: Context, value: Json, steps: list[str], path: str) -> None:
    if value.get("deleted"):  # nothing is left to expand
        return
    name, rest = steps[0], steps[1:]
    include = INCLUDABLE.get((str(value.get("object")), name))
    if include is not None and not isinstance(value.get(name), dict):
        value[name] = include(context, value)
    elif name not in value:
        raise _refusal(path)
    elif isinstance(value[name], str):
        found = context.store.find_any(value[name])
        if found is None:
            raise _refusal(path)
        value[name] = found
    children = value[name] if isinstance(value[name], list) else [value[name]]
    for child in children:
        if rest and isinstance(child, dict):
            _follow(context, child, rest, path)


def _refusal(path: str) -> StripeProblem:
    return StripeProblem(f"This property cannot be expanded ({path}).", param="expand")
