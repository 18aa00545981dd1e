import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from tools.stripe_sandbox.server import Sandbox
from tools.stripe_sandbox.webhooks import Settings


def arguments(environment: dict[str, str], argv: list[str]) -> argparse.Namespace:
    """Read the command line; the environment gives the defaults."""
    var = environment.get("VAR_DIR", "var")
    site = f"http://127.0.0.1:{environment.get('PORT', '8000')}"
    secrets = environment.get("STRIPE_WEBHOOK_SECRETS", "whsec_sandbox")
    parser = argparse.ArgumentParser(
        prog="stripe_sandbox", description="A local Stripe."
    )
    parser.add_argument(
        "--port",
        type=int,
        default=int(environment.get("STRIPE_SANDBOX_PORT", "12111")),
    )
    parser.add_argument("--data-dir", type=Path, default=Path(var) / "stripe_sandbox")
    parser.add_argument("--webhook-url", default=f"{site}/webhooks/stripe/")
    parser.add_argument("--webhook-secret", default=secrets.split(",")[0].strip())
    return parser.parse_args(argv)


def main() -> None:
    options = arguments(dict(os.environ), sys.argv[1:])
    settings = Settings(url=options.webhook_url, secret=options.webhook_secret)
    sandbox = Sandbox(port=options.port, data_dir=options.data_dir, webhooks=settings)
    stopped = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopped.set())
    sandbox.start()
    print(f"Stripe sandbox on {sandbox.url}, webhooks to {settings.url}", flush=True)
    stopped.wait()
    sandbox.stop()


if __name__ == "__main__":
    main()
