"""Small builders of SVG markup."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from tools.illustrations.geometry import Point, number

SERIF = "Literata, Georgia, serif"
SANS = "'Atkinson Next', 'Atkinson Hyperlegible Next', system-ui, sans-serif"

Stop = tuple[float, str, float]


def document(width: int, height: int, body: str, *, ground: str = "") -> str:
    """Wrap markup into a picture, over a flat ground when one is given."""
    base = (
        f'<rect width="{width}" height="{height}" fill="{ground}"/>' if ground else ""
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}">{base}{body}</svg>'
    )


def identifier(content: str) -> str:
    """Name a definition after its content: equal definitions share a name."""
    return f"i{zlib.crc32(content.encode()):x}"


def gradient(a: Point, b: Point, stops: Iterable[Stop]) -> tuple[str, str]:
    """Return the definition of a linear gradient and the paint that uses it."""
    inner = "".join(
        f'<stop offset="{offset:.2f}" stop-color="{color}"'
        + (f' stop-opacity="{opacity:g}"' if opacity < 1 else "")
        + "/>"
        for offset, color, opacity in stops
    )
    ends = (
        f'x1="{number(a[0])}" y1="{number(a[1])}" '
        f'x2="{number(b[0])}" y2="{number(b[1])}"'
    )
    name = identifier(ends + inner)
    definition = (
        f'<linearGradient id="{name}" gradientUnits="userSpaceOnUse" {ends}>'
        f"{inner}</linearGradient>"
    )
    return definition, f"url(#{name})"


def group(body: str, transform: str) -> str:
    return f'<g transform="{transform}">{body}</g>'


def clip(body: str, x: float, y: float, width: float, height: float) -> str:
    """Keep only what lies inside a rectangle."""
    rect = f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"/>'
    name = identifier(rect)
    return (
        f'<clipPath id="{name}">{rect}</clipPath><g clip-path="url(#{name})">{body}</g>'
    )


def stroke(data: str, color: str, width: float, *, opacity: float = 1) -> str:
    extra = f' stroke-opacity="{opacity:g}"' if opacity < 1 else ""
    return (
        f'<path d="{data}" fill="none" stroke="{color}" stroke-width="{width:g}" '
        f'stroke-linecap="round" stroke-linejoin="round"{extra}/>'
    )


def fill(data: str, color: str, *, opacity: float = 1) -> str:
    extra = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
    return f'<path d="{data}" fill="{color}"{extra}/>'


def circle(x: float, y: float, r: float, color: str) -> str:
    return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(r)}" fill="{color}"/>'


@dataclass(frozen=True)
class Type:
    """How a line of text is set."""

    size: float
    color: str
    weight: int = 400
    family: str = SANS
    anchor: str = "start"


def text(x: float, y: float, words: str, style: Type) -> str:
    return (
        f'<text x="{number(x)}" y="{number(y)}" font-family="{style.family}" '
        f'font-size="{style.size:g}" font-weight="{style.weight}" fill="{style.color}" '
        f'text-anchor="{style.anchor}">{escape(words)}</text>'
    )
