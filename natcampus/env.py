"""Typed access to the environment: the only place that reads it."""

import secrets
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

YES = {"true", "on", "yes", "1"}
NO = {"false", "off", "no", "0"}

_env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")


def text(name: str, default: str = "") -> str:
    return str(_env.str(name, default)).strip()


def flag(name: str, *, default: bool) -> bool:
    """Read true or false; any other word would switch something off in silence."""
    word = text(name).lower()
    if word in {"", *YES, *NO}:
        return word in YES if word else default
    raise ImproperlyConfigured(f"Set {name} to true or false; {word!r} is neither.")


def number(name: str, default: int) -> int:
    word = text(name)
    if not word or (word.isascii() and word.isdecimal()):
        return int(word or default)
    raise ImproperlyConfigured(f"Set {name} to a whole number; {word!r} is none.")


def words(name: str, default: list[str] | None = None) -> list[str]:
    """Read a comma-separated list; white space around each word is dropped."""
    found = _env.list(name, default=default or [])
    # An empty word would be a secret that everybody knows.
    return [stripped for word in found if (stripped := word.strip())]


def path(name: str, default: Path) -> Path:
    return Path(text(name) or default).resolve()


def database(name: str, default: str) -> dict[str, Any]:  # as Django takes it
    config = dict(environ.Env.db_url_config(text(name) or default))
    if "ENGINE" in config:
        return config
    raise ImproperlyConfigured(
        f"Set {name} to an address, such as postgres://user:password@host:5432/name."
    )


def required(name: str, *, debug: bool, default: str) -> str:
    """Read a value that has a default only while DEBUG is on."""
    value = text(name)
    if value:
        return value
    if debug:
        return default
    raise ImproperlyConfigured(f"Set {name}: it has no default when DEBUG is off.")


def secret_key(*, debug: bool, var_dir: Path) -> str:
    """Read SECRET_KEY, or with DEBUG on keep a generated one in var (mode 0600)."""
    key = text("SECRET_KEY")
    if key:
        return key
    if not debug:
        raise ImproperlyConfigured(
            "Set SECRET_KEY: it has no default when DEBUG is off."
        )
    file = var_dir / "secret_key"
    if not file.exists():
        var_dir.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(50))
    return file.read_text().strip()


def email(name: str, default: str) -> dict[str, object]:
    """Read an email URL, such as smtp+tls://user:password@host:587."""
    return dict(environ.Env.email_url_config(text(name) or default))
