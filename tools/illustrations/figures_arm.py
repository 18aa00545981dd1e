"""Technique figures for the back, the neck and the arm."""

from tools.illustrations import figure, palette
from tools.illustrations.figure import arm, bent, head, leg, limb, stage
from tools.illustrations.geometry import Point
from tools.illustrations.marks import arrow, referral, trigger
from tools.illustrations.svg import group, stroke

FAR, MID, NEAR, TORSO = palette.FAR, palette.MID, palette.NEAR, palette.TORSO


def ql_release() -> str:
    """Lie on one side over a pillow and let the top arm reach."""
    pillow = limb([(282, 372, 18), (338, 372, 18)], palette.PETROL_3)
    cushion = limb([(96, 366, 18), (150, 366, 18)], palette.PETROL_2)
    hip = (368, 348)
    return stage(
        cushion
        + pillow
        + leg((370, 360), (452, 330), (520, 372), (546, 376), FAR)
        + figure.trunk(hip, (210, 336), TORSO, 16)
        + head((196, 336), 178, 1)
        + leg(hip, (466, 352), (566, 366), (590, 352), NEAR)
        + figure.target((262, 306), (338, 322), 11, 7)
        + trigger(300, 314, 6)
        + arm((222, 326), (166, 284), (112, 262), MID)
        + arrow([(180, 236), (140, 214), (98, 218)])
    )


def childs_pose() -> str:
    """Sit back on the heels and walk both hands forward to one side."""
    hip = (430, 300)
    return stage(
        leg((434, 304), (352, 366), (464, 378), (486, 380), FAR)
        + arm((274, 340), (206, 356), (146, 376), FAR)
        + figure.trunk(hip, (284, 336), TORSO, 16)
        + head((272, 346), 168, -1)
        + leg(hip, (346, 364), (458, 374), (484, 378), NEAR)
        + figure.target((398, 274), (320, 292), 11, 3)
        + trigger(360, 284, 6)
        + arm((284, 340), (214, 346), (158, 366), MID)
        + arrow([(210, 262), (160, 262), (118, 292)])
    )


def doorway() -> str:
    """Rest a forearm on the door frame and step through."""
    hip = (296, 212)
    frame = (
        f'<rect x="372" y="20" width="26" height="370" fill="{palette.PETROL_2}"/>'
        + stroke("M372 20V388", palette.PETROL_5, 4)
    )
    return stage(
        leg((290, 214), (250, 298), (206, 370), (238, 383), FAR)
        + frame
        + leg(hip, (342, 294), (330, 374), (364, 383), NEAR)
        + figure.trunk(hip, (314, 112), TORSO, 0)
        + head((316, 104), -82, 1)
        + figure.target((312, 128), (336, 178), 11, 9)
        + trigger(324, 152, 6)
        + arm((310, 122), (366, 134), (364, 74), MID)
        + arrow([(430, 214), (464, 208), (500, 214)])
    )


def pin_and_move() -> str:
    """Hold a sore spot of the neck with the fingers and tilt the head away."""
    hip, shoulder = (128, 246), (136, 128)
    bust = (
        arm((140, 132), (176, 186), (170, 240), FAR)
        + figure.trunk(hip, shoulder, TORSO, -6)
        + head((138, 118), -66, 1)
        + figure.target((146, 82), (122, 122), 8, 6)
        + arm((132, 138), (182, 170), (144, 120), MID)
        + trigger(131, 103, 4)
    )
    return stage(
        group(bust, "translate(0 -60) scale(2.1)")
        + arrow([(412, 60), (470, 84), (482, 150)]),
        floor=False,
    )


def _table(top: float, left: float, right: float) -> str:
    slab = limb([(left, top, 9), (right, top, 9)], palette.PETROL_3)
    return stroke(f"M{left + 40:g} {top:g}V420", palette.INK, 12) + slab


def _hand(wrist: Point, palm: Point, tip: Point, color: str) -> str:
    thumb = limb([(*palm, 12), (palm[0] + 22, palm[1] - 26, 8)], color)
    return (
        limb([(*wrist, 19), (*palm, 22)], color)
        + limb([(*palm, 19), (*tip, 10)], color)
        + thumb
    )


def forearm_release() -> str:
    """Rest the muscle of the forearm on the padded edge of a table."""
    pad = limb([(366, 310, 15), (430, 310, 15)], palette.PETROL_8)
    return stage(
        _table(330, 366, 600)
        + pad
        + bent([(610, 60, 52), (584, 170, 44), (520, 252, 36)], TORSO)
        + limb([(528, 246, 36), (430, 258, 37), (238, 274, 20)], NEAR)
        + _hand((238, 274), (194, 276), (136, 288), NEAR)
        + figure.target((500, 264), (286, 280), 17, 4)
        + referral((392, 262), (50, 12), 70, seed=7)
        + arrow([(300, 206), (366, 180), (440, 198)]),
        floor=False,
    )


def wrist_eccentric() -> str:
    """Lower a small weight slowly over the edge of the table."""
    weight = (
        limb([(150, 256, 17), (184, 332, 17)], palette.INK)
        + limb([(140, 242, 24), (152, 266, 24)], palette.PETROL_8)
        + limb([(184, 326, 24), (196, 350, 24)], palette.PETROL_8)
    )
    return stage(
        _table(306, 262, 600)
        + bent([(620, 70, 52), (596, 170, 44), (540, 244, 36)], TORSO)
        + limb([(546, 240, 36), (450, 254, 37), (262, 268, 21)], NEAR)
        + weight
        + limb([(262, 268, 21), (208, 278, 22), (170, 298, 18)], NEAR)
        + limb([(176, 300, 11), (152, 298, 9)], palette.MID)
        + figure.target((516, 232), (296, 256), 16, 4)
        + trigger(440, 240, 8)
        + arrow([(110, 190), (70, 240), (84, 306)]),
        floor=False,
    )


FIGURES = (
    ql_release,
    childs_pose,
    doorway,
    pin_and_move,
    forearm_release,
    wrist_eccentric,
)
