"""Turn drawings into pictures by Debian's Chromium."""

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
QUALITIES = (86, 78, 70, 62, 54, 46)
FACES = {"Literata": "literata", "Atkinson Next": "atkinson-next"}


def _shell() -> str:
    faces = "".join(
        f'@font-face{{font-family:"{family}";font-weight:400 700;'
        f'src:url("{(ROOT / "static/vendor/fonts" / f"{stem}.woff2").as_uri()}")}}'
        for family, stem in FACES.items()
    )
    warm_up = "".join(f'<i style="font-family:{family!r}">.</i>' for family in FACES)
    style = f"{faces}html,body{{margin:0;background:transparent}}svg{{display:block}}"
    return f"<!doctype html><style>{style}</style><main></main>{warm_up}"


class Studio:
    """An open browser page that photographs one drawing after the other."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def picture(self, drawing: str, width: int, height: int) -> Image.Image:
        """Return the drawing scaled to the given size, transparency kept."""
        self._page.set_viewport_size({"width": width, "height": height})
        self._page.evaluate(
            """([markup, width, height]) => {
                const main = document.querySelector("main");
                main.innerHTML = markup;
                main.firstElementChild.setAttribute("width", width);
                main.firstElementChild.setAttribute("height", height);
                return document.fonts.ready;
            }""",
            [drawing, width, height],
        )
        data = self._page.screenshot(omit_background=True)
        return Image.open(io.BytesIO(data)).convert("RGBA")


@contextmanager
def studio() -> Iterator[Studio]:
    """Open Chromium with the site's fonts loaded."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        shell = Path(folder) / "shell.html"
        shell.write_text(_shell())
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(ARGUMENTS)
        )
        page = browser.new_page()
        page.goto(shell.as_uri())
        yield Studio(page)
        browser.close()


def webp(image: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=quality, alpha_quality=40, method=6)
    return buffer.getvalue()


def save_webp(picture: Image.Image, path: Path, limit: int) -> None:
    """Save at the best quality whose file stays below the limit in bytes."""
    opaque = picture.getchannel("A").getextrema() == (255, 255)
    image = picture.convert("RGB") if opaque else picture
    data = webp(image, QUALITIES[0])
    for quality in QUALITIES[1:]:
        if len(data) <= limit:
            break
        data = webp(image, quality)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
