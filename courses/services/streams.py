from core import ffmpeg
from core.tasks import enqueue
from courses.models import VideoStream
from courses.models.streams import FROM_THE_START
from courses.tasks import make_streams


def queue_streams() -> None:
    """Queue each video that has no stream yet, and have them made; again is harmless."""
    if not ffmpeg.is_installed():
        return
    VideoStream.objects.note_missing()
    if VideoStream.objects.exclude(status__in=["ready", "failed"]).exists():
        enqueue(make_streams)


def remake_stream(stream: VideoStream) -> bool:
    """Queue a stream if it failed; one that is made or ready stays as it is."""
    failed = VideoStream.objects.filter(pk=stream.pk, status=VideoStream.Status.FAILED)
    return failed.update(status=VideoStream.Status.QUEUED, **FROM_THE_START) > 0
