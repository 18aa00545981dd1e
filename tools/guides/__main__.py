"""Build one PDF for each guide of the demo content."""

import json
import logging
import shutil
import tempfile
import tomllib
from pathlib import Path
from typing import Any  # what TOML returns

import typst

from tools.illustrations import covers
from tools.illustrations.catalog import FIGURES, SCENES

ROOT = Path(__file__).resolve().parents[2]
CONTENT = ROOT / "natcampus" / "demo" / "content"
MEDIA = ROOT / "natcampus" / "demo" / "media"
TEMPLATE = Path(__file__).with_name("guide.typ")
FONTS = ROOT / "certification" / "fonts"
COVERS = {cover.slug: cover for cover in covers.COVERS}
PLATES = {scene.name: scene for scene in (draw() for draw in SCENES)}
logger = logging.getLogger("guides")

ALTERNATIVES = {
    "plate": "Drawing of {}, with crosses on common tender points.",
    "figure": "Drawing of a person doing the {} technique.",
}


def alternative(art: str) -> str:
    """Describe a picture by its name, for readers who cannot see it."""
    kind, _, name = art.partition("-")
    return ALTERNATIVES[kind].format(name.replace("-", " "))


def disclaimer() -> str:
    """Return the text that the site shows below clinical pages."""
    pages = tomllib.loads((CONTENT / "pages.toml").read_text())
    text: str = pages["disclaimer"]["text"]
    return text


def page(entry: dict[str, Any]) -> dict[str, Any]:
    art = entry.get("art", "")
    return {
        "title": entry["title"],
        "body": entry["body"],
        "steps": entry.get("steps", []),
        "art": art,
        "alt": alternative(art) if art else "",
    }


def drawing(art: str) -> str:
    """Return the vector drawing that the content calls by this name."""
    kind, _, name = art.partition("-")
    return FIGURES[name]() if kind == "figure" else PLATES[name].plate(numbered=False)


def build(guide: dict[str, Any], target: Path) -> None:
    """Write the PDF; the template refuses a page that needs two sheets."""
    pages = [page(entry) for entry in guide["pages"]]
    data = {
        "title": guide["title"],
        "summary": guide["summary"],
        "cover_alt": f"Cover: {guide['title']}",
        "pages": pages,
        "disclaimer": disclaimer(),
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(TEMPLATE, folder / TEMPLATE.name)
        (folder / "guide.json").write_text(json.dumps(data))
        (folder / "cover.svg").write_text(COVERS[guide["slug"]].draw())
        for art in {entry["art"] for entry in pages} - {""}:
            (folder / f"{art}.svg").write_text(drawing(art))
        document = typst.compile(
            str(folder / TEMPLATE.name),
            format="pdf",
            font_paths=[str(FONTS)],
            ignore_system_fonts=True,
            pdf_standards=["ua-1"],
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(document)
    logger.info("%s %d sheets %d bytes", target.name, len(pages) + 2, len(document))


def main() -> None:
    for path in sorted((CONTENT / "guides").glob("*.toml")):
        guide = tomllib.loads(path.read_text())
        build(guide, MEDIA / "guides" / f"{guide['slug']}.pdf")


if __name__ == "__main__":
    logging.basicConfig(format="%(message)s")
    logger.setLevel(logging.INFO)
    main()
