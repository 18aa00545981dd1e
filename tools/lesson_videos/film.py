"""Join stills into a clip with cross-fades and a soft tone, by ffmpeg."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from tools.lesson_videos.script import FADE, Clip

FRAMES = 15
# Stills change only at their fades: a key frame every minute costs least.
KEYFRAMES = FRAMES * 60
LIMIT = 450_000
RATE_FACTORS = (26, 28, 30, 32, 34, 36)
TONE = "0.045*(sin(2*PI*110*t)+0.7*sin(2*PI*164.81*t)+0.5*sin(2*PI*220*t))"
SWELL = "(0.75+0.25*sin(2*PI*t/7))"


class FilmTooLargeError(Exception):
    """No quality setting brings the clip below the size limit."""


def _inputs(clip: Clip, pictures: Sequence[Path]) -> list[str]:
    arguments: list[str] = []
    for scene, picture in zip(clip.scenes, pictures, strict=True):
        length = scene.seconds + FADE
        arguments += ["-loop", "1", "-framerate", str(FRAMES)]
        arguments += ["-t", f"{length:.3f}", "-i", str(picture)]
    tone = f"aevalsrc={TONE}*{SWELL}:s=22050:d={clip.seconds:.3f}"
    return [*arguments, "-f", "lavfi", "-i", tone]


def _filters(clip: Clip) -> str:
    """Fade each still into the next one at the moment where its scene begins."""
    steps = []
    last = "0:v"
    for index, (start, _) in enumerate(clip.starts()):
        if index:
            steps.append(
                f"[{last}][{index}:v]xfade=transition=fade:duration={FADE}:"
                f"offset={start:.3f}[x{index}]"
            )
            last = f"x{index}"
    end = clip.seconds
    steps.append(f"[{last}]trim=duration={end:.3f},format=yuv420p[picture]")
    steps.append(
        f"[{len(clip.scenes)}:a]afade=t=in:d=1.2,afade=t=out:st={end - 1.5:.3f}:d=1.5[sound]"
    )
    return ";".join(steps)


def shoot(clip: Clip, pictures: Sequence[Path], target: Path) -> None:
    """Write the clip at the best quality that stays below the size limit."""
    for factor in RATE_FACTORS:
        command = ["ffmpeg", "-y", "-v", "error", *_inputs(clip, pictures)]
        command += ["-filter_complex", _filters(clip)]
        command += ["-map", "[picture]", "-map", "[sound]"]
        command += [
            "-c:v",
            "libx264",
            "-preset",
            "medium",
            "-bf",
            "8",
            "-b_strategy",
            "2",
        ]
        command += ["-crf", str(factor), "-r", str(FRAMES), "-g", str(KEYFRAMES)]
        command += ["-c:a", "aac", "-b:a", "20k", "-ac", "1", "-threads", "2"]
        command += ["-map_metadata", "-1", "-movflags", "+faststart", str(target)]
        subprocess.run(command, check=True)
        if target.stat().st_size <= LIMIT:
            return
    raise FilmTooLargeError(target.name)
