"""One muscle, shown twice: as a numbered plate and as the picture of a card."""

from dataclasses import dataclass

from tools.illustrations import marks, palette, svg
from tools.illustrations.geometry import Point

PLATE = (560, 660)
CARD = (800, 500)
CARD_RADII = (90, 170, 250, 330, 410)
PLATE_RADII = (120, 200, 280, 360)

Leader = tuple[Point, Point]
Tint = tuple[str, str]

BLUSH: Tint = (palette.BLUSH, palette.MADDER_3)
ICE: Tint = (palette.PETROL_0, palette.PETROL_3)
CREAM: Tint = (palette.CREAM, palette.SUN_LIGHT)
DEEP: Tint = (palette.PETROL_8, palette.PETROL_5)
MIST: Tint = (palette.MIST, palette.PETROL_2)


@dataclass(frozen=True)
class Scene:
    """A drawing in plate coordinates, its numbered parts and its card crop."""

    name: str
    body: str
    triggers: str
    leaders: tuple[Leader, ...]
    tint: Tint
    card_focus: Point
    card_scale: float = 1.0
    card_turn: float = 0.0
    ring_center: Point = (280, 310)
    faded: bool = False
    card_body: str = ""

    def plate(self, *, numbered: bool = True) -> str:
        """Draw the plate on a transparent ground."""
        width, height = PLATE
        return svg.document(
            width,
            height,
            marks.rings(self.ring_center, PLATE_RADII, palette.MADDER_4, 0.28)
            + marks.corners(width, height, 24, palette.MADDER_4)
            + svg.clip(self.soft_body() + self.triggers, 0, 0, width, height)
            + (self._numbers() if numbered else ""),
        )

    def card(self) -> str:
        """Draw the crop of a card on its tinted ground."""
        width, height = CARD
        ground, line = self.tint
        x, y = self.card_focus
        transform = (
            f"translate({width / 2:g} {height / 2:g}) scale({self.card_scale:g}) "
            f"rotate({self.card_turn:g}) translate({-x:g} {-y:g})"
        )
        return svg.document(
            width,
            height,
            marks.rings((width / 2, height / 2), CARD_RADII, line, 0.55)
            + marks.corners(width, height, 26, line)
            + svg.group((self.card_body or self.body) + self.triggers, transform),
            ground=ground,
        )

    def _numbers(self) -> str:
        return "".join(
            marks.leader(index, start, target)
            for index, (start, target) in enumerate(self.leaders, start=1)
        )

    def soft_body(self) -> str:
        """Let a body that is cut at the left edge end softly there."""
        if not self.faded:
            return self.body
        definition, paint = svg.gradient(
            (0, 0), (150, 0), [(0, "#000", 1), (0.1, "#000", 1), (1, "#fff", 1)]
        )
        width, height = PLATE
        mask = (
            f'<mask id="soft" maskUnits="userSpaceOnUse" x="0" y="0" width="{width}" '
            f'height="{height}"><rect width="{width}" height="{height}" '
            f'fill="{paint}"/></mask>'
        )
        return f'<defs>{definition}{mask}</defs><g mask="url(#soft)">{self.body}</g>'
