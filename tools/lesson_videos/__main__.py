"""Build every clip whose scenes changed: MP4, captions and poster."""

import hashlib
import json
import logging
import tempfile
from pathlib import Path

from tools.illustrations.raster import ROOT, Studio, save_webp, studio
from tools.lesson_videos import captions, film, stills
from tools.lesson_videos.script import Clip, read

COURSES = ROOT / "natcampus" / "demo" / "content" / "courses"
LESSONS = ROOT / "natcampus" / "demo" / "media" / "lessons"
RECORD = LESSONS / "built.json"
POSTER_LIMIT = 30_000
logger = logging.getLogger("lesson_videos")

Built = dict[str, dict[str, str | float]]


def fingerprint(clip: Clip, drawings: list[str]) -> str:
    """Return a hash of all that shapes the film and its poster."""
    times = [scene.seconds for scene in clip.scenes]
    recipe = f"{film.RATE_FACTORS}{film.TONE}{film.FRAMES}{times}"
    return hashlib.sha256("".join([recipe, *drawings]).encode()).hexdigest()


def up_to_date(clip: Clip, mark: str, built: Built) -> bool:
    files = (LESSONS / f"{clip.name}{suffix}" for suffix in (".mp4", ".webp"))
    return built.get(clip.name, {}).get("mark") == mark and all(
        f.exists() for f in files
    )


def make(clip: Clip, drawings: list[str], camera: Studio) -> None:
    """Write the film and the poster of one clip."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for index, drawing in enumerate(drawings):
            picture = camera.picture(drawing, stills.WIDTH, stills.HEIGHT)
            if not index:
                save_webp(picture, LESSONS / f"{clip.name}.webp", POSTER_LIMIT)
            paths.append(Path(folder) / f"{index}.png")
            picture.convert("RGB").save(paths[-1])
        film.shoot(clip, paths, LESSONS / f"{clip.name}.mp4")


def main() -> None:
    LESSONS.mkdir(parents=True, exist_ok=True)
    built: Built = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    with studio() as camera:
        for clip in read(COURSES):
            (LESSONS / f"{clip.name}.vtt").write_text(captions.webvtt(clip))
            drawings = list(stills.stills(clip))
            mark = fingerprint(clip, drawings)
            if up_to_date(clip, mark, built):
                continue
            make(clip, drawings, camera)
            built[clip.name] = {"mark": mark, "seconds": clip.seconds}
            RECORD.write_text(json.dumps(built, indent=2, sort_keys=True) + "\n")
            size = (LESSONS / f"{clip.name}.mp4").stat().st_size
            logger.info("%s %.0f s %d bytes", clip.name, clip.seconds, size)


if __name__ == "__main__":
    logging.basicConfig(format="%(message)s")
    logger.setLevel(logging.INFO)
    main()
