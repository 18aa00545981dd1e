"""Turns the videos of lessons into adaptive streams, one at a time."""

import logging
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

from celery import shared_task
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage
from django.utils import timezone

from core import ffmpeg
from core.uploads import private_storage
from courses.models import Lesson, VideoStream
from courses.models.streams import LEASE

logger = logging.getLogger(__name__)

HOURS = 3600
FOLDER = "streams"
# Where the poster is taken: past a title that fades in.
POSTER_SHARE = 0.1


@shared_task(acks_late=True, soft_time_limit=6 * HOURS, time_limit=6 * HOURS + 60)
def make_streams() -> None:
    """Make the streams that are due, one after the other; a second task finds one made."""
    while stream := VideoStream.objects.claim_next(at=timezone.now()):
        _make_stream(stream)


def _make_stream(stream: VideoStream) -> None:
    """Make what was claimed, and note the end: ready, or failed with the reason."""
    mine = VideoStream.objects.filter(
        pk=stream.pk, source=stream.source, status=VideoStream.Status.RUNNING
    )

    def tell(percent: int) -> bool:
        until = timezone.now() + LEASE
        return mine.update(percent=percent, gives_up_at=until) > 0

    try:
        folder, heights = _make(stream, tell=tell)
    except (ffmpeg.FfmpegError, OSError) as error:
        logger.warning("stream failed", extra={"lesson_id": stream.lesson_id})
        mine.update(status=VideoStream.Status.FAILED, error=str(error)[:250])
        return
    ready = {"status": VideoStream.Status.READY, "percent": 100, "error": ""}
    is_kept = mine.update(
        **ready, folder=folder, heights=heights, updated_at=timezone.now()
    )
    _delete_files(stream.folder if is_kept else folder)


def _delete_files(folder: str) -> None:
    """Delete what was stored of a stream; players that still ask get the newer one."""
    storage = private_storage()
    if not folder or not storage.exists(folder):
        return
    for name in storage.listdir(folder)[1]:
        storage.delete(f"{folder}/{name}")
    storage.delete(folder)


def _make(stream: VideoStream, *, tell: Callable[[int], bool]) -> tuple[str, list[int]]:
    path = Path(stream.lesson.video.path)
    video = ffmpeg.probe(path)
    _add_poster(stream.lesson, path, video)
    storage = private_storage()
    folder = f"{FOLDER}/{secrets.token_urlsafe(16)}"
    with tempfile.TemporaryDirectory() as made:
        ffmpeg.make_stream(path, Path(made), video=video, tell=tell)
        _store(Path(made), storage, folder)
    return folder, [rung.height for rung in video.ladder]


def _store(made: Path, storage: Storage, folder: str) -> None:
    for file in sorted(made.iterdir()):
        with file.open("rb") as content:
            storage.save(f"{folder}/{file.name}", File(content))


def _add_poster(lesson: Lesson, path: Path, video: ffmpeg.Video) -> None:
    """Give a lesson without a picture one of its video."""
    if lesson.poster:
        return
    picture = ffmpeg.grab_picture(path, second=video.seconds * POSTER_SHARE)
    lesson.poster = ContentFile(picture, name="poster.jpg")
    lesson.save(update_fields=["poster", "updated_at"])
