"""Plates of the thigh and the calf."""

from tools.illustrations import scene
from tools.illustrations.marks import referral, trigger
from tools.illustrations.scene import Scene
from tools.illustrations.tissue import (
    DEEP,
    GHOST,
    PALE,
    Muscle,
    bone,
    bone_shape,
    skin,
    skin_line,
)


def _thigh_bones() -> str:
    femur = (
        "M356 30c26-8 50 12 44 38-3 13-14 20-26 22-6 80-24 250-30 330 10 20 22 40 14 66"
        "-8 20-36 22-52 12-18 12-46 6-52-14-6-26 14-44 24-64 10-90 40-250 52-334"
        "-8-22-4-48 26-56z"
    )
    ischium = (
        "M218 40c20-16 54-14 66 12 10 24 4 60-16 78-12 10-30 8-38-4-16-24-30-64-12-86z"
    )
    tibia = "M262 520c30-10 66-8 84 2-4 40-8 100-8 170h-54c2-60-8-120-22-172z"
    fibula = (
        "M356 536c12-4 24 2 24 16-2 40-4 90-6 140h-14c0-50-6-90-10-136 0-10 0-16 6-20z"
    )
    return bone(femur) + bone(ischium) + bone(tibia) + bone(fibula)


SEMIMEMBRANOSUS = Muscle(
    left=[(244, 118), (212, 220), (200, 330), (216, 440), (252, 548)],
    right=[(258, 124), (262, 230), (276, 340), (276, 450), (274, 548)],
    fibers=17,
    tendon=(0.14, 0.9),
    tone=DEEP,
    seed=4,
)


BICEPS = Muscle(
    left=[(256, 118), (282, 210), (300, 320), (330, 440), (360, 556)],
    right=[(268, 112), (352, 206), (396, 320), (392, 440), (374, 556)],
    fibers=22,
    tendon=(0.1, 0.88),
    seed=9,
)


SEMITENDINOSUS = Muscle(
    left=[(248, 116), (232, 200), (228, 290), (240, 380), (232, 470), (246, 566)],
    right=[(264, 114), (302, 204), (312, 296), (276, 388), (246, 472), (254, 566)],
    fibers=18,
    tendon=(0.1, 0.72),
    tone=PALE,
    seed=14,
)


def hamstrings() -> Scene:
    """Draw the back of the right thigh."""
    lateral = [(420, -40), (452, 60), (456, 150), (432, 300), (398, 430), (378, 510)]
    lateral += [(388, 590), (392, 690)]
    medial = [(96, -40), (110, 60), (150, 150), (176, 260), (206, 400), (222, 505)]
    medial += [(206, 590), (214, 690)]
    body = (
        skin(lateral, medial[::-1])
        + skin_line([(112, 70), (190, 150), (282, 150), (380, 130), (452, 96)])
        + skin_line([(230, 520), (300, 534), (372, 520)], dashed=True)
        + _thigh_bones()
        + SEMIMEMBRANOSUS.draw()
        + BICEPS.draw()
        + SEMITENDINOSUS.draw()
    )
    spots = (
        referral((262, 142), (46, 34), 130, seed=5)
        + referral((318, 524), (62, 34), 150, seed=6)
        + trigger(262, 300)
        + trigger(352, 330)
        + trigger(220, 378)
    )
    return Scene(
        name="hamstrings",
        body=body,
        triggers=spots,
        leaders=(
            ((486, 286), (380, 310)),
            ((92, 262), (250, 250)),
            ((92, 398), (212, 330)),
        ),
        tint=scene.BLUSH,
        card_focus=(296, 330),
        card_scale=0.98,
        card_turn=8,
    )


VASTUS_LATERALIS = Muscle(
    left=[(176, 150), (140, 220), (150, 330), (200, 440), (262, 506)],
    right=[(206, 150), (232, 240), (250, 340), (264, 430), (276, 500)],
    fibers=18,
    tendon=(0.06, 0.9),
    tone=GHOST,
    seed=21,
)


VASTUS_MEDIALIS = Muscle(
    left=[(268, 210), (290, 290), (306, 380), (310, 440), (304, 500)],
    right=[(290, 210), (356, 300), (392, 400), (376, 480), (324, 526)],
    fibers=18,
    tendon=(0.06, 0.9),
    tone=GHOST,
    seed=23,
)


RECTUS = Muscle(
    left=[(214, 62), (196, 160), (200, 270), (234, 390), (276, 494)],
    right=[(232, 60), (282, 150), (318, 270), (320, 390), (306, 494)],
    fibers=24,
    tendon=(0.12, 0.84),
    seed=25,
)


LIGAMENT = Muscle(
    left=[(272, 484), (268, 520), (274, 560), (280, 596)],
    right=[(310, 484), (316, 520), (312, 560), (304, 596)],
    fibers=8,
    tendon=(0.49, 0.51),
    tone=("#F1DDD2", "#F4E6DC"),
    seed=4,
    thickness=1,
)


def rectus_femoris() -> Scene:
    """Draw the front of the right thigh; its outer side is on the left."""
    outer = [(128, -40), (104, 60), (108, 180), (146, 330), (196, 460), (222, 530)]
    outer += [(214, 610), (220, 690)]
    inner = [(436, -40), (430, 60), (414, 160), (396, 290), (378, 420), (366, 520)]
    inner += [(378, 600), (368, 690)]
    pelvis = "M150 10c30-34 104-40 136-6 16 18 10 44-10 62-14 14-36 16-48 30"
    pelvis += "-14 14-34 10-44-8-16-24-50-52-34-78z"
    femur = "M176 96c22-10 40 2 44 22 12 22 26 90 36 160 12 80 26 140 38 190 22 8 44 24"
    femur += " 40 46-4 16-30 20-44 10-20 12-46 4-50-14-4-20 14-34 20-48-10-70-30-170-52"
    femur += "-240-20-30-44-50-48-84-2-20 0-34 16-42z"
    tibia = "M246 544c30-8 70-8 96 2-2 20-18 36-20 60-4 30-6 60-6 90h-50c0-40-4-70-8"
    tibia += "-96-2-20-12-36-12-56z"
    patella = bone_shape(
        [(268, 512), (292, 498), (318, 512), (314, 540), (292, 556), (270, 540)]
    )
    body = (
        skin(outer, inner[::-1])
        + skin_line([(112, 120), (190, 66), (300, 110), (420, 120)], dashed=True)
        + bone(pelvis)
        + bone(femur)
        + bone(tibia)
        + VASTUS_LATERALIS.draw()
        + VASTUS_MEDIALIS.draw()
        + RECTUS.draw()
        + LIGAMENT.draw()
        + patella
    )
    spots = (
        referral((294, 470), (54, 40), 90, seed=7)
        + referral((280, 400), (44, 60), 60, seed=9)
        + trigger(236, 150)
        + trigger(262, 270)
    )
    return Scene(
        name="rectus-femoris",
        body=body,
        triggers=spots,
        leaders=(
            ((478, 232), (296, 224)),
            ((66, 300), (172, 320)),
            ((490, 430), (368, 420)),
            ((92, 530), (278, 526)),
        ),
        tint=scene.CREAM,
        card_focus=(276, 300),
        card_scale=0.94,
        card_turn=-7,
    )


SOLEUS = Muscle(
    left=[(224, 200), (178, 300), (206, 420), (262, 520), (272, 612)],
    right=[(356, 200), (394, 290), (362, 420), (308, 520), (300, 612)],
    fibers=26,
    tendon=(0.04, 0.66),
    tone=DEEP,
    seed=60,
)


MEDIAL_HEAD = Muscle(
    left=[(222, 40), (186, 130), (178, 230), (206, 340), (276, 436)],
    right=[(266, 62), (282, 150), (285, 240), (285, 340), (287, 436)],
    fibers=22,
    tendon=(0.06, 0.82),
    seed=61,
)


LATERAL_HEAD = Muscle(
    left=[(296, 62), (287, 150), (288, 240), (289, 330), (290, 420)],
    right=[(346, 40), (390, 130), (390, 220), (362, 320), (300, 420)],
    fibers=22,
    tendon=(0.06, 0.8),
    tone=PALE,
    seed=66,
)


def calf() -> Scene:
    """Draw the back of the right lower leg."""
    inner = [(190, -40), (198, 60), (170, 150), (160, 260), (196, 400), (236, 500)]
    inner += [(244, 570), (226, 640), (232, 700)]
    outer = [(388, -40), (378, 60), (402, 150), (404, 250), (370, 390), (334, 500)]
    outer += [(328, 570), (346, 640), (340, 700)]
    heel = (
        "M252 590c10-12 54-12 66 0 14 18 18 48 6 66-14 16-66 16-78 0-12-18-8-48 6-66z"
    )
    body = (
        skin(inner, outer[::-1])
        + skin_line([(206, 40), (284, 22), (374, 40)])
        + bone(heel)
        + SOLEUS.draw()
        + MEDIAL_HEAD.draw()
        + LATERAL_HEAD.draw()
    )
    spots = (
        referral((286, 548), (36, 60), 90, seed=4)
        + trigger(226, 170)
        + trigger(350, 170)
        + trigger(240, 290)
        + trigger(356, 372)
    )
    return Scene(
        name="calf",
        body=body,
        triggers=spots,
        leaders=(
            ((78, 210), (204, 228)),
            ((484, 190), (366, 226)),
            ((484, 352), (374, 348)),
            ((88, 560), (280, 520)),
        ),
        tint=scene.MIST,
        card_focus=(284, 262),
        card_scale=0.96,
    )


SCENES = (hamstrings, rectus_femoris, calf)
