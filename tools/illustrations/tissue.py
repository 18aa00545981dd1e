"""Muscle, bone and skin: the three materials of a plate."""

import math
from dataclasses import dataclass, field

from tools.illustrations import palette
from tools.illustrations.geometry import (
    Curve,
    Point,
    mirror,
    mix,
    noise,
    resample,
    sample,
    smooth,
)
from tools.illustrations.svg import fill, gradient, stroke

DEEP = (palette.MADDER_7, palette.MADDER_6)
BELLY = (palette.MADDER_6, palette.MADDER_5)
PALE = (palette.MADDER_5, palette.MADDER_4)
GHOST = (palette.MADDER_4, palette.MADDER_3)
STEPS = 9


@dataclass(frozen=True)
class Muscle:
    """A belly of fibers between two edges that run from origin to insertion.

    `origin` and `insertion` are points between the two edges at each end, in the
    order from left to right, for muscles that fan out.
    """

    left: Curve
    right: Curve
    fibers: int = 20
    tendon: tuple[float, float] = (0.1, 0.9)
    tone: tuple[str, str] = BELLY
    seed: int = 1
    thickness: float = 1.5
    origin: Curve = field(default=())
    insertion: Curve = field(default=())

    def mirrored(self, axis: float, tone: tuple[str, str], seed: int) -> "Muscle":
        """Return the same muscle of the other side of the body."""
        return Muscle(
            left=mirror(self.left, axis),
            right=mirror(self.right, axis),
            fibers=self.fibers,
            tendon=self.tendon,
            tone=tone,
            seed=seed,
            thickness=self.thickness,
            origin=mirror(self.origin, axis),
            insertion=mirror(self.insertion, axis),
        )

    def at(self, across: float, along: float) -> Point:
        """Return a point of the surface that its four edges span."""
        base = mix(sample(self.left, along), sample(self.right, along), across)
        shift_x = shift_y = 0.0
        for edge, ends, weight in (
            (self.origin, (self.left[0], self.right[0]), 1 - along),
            (self.insertion, (self.left[-1], self.right[-1]), along),
        ):
            if edge:
                curved = sample([ends[0], *edge, ends[1]], across)
                straight = mix(*ends, across)
                shift_x += weight * (curved[0] - straight[0])
                shift_y += weight * (curved[1] - straight[1])
        return (base[0] + shift_x, base[1] + shift_y)

    @property
    def outline(self) -> str:
        left, right = resample(self.left, STEPS), resample(self.right, STEPS)
        points = [*left, *self.insertion, *reversed(right), *reversed(self.origin)]
        return smooth(points, close=True)

    def draw(self) -> str:
        """Return the belly, its round shade and its fibers."""
        start, end = self.at(0.5, 0), self.at(0.5, 1)
        body_def, body = gradient(start, end, self._body_stops())
        shade_def, shade = gradient(
            self.at(0, 0.5),
            self.at(1, 0.5),
            [
                (0, palette.MADDER_8, 0.42),
                (0.3, palette.MADDER_8, 0),
                (0.72, palette.MADDER_8, 0),
                (1, palette.MADDER_8, 0.5),
            ],
        )
        sheen_def, sheen = gradient(
            start,
            end,
            [
                (0, palette.PEARL, 1),
                (self.tendon[0] * 1.4, palette.PEARL, 0),
                (1 - (1 - self.tendon[1]) * 1.4, palette.PEARL, 0),
                (1, palette.PEARL, 1),
            ],
        )
        edge_def, edge = gradient(start, end, self._line_stops(palette.MADDER_8, 0.4))
        outline = self.outline
        return (
            f"<defs>{body_def}{shade_def}{sheen_def}{edge_def}</defs>"
            + fill(outline, body)
            + fill(outline, shade, opacity=0.7)
            + fill(outline, sheen, opacity=0.6)
            + stroke(outline, edge, 1)
            + self._fibers(start, end)
        )

    def _body_stops(self) -> list[tuple[float, str, float]]:
        first, last = self.tendon
        belly = last - first
        dark, light = self.tone
        return [
            (0, palette.PEARL, 1),
            (first, palette.MADDER_3, 1),
            (first + belly / 5, light, 1),
            (first + belly / 2, dark, 1),
            (last - belly / 5, light, 1),
            (last, palette.MADDER_3, 1),
            (1, palette.PEARL, 1),
        ]

    def _line_stops(self, color: str, opacity: float) -> list[tuple[float, str, float]]:
        first, last = self.tendon
        return [
            (0, palette.BONE_LINE, opacity),
            (first, palette.MADDER_6, opacity),
            ((first + last) / 2, color, opacity),
            (last, palette.MADDER_6, opacity),
            (1, palette.BONE_LINE, opacity),
        ]

    def _fibers(self, start: Point, end: Point) -> str:
        source = noise(self.seed)
        dark = light = ""
        for k in range(1, self.fibers):
            # A cosine crowds the fibers towards the edges, which reads as roundness.
            place = 0.5 - 0.46 * math.cos(math.pi * k / self.fibers)
            drift = (source.random() - 0.5) * 0.018
            points = [
                self.at(place + drift * math.sin(i * 1.7 + k), i / (STEPS - 1))
                for i in range(STEPS)
            ]
            if source.random() < 0.34 and 0.2 < k / self.fibers < 0.7:
                light += smooth(points)
                continue
            if source.random() < 0.3:
                points = points[source.randint(0, 2) : STEPS - source.randint(0, 2)]
            dark += smooth(points)
        dark_def, dark_paint = gradient(
            start, end, self._line_stops(palette.MADDER_8, 0.55)
        )
        light_def, light_paint = gradient(
            start,
            end,
            [(0, "#fff", 0.9), (0.5, palette.MADDER_2, 0.6), (1, "#fff", 0.9)],
        )
        return (
            f"<defs>{dark_def}{light_def}</defs>"
            + stroke(dark, dark_paint, self.thickness)
            + stroke(light, light_paint, self.thickness, opacity=0.75)
        )


def bone(data: str, *, opacity: float = 1) -> str:
    """Draw one bone with its soft edge."""
    return (
        f'<path d="{data}" fill="{palette.BONE}" stroke="{palette.BONE_LINE}" '
        f'stroke-width="1.8" stroke-linejoin="round" opacity="{opacity:g}"/>'
    )


def bone_shape(points: Curve, *, opacity: float = 1) -> str:
    return bone(smooth(points, close=True), opacity=opacity)


def skin(*edges: Curve) -> str:
    """Draw the silhouette between edges, walked around in order."""
    data = "".join(
        smooth(edge) if not i else "L" + smooth(edge)[1:]
        for i, edge in enumerate(edges)
    )
    return fill(data + "Z", palette.PETROL_1)


def skin_line(points: Curve, *, dashed: bool = False) -> str:
    extra = ' stroke-dasharray="1 6"' if dashed else ""
    return (
        f'<path d="{smooth(points)}" fill="none" stroke="{palette.PETROL_3}" '
        f'stroke-width="2" stroke-linecap="round"{extra}/>'
    )
