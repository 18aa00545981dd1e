"""Technique figures for the hip and the leg."""

from tools.illustrations import figure, palette
from tools.illustrations.figure import arm, ball, bench, head, leg, limb, stage
from tools.illustrations.marks import arrow, referral, trigger
from tools.illustrations.svg import circle, stroke

FAR, MID, NEAR, TORSO = palette.FAR, palette.MID, palette.NEAR, palette.TORSO


def ball_seated() -> str:
    """Sit on a bench with a ball under the thigh."""
    hip, knee, ankle = (226, 232), (366, 236), (372, 366)
    return stage(
        bench(146, 356, 282)
        + leg((232, 232), (378, 232), (392, 366), (424, 380), FAR)
        + figure.trunk(hip, (244, 118), TORSO, -6)
        + head((244, 112), -84, 1)
        + leg(hip, knee, ankle, (404, 380), NEAR)
        + figure.target((248, 244), (348, 246), 10, 8)
        + ball((304, 262), 14)
        + referral((304, 238), (30, 10), 50, seed=3)
        + arm((246, 132), (272, 190), (318, 212), MID)
        + arrow([(430, 262), (470, 290), (462, 330)])
    )


def roller() -> str:
    """Sit on the floor, one foot flat, with a foam roller under the other thigh."""
    hip = (190, 336)
    return stage(
        leg((196, 336), (300, 262), (372, 370), (404, 381), FAR)
        + figure.trunk(hip, (178, 226), TORSO, -6)
        + head((180, 218), -80, 1)
        + leg(hip, (330, 322), (472, 350), (488, 318), NEAR)
        + circle(286, 361, 28, palette.PETROL_8)
        + stroke("M272 361a14 14 0 1 0 28 0a14 14 0 1 0-28 0", palette.PETROL_3, 4)
        + figure.target((210, 344), (318, 334), 10, 12)
        + referral((284, 334), (34, 10), 60, seed=8)
        + arm((174, 238), (136, 298), (124, 362), MID)
        + arrow([(244, 226), (294, 202), (350, 222)])
    )


def forward_fold() -> str:
    """Hinge at the hips and let the arms hang."""
    hip = (366, 198)
    return stage(
        leg((374, 200), (386, 292), (376, 374), (344, 383), FAR)
        + arm((244, 216), (246, 278), (240, 330), FAR)
        + leg(hip, (362, 290), (360, 374), (328, 383), NEAR)
        + figure.trunk(hip, (252, 202), TORSO, 20)
        + head((240, 214), 132, -1)
        + arm((254, 212), (264, 276), (262, 330), MID)
        + figure.target((374, 212), (366, 296), 12, 5)
        + trigger(370, 252, 6)
        + arrow([(408, 130), (340, 88), (256, 128)])
    )


def supported_lean() -> str:
    """Rest both hands on a counter and send the hips back behind the heels."""
    hip = (438, 204)
    return stage(
        figure.counter(108, 228, 216)
        + leg((444, 206), (418, 290), (410, 374), (378, 383), FAR)
        + arm((346, 160), (288, 178), (232, 196), FAR)
        + leg(hip, (410, 290), (402, 374), (370, 383), NEAR)
        + figure.trunk(hip, (346, 156), TORSO, 8)
        + head((334, 154), -158, -1)
        + arm((344, 168), (284, 186), (226, 202), MID)
        + figure.target((450, 214), (420, 298), 12, 6)
        + trigger(436, 256, 6)
        + arrow([(470, 168), (508, 164), (536, 186)])
    )


def figure_four() -> str:
    """Sit and rest one ankle on the other knee, then lean forward."""
    hip = (246, 236)
    return stage(
        bench(170, 366, 286)
        + leg((252, 238), (372, 240), (374, 368), (408, 381), FAR)
        + figure.trunk(hip, (284, 130), TORSO, -8)
        + head((288, 124), -66, 1)
        + leg(hip, (318, 272), (392, 222), (416, 204), NEAR)
        + figure.target((228, 254), (278, 264), 11, 9)
        + trigger(252, 258, 6)
        + arm((284, 144), (318, 194), (352, 218), MID)
        + arrow([(352, 84), (400, 96), (422, 142)])
    )


def ball_wall() -> str:
    """Lean the side of the hip against a ball on the wall."""
    hip = (360, 200)
    return stage(
        figure.wall(402)
        + leg((366, 204), (392, 288), (340, 368), (372, 381), FAR)
        + arm((338, 108), (360, 160), (386, 190), FAR)
        + leg(hip, (336, 290), (306, 374), (338, 383), NEAR)
        + figure.trunk(hip, (334, 100), TORSO, 4)
        + head((332, 92), -98, -1)
        + arm((330, 112), (296, 158), (326, 194), MID)
        + figure.target((350, 182), (372, 230), 11, 4)
        + ball((386, 206), 13)
        + referral((366, 208), (14, 26), 40, seed=6)
        + arrow([(462, 236), (480, 206), (462, 172)])
    )


def calf_wall() -> str:
    """Lean into a wall with one straight leg behind."""
    hip = (300, 206)
    return stage(
        figure.wall(458)
        + leg((306, 206), (366, 280), (352, 374), (386, 383), FAR)
        + arm((366, 122), (412, 140), (446, 116), FAR)
        + leg(hip, (244, 288), (192, 368), (222, 383), NEAR)
        + figure.trunk(hip, (356, 116), TORSO, 4)
        + head((360, 108), -62, 1)
        + arm((356, 126), (396, 170), (444, 150), MID)
        + figure.target((238, 304), (196, 366), 10, 7)
        + trigger(220, 330, 6)
        + arrow([(256, 130), (282, 92), (318, 70)])
    )


def half_kneel() -> str:
    """Kneel on one knee, tuck the pelvis and move forward."""
    hip = (318, 228)
    pad = limb([(222, 386, 6), (322, 386, 6)], palette.PETROL_3)
    return stage(
        pad
        + leg((322, 230), (416, 252), (420, 368), (454, 382), FAR)
        + leg(hip, (282, 356), (178, 376), (158, 384), NEAR)
        + figure.trunk(hip, (322, 122), TORSO, -4)
        + head((322, 114), -88, 1)
        + figure.target((338, 206), (304, 306), 11, 5)
        + trigger(324, 252, 6)
        + arm((318, 136), (284, 184), (312, 216), MID)
        + arrow([(366, 214), (396, 206), (430, 212)])
    )


FIGURES = (
    ball_seated,
    roller,
    forward_fold,
    supported_lean,
    figure_four,
    ball_wall,
    calf_wall,
    half_kneel,
)
