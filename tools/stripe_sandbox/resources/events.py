"""The event log, and the one webhook endpoint that hears of it."""

from tools.stripe_sandbox.context import Context
from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.resources.listing import matches, page


def retrieve(context: Context, _params: Json, event_id: str) -> Json:
    return context.store.get("event", event_id)


def list_(context: Context, params: Json, _id: str = "") -> Json:
    types = params.get("types")
    rows = (
        row
        for row in context.store.newest_first("event")
        if matches(row, params, "type")
        and (types is None or any(_covers(name, row["type"]) for name in types))
        and _was_delivered(context, row, params)
    )
    return page(rows, params, url="/v1/events")


def _covers(name: str, kind: str) -> bool:
    prefix = name.removesuffix("*")
    return kind == name or (prefix != name and kind.startswith(prefix))


def _was_delivered(context: Context, row: Json, params: Json) -> bool:
    wanted = params.get("delivery_success")
    delivered = context.store.find("_pending", row["id"]) is None
    return wanted is None or delivered == wanted


def list_endpoints(context: Context, params: Json, _id: str = "") -> Json:
    return page(
        context.store.newest_first("webhook_endpoint"),
        params,
        url="/v1/webhook_endpoints",
    )


def retrieve_endpoint(context: Context, _params: Json, endpoint_id: str) -> Json:
    return context.store.get("webhook_endpoint", endpoint_id)
