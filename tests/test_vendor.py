"""Vendored front-end files are what their list says."""

import hashlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("folder", ["static/vendor", "tests/vendor"])
def test_each_vendored_file_has_its_version_license_and_checksum(folder):
    listed = json.loads((ROOT / folder / "vendor.json").read_text())
    present = {
        str(path.relative_to(ROOT / folder))
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
        and path.name != "vendor.json"
        and "license" not in path.name.lower()
    }

    assert {entry["file"] for entry in listed} == present
    for entry in listed:
        content = (ROOT / folder / entry["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"], entry["file"]
        assert entry["package"]
        assert entry["version"]
        assert entry["license"]
