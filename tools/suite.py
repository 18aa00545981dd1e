"""Run the whole test suite on every database that answers: `make test`."""

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2

ROOT = Path(__file__).resolve().parent.parent
CI = os.environ.get("CI", "").lower() == "true"
POSTGRES_URLS = (
    "postgres://postgres:postgres@127.0.0.1:5432/natcampus",
    "postgres://127.0.0.1:5432/natcampus",
)
REDIS_URL = "redis://127.0.0.1:6379/15"


def main() -> int:
    runs = {
        "SQLite": run("SQLite", "not journey", {"DATABASE_URL": "", "REDIS_URL": ""})
    }
    services = find_services()
    if services:
        runs["PostgreSQL and Redis"] = run(
            "PostgreSQL and Redis", "not journey", services
        )
    else:
        runs["PostgreSQL and Redis"] = missing("PostgreSQL or Redis does not answer")
    if shutil.which("chromium"):
        runs["Browser journeys"] = run("Browser journeys", "journey", services)
    else:
        runs["Browser journeys"] = missing("Chromium is not installed")
    print(
        "\n"
        + "\n".join(
            f"{name}: {'failed' if code else 'ok'}" for name, code in runs.items()
        )
    )
    return int(any(runs.values()))


def run(name: str, markers: str, variables: dict[str, str]) -> int:
    print(f"\n=== {name} ===", flush=True)
    started = time.monotonic()
    code = subprocess.call(
        [
            *(sys.executable, "-m", "pytest", "-q", "-m", markers),
            *(() if markers == "journey" else ("-n", "2")),
            *sys.argv[1:],
        ],
        cwd=ROOT,
        env={**os.environ, **variables},
    )
    print(f"{name}: {time.monotonic() - started:.0f} s", flush=True)
    return code


def missing(reason: str) -> int:
    """Skip a run with its reason; under CI=true its absence is a failure."""
    print(f"\n=== {reason} ===", flush=True)
    return int(CI)


def find_services() -> dict[str, str]:
    """Return the addresses of PostgreSQL and Redis, or nothing unless both answer."""
    redis = os.environ.get("TEST_REDIS_URL", REDIS_URL)
    given = os.environ.get("TEST_DATABASE_URL")
    candidates = (given,) if given else POSTGRES_URLS
    database = next((url for url in candidates if accepts(url)), None)
    if database and answers(redis):
        return {
            "DATABASE_URL": database,
            "REDIS_URL": redis,
            # Databases are made and dropped as fast as the disk allows.
            "DATABASE_STATEMENT_TIMEOUT_MS": "60000",
        }
    return {}


def answers(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection(
            (parts.hostname, parts.port or 6379), timeout=2
        ).close()
    except OSError:
        return False
    return True


def accepts(url: str) -> bool:
    """Tell whether PostgreSQL takes this login; the tests make their own database."""
    server = url.rpartition("/")[0] + "/postgres"
    try:
        psycopg2.connect(server, connect_timeout=3).close()
    except psycopg2.OperationalError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
