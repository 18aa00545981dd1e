"""Plates of the neck, the shoulder, the forearm and the jaw."""

from tools.illustrations import palette, scene
from tools.illustrations.geometry import Point, mirror
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


def trapezius() -> Scene:
    """Draw the three parts of the trapezius from behind."""
    upper = Muscle(
        left=[(296, 52), (314, 132), (366, 184), (462, 214)],
        right=[(281, 222), (330, 226), (392, 228), (458, 232)],
        origin=[(282, 90), (281, 160)],
        fibers=24,
        tendon=(0.06, 0.88),
        seed=71,
        thickness=1.7,
    )
    middle = Muscle(
        left=[(281, 218), (330, 224), (392, 228), (460, 230)],
        right=[(281, 316), (326, 296), (376, 268), (444, 246)],
        fibers=17,
        tendon=(0.1, 0.84),
        tone=PALE,
        seed=73,
    )
    lower = Muscle(
        left=[(281, 310), (322, 294), (366, 270), (412, 250)],
        right=[(281, 590), (306, 470), (346, 350), (396, 262)],
        origin=[(281, 400), (280, 500)],
        fibers=24,
        tendon=(0.06, 0.86),
        tone=DEEP,
        seed=75,
    )
    scapula = [(366, 226), (446, 236), (478, 262), (452, 300), (432, 380), (410, 446)]
    scapula += [(388, 420), (366, 330)]
    ghost = bone_shape(scapula) + bone_shape(mirror(scapula, 280))
    parts = (lower, middle, upper)
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


def levator_scapulae() -> Scene:
    """Draw the right levator from the neck to the upper corner of the scapula."""
    muscle = Muscle(
        left=[(272, 100), (314, 176), (348, 250), (374, 322)],
        right=[(268, 200), (296, 250), (326, 312), (347, 362)],
        origin=[(274, 130), (273, 166)],
        fibers=22,
        tendon=(0.08, 0.86),
        seed=91,
        thickness=1.7,
    )
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
            + muscle.mirrored(233, GHOST, 97).draw()
            + muscle.draw(),
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
    minor = Muscle(
        left=[(316, 420), (366, 352), (424, 292), (478, 252)],
        right=[(294, 474), (362, 396), (428, 330), (486, 278)],
        fibers=12,
        tendon=(0.08, 0.82),
        tone=GHOST,
        seed=33,
    )
    muscle = Muscle(
        left=[(170, 262), (262, 244), (370, 210), (476, 212)],
        right=[(238, 572), (306, 440), (394, 320), (488, 250)],
        origin=[(172, 340), (190, 430), (214, 520)],
        insertion=[(486, 232)],
        fibers=34,
        tendon=(0.05, 0.82),
        seed=35,
        thickness=1.7,
    )
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
        + minor.draw()
        + muscle.draw()
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


def forearm_extensors() -> Scene:
    """Draw the back of the right forearm, the thumb to the right."""
    humerus = (
        "M246-20H318C318 30 324 60 344 78C352 96 340 112 322 114C300 122 262 122 240"
    )
    humerus += " 114C220 106 218 90 226 76C244 56 246 20 246-20Z"
    olecranon = (
        "M254 92C266 76 288 78 294 96C298 124 292 150 280 166C262 160 250 120 254 92Z"
    )
    longus = Muscle(
        left=[(318, 96), (322, 190), (320, 290), (314, 390), (300, 474)],
        right=[(336, 92), (388, 190), (378, 290), (338, 400), (316, 474)],
        fibers=18,
        tendon=(0.07, 0.66),
        seed=41,
    )
    ulnaris = Muscle(
        left=[(280, 124), (204, 190), (198, 270), (222, 380), (236, 474)],
        right=[(300, 116), (262, 200), (250, 290), (246, 390), (248, 474)],
        fibers=15,
        tendon=(0.08, 0.7),
        tone=DEEP,
        seed=43,
    )
    digitorum = Muscle(
        left=[(308, 108), (262, 200), (246, 290), (256, 390), (262, 470)],
        right=[(326, 100), (340, 200), (334, 290), (306, 390), (292, 470)],
        fibers=22,
        tendon=(0.07, 0.64),
        tone=PALE,
        seed=45,
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
        + ulnaris.draw()
        + longus.draw()
        + digitorum.draw()
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


def masseter() -> Scene:
    """Draw the side of the head with the jaw muscle."""
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
    mandible = (
        "M250 330C262 316 284 320 290 338C300 380 306 420 312 446C356 456 410 452 452"
    )
    mandible += (
        " 420C466 414 476 430 474 456C470 500 440 514 410 516C370 530 310 530 276 508"
    )
    mandible += "C254 488 250 440 248 400C244 370 240 346 250 330Z"
    arch = "M234 326C280 306 336 300 384 300C420 296 440 316 436 344C428 364 404 362 390 344"
    arch += "C340 334 290 336 240 346C226 346 224 332 234 326Z"
    orbit = '<ellipse cx="400" cy="246" rx="29" ry="34" fill="#DCEBEC"/>'
    temporalis = Muscle(
        left=[(132, 250), (190, 270), (270, 310), (326, 352)],
        right=[(366, 156), (372, 230), (356, 300), (342, 352)],
        origin=[(146, 164), (214, 96), (310, 98)],
        fibers=26,
        tendon=(0.05, 0.84),
        tone=GHOST,
        seed=61,
    )
    muscle = Muscle(
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
        + temporalis.draw()
        + bone(mandible)
        + muscle.draw()
        + bone(arch),
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


SCENES = (
    trapezius,
    levator_scapulae,
    infraspinatus,
    forearm_extensors,
    masseter,
)
