"""Start the whole site for development: `make run`."""

import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import environ

from tools.after_site import wait_for

ROOT = Path(__file__).resolve().parent.parent
# As natcampus.env does, without what importing the site costs.
environ.Env.read_env(ROOT / ".env")
VAR_DIR = Path(os.environ.get("VAR_DIR", ROOT / "var")).resolve()
PORT = os.environ.get("PORT") or "8000"
SANDBOX_PORT = os.environ.get("STRIPE_SANDBOX_PORT") or "12111"
# Its own reading of .env would win over the environment that is made here.
HONCHO = ("honcho", "start", "--no-colour", "--env", os.devnull)
LAST_PORT = 65535
LOGINS = (
    ("member@natcampus.example", "a member in the middle of a course"),
    ("free@natcampus.example", "a free account"),
    ("admin@natcampus.example", "an administrator, at /admin/"),
)


def main() -> None:
    if trouble := trouble_with_ports():
        print(trouble)
        sys.exit(1)
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    os.environ.update(VAR_DIR=str(VAR_DIR), PORT=PORT, STRIPE_SANDBOX_PORT=SANDBOX_PORT)
    # honcho gives each process a PORT of its own; the address is the same for all.
    os.environ.setdefault("SITE_URL", f"http://127.0.0.1:{PORT}")
    os.environ.setdefault("AFTER_SITE", f"{sys.executable} -m tools.after_site")
    # Who stops the site does not want to wait for the worker's last task.
    os.environ.setdefault("REMAP_SIGTERM", "SIGQUIT")
    prepare()
    announce()
    os.chdir(ROOT)
    # In our place: a parent would end honcho before honcho has ended the others.
    os.execvp(HONCHO[0], HONCHO)


def trouble_with_ports() -> str:
    """Say what is wrong with the two ports and what to type instead, in one line."""
    ports = {"PORT": PORT, "STRIPE_SANDBOX_PORT": SANDBOX_PORT}
    for name, port in ports.items():
        if not re.fullmatch("[0-9]{1,5}", port) or not 0 < int(port) <= LAST_PORT:
            return f"{name} is {port!r}. Choose a number from 1 to {LAST_PORT}."
    if PORT == SANDBOX_PORT:
        return f"PORT and STRIPE_SANDBOX_PORT are both {PORT}. Choose two numbers."
    for name, port in ports.items():
        if is_taken(int(port)):
            other = ports | {name: str(int(port) + 1)}
            words = " ".join(f"{key}={value}" for key, value in other.items())
            return f"Port {port} is taken. Choose another: {words} make run"
    return ""


def is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def prepare() -> None:
    """Migrate what is new, and on the first run fill the site with the demo content."""
    migrated, state = VAR_DIR / "migrated", migrations()
    if not state or not migrated.exists() or migrated.read_text() != state:
        manage("migrate", "--verbosity", "0")
        migrated.write_text(migrations())
    seeded = VAR_DIR / "demo-loaded"
    if seeded.exists():
        return
    print("Loading the demo content ...", flush=True)
    with sandbox():
        manage("seed_demo")
        manage("reconcile_stripe")
    seeded.touch()


def migrations() -> str:
    """Name the migrations that the embedded database has seen; nothing of any other."""
    if os.environ.get("DATABASE_URL") or not (VAR_DIR / "db.sqlite3").exists():
        return ""
    ours = sorted(str(path) for path in ROOT.glob("*/migrations/0*.py"))
    libraries = (ROOT / "requirements.txt").read_bytes()
    return hashlib.sha256("\n".join(ours).encode() + libraries).hexdigest()


def manage(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, check=False
    )
    if done.returncode:
        raise SystemExit(f"manage.py {arguments[0]} failed; the lines above say why.")


@contextmanager
def sandbox() -> Iterator[None]:
    """Run the Stripe sandbox while the demo members subscribe."""
    process = subprocess.Popen([sys.executable, "-m", "tools.stripe_sandbox"], cwd=ROOT)
    try:
        wait_for(f"http://127.0.0.1:{SANDBOX_PORT}/_sandbox/healthz", seconds=15)
        yield
    finally:
        process.terminate()
        process.wait(timeout=10)


def announce() -> None:
    site = f"http://127.0.0.1:{PORT}"
    print(f"\n  NAT Global Campus   {site}/")
    print(f"  Administration      {site}/admin/")
    print(f"  Emails              {site}/dev/inbox/")
    print("\n  Demo logins (password: trigger-point-demo)")
    for email, role in LOGINS:
        print(f"    {email:28} {role}")
    for line in optional_parts():
        print(f"  {line}")
    print("\n  Stop with Ctrl+C.\n", flush=True)


def optional_parts() -> list[str]:
    """Say which optional parts are off, and how each is switched on."""
    parts = [
        ("REDIS_URL", "Redis is off: cache and broker are folders in var"),
        ("EMAIL_URL", "SMTP is off: emails are files, shown at /dev/inbox/"),
        ("STRIPE_SECRET_KEY", "Stripe is the local sandbox: no money moves"),
        ("GOOGLE_CLIENT_ID", "login with Google is off"),
        ("SENTRY_DSN", "error reports are off"),
    ]
    lines = [text for name, text in parts if not os.environ.get(name)]
    if not shutil.which("ffmpeg"):
        lines.append("ffmpeg is missing: it is only needed to redraw the lesson videos")
    return ["", *(f"- {line}" for line in lines)]


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
