"""Covers of the guides."""

from collections.abc import Callable
from dataclasses import dataclass

from tools.illustrations import marks, palette, svg
from tools.illustrations.plates_arm import forearm_extensors
from tools.illustrations.plates_hip import quadratus_lumborum
from tools.illustrations.plates_leg import hamstrings
from tools.illustrations.plates_neck import trapezius
from tools.illustrations.scene import Scene

WIDTH, HEIGHT = 600, 800


@dataclass(frozen=True)
class Cover:
    """What one guide shows before it is opened."""

    slug: str
    lines: tuple[str, ...]
    scene: Callable[[], Scene]
    place: str

    def draw(self) -> str:
        title = svg.Type(size=50, color=palette.WHITE, weight=600, family=svg.SERIF)
        foot = svg.Type(size=25, color=palette.PETROL_2)
        scene = self.scene()
        art = svg.group(scene.body + scene.triggers, self.place)
        words = "".join(
            svg.text(44, 124 + index * 58, line, title)
            for index, line in enumerate(self.lines)
        )
        shade, paint = svg.gradient(
            (0, 180),
            (0, 330),
            [
                (0, palette.PETROL_8, 1),
                (0.25, palette.PETROL_8, 1),
                (1, palette.PETROL_8, 0),
            ],
        )
        return svg.document(
            WIDTH,
            HEIGHT,
            marks.rings((380, 460), (120, 220, 320, 420), palette.PETROL_5, 0.6)
            + svg.clip(art, 0, 0, WIDTH, HEIGHT)
            + f'<defs>{shade}</defs><rect width="{WIDTH}" height="330" fill="{paint}"/>'
            + f'<rect y="716" width="{WIDTH}" height="84" fill="{palette.PETROL_9}"/>'
            + f'<rect x="44" y="48" width="60" height="9" rx="4.5" fill="{palette.SUN}"/>'
            + words
            + svg.text(44, 767, "NAT Global Campus · printable PDF", foot),
            ground=palette.PETROL_8,
        )


COVERS = (
    Cover(
        slug="hip-and-thigh",
        lines=("Hip and thigh", "stretch guide"),
        scene=hamstrings,
        place="translate(60 136) scale(.94)",
    ),
    Cover(
        slug="low-back",
        lines=("Low back", "guide"),
        scene=quadratus_lumborum,
        place="translate(6 206) scale(1.04)",
    ),
    Cover(
        slug="neck-and-shoulder",
        lines=("Neck and shoulder", "guide"),
        scene=trapezius,
        place="translate(-8 214) scale(1.1)",
    ),
    Cover(
        slug="therapist-self-care",
        lines=("Therapist", "self-care guide"),
        scene=forearm_extensors,
        place="translate(-4 190) scale(1.06)",
    ),
)
