"""Makes adaptive streams and posters with ffmpeg, where it is installed."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.errors import DomainError

MASTER = "master.m3u8"
# Players change the quality at these moments only.
SEGMENT_SECONDS = 4
# Half of the machine stays with those who wait for a page.
THREADS = max((os.cpu_count() or 2) // 2, 1)
PROBE_SECONDS = 30
LONGEST_ERROR = 200


class FfmpegError(DomainError):
    """The video cannot be turned into a stream."""


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One quality of a stream: the height in pixels and the most kilobits a second."""

    height: int
    kilobits: int


LADDER = (
    Rung(height=360, kilobits=700),
    Rung(height=720, kilobits=2200),
    Rung(height=1080, kilobits=4500),
)


@dataclass(frozen=True, kw_only=True)
class Video:
    """What ffprobe says of a file."""

    height: int
    seconds: float
    has_sound: bool

    @property
    def ladder(self) -> tuple[Rung, ...]:
        """Return the qualities that the picture is large enough for; at least the first."""
        fitting = tuple(rung for rung in LADDER if rung.height <= self.height)
        return fitting or LADDER[:1]


def is_installed() -> bool:
    return bool(shutil.which("ffmpeg") and shutil.which("ffprobe"))


def probe(path: Path) -> Video:
    """Read what the file holds; FfmpegError where it is no video."""
    command = [
        *("ffprobe", "-v", "error", "-of", "json"),
        *("-show_entries", "stream=codec_type,height:format=duration", str(path)),
    ]
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and the file has a name of ours
            command, capture_output=True, check=True, timeout=PROBE_SECONDS
        )
        told = json.loads(done.stdout)
        streams = told["streams"]
        heights = [one["height"] for one in streams if one["codec_type"] == "video"]
        return Video(
            height=heights[0],
            seconds=float(told["format"]["duration"]),
            has_sound=any(one["codec_type"] == "audio" for one in streams),
        )
    except (subprocess.SubprocessError, LookupError, ValueError) as error:
        raise FfmpegError("ffmpeg cannot read this video.") from error


def make_stream(
    path: Path, folder: Path, *, video: Video, tell: Callable[[int], bool]
) -> None:
    """Write the playlists and one file for each quality into the folder.

    `tell` is called with the percent done, about twice a second; ffmpeg is ended when it
    answers False.
    """
    command = [
        *("nice", "ffmpeg", "-v", "error", "-nostdin", "-progress", "pipe:1"),
        *("-i", str(path), *_renditions(video)),
        *("-f", "hls", "-hls_time", str(SEGMENT_SECONDS), "-hls_playlist_type", "vod"),
        # A quality is one file, of which players ask for ranges.
        *("-hls_segment_type", "fmp4", "-hls_flags", "single_file"),
        *("-master_pl_name", MASTER, "-var_stream_map", _map(video), "v%v.m3u8"),
    ]
    with (folder / "errors.txt").open("w+") as errors:
        process = subprocess.Popen(  # noqa: S603 - as above
            command, cwd=folder, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        with process:
            try:
                _follow(process, video=video, tell=tell)
            finally:
                process.kill()  # nothing, once it has ended
        errors.seek(0)
        said = errors.read().strip()
    (folder / "errors.txt").unlink()
    if process.returncode:
        lines = said.splitlines() or ["ffmpeg was ended."]
        raise FfmpegError(lines[-1][:LONGEST_ERROR])


def grab_picture(path: Path, *, second: float) -> bytes:
    """Return one frame as a JPEG."""
    command = [
        *("ffmpeg", "-v", "error", "-nostdin", "-ss", f"{second:.2f}", "-i", str(path)),
        *("-frames:v", "1", "-f", "image2", "-c:v", "mjpeg", "-q:v", "3", "pipe:1"),
    ]
    try:
        done = subprocess.run(  # noqa: S603 - as above
            command, capture_output=True, check=True, timeout=PROBE_SECONDS
        )
    except subprocess.SubprocessError as error:
        raise FfmpegError("ffmpeg cannot take a picture of this video.") from error
    return done.stdout


def _follow(
    process: "subprocess.Popen[str]", *, video: Video, tell: Callable[[int], bool]
) -> None:
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    for line in process.stdout:
        name, _, value = line.strip().partition("=")
        if name != "out_time_us" or not value.isdecimal():
            continue
        percent = int(int(value) / 10_000 / max(video.seconds, 0.1))
        if not tell(min(percent, 99)):
            raise FfmpegError("The video was replaced meanwhile.")
    process.wait()


def _renditions(video: Video) -> list[str]:
    """Encode the picture once for each quality, with a key frame at each segment."""
    options = [
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "24", "-pix_fmt"),
        *("yuv420p", "-threads", str(THREADS), "-sc_threshold", "0"),
        "-force_key_frames",
        f"expr:gte(t,n_forced*{SEGMENT_SECONDS})",
        *("-c:a", "aac", "-b:a", "96k", "-ac", "2"),
    ]
    for number, rung in enumerate(video.ladder):
        height = min(rung.height, video.height // 2 * 2)
        options += ["-map", "0:v:0", f"-filter:v:{number}", f"scale=-2:{height}"]
        options += [f"-maxrate:v:{number}", f"{rung.kilobits}k"]
        options += [f"-bufsize:v:{number}", f"{rung.kilobits * 2}k"]
        if video.has_sound:
            options += ["-map", "0:a:0"]
    return options


def _map(video: Video) -> str:
    names = []
    for number, rung in enumerate(video.ladder):
        sound = f",a:{number}" if video.has_sound else ""
        names.append(f"v:{number}{sound},name:{rung.height}")
    return " ".join(names)
