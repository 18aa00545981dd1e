"""The mannequin of the technique figures: tapered limbs, a head and props."""

import math
from collections.abc import Sequence
from itertools import pairwise

from tools.illustrations import marks, palette, svg
from tools.illustrations.geometry import Point, mix, number, sample
from tools.illustrations.tissue import Muscle

WIDTH, HEIGHT = 640, 420
FLOOR = 388.0
TRUNK, THIGH, SHIN, UPPER_ARM, FOREARM = 104.0, 98.0, 92.0, 62.0, 60.0

Ring = tuple[float, float, float]


def _capsule(a: Ring, b: Ring) -> str:
    """Return the outline of two circles and their outer tangents, clockwise."""
    distance = math.hypot(b[0] - a[0], b[1] - a[1])
    if distance <= abs(a[2] - b[2]):
        return ""
    heading = math.atan2(b[1] - a[1], b[0] - a[0])
    spread = math.acos((a[2] - b[2]) / distance)
    corners = [
        (
            ring[0] + ring[2] * math.cos(heading + turn),
            ring[1] + ring[2] * math.sin(heading + turn),
        )
        for ring, turn in ((a, -spread), (b, -spread), (b, spread), (a, spread))
    ]
    points = [f"{number(x)} {number(y)}" for x, y in corners]
    far_b = int(spread > math.pi / 2)
    far_a = int(spread < math.pi / 2)
    return (
        f"M{points[0]}L{points[1]}"
        f"A{number(b[2])} {number(b[2])} 0 {far_b} 1 {points[2]}"
        f"L{points[3]}A{number(a[2])} {number(a[2])} 0 {far_a} 1 {points[0]}Z"
    )


def limb(rings: Sequence[Ring], color: str) -> str:
    """Draw a chain of tapered capsules."""
    data = "".join(_capsule(a, b) for a, b in pairwise(rings))
    return svg.fill(data, color)


def bent(rings: Sequence[Ring], color: str) -> str:
    """Draw a limb that curves smoothly through its rings."""
    count = 4 * len(rings)
    path = [(x, y) for x, y, _ in rings]
    sizes = [(float(i), r) for i, (_, _, r) in enumerate(rings)]
    samples = [
        (*sample(path, i / count), sample(sizes, i / count)[1])
        for i in range(count + 1)
    ]
    return limb(samples, color)


def leg(hip: Point, knee: Point, ankle: Point, toe: Point, color: str) -> str:
    """Draw thigh, calf and foot."""
    calf = mix(knee, ankle, 0.3)
    thigh = mix(hip, knee, 0.35)
    return limb(
        [
            (*hip, 22),
            (*thigh, 21),
            (*knee, 14.5),
            (*calf, 15),
            (*ankle, 8),
        ],
        color,
    ) + limb([(*ankle, 8.5), (*toe, 5.5)], color)


def arm(shoulder: Point, elbow: Point, wrist: Point, color: str) -> str:
    hand = mix(elbow, wrist, 1.2)
    return limb(
        [
            (*shoulder, 14),
            (*elbow, 9.5),
            (*mix(elbow, wrist, 0.25), 10),
            (*wrist, 6.5),
            (*hand, 7.5),
        ],
        color,
    )


def trunk(hip: Point, shoulder: Point, color: str, bow: float = 0) -> str:
    """Draw pelvis, waist and chest; the bow bends the back to one side."""
    dx, dy = shoulder[0] - hip[0], shoulder[1] - hip[1]
    length = math.hypot(dx, dy)
    side = (-dy / length * bow, dx / length * bow)

    def at(share: float, bend: float) -> Point:
        x, y = mix(hip, shoulder, share)
        return (x + side[0] * bend, y + side[1] * bend)

    return bent(
        [
            (*hip, 25),
            (*at(0.4, 0.8), 22),
            (*at(0.78, 0.8), 26),
            (*shoulder, 19),
        ],
        color,
    )


def head(neck: Point, angle: float, facing: int) -> str:
    """Draw neck, head and hair; the angle points from neck to crown, in degrees."""
    turn = math.radians(angle)
    center = (neck[0] + 46 * math.cos(turn), neck[1] + 46 * math.sin(turn))
    neck_shape = limb([(*neck, 12), (*mix(neck, center, 0.7), 10)], palette.NEAR)
    face = (
        f'<ellipse rx="27" ry="22" fill="{palette.NEAR}"/>'
        f'<ellipse cx="-5" cy="{facing * 19}" rx="5" ry="4" fill="{palette.NEAR}"/>'
    )
    hair = (
        f'<path d="M-16 {-facing * 19}A27 23 0 0 {int(facing > 0)} 22 {facing * 14}'
        f"C10 {facing * 8} 4 {-facing * 2} 0 {-facing * 4}"
        f'C-6 {-facing * 6} -12 {-facing * 12} -16 {-facing * 19}Z" fill="{palette.HAIR}"/>'
        f'<circle cx="7" cy="{-facing * 26}" r="9" fill="{palette.HAIR}"/>'
    )
    place = (
        f"translate({number(center[0])} {number(center[1])}) rotate({number(angle)})"
    )
    return neck_shape + svg.group(face + hair, place)


def target(a: Point, b: Point, half: float, seed: int = 2) -> str:
    """Draw the muscle that the technique is for, between two points."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = math.hypot(dx, dy)
    nx, ny = -dy / length * half, dx / length * half
    profile = ((0, 0.12), (0.2, 0.75), (0.5, 1), (0.8, 0.7), (1, 0.12))
    return Muscle(
        left=[(a[0] + dx * t + nx * k, a[1] + dy * t + ny * k) for t, k in profile],
        right=[(a[0] + dx * t - nx * k, a[1] + dy * t - ny * k) for t, k in profile],
        fibers=9,
        seed=seed,
        thickness=1.2,
    ).draw()


def ball(center: Point, radius: float = 15) -> str:
    x, y = center
    shine = (
        f'<circle cx="{x - 5:g}" cy="{y - 5:g}" r="3.5" fill="{palette.SUN_LIGHT}"/>'
    )
    return (
        svg.circle(x, y, radius + 2.5, palette.INK)
        + svg.circle(x, y, radius, palette.SUN)
        + shine
    )


def bench(left: float, right: float, top: float) -> str:
    """Draw a bench that stands on the floor."""
    legs = f"M{left + 16:g} {top:g}V{FLOOR:g}M{right - 16:g} {top:g}V{FLOOR:g}"
    seat = f"M{left:g} {top:g}H{right:g}"
    return svg.stroke(legs, palette.INK, 9) + svg.stroke(seat, palette.PETROL_3, 16)


def counter(left: float, right: float, top: float) -> str:
    """Draw a counter that stands on the floor, its top at hip height."""
    side = (
        f'<rect x="{left:g}" y="{top:g}" width="{right - left - 14:g}" '
        f'height="{FLOOR - top:g}" fill="{palette.PETROL_2}"/>'
    )
    return side + svg.stroke(f"M{left:g} {top:g}H{right:g}", palette.PETROL_3, 16)


def wall(x: float) -> str:
    edge = f"M{x:g} 40V{FLOOR:g}"
    return (
        f'<rect x="{x:g}" y="40" width="34" height="{FLOOR - 40:g}" '
        f'fill="{palette.PETROL_2}"/>' + svg.stroke(edge, palette.PETROL_5, 4)
    )


def stage(body: str, *, floor: bool = True, center: Point = (320, 220)) -> str:
    """Put a figure on the pale ground of a technique card."""
    ground = svg.stroke(f"M40 {FLOOR + 4:g}H600", palette.PETROL_3, 3) if floor else ""
    return svg.document(
        WIDTH,
        HEIGHT,
        marks.rings(center, (150, 220), palette.PETROL_2, 0.6) + ground + body,
        ground=palette.MIST,
    )
