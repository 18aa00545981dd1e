"""Read the scenes of every video lesson from the demo courses."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any  # what TOML returns

FADE = 0.4


@dataclass(frozen=True)
class Scene:
    """One still of a clip and what is said over it."""

    heading: tuple[str, ...]
    lines: tuple[str, ...]
    caption: str
    art: str
    seconds: float


@dataclass(frozen=True)
class Clip:
    """One video lesson."""

    name: str
    course: str
    title: str
    scenes: tuple[Scene, ...]

    @property
    def seconds(self) -> float:
        return sum(scene.seconds for scene in self.scenes)

    def starts(self) -> Iterator[tuple[float, Scene]]:
        """Yield each scene with the second at which it begins."""
        clock = 0.0
        for scene in self.scenes:
            yield clock, scene
            clock += scene.seconds


def _scene(data: dict[str, Any]) -> Scene:
    return Scene(
        heading=tuple(data["heading"].split("|")),
        lines=tuple(data.get("lines", ())),
        caption=data["caption"],
        art=data["art"],
        seconds=float(data["seconds"]),
    )


def read(folder: Path) -> Iterator[Clip]:
    """Yield a clip for each video lesson that has scenes."""
    for path in sorted(folder.glob("*.toml")):
        course = tomllib.loads(path.read_text())
        for module in course.get("modules", ()):
            for lesson in module.get("lessons", ()):
                if lesson["kind"] == "video" and lesson.get("scenes"):
                    yield Clip(
                        name=f"{course['slug']}-{lesson['slug']}",
                        course=course["title"],
                        title=lesson["title"],
                        scenes=tuple(_scene(scene) for scene in lesson["scenes"]),
                    )
