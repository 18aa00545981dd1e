"""Build the site's and the certificates' fonts from the fontsource packages.

Run `npm pack` for the three packages named in PACKAGES, then
`python -m tools.fonts <folder of the tarballs>`.
"""

import hashlib
import io
import json
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter, parse_unicodes
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

ROOT = Path(__file__).resolve().parent.parent
SITE_FONTS = ROOT / "static" / "vendor" / "fonts"
PRINT_FONTS = ROOT / "certification" / "fonts"
VENDOR_LIST = ROOT / "static" / "vendor" / "vendor.json"
LICENSE = "OFL-1.1"
LATIN = "U+0020-007E,U+00A0-00FF,U+0131,U+0152-0153,U+2010-2027,U+2030-203A,U+2044"
LATIN += ",U+20AC,U+2122,U+2190-2193,U+2212,U+2715,U+00D7"
LATIN_EXTENDED = "U+0100-0130,U+0132-0151,U+0154-017F,U+0218-021B,U+1E80-1E85,U+1E9E"
BOLD = 700
WEIGHT_NAMES = {400: "Regular", 600: "SemiBold", BOLD: "Bold"}


@dataclass(frozen=True)
class Family:
    """One typeface: where its files come from and what is made of them."""

    name: str
    package: str
    stem: str
    site_name: str
    print_name: str
    print_weights: tuple[int, ...]
    print_scripts: tuple[str, ...]


FAMILIES = (
    Family(
        name="Literata",
        package="@fontsource-variable/literata",
        stem="literata",
        site_name="literata",
        print_name="Literata",
        print_weights=(400, 600, 700),
        print_scripts=("latin", "latin-ext", "vietnamese", "greek", "cyrillic"),
    ),
    Family(
        name="Atkinson Hyperlegible Next",
        package="@fontsource-variable/atkinson-hyperlegible-next",
        stem="atkinson-hyperlegible-next",
        site_name="atkinson-next",
        print_name="AtkinsonHyperlegibleNext",
        print_weights=(400, 700),
        print_scripts=("latin", "latin-ext"),
    ),
)


class Package:
    """The files of one npm tarball."""

    def __init__(self, folder: Path, name: str) -> None:
        slug = name.removeprefix("@").replace("/", "-")
        (path,) = folder.glob(f"{slug}-[0-9]*.tgz")
        self.version = path.stem.removeprefix(f"{slug}-")
        with tarfile.open(path) as archive:
            self._files = {
                member.name.removeprefix("package/"): stream.read()
                for member in archive.getmembers()
                if (stream := archive.extractfile(member))
            }

    def font(self, stem: str, script: str) -> TTFont:
        data = self._files[f"files/{stem}-{script}-wght-normal.woff2"]
        return TTFont(io.BytesIO(data), recalcTimestamp=False)

    @property
    def license(self) -> bytes:
        return self._files["LICENSE"]


def site_font(source: TTFont, unicodes: str) -> TTFont:
    """Keep the given characters and the weights 400 to 700."""
    options = Options()
    options.layout_features = ["kern", "liga", "calt", "ccmp", "locl", "mark", "mkmk"]
    options.layout_features += ["lnum", "tnum", "pnum"]
    options.hinting = False
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=parse_unicodes(unicodes.replace("U+", "")))
    subsetter.subset(source)
    font = instantiateVariableFont(source, {"wght": (400, 400, 700)})
    font.flavor = "woff2"
    return font


def rename(font: TTFont, family: str, weight: int) -> None:
    """Write the names by which a PDF engine finds this weight of the family."""
    style = WEIGHT_NAMES[weight]
    linked = weight in {400, 700}
    names = font["name"]
    texts = {
        1: family if linked else f"{family} {style}",
        2: style if linked else "Regular",
        4: f"{family} {style}",
        6: f"{family.replace(' ', '')}-{style}",
    }
    if not linked:
        texts |= {16: family, 17: style}
    for name_id in (1, 2, 3, 4, 6, 16, 17, 21, 22, 25):
        names.removeNames(nameID=name_id)
    for name_id, text in texts.items():
        names.setName(text, name_id, 3, 1, 0x409)
    names.setName(f"{texts[6]} {LICENSE}", 3, 3, 1, 0x409)
    bold = weight >= BOLD
    font["OS/2"].usWeightClass = weight
    font["OS/2"].fsSelection = 0x20 if bold else 0x40
    font["head"].macStyle = 1 if bold else 0


def print_font(package: Package, family: Family, weight: int, scratch: Path) -> TTFont:
    """Join every script of the family into one static font."""
    parts = []
    for script in family.print_scripts:
        font = instantiateVariableFont(
            package.font(family.stem, script), {"wght": weight}
        )
        font.flavor = None
        for table in ("STAT", "fvar", "avar", "MVAR", "HVAR", "gasp", "prep", "DSIG"):
            if table in font:
                del font[table]
        path = scratch / f"{family.stem}-{script}-{weight}.ttf"
        font.save(path)
        parts.append(str(path))
    merged = Merger().merge(parts)
    rename(merged, family.name, weight)
    for part in parts:
        Path(part).unlink()
    return merged


def vendor_entry(path: Path, family: Family, package: Package) -> dict[str, str]:
    return {
        "file": path.relative_to(VENDOR_LIST.parent).as_posix(),
        "package": family.package,
        "version": package.version,
        "license": LICENSE,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }


def build(folder: Path) -> None:
    """Write all fonts, their licenses and their lines of the vendor list."""
    SITE_FONTS.mkdir(parents=True, exist_ok=True)
    PRINT_FONTS.mkdir(parents=True, exist_ok=True)
    entries = []
    for family in FAMILIES:
        package = Package(folder, family.package)
        targets = {
            SITE_FONTS / f"{family.site_name}.woff2": ("latin", LATIN),
            SITE_FONTS / f"{family.site_name}-ext.woff2": ("latin-ext", LATIN_EXTENDED),
        }
        for path, (script, unicodes) in targets.items():
            site_font(package.font(family.stem, script), unicodes).save(path)
            entries.append(vendor_entry(path, family, package))
        license_path = SITE_FONTS / f"{family.site_name}-OFL.txt"
        license_path.write_bytes(package.license)
        entries.append(vendor_entry(license_path, family, package))
        (PRINT_FONTS / f"{family.print_name}-OFL.txt").write_bytes(package.license)
        for weight in family.print_weights:
            name = f"{family.print_name}-{WEIGHT_NAMES[weight]}.ttf"
            print_font(package, family, weight, PRINT_FONTS).save(PRINT_FONTS / name)
    others = [
        entry for entry in read_vendor_list() if not entry["file"].startswith("fonts/")
    ]
    VENDOR_LIST.write_text(json.dumps(others + entries, indent=2) + "\n")


def read_vendor_list() -> list[dict[str, str]]:
    """Return the files recorded so far, those of other packages included."""
    if not VENDOR_LIST.exists():
        return []
    entries: list[dict[str, str]] = json.loads(VENDOR_LIST.read_text())
    return entries


if __name__ == "__main__":
    build(Path(sys.argv[1]))
