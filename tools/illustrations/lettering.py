"""Carry the letters of a drawing inside it, for pages that show it as an image."""

import base64
import io
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FONTS = Path(__file__).resolve().parents[2] / "certification" / "fonts"
FACES = (
    ("Literata", 600, "Literata-SemiBold.ttf"),
    ("Atkinson Next", 400, "AtkinsonHyperlegibleNext-Regular.ttf"),
    ("Atkinson Next", 700, "AtkinsonHyperlegibleNext-Bold.ttf"),
)


def _subset(path: Path, letters: str) -> str:
    font = TTFont(path, recalcTimestamp=False)
    options = Options()
    options.hinting = False
    options.layout_features = ["kern"]
    options.name_IDs = []
    subsetter = Subsetter(options)
    subsetter.populate(text=letters)
    subsetter.subset(font)
    font.flavor = "woff2"
    buffer = io.BytesIO()
    font.save(buffer)
    return base64.b64encode(buffer.getvalue()).decode()


def embed(letters: str) -> str:
    """Return a style with the given letters of the site's typefaces."""
    unique = "".join(sorted(set(letters)))
    rules = "".join(
        f'@font-face{{font-family:"{family}";font-weight:{weight};'
        f"src:url(data:font/woff2;base64,{_subset(FONTS / name, unique)})}}"
        for family, weight, name in FACES
    )
    return f"<style>{rules}</style>"
