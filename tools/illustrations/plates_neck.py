"""Plates of the neck and the jaw."""

from tools.illustrations import palette, scene
from tools.illustrations.geometry import mirror
from tools.illustrations.marks import referral, trigger
from tools.illustrations.scene import Scene
from tools.illustrations.svg import group, stroke
from tools.illustrations.tissue import (
    BELLY,
    DEEP,
    GHOST,
    PALE,
    Muscle,
    bone,
    bone_shape,
    skin,
    skin_line,
)


def _back_skin(axis: float, breadth: float = 1) -> str:
    """Draw head, neck and shoulders from behind."""
    head = [(78, -40), (82, 20), (66, 70), (58, 110), (66, 150)]
    shoulder = [(112, 186), (196, 206), (246, 250), (266, 340), (262, 480), (258, 760)]
    right = [(axis + x, y) for x, y in head]
    right += [(axis + x * breadth, y) for x, y in shoulder]
    return skin(right, mirror(right, axis)[::-1])


TRAPEZIUS_UPPER = Muscle(
    left=[(296, 52), (314, 132), (366, 184), (462, 214)],
    right=[(281, 222), (330, 226), (392, 228), (458, 232)],
    origin=[(282, 90), (281, 160)],
    fibers=24,
    tendon=(0.06, 0.88),
    seed=71,
    thickness=1.7,
)


TRAPEZIUS_MIDDLE = Muscle(
    left=[(281, 218), (330, 224), (392, 228), (460, 230)],
    right=[(281, 316), (326, 296), (376, 268), (444, 246)],
    fibers=17,
    tendon=(0.1, 0.84),
    tone=PALE,
    seed=73,
)


TRAPEZIUS_LOWER = Muscle(
    left=[(281, 310), (322, 294), (366, 270), (412, 250)],
    right=[(281, 590), (306, 470), (346, 350), (396, 262)],
    origin=[(281, 400), (280, 500)],
    fibers=24,
    tendon=(0.06, 0.86),
    tone=DEEP,
    seed=75,
)


def trapezius() -> Scene:
    """Draw the three parts of the trapezius from behind."""
    scapula = [(366, 226), (446, 236), (478, 262), (452, 300), (432, 380), (410, 446)]
    scapula += [(388, 420), (366, 330)]
    ghost = bone_shape(scapula) + bone_shape(mirror(scapula, 280))
    parts = (TRAPEZIUS_LOWER, TRAPEZIUS_MIDDLE, TRAPEZIUS_UPPER)
    left_side = "".join(
        part.mirrored(280, part.tone, part.seed + 9).draw() for part in parts
    )
    spots = (
        referral((328, 92), (24, 46), 70, turn=14, seed=4)
        + trigger(350, 196)
        + trigger(330, 340)
        + trigger(356, 260)
    )
    return Scene(
        name="trapezius",
        body=_back_skin(280)
        + ghost
        + left_side
        + "".join(part.draw() for part in parts)
        + stroke("M280 50V592", palette.PEARL, 4),
        triggers=spots,
        leaders=(
            ((486, 120), (392, 200)),
            ((70, 330), (184, 250)),
            ((466, 480), (316, 440)),
        ),
        tint=scene.BLUSH,
        card_focus=(280, 262),
        card_scale=1.06,
        ring_center=(280, 300),
    )


def _neck_bones(axis: float) -> str:
    """Draw the back of the neck: seven vertebrae and the upper ribcage spine."""
    parts = ""
    for level in range(11):
        y = 92 + level * 31
        half = 17 + level * 0.6
        for side in (1, -1):
            near, tip = axis + side * (half - 5), axis + side * (half + 20)
            parts += bone(
                f"M{near:g} {y + 4:g}Q{axis + side * (half + 10):g} {y:g} {tip:g} {y + 8:g}"
                f"Q{tip + side * 3:g} {y + 14:g} {tip - side * 3:g} {y + 16:g}"
                f"Q{axis + side * (half + 6):g} {y + 18:g} {near:g} {y + 18:g}Z"
            )
        parts += bone(
            f"M{axis - half:g} {y:g}q{half:g}-6 {2 * half:g} 0q4 11 0 22"
            f"q{-half:g} 6 {-2 * half:g} 0q-4-11 0-22z"
        )
        parts += bone(f"M{axis - 4:g} {y + 8:g}q4-4 8 0l1 17q-5 6-10 0z")
    return parts


def _scapula_right() -> str:
    blade = [(356, 318), (392, 326), (440, 336), (478, 338), (482, 376), (462, 420)]
    blade += [(434, 490), (404, 572), (384, 566), (368, 490), (352, 410), (344, 356)]
    spine = (
        "M350 386C400 368 450 336 494 304C512 292 540 288 548 302C552 316 536 326 514"
    )
    spine += " 330C470 352 420 388 356 402C346 404 342 390 350 386Z"
    return bone_shape(blade) + bone(spine)


LEVATOR_SCAPULAE = Muscle(
    left=[(272, 100), (314, 176), (348, 250), (374, 322)],
    right=[(268, 200), (296, 250), (326, 312), (347, 362)],
    origin=[(274, 130), (273, 166)],
    fibers=22,
    tendon=(0.08, 0.86),
    seed=91,
    thickness=1.7,
)


def levator_scapulae() -> Scene:
    """Draw the right levator from the neck to the upper corner of the scapula."""
    skull = bone(
        "M162 -20C156 40 176 78 206 84C222 92 244 92 260 84C290 78 310 40 304 -20Z"
    )
    spots = (
        referral((330, 330), (60, 46), 70, turn=40, seed=3)
        + referral((330, 430), (24, 70), 70, seed=8)
        + trigger(308, 216)
        + trigger(348, 312)
    )
    reduced = "translate(75 20) scale(.88)"
    left_blade = f'<g transform="matrix(-1 0 0 1 466 0)">{_scapula_right()}</g>'
    return Scene(
        name="levator-scapulae",
        body=group(
            _back_skin(233, 1.34)
            + left_blade
            + _scapula_right()
            + skull
            + _neck_bones(233)
            + LEVATOR_SCAPULAE.mirrored(233, GHOST, 97).draw()
            + LEVATOR_SCAPULAE.draw(),
            reduced,
        ),
        triggers=group(spots, reduced),
        leaders=(
            ((486, 150), (364, 219)),
            ((96, 96), (257, 134)),
            ((500, 470), (399, 316)),
        ),
        tint=scene.ICE,
        card_focus=(290, 240),
        card_scale=1.16,
        ring_center=(280, 270),
    )


TEMPORALIS = Muscle(
    left=[(132, 250), (190, 270), (270, 310), (326, 352)],
    right=[(366, 156), (372, 230), (356, 300), (342, 352)],
    origin=[(146, 164), (214, 96), (310, 98)],
    fibers=26,
    tendon=(0.05, 0.84),
    tone=GHOST,
    seed=61,
)


MASSETER = Muscle(
    left=[(292, 328), (276, 390), (266, 450), (264, 500)],
    right=[(402, 336), (388, 400), (362, 466), (330, 522)],
    origin=[(330, 326), (370, 328)],
    insertion=[(280, 516), (304, 524)],
    fibers=26,
    tendon=(0.1, 0.9),
    tone=BELLY,
    seed=63,
    thickness=1.7,
)


MANDIBLE = (
    "M250 330C262 316 284 320 290 338C300 380 306 420 312 446C356 456 410 452 452"
)
MANDIBLE += (
    " 420C466 414 476 430 474 456C470 500 440 514 410 516C370 530 310 530 276 508"
)
MANDIBLE += "C254 488 250 440 248 400C244 370 240 346 250 330Z"
ARCH = (
    "M234 326C280 306 336 300 384 300C420 296 440 316 436 344C428 364 404 362 390 344"
)
ARCH += "C340 334 290 336 240 346C226 346 224 332 234 326Z"


def masseter() -> Scene:
    """Draw the side of the head with the jaw MASSETER."""
    profile = [(250, -40), (390, 0), (462, 90), (482, 190), (476, 250), (492, 300)]
    profile += [(520, 350), (500, 372), (500, 400), (504, 424), (490, 446), (496, 480)]
    profile += [(470, 530), (400, 548), (352, 560), (344, 620), (352, 700)]
    nape = [
        (120, 700),
        (116, 600),
        (92, 500),
        (40, 400),
        (14, 260),
        (50, 110),
        (140, 0),
    ]
    cranium = [(60, 230), (84, 110), (180, 36), (310, 30), (410, 90), (440, 180)]
    cranium += [(432, 236), (452, 290), (462, 350), (440, 386), (380, 380), (330, 340)]
    cranium += [(250, 330), (190, 372), (130, 366), (80, 310)]
    orbit = '<ellipse cx="400" cy="246" rx="29" ry="34" fill="#DCEBEC"/>'
    spots = (
        referral((250, 330), (26, 30), 50, seed=3)
        + referral((420, 470), (36, 24), 60, seed=8)
        + trigger(338, 390)
        + trigger(304, 468)
    )
    return Scene(
        name="masseter",
        body=skin(profile, nape)
        + skin_line([(196, 300), (176, 330), (190, 380), (216, 384)])
        + bone_shape(cranium)
        + orbit
        + TEMPORALIS.draw()
        + bone(MANDIBLE)
        + MASSETER.draw()
        + bone(ARCH),
        triggers=spots,
        leaders=(
            ((500, 590), (332, 430)),
            ((500, 60), (330, 150)),
            ((110, 520), (262, 486)),
        ),
        tint=scene.ICE,
        card_focus=(290, 330),
        card_scale=0.9,
        ring_center=(290, 320),
    )


SCENES = (trapezius, levator_scapulae, masseter)
