"""What the environment switches, read by a process of its own."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from natcampus import env

ROOT = Path(settings.BASE_DIR)
PRODUCTION = {
    "DEBUG": "false",
    "SECRET_KEY": "a-key-of-fifty-characters-that-only-this-test-knows-of",
    "ALLOWED_HOSTS": "www.example.com",
    "SITE_URL": "https://www.example.com",
}


def read(environment, *names, before=""):
    """Import the settings in a fresh process; return its answer or its last line."""
    code = (
        f"{before}import json, natcampus.settings as s;"
        f"print(json.dumps({{n: getattr(s, n) for n in {names!r}}}, default=str))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return done.stderr.splitlines()[-1]
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL"])
def test_production_refuses_to_start_without_what_it_needs_and_says_which(
    name, tmp_path
):
    environment = {**PRODUCTION, "VAR_DIR": str(tmp_path)}
    del environment[name]

    answer = read(environment, "DEBUG")

    assert "ImproperlyConfigured" in answer
    assert name in answer


def test_a_live_key_and_the_sandbox_exclude_each_other(tmp_path):
    environment = {
        **PRODUCTION,
        "VAR_DIR": str(tmp_path),
        "STRIPE_SECRET_KEY": "sk_live_x",
        "STRIPE_API_BASE": "http://127.0.0.1:12111",
    }

    answer = read(environment, "DEBUG")

    assert "ImproperlyConfigured" in answer
    assert "STRIPE_API_BASE" in answer


@pytest.mark.parametrize(
    ("key", "is_live"),
    [("sk_live_x", True), ("rk_live_x", True), ("sk_test_x", False), ("", False)],
)
def test_a_live_key_is_known_by_its_beginning(key, is_live, tmp_path):
    answer = read(
        {**PRODUCTION, "VAR_DIR": str(tmp_path), "STRIPE_SECRET_KEY": key},
        "STRIPE_IS_LIVE",
    )

    assert answer == {"STRIPE_IS_LIVE": is_live}


def test_production_has_safe_cookies_hsts_and_mfa_for_staff(tmp_path):
    answer = read(
        {**PRODUCTION, "VAR_DIR": str(tmp_path)},
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SESSION_COOKIE_HTTPONLY",
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
        "STAFF_MFA_REQUIRED",
        "STRIPE_SECRET_KEY",
    )

    year = 365 * 24 * 60 * 60
    assert answer == {
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": year,
        "STAFF_MFA_REQUIRED": True,
        "STRIPE_SECRET_KEY": "",
    }


def test_without_an_environment_everything_is_embedded(tmp_path):
    answer = read(
        {"VAR_DIR": str(tmp_path)},
        "DATABASES",
        "CELERY_BROKER_URL",
        "EMAIL_BACKEND",
        "STRIPE_API_BASE",
        "SITE_URL",
    )

    database = answer["DATABASES"]["default"]
    assert database["ENGINE"] == "django.db.backends.sqlite3"
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert answer["CELERY_BROKER_URL"] == "filesystem://"
    assert answer["EMAIL_BACKEND"].endswith("filebased.EmailBackend")
    assert answer["STRIPE_API_BASE"] == "http://127.0.0.1:12111"
    assert answer["SITE_URL"] == "http://127.0.0.1:8000"


def test_the_example_of_an_env_file_can_be_used_as_it_stands(tmp_path):
    example = (ROOT / ".env.example").read_text()
    variables = re.compile(r"^# ([A-Z_]+=.*)$", re.MULTILINE)
    file = tmp_path / ".env"
    file.write_text("\n".join(variables.findall(example)))
    load = f"import environ; environ.Env.read_env({str(file)!r});"

    answer = read(
        {"VAR_DIR": str(tmp_path)}, "DEBUG", "PORT", "ALLOWED_HOSTS", before=load
    )

    assert answer == {
        "DEBUG": True,
        "PORT": 8000,
        "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]"],
    }


def test_a_generated_key_is_kept_and_readable_by_its_owner_only(tmp_path):
    first = read({"VAR_DIR": str(tmp_path)}, "SECRET_KEY")
    second = read({"VAR_DIR": str(tmp_path)}, "SECRET_KEY")

    assert first == second
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("values", "providers"),
    [
        ({}, []),
        ({"GOOGLE_CLIENT_ID": "id"}, []),
        ({"GOOGLE_CLIENT_ID": "id", "GOOGLE_CLIENT_SECRET": "x"}, ["google"]),
    ],
)
def test_google_needs_its_id_and_its_secret(values, providers, tmp_path):
    answer = read({"VAR_DIR": str(tmp_path), **values}, "SOCIALACCOUNT_PROVIDERS")

    assert list(answer["SOCIALACCOUNT_PROVIDERS"]) == providers


def test_everything_that_is_asked_has_a_time_limit(tmp_path):
    answer = read(
        {
            **PRODUCTION,
            "VAR_DIR": str(tmp_path),
            "DATABASE_URL": "postgres://user:password@127.0.0.1:5432/natcampus"
            "?sslmode=verify-full",
            "REDIS_URL": "redis://127.0.0.1:6379/0",
        },
        "DATABASES",
        "CACHES",
        "EMAIL_TIMEOUT",
        "STRIPE_TIMEOUT_SECONDS",
        "CELERY_BROKER_URL",
        "CELERY_BROKER_TRANSPORT_OPTIONS",
    )

    options = answer["DATABASES"]["default"]["OPTIONS"]
    assert options["connect_timeout"] == 3
    assert "statement_timeout=5000" in options["options"]
    assert "jit=off" in options["options"]
    assert "lock_timeout=4000" in options["options"]
    assert options["sslmode"] == "verify-full"
    cache = answer["CACHES"]["default"]["OPTIONS"]
    assert cache == {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}
    assert answer["EMAIL_TIMEOUT"] == 10
    assert answer["STRIPE_TIMEOUT_SECONDS"] == 10
    assert answer["CELERY_BROKER_URL"] == "redis://127.0.0.1:6379/0"
    broker = answer["CELERY_BROKER_TRANSPORT_OPTIONS"]
    assert broker == {**cache, "max_retries": 0}


@pytest.mark.sqlite
@pytest.mark.django_db
def test_sqlite_writes_ahead_and_takes_the_lock_at_the_start():
    with connection.cursor() as cursor:
        mode = cursor.execute("PRAGMA journal_mode").fetchone()[0]

    assert mode in {"wal", "memory"}  # a database in memory has no file to write ahead
    assert settings.DATABASES["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_an_empty_word_is_no_secret(monkeypatch):
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRETS", " whsec_new, ,whsec_old, ")

    assert env.words("STRIPE_WEBHOOK_SECRETS") == ["whsec_new", "whsec_old"]
