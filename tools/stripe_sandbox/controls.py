"""What only a sandbox has: looking inside, breaking things, moving time."""

import json
from collections.abc import Callable

from tools.stripe_sandbox import seeding
from tools.stripe_sandbox.api import Api, endpoint
from tools.stripe_sandbox.context import Context
from tools.stripe_sandbox.errors import StripeProblem
from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.resources import (
    checkout,
    clocks,
    lifecycle,
    refunds,
)
from tools.stripe_sandbox.resources.periods import DAY
from tools.stripe_sandbox.store import copy
from tools.stripe_sandbox.webhooks import MODES, SIGNERS, SIGNING, Settings
from tools.stripe_sandbox.wire import Request, Response, as_json

PREFIX = "/_sandbox/"
NONE_BEFORE = "There is no secret before this one: name a new one first."
Control = Callable[[Api, Context, Json], Json]


def handle(api: Api, request: Request) -> Response:
    """Answer one request under `/_sandbox/`."""
    name = request.path.removeprefix(PREFIX)
    control = CONTROLS.get((request.method, name))
    if control is None:
        return as_json(404, {"error": {"message": "No such control."}})
    context = api.context(request.base_url)
    try:
        values = json.loads(request.body or "{}")
        with api.store.transaction():
            clocks.set_time(context, values)
            answer = control(api, context, values)
    except StripeProblem as problem:
        return as_json(problem.status, problem.envelope())
    except (KeyError, TypeError, ValueError) as error:
        message = f"{type(error).__name__}: {error}"
        return as_json(400, {"error": {"message": message}})
    api.commit(context)
    return as_json(200, answer)


def healthz(_api: Api, _context: Context, _values: Json) -> Json:
    return {"status": "ok"}


def requests(api: Api, _context: Context, _values: Json) -> Json:
    return {"counts": dict(api.counts), "total": api.counts.total()}


def deliveries(api: Api, _context: Context, _values: Json) -> Json:
    return api.deliverer.status()


def reset(api: Api, context: Context, _values: Json) -> Json:
    """Forget every object, fault and count; keep the webhook's address."""
    api.store.clear()
    api.faults.clear()
    api.counts.clear()
    api.deliverer.clear()
    settings = api.deliverer.settings
    api.deliverer.settings = Settings(url=settings.url, secret=settings.secret)
    _save_endpoint(api, context)
    return {"status": "reset"}


def _save_endpoint(api: Api, context: Context) -> None:
    for row in list(api.store.newest_first("webhook_endpoint")):
        api.store.remove("webhook_endpoint", row["id"])
    if url := api.deliverer.settings.url:
        api.store.save(endpoint(url, at=context.at))


def webhooks(api: Api, context: Context, values: Json) -> Json:
    settings = api.deliverer.settings
    mode = values.get("mode", settings.mode)
    if mode not in MODES:
        raise StripeProblem(f"mode is one of {', '.join(MODES)}", param="mode")
    _roll_secret(settings, values)
    settings.mode = mode
    settings.url = str(values.get("url", settings.url))
    settings.delay_seconds = float(values.get("delay_seconds", settings.delay_seconds))
    _save_endpoint(api, context)
    return {
        "url": settings.url,
        "mode": settings.mode,
        "signed_by": settings.signed_by,
    }


def _roll_secret(settings: Settings, values: Json) -> None:
    """Take a new secret; `signed_by` says whether the one before signs too, or alone."""
    signed_by = values.get("signed_by", settings.signed_by)
    if signed_by not in SIGNERS:
        raise StripeProblem(
            f"signed_by is one of {', '.join(SIGNERS)}", param="signed_by"
        )
    secret = str(values.get("secret", settings.secret))
    is_new = secret != settings.secret
    if signed_by != "new" and not (is_new or settings.old_secret):
        raise StripeProblem(NONE_BEFORE, param="signed_by")
    if is_new:
        settings.old_secret, settings.secret = settings.secret, secret
    settings.signed_by = signed_by


def resend(api: Api, _context: Context, values: Json) -> Json:
    sign = values.get("sign", "ok")
    if sign not in SIGNING:
        raise StripeProblem(f"sign is one of {', '.join(SIGNING)}", param="sign")
    if sign == "old_secret" and not api.deliverer.settings.old_secret:
        raise StripeProblem(NONE_BEFORE, param="sign")
    if values["event_id"] == "all":
        events = [copy(row) for row in api.store.newest_first("event")][::-1]
    else:
        events = [api.store.get("event", values["event_id"])]
    times = int(values.get("times", 1))
    at_once = api.deliverer.resend_at_once if values.get("concurrent") else None
    send = at_once or api.deliverer.resend
    return {"queued": send(events, times=times, sign=sign)}


def release(api: Api, _context: Context, values: Json) -> Json:
    return {"queued": api.deliverer.release(shuffle=values.get("shuffle"))}


def faults(api: Api, _context: Context, values: Json) -> Json:
    api.faults.add(values)
    return {"status": "armed"}


def mend(api: Api, _context: Context, _values: Json) -> Json:
    api.faults.clear()
    return {"status": "cleared"}


def pay(_api: Api, context: Context, values: Json) -> Json:
    """Press Pay on a session as the hosted page would."""
    result = checkout.pay(
        context,
        values["session"],
        card=values.get("card", "4242424242424242"),
        email=values.get("email", ""),
        confirmed=values.get("confirmed", ""),
        code=values.get("promotion_code", ""),
    )
    return {
        "session": result.session,
        "problem": result.problem,
        "needs_confirmation": result.needs_confirmation,
        "success_url": "" if result.problem else checkout.success_url(result.session),
    }


def refund(_api: Api, context: Context, values: Json) -> Json:
    """Send a payment back, all that is left or `amount`, or let a refund end."""
    outcome = values.get("outcome", "succeeded")
    if "refund" in values:
        return refunds.settle(context, values["refund"], status=outcome)
    wanted = {name: values[name] for name in ("charge", "amount") if values.get(name)}
    if outcome == "succeeded":
        return refunds.give_back(context, wanted)
    made = refunds.give_back(context, wanted, status="pending")
    if outcome == "pending":
        return made
    return refunds.settle(context, made["id"], status=outcome)


def subscription(_api: Api, context: Context, values: Json) -> Json:
    return lifecycle.act(context, values["id"], values["action"])


def advance(_api: Api, context: Context, values: Json) -> Json:
    """Let time pass for a customer, or for all on a clock: so many days, or up to `to`."""
    if values.get("customer"):
        clock = clocks.put_on_clock(context, values["customer"])
    else:
        clock = context.store.get(clocks.KIND, values["clock"], param="clock")
    days = int(values.get("days", 0))
    target = int(values.get("to") or clock["frozen_time"] + days * DAY)
    clocks.move(context, clock, to=target)
    return context.store.get(clocks.KIND, clock["id"])


def dispute(_api: Api, context: Context, values: Json) -> Json:
    return refunds.dispute(
        context,
        values["charge"],
        status=values.get("status", "needs_response"),
        reason=values.get("reason", "fraudulent"),
    )


def fraud_warning(_api: Api, context: Context, values: Json) -> Json:
    return refunds.warn(context, values["charge"])


def subscriptions(_api: Api, context: Context, values: Json) -> Json:
    return seeding.create(context, values)


CONTROLS: dict[tuple[str, str], Control] = {
    ("GET", "healthz"): healthz,
    ("GET", "requests"): requests,
    ("GET", "deliveries"): deliveries,
    ("POST", "reset"): reset,
    ("POST", "webhooks"): webhooks,
    ("POST", "resend"): resend,
    ("POST", "release"): release,
    ("POST", "faults"): faults,
    ("DELETE", "faults"): mend,
    ("POST", "advance"): advance,
    ("POST", "pay"): pay,
    ("POST", "dispute"): dispute,
    ("POST", "fraud_warning"): fraud_warning,
    ("POST", "refund"): refund,
    ("POST", "subscription"): subscription,
    ("POST", "subscriptions"): subscriptions,
}
