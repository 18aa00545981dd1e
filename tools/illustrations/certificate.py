"""The band of a printed certificate, and a preview with sample content."""

import re

from tools.illustrations import lettering, marks, palette, svg
from tools.illustrations.geometry import noise
from tools.illustrations.svg import Type, text
from tools.illustrations.tissue import Muscle

TAG = re.compile(r"<[^>]+>")
WIDTH, HEIGHT = 720, 510
BAND = (158, 612)
LEFT = 190
SMALL = Type(size=11, color=palette.MUTED)
BODY = Type(size=13, color=palette.MUTED)
FIELDS = (
    (0, "CE hours", "3.0"),
    (84, "Completed", "4 November 2026"),
    (226, "Delivery", "Home study, online"),
    (384, "Score", "90%"),
)


def _fibers() -> str:
    """Draw fibers of no muscle in particular, so that they fit every course."""
    bundle = Muscle(
        left=[(66, 640), (40, 500), (24, 318), (44, 130), (82, -30)],
        right=[(82, 640), (112, 500), (134, 318), (120, 130), (96, -30)],
        fibers=30,
        tendon=(0.16, 0.84),
        seed=3,
        thickness=1.1,
    )
    dots = marks.referral((78, 340), (30, 80), 70, seed=4)
    return (
        bundle.draw()
        + dots.replace(palette.MADDER_7, palette.SUN_LIGHT)
        + marks.trigger(80, 280, 7)
    )


def band() -> str:
    """Draw what stands on the petrol band of every certificate."""
    width, height = BAND
    return svg.document(width, height, svg.clip(_fibers(), 0, 0, width, height))


def _serif(size: float, color: str = palette.INK) -> Type:
    return Type(size=size, color=color, weight=600, family=svg.SERIF)


def _spine() -> str:
    art = marks.rings((60, 300), (60, 120, 180, 240, 300), palette.PETROL_7, 0.9)
    muscle = svg.group(_fibers(), "translate(-4 -36) scale(.95)")
    ground = f'<rect width="150" height="{HEIGHT}" fill="{palette.PETROL_9}"/>'
    return svg.clip(ground + art + muscle, 0, 0, 150, HEIGHT)


def _rule(y: float, width: float = 486) -> str:
    return svg.stroke(f"M{LEFT} {y:g}h{width:g}", palette.LINE, 1)


def _heading() -> str:
    return (
        text(LEFT, 66, "NAT Global Campus", _serif(15, palette.PETROL_8))
        + text(LEFT, 84, "Niel Asher Education", SMALL)
        + text(LEFT, 138, "Certificate of achievement", _serif(30))
        + text(LEFT, 172, "This certifies that", BODY)
        + text(LEFT, 210, "Sample Name, LMT", _serif(27, palette.PETROL_7))
        + _rule(222)
        + text(LEFT, 246, "completed the home-study course", BODY)
        + text(LEFT, 272, "Hip and thigh: assess, release, restore", _serif(18))
    )


def _fields() -> str:
    value = Type(size=13.5, color=palette.INK, weight=700)
    return "".join(
        text(LEFT + shift, 312, name, SMALL) + text(LEFT + shift, 331, content, value)
        for shift, name, content in FIELDS
    )


def _approvals() -> str:
    style = Type(size=12.5, color=palette.INK)
    return (
        _rule(352)
        + text(LEFT, 374, "Provider approvals for this course", SMALL)
        + text(LEFT, 392, "Listed here only when an approval was on record", style)
        + text(LEFT, 408, "and valid on the completion date.", style)
    )


def _code_pattern() -> str:
    """Draw a pattern that looks like a QR code and leads nowhere."""
    source = noise(2)
    size, eye = 21, 8
    data = ""
    for row in range(size):
        for column in range(size):
            low, high = min(row, size - 1 - row), min(column, size - 1 - column)
            corner = low < eye and high < eye and not (row > eye and column > eye)
            if source.random() < 0.48 and not corner:
                data += f"M{600 + row * 3} {416 + column * 3}h3v3h-3z"
    for x, y in ((600, 416), (642, 416), (600, 458)):
        data += f"M{x} {y}h21v21h-21zM{x + 3} {y + 3}v15h15v-15z"
        data += f"M{x + 6} {y + 6}h9v9h-9z"
    return f'<path d="{data}" fill="{palette.INK}" fill-rule="evenodd"/>'


def _signature() -> str:
    ink = "M190 446c14-20 22-26 26-14 2 8-4 18 4 14 10-6 12-20 20-14 6 6-4 16 8 12"
    ink += " 12-4 14-10 26-8"
    right = Type(size=11, color=palette.MUTED, anchor="end")
    code = Type(size=12.5, color=palette.INK, weight=700, anchor="end")
    return (
        svg.stroke(ink, palette.INK, 1.8)
        + _rule(456, 170)
        + text(LEFT, 473, "Sample signature", SMALL)
        + _code_pattern()
        + text(586, 440, "Verify", right)
        + text(586, 457, "NGC-SAMPLE", code)
        + text(586, 473, "campus.example/verify", right)
    )


def certificate() -> str:
    """Draw the preview with its letters embedded."""
    frame = (
        f'<rect x="14" y="14" width="{WIDTH - 28}" height="{HEIGHT - 28}" fill="none" '
        f'stroke="{palette.PETROL_3}"/>'
    )
    body = _spine() + frame + _heading() + _fields() + _approvals() + _signature()
    letters = TAG.sub("", body)
    return svg.document(
        WIDTH, HEIGHT, lettering.embed(letters) + body, ground=palette.WHITE
    )
