"""The files of a lesson: only for who may open it, as if they did not exist for others."""

import re
from mimetypes import guess_type

from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpResponse, HttpResponseBase
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from core import webvtt
from core.media import serve_private
from courses.models import Lesson, VideoStream
from courses.views.visit import Visit, course_page

STREAM_TYPES = {"m3u8": "application/vnd.apple.mpegurl", "m4s": "video/mp4"}
_STREAM_NAME = re.compile(r"(?:master|v[0-9]{3,4})\.(m3u8|m4s)")


def _open_lesson(visit: Visit, slug: str) -> Lesson:
    lesson = visit.find_lesson(slug)
    if not visit.opens(lesson) or visit.waiting_for(lesson):
        raise Http404
    return lesson


def _stored(file: FieldFile) -> FieldFile:
    if not file:
        raise Http404
    return file


@require_safe
@course_page
def lesson_video(visit: Visit, lesson: str) -> HttpResponseBase:
    """Serve the video in the parts that the player asks for."""
    video = _stored(_open_lesson(visit, lesson).video)
    return serve_private(visit.request, video, content_type="video/mp4")


@require_safe
@course_page
def lesson_stream(visit: Visit, lesson: str, name: str) -> HttpResponseBase:
    """Serve a playlist of the stream, or the parts of a quality that are asked for."""
    found = _open_lesson(visit, lesson)
    asked = _STREAM_NAME.fullmatch(name)
    stream = VideoStream.objects.ready(found)
    if asked is None or stream is None:
        raise Http404
    file = FieldFile(found, found.video.field, f"{stream.folder}/{name}")
    return serve_private(visit.request, file, content_type=STREAM_TYPES[asked.group(1)])


@require_safe
@course_page
def lesson_captions(visit: Visit, lesson: str) -> HttpResponseBase:
    captions = _stored(_open_lesson(visit, lesson).captions)
    return serve_private(
        visit.request, captions, content_type="text/vtt; charset=utf-8"
    )


@require_safe
@course_page
def lesson_transcript(visit: Visit, lesson: str) -> HttpResponse:
    """Offer the words of the captions as a text file."""
    found = _open_lesson(visit, lesson)
    lines = [cue.text for cue in read_cues(found)]
    if not lines:
        raise Http404
    body = "\n\n".join([f"{visit.course}: {found}", *lines])
    response = HttpResponse(f"{body}\n", content_type="text/plain; charset=utf-8")
    filename = f"{found.slug}-transcript.txt"
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def read_cues(lesson: Lesson) -> list[webvtt.Cue]:
    """Return the lines of the transcript; none when there are no captions."""
    if not lesson.captions:
        return []
    try:
        with lesson.captions.open("rb") as file:
            captions = file.read().decode("utf-8", errors="replace")
    except FileNotFoundError:
        return []
    return webvtt.parse(captions)


@require_safe
@course_page
def lesson_file(visit: Visit, lesson: str, number: int) -> HttpResponseBase:
    """Hand out one file of the lesson under its own title."""
    files = _open_lesson(visit, lesson).files.order_by("weight", "pk")
    if not 1 <= number <= len(files):
        raise Http404
    found = files[number - 1]
    ending = "." + (found.file.name or "").rpartition(".")[2]
    content_type = guess_type(f"file{ending}")[0] or "application/octet-stream"
    return serve_private(
        visit.request,
        _stored(found.file),
        content_type=content_type,
        filename=f"{slugify(found.title) or 'file'}{ending}",
    )
