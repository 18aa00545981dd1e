"""Runs parts of the bench within the site that is measured."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def inside(program: str, argument: str, environment: dict[str, str]) -> dict[str, Any]:
    """Run a program of the bench in the environment of the site; return what it tells."""
    output = subprocess.run(
        [sys.executable, "-m", f"bench.{program}", argument],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    told: dict[str, Any] = json.loads(output.splitlines()[-1])
    return told
