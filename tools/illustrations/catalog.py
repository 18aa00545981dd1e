"""Every drawing by the name that the content uses."""

from collections.abc import Callable

from tools.illustrations import (
    figures_arm,
    figures_clinic,
    figures_leg,
    figures_work,
    plates_arm,
    plates_hip,
    plates_leg,
    plates_neck,
)
from tools.illustrations.scene import Scene

SCENES: tuple[Callable[[], Scene], ...] = (
    *plates_leg.SCENES,
    *plates_hip.SCENES,
    *plates_neck.SCENES,
    *plates_arm.SCENES,
)

FIGURES: dict[str, Callable[[], str]] = {
    draw.__name__.replace("_", "-"): draw
    for draw in (
        *figures_leg.FIGURES,
        *figures_arm.FIGURES,
        *figures_clinic.FIGURES,
        *figures_work.FIGURES,
    )
}
