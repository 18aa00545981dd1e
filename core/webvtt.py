"""Reads the lines and moments of WebVTT captions; a transcript is made from them."""

import re
from dataclasses import dataclass
from html import unescape

_TIMING = re.compile(r"^(?:(\d+):)?(\d{2}):(\d{2})[.,](\d{3})\s+-->")
_TAG = re.compile(r"<[^>]*>")
_SKIPPED = ("WEBVTT", "NOTE", "STYLE", "REGION")


@dataclass(frozen=True)
class Cue:
    """One caption and the second at which it appears."""

    start: float
    text: str


def parse(captions: str) -> list[Cue]:
    """Return the cues in their order; blocks that are no cue are left out."""
    text = captions.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    cues = [_parse_block(block) for block in re.split(r"\n{2,}", text.strip())]
    return [cue for cue in cues if cue is not None and cue.text]


def _parse_block(block: str) -> Cue | None:
    lines = block.split("\n")
    if lines[0].startswith(_SKIPPED) and "-->" not in lines[0]:
        return None
    for number, line in enumerate(lines[:2]):
        if match := _TIMING.match(line.strip()):
            hours, minutes, seconds, thousandths = (
                int(part or 0) for part in match.groups()
            )
            start = hours * 3600 + minutes * 60 + seconds + thousandths / 1000
            words = " ".join(lines[number + 1 :])
            return Cue(start=start, text=_plain(words))
    return None


def _plain(markup: str) -> str:
    return " ".join(unescape(_TAG.sub("", markup)).split())
