"""Delivers events to the site, signed, in order, and again until it answers 2xx."""

import hashlib
import hmac
import json
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import (
    MULTIPLE_CHOICES,
    OK,
    HTTPConnection,
    HTTPException,
    HTTPSConnection,
)
from urllib.parse import urlsplit

from tools.stripe_sandbox.forms import Json

TIMEOUT_SECONDS = 20
STOP_SECONDS = 2
FIRST_BACKOFF = 1.0
MAX_BACKOFF = 30.0
MAX_ATTEMPTS = 20
STALE_BY = 3600
HISTORY = 2000
MODES = ("deliver", "hold", "drop")
SIGNERS = ("new", "both", "old")
SIGNING = ("ok", "old_secret", "wrong_secret", "stale")


def signature(payload: bytes, *secrets: str, at: int) -> str:
    """Return the `Stripe-Signature` header of Stripe's v1 scheme, one v1 a secret."""
    signed = f"{at}.".encode() + payload
    digests = (
        hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        for secret in secrets
    )
    return ",".join([f"t={at}", *(f"v1={digest}" for digest in digests)])


def _is_accepted(status: int | None) -> bool:
    return status is not None and OK <= status < MULTIPLE_CHOICES


@dataclass
class Delivery:
    event: Json
    sign: str = "ok"
    attempts: int = 0
    due_at: float = 0


@dataclass
class Settings:
    url: str = ""
    secret: str = "whsec_sandbox"  # noqa: S105 - the sandbox has no secrets
    mode: str = "deliver"
    old_secret: str = ""  # the one before, if the secret was rolled
    signed_by: str = "new"  # or by the old one, or by both
    delay_seconds: float = 0

    def secrets(self) -> list[str]:
        """Return the secrets that sign now."""
        return {
            "new": [self.secret],
            "old": [self.old_secret],
            "both": [self.secret, self.old_secret],
        }[self.signed_by]


@dataclass
class Log:
    """What was tried, newest last."""

    entries: deque[Json] = field(default_factory=lambda: deque(maxlen=HISTORY))

    def add(self, delivery: Delivery, status: int | None, error: str = "") -> None:
        self.entries.append(
            {
                "event": delivery.event["id"],
                "type": delivery.event["type"],
                "attempt": delivery.attempts,
                "sign": delivery.sign,
                "status": status,
                "error": error,
            }
        )


class Deliverer:
    """One background thread; an endpoint that is down keeps the order waiting.

    An event that the endpoint refuses is tried again later, and lets others pass.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        on_delivered: Callable[[str], None],
        backoff: float = FIRST_BACKOFF,
    ) -> None:
        self.settings = settings
        self._on_delivered = on_delivered
        self.log = Log()
        self._backoff = backoff
        self._queue: deque[Delivery] = deque()
        self._later: list[Delivery] = []
        self._held: list[Delivery] = []
        self._active = 0
        self._stopping = False
        self._wake = threading.Condition()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        # The thread is a daemon: an endpoint that hangs cannot hold up the end.
        self._thread.join(timeout=STOP_SECONDS)

    def enqueue(self, events: list[Json]) -> None:
        """Take new events, in the order in which they happened."""
        with self._wake:
            due_at = time.monotonic() + self.settings.delay_seconds
            deliveries = [Delivery(event, due_at=due_at) for event in events]
            if self.settings.mode == "hold":
                self._held += deliveries
            elif self.settings.mode == "deliver" and self.settings.url:
                self._queue += deliveries
            self._wake.notify_all()

    def resend(self, events: list[Json], *, times: int, sign: str) -> int:
        """Deliver again whatever the mode is, rightly or wrongly signed."""
        deliveries = [Delivery(event, sign) for event in events for _ in range(times)]
        with self._wake:
            self._queue += deliveries
            self._wake.notify_all()
        return len(deliveries)

    def resend_at_once(self, events: list[Json], *, times: int, sign: str) -> int:
        """Deliver every copy in its own thread, all at the same moment."""
        deliveries = [Delivery(event, sign) for event in events for _ in range(times)]
        with self._wake:
            self._active += len(deliveries)
        for delivery in deliveries:
            threading.Thread(
                target=self._try_once, args=(delivery,), daemon=True
            ).start()
        return len(deliveries)

    def _try_once(self, delivery: Delivery) -> None:
        status, error = self._post(delivery)
        with self._wake:
            self._active -= 1
            self.log.add(delivery, status, error)
            self._wake.notify_all()

    def release(self, *, shuffle: int | None) -> int:
        """Deliver what was held, in order or shuffled by a seed."""
        with self._wake:
            held, self._held = self._held, []
            if shuffle is not None:
                random.Random(shuffle).shuffle(held)  # noqa: S311 - a test's order
            self._queue += held
            self._wake.notify_all()
        return len(held)

    def clear(self) -> None:
        with self._wake:
            self._queue.clear()
            self._later.clear()
            self._held.clear()
            self.log.entries.clear()

    def status(self) -> Json:
        with self._wake:
            return {
                "url": self.settings.url,
                "mode": self.settings.mode,
                "signed_by": self.settings.signed_by,
                "delay_seconds": self.settings.delay_seconds,
                "queued": len(self._queue) + self._active,
                "retrying": len(self._later),
                "held": len(self._held),
                "deliveries": list(self.log.entries),
            }

    def wait(self, seconds: float) -> bool:
        """Wait until nothing is left to deliver; say whether that came true."""
        with self._wake:
            return self._wake.wait_for(
                lambda: not (self._queue or self._later or self._active), seconds
            )

    def _run(self) -> None:
        while (delivery := self._next()) is not None:
            status, error = self._post(delivery)
            if _is_accepted(status) and not self._stopping:
                self._on_delivered(str(delivery.event["id"]))
            with self._wake:
                self._active -= 1
                self.log.add(delivery, status, error)
                self._settle(delivery, status)
                self._wake.notify_all()

    def _next(self) -> Delivery | None:
        with self._wake:
            while not self._stopping:
                due = self._pick()
                if due is not None:
                    self._active += 1
                    return due
                self._wake.wait(self._pause())
            return None

    def _pick(self) -> Delivery | None:
        now = time.monotonic()
        for delivery in self._later:
            if delivery.due_at <= now:
                self._later.remove(delivery)
                return delivery
        if self._queue and self._queue[0].due_at <= now:
            return self._queue.popleft()
        return None

    def _pause(self) -> float | None:
        waiting = [delivery.due_at for delivery in self._later]
        waiting += [delivery.due_at for delivery in list(self._queue)[:1]]
        return max(min(waiting) - time.monotonic(), 0.001) if waiting else None

    def _settle(self, delivery: Delivery, status: int | None) -> None:
        if _is_accepted(status) or delivery.sign != "ok" or self._stopping:
            return
        pause = min(self._backoff * 2 ** (delivery.attempts - 1), MAX_BACKOFF)
        delivery.due_at = time.monotonic() + pause
        if status is None:
            self._queue.appendleft(delivery)
        elif delivery.attempts < MAX_ATTEMPTS:
            self._later.append(delivery)

    def _post(self, delivery: Delivery) -> tuple[int | None, str]:
        delivery.attempts += 1
        payload = json.dumps(delivery.event, indent=2).encode()
        try:
            return self._send(payload, self._sign(delivery, payload)), ""
        except (OSError, HTTPException, ValueError) as error:
            return None, f"{type(error).__name__}: {error}"

    def _sign(self, delivery: Delivery, payload: bytes) -> str:
        settings, at = self.settings, int(time.time())
        if delivery.sign == "old_secret":
            return signature(payload, settings.old_secret, at=at)
        if delivery.sign == "wrong_secret":
            return signature(payload, f"{settings.secret}_wrong", at=at)
        if delivery.sign == "stale":
            at -= STALE_BY
        return signature(payload, *settings.secrets(), at=at)

    def _send(self, payload: bytes, header: str) -> int:
        target = urlsplit(self.settings.url)
        cls = HTTPSConnection if target.scheme == "https" else HTTPConnection
        connection = cls(target.hostname or "", target.port, timeout=TIMEOUT_SECONDS)
        path = target.path + (f"?{target.query}" if target.query else "")
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": header,
            "User-Agent": "Stripe/1.0 (+https://docs.stripe.com/webhooks)",
            "Accept": "*/*; q=0.5, application/xml",
        }
        try:
            connection.request("POST", path or "/", payload, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()
