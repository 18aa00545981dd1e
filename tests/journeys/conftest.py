"""The whole site as `make run` starts it, and a real browser in front of it."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
PASSWORD = "trigger-point-demo"
DATABASE = "natcampus_journeys"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.journey)


@dataclass(frozen=True)
class Site:
    """A running site: its address and the folder of its state."""

    base: str
    sandbox: str
    folder: Path


def free_port():
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url, *, seconds=30):
    deadline = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def fresh_database(url):
    """Return the address of an empty PostgreSQL database beside the one of the tests."""
    base = url.rpartition("/")[0]
    with closing(psycopg2.connect(f"{base}/postgres")) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {DATABASE}")
    return f"{base}/{DATABASE}"


@contextmanager
def process(command, environment, log):
    with log.open("ab") as output:
        running = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield running
        finally:
            running.terminate()
            try:
                running.wait(timeout=15)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()


def manage(environment, *arguments):
    subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
    )


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Start web, worker, beat and the Stripe sandbox on free ports, with demo content."""
    folder = tmp_path_factory.mktemp("site")
    port, sandbox_port = free_port(), free_port()
    environment = {
        **os.environ,
        "VAR_DIR": str(folder),
        "PORT": str(port),
        "STRIPE_SANDBOX_PORT": str(sandbox_port),
        "PYTHONUNBUFFERED": "1",
    }
    if environment.get("DATABASE_URL", "").startswith("postgres"):
        environment["DATABASE_URL"] = fresh_database(environment["DATABASE_URL"])
    web = "granian --interface wsgi natcampus.wsgi:application --host 127.0.0.1 --no-ws"
    celery = "celery --app natcampus"
    with ExitStack() as stack:

        def start(name, command):
            log = folder / f"{name}.log"
            stack.enter_context(process(command.split(), environment, log))

        start("stripe", "tools.stripe_sandbox")
        sandbox = f"http://127.0.0.1:{sandbox_port}"
        wait_for(f"{sandbox}/_sandbox/healthz")
        manage(environment, "migrate", "--verbosity", "0")
        manage(environment, "seed_demo", "--password", PASSWORD)
        start("web", f"{web} --port {port} --workers 2 --blocking-threads 1")
        start(
            "worker", f"{celery} worker --pool solo --without-mingle --without-gossip"
        )
        start("beat", f"{celery} beat")
        base = f"http://127.0.0.1:{port}"
        wait_for(f"{base}/readyz/")
        yield Site(base, sandbox, folder)


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=CHROMIUM_ARGUMENTS
        )
        yield chromium
        chromium.close()


@pytest.fixture
def new_page(site, browser):
    """Open pages whose console must stay clean: no script error, no CSP violation."""
    complaints = []
    contexts = []

    def listen(message):
        if message.type == "error" and "status of 4" not in message.text:
            complaints.append(message.text)

    def build(*, keeps_console_clean=True, **options):
        context = browser.new_context(base_url=site.base, **options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        if keeps_console_clean:
            page.on("console", listen)
            page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield build
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def log_in():
    """Log a demo account in through the login page."""

    def build(page, role):
        page.goto("/accounts/login/")
        page.fill("input[name=login]", f"{role}@natcampus.example")
        page.fill("input[name=password]", PASSWORD)
        page.click("main button[type=submit]:has-text('Log in')")
        page.wait_for_url("**/learn/")

    return build
