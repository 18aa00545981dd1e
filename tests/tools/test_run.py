import json
import os
import re
import shutil
import socket
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from tools import after_site, run, suite

ROOT = Path(run.__file__).resolve().parent.parent


FIRST_START = ["migrate", "seed_demo", "reconcile_stripe"]


@pytest.fixture
def environment(monkeypatch):
    """Give the program an environment of its own, and forget it afterwards."""
    given = {"SITE_URL", "REDIS_URL", "EMAIL_URL", "STRIPE_SECRET_KEY", "SENTRY_DSN"}
    copy = {key: value for key, value in os.environ.items() if key not in given}
    monkeypatch.setattr(os, "environ", copy)
    return copy


@pytest.fixture
def state(environment, monkeypatch, tmp_path):
    """Keep the state of the program in a temporary folder, and record what it runs."""
    calls = []
    monkeypatch.setattr(run, "VAR_DIR", tmp_path)
    monkeypatch.setattr(run, "is_taken", lambda _port: False)
    monkeypatch.setattr(run, "manage", lambda *words: calls.append(words))
    monkeypatch.setattr(run, "sandbox", nullcontext)
    monkeypatch.setattr(os, "chdir", lambda _folder: None)
    monkeypatch.setattr(os, "execvp", lambda _file, _words: None)
    return calls


def test_a_port_that_is_taken_is_told_in_one_line(capsys, environment, monkeypatch):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setattr(run, "PORT", str(port))

        with pytest.raises(SystemExit, match="1"):
            run.main()

    printed = capsys.readouterr().out
    assert printed == (
        f"Port {port} is taken. Choose another: "
        f"PORT={port + 1} STRIPE_SANDBOX_PORT={run.SANDBOX_PORT} make run\n"
    )


@pytest.mark.parametrize(
    ("port", "words"),
    [
        ("abc", "PORT is 'abc'. Choose a number from 1 to 65535."),
        ("99999", "PORT is '99999'. Choose a number from 1 to 65535."),
        ("0", "PORT is '0'. Choose a number from 1 to 65535."),
        ("12111", "PORT and STRIPE_SANDBOX_PORT are both 12111. Choose two numbers."),
    ],
)
def test_a_port_that_is_none_is_told_in_one_line(
    capsys, environment, monkeypatch, port, words
):
    monkeypatch.setattr(run, "PORT", port)

    with pytest.raises(SystemExit, match="1"):
        run.main()

    assert capsys.readouterr().out == f"{words}\n"


def test_the_demo_is_loaded_on_the_first_run_only(state):
    run.main()
    run.main()

    assert [words[0] for words in state] == [*FIRST_START, "migrate"]


def test_an_embedded_database_that_has_seen_all_migrations_is_not_asked_again(
    state, tmp_path, environment
):
    (tmp_path / "db.sqlite3").touch()
    run.main()
    run.main()
    assert [words[0] for words in state] == FIRST_START

    environment["DATABASE_URL"] = "postgres://host/name"
    run.main()
    assert [words[0] for words in state] == [*FIRST_START, "migrate"]


def test_the_start_prints_the_address_the_logins_and_what_is_off(state, capsys):
    run.main()

    printed = capsys.readouterr().out
    assert "http://127.0.0.1:8000/" in printed
    assert "member@natcampus.example" in printed
    assert "trigger-point-demo" in printed
    assert "Redis is off" in printed


def test_every_process_is_given_the_same_address(state, environment):
    run.main()

    assert environment["SITE_URL"] == "http://127.0.0.1:8000"
    sandbox = next(
        line
        for line in (ROOT / "Procfile").read_text().splitlines()
        if line.startswith("stripe:")
    )
    assert "--webhook-url ${SITE_URL" in sandbox


def test_the_program_reads_the_env_file_as_the_site_does(tmp_path):
    (tmp_path / "tools").mkdir()
    for module in (run, after_site):
        shutil.copy(module.__file__, tmp_path / "tools")
    lines = ("PORT=8123", "VAR_DIR=elsewhere", "REDIS_URL=redis://host", "EMAIL_URL=")
    (tmp_path / ".env").write_text("\n".join(lines))
    code = (
        "import json; from tools import run;"
        "print(json.dumps([run.PORT, str(run.VAR_DIR), run.optional_parts()]))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        check=True,
    )

    port, var_dir, parts = json.loads(done.stdout)
    assert port == "8123"
    assert var_dir == str(tmp_path / "elsewhere")
    assert not [line for line in parts if "Redis is off" in line]
    assert [line for line in parts if "SMTP is off" in line]


def test_the_processes_are_given_the_environment_of_the_program(tmp_path):
    (tmp_path / ".env").write_text("SITE_URL=http://other.example\n")
    (tmp_path / "Procfile").write_text("web: echo at $SITE_URL\n")

    done = subprocess.run(
        [f"{Path(sys.executable).parent}/{run.HONCHO[0]}", *run.HONCHO[1:]],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "SITE_URL": "http://127.0.0.1:8123"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "at http://127.0.0.1:8123" in done.stdout


def test_the_suite_keeps_the_services_of_the_env_file_out(monkeypatch, capsys):
    given = {}
    monkeypatch.setattr(
        suite.subprocess, "call", lambda *_args, env, **_options: given.update(env) or 0
    )

    suite.run("SQLite", "not journey", {"DATABASE_URL": ""})

    # An absent variable would be read from the file.
    assert given["DATABASE_URL"] == ""


def test_the_procfile_names_the_processes_of_a_deployment():
    names = re.findall(r"^(\w+):", (ROOT / "Procfile").read_text(), re.MULTILINE)

    assert names == ["web", "worker", "beat", "stripe"]


def test_a_missing_service_is_a_failure_in_ci_and_never_a_silent_skip(
    monkeypatch, capsys
):
    monkeypatch.setattr(suite, "CI", True)
    assert suite.missing("PostgreSQL or Redis does not answer") == 1

    monkeypatch.setattr(suite, "CI", False)
    assert suite.missing("PostgreSQL or Redis does not answer") == 0

    assert capsys.readouterr().out.count("PostgreSQL or Redis does not answer") == 2


def test_the_suite_runs_on_sqlite_then_on_what_answers(monkeypatch):
    runs = []

    def note(name, markers, variables):
        runs.append((name, markers, json.dumps(variables)))
        return 0

    services = {"DATABASE_URL": "postgres://host/name", "REDIS_URL": "redis://host"}
    monkeypatch.setattr(suite, "run", note)
    monkeypatch.setattr(suite, "find_services", lambda: services)
    monkeypatch.setattr(suite.shutil, "which", lambda _name: "/usr/bin/chromium")

    code = suite.main()

    assert code == 0
    assert [name for name, _markers, _variables in runs] == [
        "SQLite",
        "PostgreSQL and Redis",
        "Browser journeys",
    ]
