"""Plates of the shoulder and the forearm."""

from tools.illustrations import palette, scene
from tools.illustrations.geometry import Point
from tools.illustrations.marks import referral, trigger
from tools.illustrations.scene import Scene
from tools.illustrations.svg import stroke
from tools.illustrations.tissue import (
    DEEP,
    GHOST,
    PALE,
    Muscle,
    bone,
    bone_shape,
    skin,
)

TERES_MINOR = Muscle(
    left=[(316, 420), (366, 352), (424, 292), (478, 252)],
    right=[(294, 474), (362, 396), (428, 330), (486, 278)],
    fibers=12,
    tendon=(0.08, 0.82),
    tone=GHOST,
    seed=33,
)


INFRASPINATUS = Muscle(
    left=[(170, 262), (262, 244), (370, 210), (476, 212)],
    right=[(238, 572), (306, 440), (394, 320), (488, 250)],
    origin=[(172, 340), (190, 430), (214, 520)],
    insertion=[(486, 232)],
    fibers=34,
    tendon=(0.05, 0.82),
    seed=35,
    thickness=1.7,
)


def infraspinatus() -> Scene:
    """Draw the back of the right shoulder blade and the upper arm."""
    outer = [(60, -40), (110, 50), (240, 70), (390, 84), (494, 120), (538, 220)]
    outer += [(540, 400), (530, 700)]
    inner = [(424, 700), (414, 520), (404, 400)]
    side = [(396, 430), (390, 560), (392, 700)]
    blade = [(170, 150), (250, 170), (350, 176), (414, 190), (424, 240), (404, 290)]
    blade += [(350, 390), (290, 500), (246, 588), (218, 584), (190, 480), (162, 350)]
    blade += [(146, 240), (150, 176)]
    spine = (
        "M152 236C230 216 330 170 400 134C440 112 500 104 516 128C524 150 500 164 462"
    )
    spine += " 166C390 196 270 246 164 262C146 264 142 240 152 236Z"
    humerus = (
        "M424 196C440 164 492 164 510 196C522 226 512 258 500 284C494 400 492 540 492"
    )
    humerus += " 700H446C446 560 446 420 440 290C424 268 414 226 424 196Z"
    spots = (
        referral((486, 360), (36, 80), 120, seed=5)
        + trigger(230, 320)
        + trigger(300, 300)
        + trigger(258, 430)
    )
    return Scene(
        name="infraspinatus",
        body=skin(outer, inner, side, [(-160, 700), (-160, -40)])
        + bone_shape(blade)
        + bone(humerus)
        + TERES_MINOR.draw()
        + INFRASPINATUS.draw()
        + bone(spine),
        triggers=spots,
        leaders=(
            ((96, 470), (216, 440)),
            ((372, 560), (356, 390)),
            ((330, 40), (330, 178)),
            ((522, 470), (482, 250)),
        ),
        tint=scene.CREAM,
        card_focus=(300, 300),
        card_scale=0.98,
        ring_center=(320, 310),
        faded=True,
    )


FINGERS: tuple[tuple[Point, Point], ...] = (
    ((232, 560), (208, 622)),
    ((262, 572), (256, 640)),
    ((294, 572), (302, 642)),
    ((324, 560), (344, 628)),
)


def _forearm_skin() -> str:
    ulnar = [(212, -40), (206, 60), (190, 130), (186, 230), (206, 350), (232, 446)]
    hand = [(222, 490), (212, 560), (284, 590), (342, 556), (346, 500)]
    radial = [(326, 446), (366, 350), (392, 230), (384, 130), (356, 60), (350, -40)]
    digits = "".join(
        stroke(f"M{a[0]:g} {a[1]:g}L{b[0]:g} {b[1]:g}", palette.PETROL_1, 29)
        for a, b in FINGERS
    )
    thumb = stroke("M330 486Q384 516 398 584", palette.PETROL_1, 32)
    return skin(ulnar + hand + radial) + digits + thumb


RADIAL_EXTENSORS = Muscle(
    left=[(318, 96), (322, 190), (320, 290), (314, 390), (300, 474)],
    right=[(336, 92), (388, 190), (378, 290), (338, 400), (316, 474)],
    fibers=18,
    tendon=(0.07, 0.66),
    seed=41,
)


ULNAR_EXTENSOR = Muscle(
    left=[(280, 124), (204, 190), (198, 270), (222, 380), (236, 474)],
    right=[(300, 116), (262, 200), (250, 290), (246, 390), (248, 474)],
    fibers=15,
    tendon=(0.08, 0.7),
    tone=DEEP,
    seed=43,
)


FINGER_EXTENSOR = Muscle(
    left=[(308, 108), (262, 200), (246, 290), (256, 390), (262, 470)],
    right=[(326, 100), (340, 200), (334, 290), (306, 390), (292, 470)],
    fibers=22,
    tendon=(0.07, 0.64),
    tone=PALE,
    seed=45,
)


def forearm_extensors() -> Scene:
    """Draw the back of the right forearm, the thumb to the right."""
    humerus = (
        "M246-20H318C318 30 324 60 344 78C352 96 340 112 322 114C300 122 262 122 240"
    )
    humerus += " 114C220 106 218 90 226 76C244 56 246 20 246-20Z"
    olecranon = (
        "M254 92C266 76 288 78 294 96C298 124 292 150 280 166C262 160 250 120 254 92Z"
    )
    tendons = "".join(
        f"M{266 + i * 8:g} 462Q{268 + i * 8:g} 510 {a[0]:g} {a[1]:g}L{b[0]:g} {b[1]:g}"
        for i, (a, b) in enumerate(FINGERS)
    )
    band = "M224 448C256 462 304 462 334 446L338 468C306 484 256 484 226 470Z"
    spots = (
        referral((334, 90), (34, 30), 70, seed=5)
        + referral((290, 520), (44, 40), 80, seed=6)
        + trigger(352, 200)
        + trigger(296, 232)
        + trigger(226, 268)
    )
    return Scene(
        name="forearm-extensors",
        body=_forearm_skin()
        + bone(humerus)
        + ULNAR_EXTENSOR.draw()
        + RADIAL_EXTENSORS.draw()
        + FINGER_EXTENSOR.draw()
        + bone(olecranon)
        + stroke(tendons, palette.BONE_LINE, 7)
        + stroke(tendons, palette.PEARL, 5)
        + bone(band, opacity=0.92),
        triggers=spots,
        leaders=(
            ((486, 250), (366, 258)),
            ((486, 360), (300, 330)),
            ((84, 330), (216, 316)),
            ((470, 60), (334, 92)),
        ),
        tint=scene.MIST,
        card_focus=(284, 262),
        card_scale=0.98,
        card_turn=-12,
        ring_center=(284, 300),
    )


SCENES = (infraspinatus, forearm_extensors)
