"""The marks of a plate: rings, trigger points, referral dots, numbered leaders."""

import math
from collections.abc import Sequence

from tools.illustrations import palette
from tools.illustrations.geometry import Point, noise, number
from tools.illustrations.svg import Type, circle, stroke, text


def rings(center: Point, radii: Sequence[float], color: str, opacity: float) -> str:
    """Draw the thin circles that every plate stands on."""
    return "".join(
        f'<circle cx="{center[0]:g}" cy="{center[1]:g}" r="{radius:g}" fill="none" '
        f'stroke="{color}" stroke-opacity="{opacity:g}" stroke-width="1.2"/>'
        for radius in radii
    )


def corners(width: float, height: float, margin: float, color: str) -> str:
    """Draw a small cross near each corner, as on an engraved plate."""
    data = "".join(
        f"M{x - 6:g} {y:g}h12M{x:g} {y - 6:g}v12"
        for x in (margin, width - margin)
        for y in (margin, height - margin)
    )
    return stroke(data, color, 1.2)


def trigger(x: float, y: float, radius: float = 8) -> str:
    """Mark a trigger point by a cross with a white edge."""
    r = number(radius)
    side = number(2 * radius)
    data = f"M{number(x - radius)} {number(y - radius)}l{side} {side}"
    data += f"M{number(x + radius)} {number(y - radius)}l-{side} {side}"
    scale = float(r) / 8
    return stroke(data, palette.WHITE, 7.5 * scale) + stroke(
        data, palette.INK, 3.6 * scale
    )


def referral(
    center: Point, size: Point, count: int, *, turn: float = 0, seed: int = 3
) -> str:
    """Stipple the place where pain is often felt."""
    source = noise(seed)
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    data = ""
    for _ in range(count):
        x, y = source.gauss(0, 0.42) * size[0], source.gauss(0, 0.42) * size[1]
        left = number(center[0] + x * cos - y * sin)
        top = number(center[1] + x * sin + y * cos)
        data += f"M{left} {top}h0"
    return stroke(data, palette.MADDER_7, 3, opacity=0.75)


def leader(label: int, start: Point, target: Point) -> str:
    """Draw a numbered disc and a line that ends on what it names."""
    data = f"M{start[0]:g} {start[1]:g}L{target[0]:g} {target[1]:g}"
    style = Type(size=17, color=palette.WHITE, weight=700, anchor="middle")
    return (
        stroke(data, palette.WHITE, 4.5, opacity=0.75)
        + stroke(data, palette.PETROL_8, 1.8)
        + circle(*target, 4, palette.PETROL_8)
        + circle(*start, 17.5, palette.WHITE)
        + circle(*start, 16, palette.PETROL_8)
        + text(start[0], start[1] + 6, str(label), style)
    )


def arrow(points: Sequence[Point], color: str = palette.PETROL_8) -> str:
    """Draw a curved arrow through three or four points, its head at the last."""
    end, before = points[-1], points[-2]
    curve = {3: "Q", 4: "C"}[len(points)]
    rest = " ".join(f"{number(x)} {number(y)}" for x, y in points[1:])
    body = f"M{number(points[0][0])} {number(points[0][1])}{curve}{rest}"
    angle = math.atan2(end[1] - before[1], end[0] - before[0])
    tips = [
        (end[0] - 15 * math.cos(angle + turn), end[1] - 15 * math.sin(angle + turn))
        for turn in (0.5, -0.5)
    ]
    head = "".join(
        f"M{number(x)} {number(y)}L{number(end[0])} {number(end[1])}" for x, y in tips
    )
    return stroke(body + head, color, 4.5)
