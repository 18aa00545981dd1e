"""Measure what Stripe waits for, and what keeps access right."""

import http.client
import json
import os
import queue
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from stripe import WebhookSignature

from bench import server
from bench.report import Figure
from bench.site import ROOT, inside

SECRET = f"whsec_{secrets.token_hex(16)}"
DELIVERIES = 400
SENDERS = 4
SLOWEST_ACCEPT_MS = 300
FEWEST_A_MINUTE = 1000
MOST_QUERIES_OF_ACCESS = 2
WITHOUT_BROKER = {"CELERY_BROKER_URL": "redis://127.0.0.1:9/0"}  # nobody listens


def measure(environment: dict[str, str], *, port: int, folder: Path) -> list[Figure]:
    """Run the site, a sandbox of Stripe and one worker; return what was promised."""
    with sandbox(folder) as address:
        site = {
            **environment,
            "STRIPE_API_BASE": address,
            "STRIPE_WEBHOOK_SECRETS": SECRET,
        }
        cost = inside("money", "fill", site)
        with worker(site):
            drained = inside("money", "drain", site)
        accepted = {
            "up": accept(site, port=port),
            "down": accept({**site, **WITHOUT_BROKER}, port=port),
        }
        inside("money", "forget", site)
    return list(figures(cost, drained, accepted))


def figures(
    cost: dict[str, Any], drained: dict[str, Any], accepted: dict[str, list[float]]
) -> Iterator[Figure]:
    for state, took in accepted.items():
        p50, p95 = (round(cut(took, share), 1) for share in (0.5, 0.95))
        yield Figure(
            f"webhook, broker {state}",
            f"p50 {p50:g} ms, p95 {p95:g} ms of {len(took)}",
            f"p95 at most {SLOWEST_ACCEPT_MS} ms",
            is_met=p95 <= SLOWEST_ACCEPT_MS,
        )
    for name, one in cost["reading"].items():
        yield Figure(
            f"reading, {name}",
            f"p50 {one['p50_ms']:g} ms, p95 {one['p95_ms']:g} ms, "
            f"{one['queries']} SQL queries, {one['questions']:g} requests to Stripe",
        )
    yield Figure(
        "events, one worker",
        f"{drained['per_minute']} a minute",
        f"at least {FEWEST_A_MINUTE}",
        is_met=drained["per_minute"] >= FEWEST_A_MINUTE,
    )
    access = cost["access"]
    yield Figure(
        "access check",
        f"{access['microseconds']} µs, {access['queries']} SQL queries",
        f"at most {MOST_QUERIES_OF_ACCESS} queries",
        is_met=access["queries"] <= MOST_QUERIES_OF_ACCESS,
    )


def cut(values: list[float], share: float) -> float:
    return statistics.quantiles(values, n=100)[round(share * 100) - 1]


@contextmanager
def sandbox(folder: Path) -> Iterator[str]:
    port = free_port()
    arguments = ("--port", str(port), "--data-dir", folder / "stripe")
    command = (sys.executable, "-m", "tools.stripe_sandbox", *arguments)
    with running(*command, "--webhook-url", ""):
        address = f"http://127.0.0.1:{port}"
        server.wait(f"{address}/_sandbox/healthz")
        yield address


@contextmanager
def worker(environment: dict[str, str]) -> Iterator[None]:
    """Run one process that works on tasks."""
    alone = ("--without-mingle", "--without-gossip", "--concurrency", "1")
    command = ("celery", "--app", "natcampus", "worker", "--loglevel", "ERROR")
    with running(*command, *alone, **environment):
        yield


@contextmanager
def running(*command: str | Path, **environment: str) -> Iterator[None]:
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # without finishing what is queued
        process.wait(timeout=30)


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def accept(environment: dict[str, str], *, port: int) -> list[float]:
    """Return how many milliseconds each delivery of an event took to be accepted."""
    # Without a broker the log says so at each delivery.
    log = subprocess.DEVNULL
    with server.serve(port=port, environment=environment, path="/healthz/", log=log):
        deliver(port, events(20))  # the first ones load what all need
        return deliver(port, events(DELIVERIES))


def deliver(port: int, waiting: "queue.SimpleQueue[str]") -> list[float]:
    took: list[float] = []
    refused: list[int] = []

    def send() -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as line:
            while True:
                try:
                    body = waiting.get_nowait()
                except queue.Empty:
                    return
                started = time.perf_counter()
                line.request("POST", "/webhooks/stripe/", body.encode(), signed(body))
                answer = line.getresponse()
                answer.read()
                took.append((time.perf_counter() - started) * 1000)
                if answer.status != http.HTTPStatus.OK:
                    refused.append(answer.status)

    threads = [threading.Thread(target=send) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if refused:
        raise RuntimeError(f"webhooks were answered with {set(refused)}")
    return took


def signed(body: str) -> dict[str, str]:
    header = WebhookSignature.generate_signature_header(body, SECRET, int(time.time()))
    return {"Stripe-Signature": header, "Content-Type": "application/json"}


def events(count: int) -> "queue.SimpleQueue[str]":
    """Return distinct events of the size that Stripe sends."""
    made: queue.SimpleQueue[str] = queue.SimpleQueue()
    for _ in range(count):
        made.put(json.dumps(event(secrets.token_hex(12))))
    return made


def event(name: str) -> dict[str, Any]:
    return {
        "id": f"evt_{name}",
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": int(time.time()),
        "livemode": False,
        "type": "invoice.paid",
        "data": {
            "object": {
                "id": f"in_{name}",
                "object": "invoice",
                "customer": f"cus_{name}",
                "description": "x" * 3000,
            }
        },
    }
