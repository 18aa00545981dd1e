"""Write WebVTT captions whose cues stay inside their scenes."""

import math
import re
import textwrap

from tools.lesson_videos.script import Clip

LINE = 42
SENTENCE = re.compile(r"(?<=[.!?])\s+")


def stamp(seconds: float) -> str:
    """Write a moment as WebVTT does."""
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"00:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"


def even(text: str, count: int) -> list[str]:
    """Cut a text between words into a number of parts of like length."""
    width = math.ceil(len(text) / count)
    while len(textwrap.wrap(text, width)) > count:
        width += 1
    return textwrap.wrap(text, width)


def rows(text: str) -> int:
    return len(textwrap.wrap(text, LINE))


def cues(sentence: str) -> list[str]:
    """Cut a sentence into as few parts as fit on two lines each."""
    count = math.ceil(rows(sentence) / 2)
    while any(rows(part) > 2 for part in even(sentence, count)):
        count += 1
    return even(sentence, count)


def pieces(caption: str) -> list[str]:
    """Split a caption into texts of at most two lines."""
    return [
        "\n".join(even(part, rows(part)))
        for sentence in SENTENCE.split(caption)
        for part in cues(sentence)
    ]


def webvtt(clip: Clip) -> str:
    """Return all cues; a scene's time is shared by the length of its texts."""
    blocks = ["WEBVTT\n"]
    for start, scene in clip.starts():
        parts = pieces(scene.caption)
        letters = sum(len(part) for part in parts)
        clock = start + 0.2
        speech = scene.seconds - 0.4
        for part in parts:
            end = clock + speech * len(part) / letters
            blocks.append(f"{stamp(clock)} --> {stamp(end)}\n{part}\n")
            clock = end
    return "\n".join(blocks)
