"""What the documents promise exists."""

import ast
import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from billing.services.events import HANDLED

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
TEST = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)")
MANAGED = re.compile(r"manage\.py ([a-z_]+)")
PICTURE_BYTES = 200_000


def where(path):
    return str(path.relative_to(ROOT))


def promised_tests():
    text = (ROOT / "docs" / "architecture.md").read_text()
    return sorted(set(TEST.findall(text)))


def names_in(file):
    tree = ast.parse((ROOT / "tests" / file).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_each_promise_names_a_test_that_exists():
    promised = promised_tests()

    assert promised
    assert [
        f"{file}::{name}" for file, name in promised if name not in names_in(file)
    ] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=where)
def test_each_link_leads_to_a_file(document):
    targets = LINK.findall(document.read_text())

    assert [t for t in targets if not (document.parent / t).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=where)
def test_each_command_exists(document):
    named = set(MANAGED.findall(document.read_text()))

    assert named - set(get_commands()) == set()


def test_operators_find_each_environment_variable():
    example = (ROOT / ".env.example").read_text()
    names = set(re.findall(r"^# ([A-Z_]+)=", example, re.MULTILINE))
    operations = (ROOT / "docs" / "operations.md").read_text()

    assert names
    assert {name for name in names if f"`{name}`" not in operations} == set()


def test_operators_find_each_event_that_the_webhook_handles():
    operations = (ROOT / "docs" / "operations.md").read_text()
    listed = set(
        re.findall(
            r"\b(?:charge|checkout|customer|invoice|payment_method|price|product|radar|refund)\.[a-z_.]+",
            operations,
        )
    )

    assert listed == HANDLED


def test_each_decision_is_in_the_list():
    folder = ROOT / "docs" / "adr"
    listed = (folder / "README.md").read_text()

    assert [p.name for p in folder.glob("0*.md") if p.name not in listed] == []


def test_pictures_of_the_documents_are_small():
    pictures = list((ROOT / "docs" / "images").iterdir())

    assert all(picture.stat().st_size <= PICTURE_BYTES for picture in pictures)
