from collections.abc import Callable, Iterable

from tools.stripe_sandbox.errors import StripeProblem, missing
from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.store import copy

DEFAULT_LIMIT = 10
MAX_LIMIT = 100
BOUNDS: dict[str, Callable[[int, int], bool]] = {
    "gt": lambda value, bound: value > bound,
    "gte": lambda value, bound: value >= bound,
    "lt": lambda value, bound: value < bound,
    "lte": lambda value, bound: value <= bound,
}


def list_object(data: list[Json], *, url: str, has_more: bool = False) -> Json:
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def page(rows: Iterable[Json], params: Json, *, url: str) -> Json:
    """Return one page of rows that come newest first, as the cursor asks."""
    limit = _limit(params)
    ordered = list(rows)
    if after := params.get("starting_after"):
        ordered = ordered[_position(ordered, after, "starting_after") + 1 :]
    elif before := params.get("ending_before"):
        ordered = ordered[: _position(ordered, before, "ending_before")][-limit - 1 :]
        extra = len(ordered) > limit
        return list_object(
            [copy(row) for row in ordered[-limit:]], url=url, has_more=extra
        )
    return list_object(
        [copy(row) for row in ordered[:limit]], url=url, has_more=len(ordered) > limit
    )


def _limit(params: Json) -> int:
    limit = int(params.get("limit", DEFAULT_LIMIT))
    if not 1 <= limit <= MAX_LIMIT:
        raise StripeProblem(
            f"Invalid integer: {limit}; limit is between 1 and {MAX_LIMIT}",
            param="limit",
        )
    return limit


def _position(rows: list[Json], object_id: str, param: str) -> int:
    for number, row in enumerate(rows):
        if row["id"] == object_id:
            return number
    raise missing("object", object_id, param=param)


def in_range(value: int, bounds: object) -> bool:
    """Say whether a moment is within `created`, a number or a map of bounds."""
    if isinstance(bounds, dict):
        return all(BOUNDS[name](value, bound) for name, bound in bounds.items())
    return bounds is None or value == bounds


def matches(row: Json, params: Json, *names: str) -> bool:
    """Say whether the row has the values that the parameters ask for."""
    return in_range(row["created"], params.get("created")) and all(
        row.get(name) == params[name] for name in names if name in params
    )


def merge_metadata(before: Json, change: object) -> Json:
    """Apply `metadata`: an empty value unsets its key, an empty map unsets all."""
    if not isinstance(change, dict):
        return {}
    merged = {**before, **change}
    return {key: value for key, value in merged.items() if value != ""}
