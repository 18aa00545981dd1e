"""Curves through points, and the numbers of a path."""

import math
import random
from collections.abc import Sequence

Point = tuple[float, float]
Curve = Sequence[Point]


def number(value: float) -> str:
    """Write one decimal, without a trailing zero."""
    return f"{value:.1f}".removesuffix(".0")


def noise(seed: int) -> random.Random:
    """Return a generator that repeats itself, so drawings do not change."""
    return random.Random(seed)


def mix(a: Point, b: Point, share: float) -> Point:
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)


def polar(start: Point, degrees: float, length: float) -> Point:
    """Walk from a point; 0 degrees is right and 90 is down."""
    angle = math.radians(degrees)
    return (start[0] + math.cos(angle) * length, start[1] + math.sin(angle) * length)


def reach(start: Point, *moves: tuple[float, float]) -> list[Point]:
    """Return the joints passed when walking (degrees, length) after each other."""
    points = [start]
    for degrees, length in moves:
        points.append(polar(points[-1], degrees, length))
    return points


def mirror(points: Curve, axis: float) -> list[Point]:
    return [(2 * axis - x, y) for x, y in points]


def _blend(stops: tuple[float, float, float, float], t: float) -> float:
    before, start, end, after = stops
    return 0.5 * (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t * t
        + (3 * start - before - 3 * end + after) * t**3
    )


def sample(points: Curve, share: float) -> Point:
    """Return the point at a share of the curve that passes through all points."""
    padded = [points[0], *points, points[-1]]
    spans = len(points) - 1
    place = share * spans
    index = min(int(place), spans - 1)
    before, start, end, after = padded[index : index + 4]
    t = place - index
    return (
        _blend((before[0], start[0], end[0], after[0]), t),
        _blend((before[1], start[1], end[1], after[1]), t),
    )


def resample(points: Curve, count: int) -> list[Point]:
    return [sample(points, i / (count - 1)) for i in range(count)]


def smooth(points: Curve, *, close: bool = False) -> str:
    """Return path data of a smooth curve through the points."""
    count = len(points)
    data = f"M{number(points[0][0])} {number(points[0][1])}"
    for i in range(count - 1 + close):
        a, b = points[i % count], points[(i + 1) % count]
        before = points[i - 1] if i or close else a
        after = points[(i + 2) % count] if i + 2 < count or close else b
        numbers = (
            a[0] + (b[0] - before[0]) / 6,
            a[1] + (b[1] - before[1]) / 6,
            b[0] - (after[0] - a[0]) / 6,
            b[1] - (after[1] - a[1]) / 6,
            *b,
        )
        data += "C" + " ".join(number(value) for value in numbers)
    return data + ("Z" if close else "")
