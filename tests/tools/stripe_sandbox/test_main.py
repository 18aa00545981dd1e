import os
import signal
import subprocess
import sys
from pathlib import Path

from tools.stripe_sandbox.__main__ import arguments

ROOT = Path(__file__).resolve().parents[3]


def test_the_environment_gives_the_defaults():
    environment = {
        "PORT": "9000",
        "VAR_DIR": "/srv/var",
        "STRIPE_SANDBOX_PORT": "12999",
        "STRIPE_WEBHOOK_SECRETS": "whsec_new, whsec_old",
    }

    options = arguments(environment, [])

    assert options.port == 12999
    assert options.data_dir == Path("/srv/var/stripe_sandbox")
    assert options.webhook_url == "http://127.0.0.1:9000/webhooks/stripe/"
    assert options.webhook_secret == "whsec_new"


def test_the_process_serves_until_it_is_asked_to_stop(tmp_path):
    command = [sys.executable, "-m", "tools.stripe_sandbox", "--port", "0"]
    with subprocess.Popen(
        [*command, "--data-dir", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "STRIPE_WEBHOOK_SECRETS": "whsec_x"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        first_line = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=10)

    assert "Stripe sandbox on http://127.0.0.1:" in first_line
    assert code == 0
    assert (tmp_path / "sandbox.sqlite3").exists()
