"""Write all pictures: SVG for site and certificate, WebP for the demo content."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.illustrations import cards, certificate, covers, site
from tools.illustrations.catalog import FIGURES, SCENES
from tools.illustrations.raster import ROOT, save_webp, studio

SITE = ROOT / "static" / "img"
BAND = ROOT / "certification" / "typst" / "band.svg"
DEMO = ROOT / "natcampus" / "demo" / "media" / "images"
LIMIT = 60_000
logger = logging.getLogger("illustrations")


@dataclass(frozen=True)
class Job:
    """One picture to photograph."""

    path: Path
    drawing: str
    width: int
    height: int


def vector_files() -> dict[Path, str]:
    drawings = site.drawings() | {"certificate": certificate.certificate()}
    files = {SITE / f"{name}.svg": drawing for name, drawing in drawings.items()}
    return files | {BAND: certificate.band()}


def demo_jobs() -> Iterator[Job]:
    for draw in SCENES:
        scene = draw()
        yield Job(DEMO / f"plate-{scene.name}.webp", scene.plate(), 980, 1155)
        yield Job(DEMO / f"thumb-{scene.name}.webp", scene.card(), 1200, 750)
    for name, figure in FIGURES.items():
        yield Job(DEMO / f"figure-{name}.webp", figure(), 1280, 840)
    for card in cards.CARDS:
        yield Job(DEMO / f"thumb-{card.name}.webp", card.draw(), 1200, 750)
    for cover in covers.COVERS:
        yield Job(DEMO / f"guide-{cover.slug}.webp", cover.draw(), 900, 1200)


def main() -> None:
    SITE.mkdir(parents=True, exist_ok=True)
    for path, drawing in vector_files().items():
        path.write_text(drawing + "\n")
        logger.info("%s %d bytes", path.name, path.stat().st_size)
    with studio() as camera:
        for job in demo_jobs():
            save_webp(
                camera.picture(job.drawing, job.width, job.height), job.path, LIMIT
            )
            logger.info("%s %d bytes", job.path.name, job.path.stat().st_size)
        picture = camera.picture(site.social(), *site.SOCIAL_SIZE).convert("RGB")
        picture.quantize(192).save(SITE / "social.png", optimize=True)
        icon = camera.picture(site.brand(), 180, 180)
        icon.quantize(64).save(SITE / "apple-touch-icon.png", optimize=True)


if __name__ == "__main__":
    logging.basicConfig(format="%(message)s")
    logger.setLevel(logging.INFO)
    main()
