"""The rules of the house that no linter sees."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import CheckConstraint, UniqueConstraint
from django.urls import get_resolver

ROOT = Path(__file__).resolve().parent.parent
APPS = [
    "accounts",
    "articles",
    "billing",
    "certification",
    "core",
    "courses",
    "directory",
    "mail",
    "natcampus",
]
PROGRAMS = ("bench", "tools")
LONGEST_MODULE = 400
LONGEST_FUNCTION = 50
LONGEST_TEMPLATE = 120
CLASS = re.compile(r"\.(-?[a-z][\w-]*)(?=[^{}/\"';]*\{)")
WORD = re.compile(r"-?[a-z][\w-]*")
MOST_NOQA = 4
NOQA = re.compile(r"# noqa: ([A-Z]+\d+(?:, ?[A-Z]+\d+)*)")
URL_NAME = re.compile(r"^[a-z]+(-[a-z]+)*$")
OUR_APPS = [config for config in apps.get_app_configs() if config.name in APPS]


def python_files(*folders):
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def templates():
    return sorted((ROOT / "templates").rglob("*.html"))


def where(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", [*python_files(*APPS, *PROGRAMS)], ids=where)
def test_modules_and_functions_stay_small(path):
    source = path.read_text()
    functions = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]

    assert len(source.splitlines()) <= LONGEST_MODULE
    if "illustrations" in path.parts:
        return  # a drawing is one long list of numbers
    for node in functions:
        assert node.end_lineno - node.lineno < LONGEST_FUNCTION, node.name


def test_only_the_command_line_prints():
    for path in python_files(*APPS):
        assert not re.search(r"^\s*print\(", path.read_text(), re.MULTILINE), path


def test_no_rule_of_the_linter_is_passed_over_five_times():
    passed_over = Counter()
    for path in python_files(*APPS, *PROGRAMS, "tests"):
        for codes in NOQA.findall(path.read_text()):
            passed_over.update(codes.replace(" ", "").split(","))

    assert passed_over
    assert {code for code, times in passed_over.items() if times > MOST_NOQA} == set()


@pytest.mark.parametrize("path", templates(), ids=where)
def test_templates_stay_small_and_carry_no_inline_script_or_style(path):
    source = path.read_text()
    is_email = "emails" in path.parts

    assert len(source.splitlines()) <= LONGEST_TEMPLATE
    if not is_email:
        assert not re.search(r"\sstyle\s*=\s*[\"']", source)
        assert not re.search(r"\son[a-z]+\s*=\s*[\"']", source)
        for tag in re.findall(r"<script\b[^>]*>", source):
            assert "nonce=" in tag


def test_each_class_of_the_style_sheets_is_used():
    sheets = set((ROOT / "static" / "css").rglob("*.css"))
    sheets.remove(ROOT / "static" / "css" / "admin.css")  # dresses what Django renders
    names = {name for path in sheets for name in CLASS.findall(path.read_text())}
    scripts = (ROOT / "static" / "js").glob("*.js")
    users = [*templates(), *scripts, *python_files(*APPS)]
    words = {word for path in users for word in WORD.findall(path.read_text())}
    made = tuple(word for word in words if word.endswith("--"))  # a tone comes behind

    unused = {name for name in names - words if not name.startswith(made)}
    assert names
    assert unused == set()


def test_models_have_no_default_ordering_and_named_constraints():
    for config in OUR_APPS:
        for model in config.get_models():
            assert not model._meta.ordering, model
            assert not model._meta.unique_together, model
            for constraint in model._meta.constraints:
                assert isinstance(constraint, CheckConstraint | UniqueConstraint)
                assert constraint.name.startswith(
                    f"{config.label}_{model._meta.model_name}_"
                )


def test_each_constraint_is_broken_by_a_test():
    suite = "".join(path.read_text() for path in python_files("tests"))
    ours = {
        constraint.name
        for config in OUR_APPS
        for model in config.get_models()
        for constraint in model._meta.constraints
    }

    assert ours
    assert {name for name in ours if f'"{name}"' not in suite} == set()


def test_text_columns_are_never_null():
    nullable_ids = {"stripe_id", "stripe_price_id", "stripe_session_id"}
    for config in OUR_APPS:
        for model in config.get_models():
            for field in model._meta.local_fields:
                if field.get_internal_type() in {"CharField", "TextField"}:
                    assert not field.null or field.name in nullable_ids, field


def test_moments_end_in_at_and_days_in_date():
    ranges = {"valid_from", "valid_until", "in_force_from"}
    inherited = {"last_login", "date_joined"}
    for config in OUR_APPS:
        for model in config.get_models():
            for field in model._meta.local_fields:
                kind = field.get_internal_type()
                if field.name in ranges | inherited:
                    continue
                if kind == "DateTimeField":
                    assert field.name.endswith(
                        ("_at", "_since", "period_start", "period_end")
                    ), field
                if kind == "DateField":
                    assert field.name.endswith("_date"), field


def test_url_names_are_kebab_case_and_namespaced():
    for pattern in get_resolver().url_patterns:
        if getattr(pattern, "namespace", None) in APPS:
            for inner in pattern.url_patterns:
                assert URL_NAME.match(inner.name), inner


def test_each_environment_variable_is_documented():
    settings = (ROOT / "natcampus" / "settings.py").read_text()
    names = set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", settings))
    example = (ROOT / ".env.example").read_text()

    assert names
    assert not {name for name in names if f"{name}=" not in example}
