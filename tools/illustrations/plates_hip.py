"""Plates of the hip and the low back."""

from tools.illustrations import palette, scene
from tools.illustrations.geometry import Curve, mirror
from tools.illustrations.marks import referral, trigger
from tools.illustrations.scene import Scene
from tools.illustrations.svg import stroke
from tools.illustrations.tissue import (
    GHOST,
    PALE,
    Muscle,
    bone,
    bone_shape,
    skin,
    skin_line,
)


def _hip_skin() -> str:
    outer = [(344, -40), (366, 50), (440, 170), (484, 300), (482, 420), (462, 540)]
    outer += [(444, 700)]
    inner = [(170, 700), (164, 620), (146, 530), (130, 520), (118, 560), (112, 700)]
    edge = [(-160, 700), (-160, -40)]
    return skin(outer, inner, edge)


def _hip_bones() -> str:
    """Draw the right half of the pelvis from behind, the sacrum and the femur."""
    ilium = (
        "M168 176c4-34 40-74 92-86 62-14 128 6 156 52 12 22 4 46-8 66-12 22-10 40-16"
    )
    ilium += (
        " 66-6 30-24 44-40 58-16 18-26 48-34 78-6 22-30 34-48 20-14-12-16-32-14-52 2"
    )
    ilium += "-28-6-48-26-66-34-30-60-84-62-136z"
    femur = (
        "M372 286c14-20 42-16 52 4 12-16 36-14 46 4 12 24 2 52-10 70-4 14-8 30-12 50"
    )
    femur += "-12 80-18 170-20 290h-46c6-120 14-210 18-286-6-22-22-36-30-56-10-24-12-54 2-76z"
    sacrum = (
        "M78 158c28-10 74-10 100 0 8 44-6 96-30 140-8 18-12 36-22 48-10-12-14-30-22"
    )
    sacrum += "-48-22-44-34-96-26-140z"
    holes = "".join(
        f'<circle cx="{x + side * (3 - row) * 2:g}" cy="{190 + row * 36}" r="5.5" '
        f'fill="{palette.PETROL_1}" stroke="{palette.BONE_LINE}" stroke-width="1.5"/>'
        for row in range(3)
        for x, side in ((106, -1), (148, 1))
    )
    return bone(femur) + bone(ilium) + bone(sacrum) + holes


GLUTEUS_MEDIUS = Muscle(
    left=[(200, 132), (276, 230), (380, 300), (446, 324)],
    right=[(412, 142), (446, 190), (470, 250), (464, 306)],
    origin=[(236, 98), (300, 82), (370, 100)],
    fibers=26,
    tendon=(0.05, 0.86),
    tone=PALE,
    seed=31,
)


GLUTEUS_MAXIMUS = Muscle(
    left=[(196, 140), (280, 214), (380, 288), (458, 352)],
    right=[(136, 352), (206, 442), (310, 500), (424, 520)],
    origin=[(168, 190), (150, 250), (134, 310)],
    insertion=[(456, 410), (446, 470)],
    fibers=38,
    tendon=(0.08, 0.88),
    seed=20,
    thickness=1.7,
)


def gluteals() -> Scene:
    """Draw the right buttock from behind."""
    minimus = "M300 196C340 176 392 186 420 214C438 240 446 270 450 300"
    minimus += "C410 288 360 262 330 236C318 224 306 210 300 196Z"
    window = (
        f'<path d="{minimus}" fill="{palette.MADDER_8}" fill-opacity=".16" '
        f'stroke="{palette.WHITE}" stroke-width="2.4" stroke-dasharray="3 7" '
        f'stroke-linecap="round"/>'
    )
    spots = (
        referral((300, 560), (70, 60), 110, seed=8)
        + trigger(206, 300)
        + trigger(300, 400)
        + trigger(330, 130)
    )
    return Scene(
        name="gluteals",
        body=_hip_skin()
        + skin_line([(150, 520), (230, 546), (330, 540)])
        + _hip_bones()
        + GLUTEUS_MEDIUS.draw()
        + window
        + GLUTEUS_MAXIMUS.draw(),
        triggers=spots,
        leaders=(
            ((508, 470), (400, 440)),
            ((508, 96), (394, 160)),
            ((520, 250), (428, 244)),
        ),
        tint=scene.ICE,
        card_focus=(300, 296),
        card_scale=0.96,
        ring_center=(310, 310),
        faded=True,
    )


PIRIFORMIS = Muscle(
    left=[(142, 186), (240, 208), (350, 262), (440, 296)],
    right=[(132, 302), (226, 316), (340, 310), (440, 308)],
    origin=[(148, 226), (144, 266)],
    fibers=26,
    tendon=(0.07, 0.78),
    seed=51,
    thickness=1.7,
)


QUADRATUS_FEMORIS = Muscle(
    left=[(312, 398), (360, 390), (404, 386)],
    right=[(304, 440), (352, 444), (400, 446)],
    fibers=10,
    tendon=(0.1, 0.9),
    tone=GHOST,
    seed=12,
)


def piriformis() -> Scene:
    """Draw the right piriformis from behind with the sciatic nerve under it."""
    nerve = "M222 262C262 330 318 372 344 440C356 500 352 580 350 700"
    sciatic = (
        stroke(nerve, palette.SUN_DARK, 19)
        + stroke(nerve, palette.SUN, 15.5)
        + stroke(nerve, palette.SUN_LIGHT, 2.5)
    )
    spots = (
        referral((250, 400), (60, 70), 90, turn=30, seed=4)
        + referral((400, 560), (36, 90), 80, seed=6)
        + trigger(210, 254)
        + trigger(356, 284)
    )
    deep = _hip_bones() + QUADRATUS_FEMORIS.draw() + sciatic + PIRIFORMIS.draw()
    return Scene(
        name="piriformis",
        body=_hip_skin() + deep,
        card_body=deep,
        triggers=spots,
        leaders=(
            ((300, 60), (292, 246)),
            ((510, 560), (356, 540)),
            ((524, 210), (444, 300)),
        ),
        tint=scene.DEEP,
        card_focus=(296, 292),
        card_scale=1.18,
        ring_center=(290, 290),
        faded=True,
    )


def _spine(first: float, last: float, step: float, half: float = 26) -> str:
    """Draw vertebrae with their side processes, from top to bottom."""
    parts = ""
    y = first
    while y <= last:
        for side in (1, -1):
            tip = 280 + side * (half + 30)
            near = 280 + side * (half - 6)
            parts += bone(
                f"M{near:g} {y + 14:g}Q{280 + side * (half + 12):g} {y + 10:g} {tip:g} "
                f"{y + 15:g}Q{tip + side * 5:g} {y + 22:g} {tip - side * 3:g} {y + 26:g}"
                f"Q{280 + side * (half + 8):g} {y + 28:g} {near:g} {y + 32:g}Z"
            )
        parts += bone(
            f"M{280 - half:g} {y:g}q{half:g}-9 {2 * half:g} 0q7 22 0 {step - 12:g}"
            f"q{-half:g} 9 {-2 * half:g} 0q-7-22 0-{step - 12:g}z"
        )
        parts += bone(f"M274 {y + 12:g}q6-6 12 0l2 26q-8 10-16 0z")
        y += step
    return parts


def _rib(points: Curve) -> str:
    data = "M{:g} {:g}Q{:g} {:g} {:g} {:g}".format(*(v for p in points for v in p))
    return stroke(data, palette.BONE_LINE, 19) + stroke(data, palette.BONE, 15.5)


QUADRATUS = Muscle(
    left=[(316, 98), (334, 180), (340, 290), (352, 412)],
    right=[(398, 136), (408, 220), (430, 320), (470, 382)],
    origin=[(344, 106), (372, 118)],
    insertion=[(446, 376), (394, 386)],
    fibers=24,
    tendon=(0.06, 0.94),
    seed=41,
    thickness=1.7,
)


def quadratus_lumborum() -> Scene:
    """Draw the low back from behind, with the muscle on both sides."""
    left = [(104, -40), (112, 90), (124, 210), (84, 330), (22, 450), (14, 700)]
    wing = [(336, 446), (368, 398), (436, 374), (500, 396), (526, 450), (508, 510)]
    wing += [(494, 570), (486, 640), (440, 676), (404, 640), (384, 570), (346, 520)]
    sacrum = "M226 436C250 424 310 424 334 436C340 490 318 560 280 620C242 560 220 490 226 436Z"
    ribs = "".join(
        _rib(curve) + _rib(mirror(curve, 280))
        for curve in (
            [(300, 84), (360, 86), (420, 142)],
            [(300, 24), (400, 20), (466, 110)],
        )
    )
    spots = (
        referral((430, 500), (50, 40), 100, seed=4)
        + referral((356, 540), (34, 34), 60, seed=9)
        + trigger(366, 190)
        + trigger(378, 300)
        + trigger(420, 336)
    )
    return Scene(
        name="quadratus-lumborum",
        body=skin(left, mirror(left, 280)[::-1])
        + bone_shape(wing)
        + bone_shape(mirror(wing, 280))
        + bone(sacrum)
        + ribs
        + _spine(20, 400, 66)
        + QUADRATUS.mirrored(280, PALE, 44).draw()
        + QUADRATUS.draw(),
        triggers=spots,
        leaders=(
            ((516, 250), (398, 250)),
            ((500, 70), (404, 124)),
            ((46, 300), (106, 384)),
        ),
        tint=scene.CREAM,
        card_focus=(280, 262),
        card_scale=1.08,
        ring_center=(280, 260),
    )


ILIACUS = Muscle(
    left=[(350, 350), (388, 430), (416, 510), (434, 588)],
    right=[(496, 338), (488, 410), (462, 490), (444, 592)],
    origin=[(386, 314), (430, 302), (470, 312)],
    fibers=22,
    tendon=(0.05, 0.84),
    tone=GHOST,
    seed=81,
)


PSOAS = Muscle(
    left=[(300, 66), (318, 200), (346, 340), (392, 480), (430, 588)],
    right=[(312, 58), (372, 210), (400, 350), (428, 470), (442, 592)],
    fibers=24,
    tendon=(0.08, 0.82),
    seed=83,
    thickness=1.7,
)


PUBIS = "M470 480C430 520 350 510 288 520V560C330 566 356 590 380 620C410 636 440 610"
PUBIS += " 446 574C452 540 470 520 470 480ZM352 540C380 530 420 536 424 552C424 580 404"
PUBIS += " 600 390 592C376 574 366 560 352 540Z"
FEMUR = "M436 470C450 448 490 450 500 470C522 462 536 486 528 512C520 544 506 560 502"
FEMUR += (
    " 600C498 640 494 670 494 700H448C450 660 448 636 444 610C430 606 426 588 436 574"
)
FEMUR += "C446 552 440 520 430 502C426 490 428 480 436 470Z"


def psoas() -> Scene:
    """Draw the front of the low back and pelvis, the muscle on both sides."""
    waist = [(84, -40), (96, 90), (112, 190), (74, 330), (44, 460), (48, 700)]
    wing = [(322, 372), (356, 318), (420, 286), (486, 304), (512, 350), (500, 400)]
    wing += [(486, 440), (472, 486), (424, 496), (372, 500), (346, 452)]
    right_bones = (
        bone_shape(wing)
        + bone(PUBIS).replace("<path", '<path fill-rule="evenodd"')
        + bone(FEMUR)
    )
    sacrum = "M232 376C256 366 304 366 328 376C336 420 318 480 280 506C242 480 224 420 232 376Z"
    left_side = f'<g transform="matrix(-1 0 0 1 560 0)">{right_bones}</g>'
    spots = (
        referral((410, 648), (40, 50), 70, seed=5)
        + trigger(352, 230)
        + trigger(404, 440)
        + trigger(452, 372)
    )
    return Scene(
        name="psoas",
        body=skin(waist, mirror(waist, 280)[::-1])
        + bone(sacrum)
        + right_bones
        + left_side
        + _spine(26, 330, 64, 30)
        + ILIACUS.mirrored(280, GHOST, 86).draw()
        + PSOAS.mirrored(280, PALE, 88).draw()
        + ILIACUS.draw()
        + PSOAS.draw(),
        triggers=spots,
        leaders=(
            ((496, 160), (362, 180)),
            ((530, 300), (462, 330)),
            ((536, 630), (438, 584)),
        ),
        tint=scene.ICE,
        card_focus=(280, 300),
        card_scale=0.86,
        ring_center=(280, 300),
    )


SCENES = (gluteals, quadratus_lumborum, piriformis, psoas)
