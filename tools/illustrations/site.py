"""Drawings of the site itself: brand, heroes, empty states and the social card."""

from tools.illustrations import figure, marks, palette, svg
from tools.illustrations.figure import arm, ball, head, leg, limb
from tools.illustrations.plates_hip import gluteals
from tools.illustrations.plates_leg import calf, hamstrings
from tools.illustrations.tissue import DEEP, Muscle

FIBER_SIZE = (640, 420)
SOCIAL_SIZE = (1200, 630)


def brand() -> str:
    """Draw the mark: two bundles of fibers with a trigger point between them."""
    fibers = (
        "M9 8c6 7 6 17 0 24M14.5 7c5.5 8 5.5 18 0 26"
        "M31 8c-6 7-6 17 0 24M25.5 7c-5.5 8-5.5 18 0 26"
    )
    return svg.document(
        40,
        40,
        f'<rect width="40" height="40" rx="10" fill="{palette.PETROL_8}"/>'
        + svg.stroke(fibers, palette.MADDER_4, 2)
        + svg.stroke("M15.5 15.5l9 9m0-9l-9 9", palette.SUN, 3.6),
    )


def fiber_body() -> str:
    """Draw a large fan of fibers that ends in one tendon at the left."""
    upper = Muscle(
        left=[(24, 322), (130, 236), (250, 120), (420, 58), (720, 66)],
        right=[(30, 332), (150, 322), (300, 312), (470, 250), (720, 150)],
        fibers=34,
        tendon=(0.12, 0.97),
        seed=3,
        thickness=1.7,
    )
    lower = Muscle(
        left=[(28, 328), (150, 306), (300, 290), (480, 224), (720, 124)],
        right=[(24, 344), (150, 400), (300, 420), (480, 350), (720, 250)],
        fibers=24,
        tendon=(0.12, 0.97),
        tone=DEEP,
        seed=8,
        thickness=1.7,
    )
    dots = marks.referral((300, 210), (110, 56), 150, turn=-22, seed=4)
    return (
        lower.draw()
        + upper.draw()
        + dots.replace(palette.MADDER_7, palette.SUN_LIGHT)
        + marks.trigger(254, 206, 10)
        + marks.trigger(436, 150, 10)
    )


def fibers() -> str:
    """Draw the hero of the dark bands on a transparent ground."""
    width, height = FIBER_SIZE
    return svg.document(
        width,
        height,
        marks.rings((330, 208), (70, 138, 204), palette.PETROL_7, 0.9)
        + svg.clip(fiber_body(), 0, 0, width, height),
    )


def home_plate() -> str:
    return hamstrings().plate(numbered=False)


def _calm(body: str) -> str:
    """Put a figure on a transparent ground with one pale disc behind it."""
    disc = svg.circle(320, 220, 176, palette.PETROL_0)
    ground = svg.stroke("M110 392H530", palette.PETROL_3, 3)
    return svg.document(figure.WIDTH, figure.HEIGHT, disc + ground + body)


def empty() -> str:
    """Draw a figure that reads: nothing here yet."""
    book = svg.fill("M352 236L392 222L432 236V268L392 256L352 268Z", palette.WHITE)
    book += svg.stroke(
        "M352 236L392 222L432 236V268L392 256L352 268ZM392 222V256", palette.PETROL_5, 3
    )
    hip = (270, 262)
    return _calm(
        limb([(212, 316, 30), (300, 316, 30)], palette.PETROL_2)
        + limb([(206, 358, 30), (306, 358, 30)], palette.PETROL_3)
        + leg((276, 264), (372, 282), (388, 372), (420, 382), palette.FAR)
        + figure.trunk(hip, (288, 156), palette.TORSO, -6)
        + head((290, 150), -74, 1)
        + leg(hip, (358, 290), (352, 374), (384, 383), palette.NEAR)
        + book
        + arm((286, 172), (322, 226), (368, 246), palette.MID)
    )


def lost() -> str:
    """Draw a figure whose ball has rolled away."""
    hip = (236, 240)
    trail = svg.stroke("M372 352H428M388 368H436", palette.PETROL_3, 4)
    return _calm(
        leg((240, 242), (330, 262), (330, 368), (364, 382), palette.FAR)
        + leg(hip, (208, 364), (112, 378), (94, 384), palette.NEAR)
        + figure.trunk(hip, (262, 138), palette.TORSO, -6)
        + head((266, 130), -62, 1)
        + arm((262, 152), (316, 190), (372, 206), palette.MID)
        + trail
        + ball((478, 362), 24)
    )


def social() -> str:
    """Draw the picture that other sites show for a link to this one."""
    width, height = SOCIAL_SIZE
    title = svg.Type(size=68, color=palette.WHITE, weight=600, family=svg.SERIF)
    name = svg.Type(size=34, color=palette.WHITE, weight=600, family=svg.SERIF)
    line = svg.Type(size=30, color=palette.PETROL_2)
    mark = brand().replace('width="40" height="40">', 'width="64" height="64">', 1)
    return svg.document(
        width,
        height,
        marks.rings((900, 300), (140, 240, 340, 440), palette.PETROL_7, 0.9)
        + svg.group(fiber_body(), "translate(610 50) scale(1.16)")
        + svg.group(mark, "translate(72 64)")
        + svg.text(154, 107, "NAT Global Campus", name)
        + f'<rect x="74" y="236" width="64" height="8" rx="4" fill="{palette.SUN}"/>'
        + svg.text(72, 326, "Hands-on skill,", title)
        + svg.text(72, 404, "certified hours.", title)
        + svg.text(72, 540, "Continuing education for hands-on professionals", line),
        ground=palette.PETROL_9,
    )


def drawings() -> dict[str, str]:
    """Name every drawing that the site serves as SVG."""
    return {
        "favicon": brand(),
        "brand": brand(),
        "fibers": fibers(),
        "hero-home": home_plate(),
        "empty": empty(),
        "lost": lost(),
        "plate-hamstrings": hamstrings().plate(),
        "plate-gluteals": gluteals().plate(),
        "plate-calf": calf().plate(),
    }
