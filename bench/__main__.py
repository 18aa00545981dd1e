"""Run the whole benchmark and print it: `make bench`."""

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2

from bench import load, server
from tools.suite import find_services

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "bench"
DATABASE = "natcampus_bench"
SECONDS = float(os.environ.get("BENCH_SECONDS", "2"))
ROUNDS = 3
SIGNED_IN = ("floor", "lesson", "my learning")
FEW, MANY = 100, 10_000
PORT = int(os.environ.get("BENCH_PORT", "8790"))
TOKEN = "b" * 64  # any 64 letters are a CSRF token when cookie and header agree
GOALS = {
    **dict.fromkeys(("home", "article", "catalog", "course", "lesson"), 40),
    "progress save": 60,
}


@dataclass(frozen=True)
class Row:
    """One measured page, and its share of the floor's requests a second."""

    name: str
    per_second: float
    p50: float
    p99: float
    cpu_ms: float
    errors: int
    percent_of_floor: float = 100.0


def main() -> int:
    shutil.rmtree(FOLDER / "site", ignore_errors=True)
    (FOLDER / "site").mkdir(parents=True)
    environment = prepare()
    few = fill(FEW, environment)
    bare, floor, rows, peak = measure(few, environment)
    many = fill(MANY, environment)
    report: dict[str, object] = {
        "database": urlsplit(environment["DATABASE_URL"]).scheme,
        "load": "wrk" if shutil.which("wrk") else "standard library",
        "seconds_a_round": SECONDS,
        "rounds": ROUNDS,
        "bare": asdict(bare),
        "floor": asdict(floor),
        "pages": [asdict(row) for row in rows],
        "queries": {str(FEW): few["queries"], str(MANY): many["queries"]},
        "peak_worker_megabytes": round(peak, 1),
    }
    (FOLDER / "result.json").write_text(json.dumps(report, indent=2))
    show(report)
    return 0


def prepare() -> dict[str, str]:
    """Make a fresh site with production settings and the demo content."""
    environment = {
        "DEBUG": "false",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": f"http://127.0.0.1:{PORT}",
        "SECURE_SSL_REDIRECT": "false",
        "STRIPE_SECRET_KEY": "sk_test_bench",
        "STRIPE_API_BASE": "http://127.0.0.1:9",
        "VAR_DIR": str(FOLDER / "site"),
        "STATIC_ROOT": str(FOLDER / "site" / "static"),
        "DATABASE_URL": f"sqlite:///{FOLDER / 'site' / 'db.sqlite3'}",
        "LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        **services(),
    }
    for command in ("migrate", "collectstatic --noinput", "seed_demo --force"):
        manage(command, environment)
    return environment


def services() -> dict[str, str]:
    found = find_services()
    if not found:
        return {}
    base = found["DATABASE_URL"].rpartition("/")[0]
    with closing(psycopg2.connect(f"{base}/postgres")) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        cursor.execute(f"CREATE DATABASE {DATABASE}")
    return {"DATABASE_URL": f"{base}/{DATABASE}", "REDIS_URL": found["REDIS_URL"]}


def manage(command: str, environment: dict[str, str]) -> None:
    subprocess.run(
        [sys.executable, "manage.py", *command.split(), "--verbosity", "0"],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=True,
        stdout=subprocess.DEVNULL,
    )


def fill(count: int, environment: dict[str, str]) -> dict[str, object]:
    output = subprocess.run(
        [sys.executable, "-m", "bench.rows", str(count)],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return dict(json.loads(output.splitlines()[-1]))


def measure(
    few: dict[str, object], environment: dict[str, str]
) -> tuple[Row, Row, list[Row], float]:
    """Load each page in several rounds: what else runs on the machine comes and goes."""
    bare_environment = {"DJANGO_SETTINGS_MODULE": "bench.bare_settings"}
    with server.serve(
        port=PORT, environment=bare_environment, path="/bare/"
    ) as running:
        bare = one("bare", load.Request(f"{running.base}/bare/"), running)
    with server.serve(port=PORT, environment=environment, path="/healthz/") as running:
        built = requests(running.base, few)
        for request in built.values():
            load.run(request, seconds=1, folder=FOLDER)
        rounds = [
            [one(name, request, running) for name, request in built.items()]
            for _round in range(ROUNDS)
        ]
        peak = running.peak_megabytes()
    floor, *rows = (best(of_one_page) for of_one_page in zip(*rounds, strict=True))
    return bare, floor, [compared(row, floor) for row in rows], peak


def best(rows: Sequence[Row]) -> Row:
    """Return the quickest round; an error in any of them counts."""
    quickest = max(rows, key=lambda row: row.per_second)
    return replace(quickest, errors=sum(row.errors for row in rows))


def compared(row: Row, floor: Row) -> Row:
    percent = round(100 * row.per_second / floor.per_second, 1)
    return replace(row, percent_of_floor=percent)


def requests(base: str, few: dict[str, object]) -> dict[str, load.Request]:
    """Build the request of each page, signed in where the page is personal."""
    cookie = f"sessionid={few['session']}"
    pages: dict[str, str] = dict(few["pages"])  # type: ignore[call-overload] # from JSON
    built = {
        name: load.Request(
            base + path,
            headers={"Cookie": cookie} if name in SIGNED_IN else {},
        )
        for name, path in {"floor": "/bench/floor/", **pages}.items()
    }
    built["progress save"] = load.Request(
        f"{base}/learn/api/progress/",
        method="POST",
        headers={
            "Cookie": f"{cookie}; csrftoken={TOKEN}",
            "X-CSRFToken": TOKEN,
            "Content-Type": "application/x-www-form-urlencoded",
            "Referer": base,
        },
        bodies=tuple(few["reports"]),  # type: ignore[arg-type] # from JSON
    )
    return built


def one(name: str, request: load.Request, running: server.Server) -> Row:
    before = running.cpu_seconds()
    result = load.run(request, seconds=SECONDS, folder=FOLDER)
    cpu = running.cpu_seconds() - before
    return Row(
        name=name,
        per_second=round(result.per_second, 1),
        p50=round(result.p50, 2),
        p99=round(result.p99, 2),
        cpu_ms=round(cpu * 1000 / max(result.requests, 1), 3),
        errors=result.errors,
    )


def show(report: dict[str, object]) -> None:
    queries: dict[str, dict[str, int]] = report["queries"]  # type: ignore[assignment] # built above
    print(
        f"\n{report['database']}, {report['load']}, 2 workers, "
        f"the best of {ROUNDS} rounds of {SECONDS:g} s"
    )
    print(
        f"{'':15}{'req/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms':>9}{'floor':>8}  goal"
    )
    rows = [report["bare"], report["floor"], *report["pages"]]  # type: ignore[misc] # built above
    for row in rows:
        goal = GOALS.get(row["name"])
        verdict = ""
        if goal:
            met = row["percent_of_floor"] >= goal and not row["errors"]
            verdict = f"{goal}% {'met' if met else 'MISSED'}"
        share = "" if row["name"] == "bare" else f"{row['percent_of_floor']:.0f}%"
        print(
            f"{row['name']:15}{row['per_second']:9.0f}{row['p50']:9.2f}{row['p99']:9.2f}"
            f"{row['cpu_ms']:9.2f}{share:>8}  {verdict}"
            + (f"  {row['errors']} errors" if row["errors"] else "")
        )
    print(f"\nSQL queries a page, with {FEW} and with {MANY} rows (at most 12):")
    for name, count in queries[str(FEW)].items():
        print(f"{name:15}{count:4}{queries[str(MANY)][name]:6}")
    print(
        f"\nPeak memory of a worker: {report['peak_worker_megabytes']} MB (at most 150)"
    )
    print(f"Written to {(FOLDER / 'result.json').relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
