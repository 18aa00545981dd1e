"""Figures of the treatment room: what is watched there and what hands do."""

from tools.illustrations import figure, palette
from tools.illustrations.figure import arm, bench, head, leg, limb, stage
from tools.illustrations.marks import arrow
from tools.illustrations.svg import stroke

FAR, MID, NEAR, TORSO = palette.FAR, palette.MID, palette.NEAR, palette.TORSO


def single_leg_stance() -> str:
    """Stand on one leg with the fingertips on a wall."""
    hip = (318, 198)
    return stage(
        figure.wall(430)
        + leg((324, 200), (342, 284), (270, 330), (250, 354), FAR)
        + arm((330, 112), (346, 164), (340, 214), FAR)
        + leg(hip, (324, 288), (318, 374), (350, 383), NEAR)
        + figure.trunk(hip, (324, 98), TORSO, -3)
        + head((326, 90), -86, 1)
        + figure.target((312, 172), (326, 230), 11, 4)
        + arm((324, 112), (366, 152), (414, 132), MID)
        + arrow([(226, 372), (208, 340), (218, 306)])
    )


def sit_to_stand() -> str:
    """Rise from a bench without the help of the hands."""
    hip = (256, 230)
    return stage(
        bench(130, 286, 282)
        + leg((262, 230), (354, 262), (344, 372), (378, 382), FAR)
        + arm((326, 152), (384, 178), (434, 166), FAR)
        + leg(hip, (344, 266), (330, 372), (364, 382), NEAR)
        + figure.target((276, 228), (336, 252), 11, 6)
        + figure.trunk(hip, (316, 142), TORSO, -6)
        + head((322, 134), -60, 1)
        + arm((316, 156), (372, 190), (422, 180), MID)
        + arrow([(438, 126), (452, 92), (444, 54)])
    )


def forearm_lean() -> str:
    """Lean on the back of a client's thigh with the flat of the forearm."""
    table = stroke(
        f"M112 286V{figure.FLOOR:g}M528 286V{figure.FLOOR:g}", palette.INK, 9
    ) + stroke("M64 278H576", palette.PETROL_3, 18)
    client = (
        limb([(92, 254, 8), (196, 250, 14), (330, 238, 25)], FAR)
        + limb([(330, 238, 25), (380, 246, 20), (450, 242, 24)], palette.PETROL_3)
        + head((462, 244), 4, 1)
    )
    hip = (126, 186)
    return stage(
        table
        + client
        + figure.target((214, 238), (322, 226), 12, 9)
        + leg((132, 188), (192, 270), (190, 372), (224, 382), MID)
        + leg(hip, (104, 282), (54, 366), (84, 382), NEAR)
        + figure.trunk(hip, (200, 110), TORSO, 4)
        + head((206, 102), -50, 1)
        + arm((200, 124), (198, 204), (262, 216), MID)
        + arrow([(330, 152), (372, 142), (410, 156)])
    )


FIGURES = (single_leg_stance, sit_to_stand, forearm_lean)
