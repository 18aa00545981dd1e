"""Figures of a working day: sitting at a desk, climbing a step, pulling a band."""

from tools.illustrations import figure, palette
from tools.illustrations.figure import arm, head, leg, stage
from tools.illustrations.marks import arrow
from tools.illustrations.svg import stroke

FAR, MID, NEAR, TORSO = palette.FAR, palette.MID, palette.NEAR, palette.TORSO


def _chair() -> str:
    """Draw a chair from the side, its back at the left."""
    frame = f"M226 292V370M176 {figure.FLOOR:g}L226 362L276 {figure.FLOOR:g}"
    return stroke(frame, palette.INK, 8) + stroke(
        "M170 154Q158 220 180 288H292", palette.PETROL_3, 16
    )


def _desk() -> str:
    """Draw a desk with a screen on it, seen from the side."""
    screen = stroke("M520 240V196", palette.INK, 8) + stroke(
        "M506 98L514 204", palette.PETROL_8, 12
    )
    keyboard = stroke("M386 228H428", palette.PETROL_8, 6)
    legs = f"M556 240V{figure.FLOOR:g}"
    top = stroke("M336 240H584", palette.PETROL_3, 14)
    return stroke(legs, palette.INK, 9) + screen + top + keyboard


def desk() -> str:
    """Sit with the forearms on the desk and the screen at arm's length."""
    hip = (230, 254)
    return stage(
        _chair()
        + leg((236, 256), (336, 270), (338, 364), (374, 381), FAR)
        + arm((240, 152), (292, 202), (368, 218), FAR)
        + leg(hip, (328, 276), (316, 368), (352, 383), NEAR)
        + _desk()
        + figure.trunk(hip, (230, 146), TORSO, -6)
        + head((232, 138), -82, 1)
        + figure.target((234, 116), (226, 162), 9, 6)
        + arm((230, 156), (280, 208), (362, 222), MID)
        + arrow([(150, 132), (122, 92), (152, 60)])
    )


def step_up() -> str:
    """Climb one step and let the leg above do the work."""
    hip = (292, 190)
    step = (
        f'<rect x="322" y="318" width="190" height="{figure.FLOOR - 318:g}" '
        f'fill="{palette.PETROL_2}"/>'
    )
    return stage(
        step
        + stroke("M322 318H512", palette.PETROL_3, 12)
        + leg((286, 192), (270, 284), (222, 362), (250, 384), FAR)
        + arm((318, 104), (286, 156), (244, 182), FAR)
        + leg(hip, (380, 218), (360, 300), (394, 311), NEAR)
        + figure.trunk(hip, (322, 94), TORSO, -6)
        + head((326, 86), -74, 1)
        + figure.target((310, 184), (368, 204), 11, 5)
        + arm((324, 108), (362, 152), (410, 130), MID)
        + arrow([(470, 246), (486, 200), (474, 152)])
    )


def band_row() -> str:
    """Stand and pull a band toward the waist."""
    hip = (250, 212)
    return stage(
        figure.wall(540)
        + leg((244, 214), (232, 300), (216, 372), (250, 383), FAR)
        + leg(hip, (282, 298), (276, 374), (310, 383), NEAR)
        + figure.trunk(hip, (246, 110), TORSO, -4)
        + head((248, 102), -84, 1)
        + stroke("M306 172L540 160", palette.SUN, 6)
        + arm((242, 122), (222, 180), (290, 174), MID)
        + figure.target((250, 114), (231, 158), 9, 8)
        + arrow([(400, 118), (352, 108), (304, 122)])
    )


FIGURES = (desk, step_up, band_row)
