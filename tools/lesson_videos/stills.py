"""Draw the stills of a clip."""

from collections.abc import Iterator

from tools.illustrations import marks, palette, svg
from tools.illustrations.catalog import FIGURES, SCENES
from tools.lesson_videos.script import Clip, Scene

WIDTH, HEIGHT = 1280, 720
LEFT = 84
PLATES = {f"plate-{scene.name}": scene for scene in (draw() for draw in SCENES)}
HEADING = svg.Type(size=56, color=palette.WHITE, weight=600, family=svg.SERIF)
LINE = svg.Type(size=30, color=palette.PETROL_2)
SMALL = svg.Type(size=20, color=palette.PETROL_3)


def _plate(name: str) -> str:
    scene = PLATES[name]
    return svg.clip(
        svg.group(scene.soft_body() + scene.triggers, "translate(616 0) scale(1.09)"),
        616,
        0,
        WIDTH - 616,
        HEIGHT,
    )


def _panel(name: str) -> str:
    """Show a technique figure on a rounded light panel."""
    x, y, width, height = 628, 140, 592, 388.5
    shape = f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="20"/>'
    mask = svg.identifier(shape + name)
    drawing = FIGURES[name.removeprefix("figure-")]()
    placed = svg.group(drawing, f"translate({x} {y}) scale({width / 640:g})")
    return f'<clipPath id="{mask}">{shape}</clipPath><g clip-path="url(#{mask})">{placed}</g>'


def _dots(current: int, count: int) -> str:
    """Show how far the clip is, one dot for each scene."""
    return "".join(
        svg.circle(
            LEFT + 7 + index * 24,
            604,
            7 if index == current else 5,
            palette.SUN if index == current else palette.PETROL_5,
        )
        for index in range(count)
    )


def still(clip: Clip, scene: Scene, index: int) -> str:
    """Draw one scene: heading at the left, art at the right."""
    art = _plate if scene.art.startswith("plate-") else _panel
    top = 300 - 68 * len(scene.heading)
    words = "".join(
        svg.text(LEFT, top + 66 + row * 68, line, HEADING)
        for row, line in enumerate(scene.heading)
    )
    words += "".join(
        svg.text(LEFT, 372 + row * 44, line, LINE)
        for row, line in enumerate(scene.lines)
    )
    return svg.document(
        WIDTH,
        HEIGHT,
        marks.rings((920, 340), (140, 240, 340, 440, 540), palette.PETROL_7, 0.9)
        + marks.corners(WIDTH, HEIGHT, 40, palette.PETROL_5)
        + art(scene.art)
        + f'<rect x="{LEFT}" y="{top - 26}" width="64" height="8" rx="4" '
        f'fill="{palette.SUN}"/>'
        + words
        + _dots(index, len(clip.scenes))
        + svg.text(LEFT, 650, f"Sample lesson · {clip.title}", SMALL),
        ground=palette.PETROL_9,
    )


def stills(clip: Clip) -> Iterator[str]:
    for index, scene in enumerate(clip.scenes):
        yield still(clip, scene, index)
