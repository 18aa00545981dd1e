"""Cards of courses that are about a day's movement and not about one muscle."""

from collections.abc import Callable
from dataclasses import dataclass

from tools.illustrations import figure, figures_work, marks, palette, svg
from tools.illustrations.scene import CARD


@dataclass(frozen=True)
class Card:
    """A technique figure enlarged to the size of a card."""

    name: str
    figure: Callable[[], str]

    def draw(self) -> str:
        width, height = CARD
        scale = width / figure.WIDTH
        above = (figure.HEIGHT * scale - height) / 2
        place = f"translate(0 {-above:g}) scale({scale:g})"
        return svg.document(
            width,
            height,
            svg.group(self.figure(), place)
            + marks.corners(width, height, 26, palette.PETROL_2),
            ground=palette.MIST,
        )


CARDS = (
    Card("desk", figures_work.desk),
    Card("step-up", figures_work.step_up),
)
