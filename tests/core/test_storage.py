from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import get_finders
from django.core.files.storage import FileSystemStorage

from core.storage import BundledStaticFilesStorage


@pytest.fixture
def storage(tmp_path):
    return BundledStaticFilesStorage(location=tmp_path / "collected")


def collect(storage, source):
    """Do what collectstatic does: copy every file, then process them."""
    paths = {}
    for path in source.rglob("*"):
        if path.is_file():
            name = str(path.relative_to(source))
            origin = FileSystemStorage(location=source)
            with origin.open(name) as file:
                storage.save(name, file)
            paths[name] = (origin, name)
    for _name, _hashed, outcome in storage.post_process(paths):
        if isinstance(outcome, Exception):
            raise outcome


def write(folder, **files):
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_css", ".css")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_collecting_joins_the_layers_into_one_file(storage, tmp_path):
    source = tmp_path / "static"
    write(
        source,
        css__site_css='@layer base, parts;\n@import url("base.css") layer(base);\n'
        '@import url("parts/card.css") layer(parts);\n',
        css__base_css="p { margin: 0 }\n",
        css__parts__card_css='.c { background: url("../../img/a.css") }\n',
        img__a_css="",
    )

    collect(storage, source)

    bundle = Path(storage.path(storage.stored_name("css/site.css"))).read_text()
    assert "@import" not in bundle
    assert bundle.startswith("@layer base, parts;")
    assert "@layer base {\np { margin: 0 }\n}" in bundle
    assert 'url("../img/a.' in bundle


def test_collecting_twice_gives_the_same_name(storage, tmp_path):
    source = tmp_path / "static"
    write(
        source,
        css__site_css='@import url("base.css") layer(base);\n',
        css__base_css="p {}\n",
    )

    collect(storage, source)
    first = storage.stored_name("css/site.css")
    collect(BundledStaticFilesStorage(location=storage.location), source)

    assert storage.stored_name("css/site.css") == first


def test_every_style_sheet_of_the_site_is_imported_once():
    (css,) = {
        Path(path).parent
        for finder in get_finders()
        for path in finder.find("css/site.css", find_all=True)
    }
    imported = [
        line.split('"')[1]
        for line in (css / "site.css").read_text().splitlines()
        if line.startswith("@import")
    ]
    standalone = {"site.css", "admin.css", "error.css"}
    written = {str(path.relative_to(css)) for path in css.rglob("*.css")} - standalone

    assert sorted(imported) == sorted(written)
