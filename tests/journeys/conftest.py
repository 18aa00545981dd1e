"""The whole site as `make run` starts it, and a real browser in front of it."""

import os
import socket
import subprocess
import sys
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
from honcho.environ import parse_procfile
from playwright.sync_api import expect, sync_playwright

from tests.support import SAYS_TOO_MUCH
from tools.after_site import wait_for

ROOT = Path(__file__).resolve().parent.parent.parent
PASSWORD = "trigger-point-demo"
DATABASE = "natcampus_journeys"
expect.set_options(timeout=15_000)  # two cores serve the site and the browser
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
    """A running site: its address, that of its Stripe, and its environment."""

    base: str
    sandbox: str
    environment: dict[str, str]


def free_port():
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


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
    """Run a line of the Procfile, as honcho does; the shell makes way for it."""
    with log.open("ab") as output:
        running = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {command}"],
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


def python(environment, *arguments):
    """Run a program of the repository beside the site, and return what it prints."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Start the processes of the Procfile on free ports, with demo content."""
    folder = tmp_path_factory.mktemp("site")
    port, sandbox_port = free_port(), free_port()
    base, sandbox = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{sandbox_port}"
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "VAR_DIR": str(folder),
        "PORT": str(port),
        "SITE_URL": base,
        "STRIPE_SANDBOX_PORT": str(sandbox_port),
        "PYTHONUNBUFFERED": "1",
    }
    if environment.get("DATABASE_URL", "").startswith("postgres"):
        environment["DATABASE_URL"] = fresh_database(environment["DATABASE_URL"])
    commands = parse_procfile((ROOT / "Procfile").read_text()).processes
    with ExitStack() as stack:

        def start(name):
            log = folder / f"{name}.log"
            stack.enter_context(process(commands.pop(name), environment, log))

        start("stripe")
        wait_for(f"{sandbox}/_sandbox/healthz", seconds=90)
        python(environment, "manage.py", "migrate", "--verbosity", "0")
        python(environment, "manage.py", "seed_demo", "--password", PASSWORD)
        for name in list(commands):
            start(name)
        wait_for(f"{base}/readyz/", seconds=90)
        yield Site(base, sandbox, environment)
    assert not list(said_too_much(folder))


def said_too_much(folder):
    """Yield each line of the processes that holds a key, a card or an address."""
    logs = list(folder.glob("*.log"))
    assert {"web.log", "worker.log", "stripe.log"} <= {log.name for log in logs}
    for log in logs:
        for line in log.read_text(errors="replace").splitlines():
            if SAYS_TOO_MUCH.search(line):
                yield log.name, line


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
    """Open pages whose console must stay clean: no script error, no CSP violation.

    No page of any journey may ask another machine.
    """
    complaints = []
    strangers = []
    contexts = []

    def listen(message):
        if message.type == "error" and "status of 4" not in message.text:
            complaints.append(message.text)

    def note(request):
        if urlsplit(request.url).hostname not in {"127.0.0.1", "localhost", None}:
            strangers.append(request.url)

    def build(*, keeps_console_clean=True, **options):
        context = browser.new_context(base_url=site.base, **options)
        context.set_default_timeout(30_000)
        context.on("request", note)
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
    assert strangers == []


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
