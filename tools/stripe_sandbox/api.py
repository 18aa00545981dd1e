"""The path of one API request: key, faults, parameters, idempotency, answer."""

import hashlib
import json
import time
from collections import Counter

import stripe

from tools.stripe_sandbox import parameters, routes
from tools.stripe_sandbox.context import API_VERSION, Context
from tools.stripe_sandbox.errors import StripeProblem
from tools.stripe_sandbox.expansion import expand
from tools.stripe_sandbox.faults import Faults
from tools.stripe_sandbox.forms import Json, Params, decode
from tools.stripe_sandbox.resources import clocks
from tools.stripe_sandbox.shapes import complete
from tools.stripe_sandbox.store import Store, new_id
from tools.stripe_sandbox.webhooks import Deliverer
from tools.stripe_sandbox.wire import Request, Response, as_json

TEST_KEYS = ("sk_test_", "rk_test_")
REPLAYS = "_idempotency"


class Api:
    """Stripe's `/v1/` over one store."""

    def __init__(self, store: Store, deliverer: Deliverer) -> None:
        self.store = store
        self.deliverer = deliverer
        self.faults = Faults()
        self.counts: Counter[str] = Counter()

    def context(self, base_url: str) -> Context:
        """Return a context for work that is no API request."""
        return Context(self.store, base_url, int(time.time()))

    def commit(self, context: Context) -> None:
        """Queue the events of a finished transaction."""
        self.deliverer.enqueue(context.events)

    def handle(self, request: Request) -> Response:
        request_id = new_id("request")
        try:
            response = self._answer(request, request_id)
        except StripeProblem as problem:
            response = as_json(problem.status, problem.envelope())
        response.headers |= {
            "Request-Id": request_id,
            "Stripe-Version": request.headers.get("Stripe-Version", API_VERSION),
        }
        if key := request.headers.get("Idempotency-Key"):
            response.headers["Idempotency-Key"] = key
        return response

    def _answer(self, request: Request, request_id: str) -> Response:
        _authenticate(request)
        found = routes.match(request.method, request.path)
        if found is None:
            raise StripeProblem(
                f"Unrecognized request URL ({request.method}: {request.path}).",
                status=404,
            )
        route, object_id = found
        self.counts[f"{request.method} {_shape(request.path, object_id)}"] += 1
        fault = self.faults.take(request.method, request.path)
        if fault is not None and (problem := fault.problem()):
            raise problem
        if fault is not None and fault.reset:
            return Response(0, reset=True)
        late = fault.problem_after_commit() if fault is not None else None
        response = self._run(request, request_id, route, object_id, late)
        if fault is not None:
            response.delay_seconds = fault.delay_seconds
            response.lost = fault.timeout_after_commit
        return response

    def _run(
        self,
        request: Request,
        request_id: str,
        route: routes.Route,
        object_id: str,
        late: StripeProblem | None,
    ) -> Response:
        text = request.body if request.method == "POST" else request.query
        key = request.headers.get("Idempotency-Key", "")
        key = key if request.method == "POST" else ""
        params = parameters.read(
            parameters.request_spec(route.params_class), decode(text)
        )
        context = Context(
            self.store,
            request.base_url,
            int(time.time()),
            request_id=request_id,
            idempotency_key=key or None,
        )
        with self.store.exclusive():
            if replay := self._replay(request, key):
                return replay
            status, value = self._execute(context, route, params, object_id)
            if late is not None:
                status, value = late.status, late.envelope()
            if key:
                self._remember(request, context, status, value)
            self.commit(context)
        return as_json(status, value)

    def _execute(
        self, context: Context, route: routes.Route, params: Json, object_id: str
    ) -> tuple[int, Json]:
        try:
            with self.store.transaction():
                clocks.set_time(context, params, object_id)
                return 200, _call(context, route, params, object_id)
        except StripeProblem as problem:
            context.events.clear()
            return problem.status, problem.envelope()

    def _replay(self, request: Request, key: str) -> Response | None:
        known = self.store.find(REPLAYS, key) if key else None
        if known is None:
            return None
        if known["fingerprint"] != _fingerprint(request):
            raise StripeProblem(
                "Keys for idempotent requests can only be used with the same parameters"
                " they were first used with. Try using a key other than"
                f" '{key}' if you meant to execute a different request.",
                kind="idempotency_error",
            )
        headers = {
            "Idempotent-Replayed": "true",
            "Original-Request": str(known["request_id"]),
        }
        return as_json(known["status"], known["value"], headers)

    def _remember(
        self, request: Request, context: Context, status: int, value: Json
    ) -> None:
        record = {
            "id": context.idempotency_key,
            "fingerprint": _fingerprint(request),
            "request_id": context.request_id,
            "status": status,
            "value": value,
        }
        with self.store.transaction():
            self.store.save(record, kind=REPLAYS)


def _authenticate(request: Request) -> None:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not key:
        raise StripeProblem("You did not provide an API key.", status=401)
    if not key.startswith(TEST_KEYS):
        shown = f"{key[:8]}****"
        raise StripeProblem(f"Invalid API Key provided: {shown}", status=401)


def _shape(path: str, object_id: str) -> str:
    return path.replace(object_id, "{id}") if object_id else path


def _fingerprint(request: Request) -> str:
    text = json.dumps([request.method, request.path, decode(request.body)])
    return hashlib.sha256(text.encode()).hexdigest()


def _call(context: Context, route: routes.Route, params: Json, object_id: str) -> Json:
    paths = params.pop("expand", None) or []
    watched = Params(params)
    watched.ignore(*routes.COSMETIC)
    value = route.handler(context, watched, object_id)
    # Filters are read row by row: where none is found, some are never looked at.
    is_empty = value.get("object") == "list" and not value["data"]
    for name in [] if is_empty else watched.unseen():
        raise StripeProblem(
            f"The sandbox does not know this parameter yet: {name}", param=name
        )
    return expand(context, value, paths)


def endpoint(url: str, *, at: int) -> Json:
    """Describe the one webhook endpoint as Stripe lists it."""
    return complete(
        stripe.WebhookEndpoint,
        {
            "id": new_id("webhook_endpoint"),
            "object": "webhook_endpoint",
            "api_version": API_VERSION,
            "created": at,
            "enabled_events": ["*"],
            "livemode": False,
            "metadata": {},
            "status": "enabled",
            "url": url,
        },
    )
