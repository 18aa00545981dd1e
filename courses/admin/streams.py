"""How far the streams of videos are: in a list, and beside the video of a lesson."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import ffmpeg
from core.admin import ReadOnlyAdmin
from courses import services
from courses.models import Lesson, VideoStream


@admin.register(VideoStream)
class VideoStreamAdmin(ReadOnlyAdmin):
    """The streams that are made, wait or failed."""

    list_display = ["lesson", "course", "progress", "qualities", "updated_at", "error"]
    list_filter = ["status"]
    search_fields = ["lesson__title", "lesson__course__title"]
    list_select_related = ["lesson__course"]
    ordering = ["-updated_at"]
    actions = ["try_again"]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.progress_view)
        page = path("<int:pk>/progress/", view, name="courses_videostream_progress")
        return [page, *super().get_urls()]

    def progress_view(self, request: HttpRequest, pk: int) -> JsonResponse:
        """Tell the page that shows the progress how far it is."""
        stream = get_object_or_404(VideoStream, pk=pk)
        return JsonResponse({"text": state_of(stream), "is_over": stream.is_over})

    @admin.display(ordering="lesson__course")
    def course(self, stream: VideoStream) -> str:
        return stream.lesson.course.title

    @admin.display(description="progress", ordering="status")
    def progress(self, stream: VideoStream) -> SafeString:
        return progress_of(stream)

    @admin.display(description="qualities")
    def qualities(self, stream: VideoStream) -> str:
        return ", ".join(f"{height}p" for height in stream.heights) or "-"

    @admin.action(description="Make again what failed", permissions=["view"])
    def try_again(self, request: HttpRequest, rows: QuerySet[VideoStream]) -> None:
        count = sum(services.remake_stream(stream) for stream in rows)
        if not count:
            self.message_user(request, "None of these failed.", messages.WARNING)
            return
        services.queue_streams()
        self.message_user(request, f"Queued again: {count}.")


def progress_of(stream: VideoStream) -> SafeString:
    """Show the state of the stream; while it changes, the page asks for the newer one."""
    if stream.is_over:
        return format_html("{}", state_of(stream))
    url = reverse("admin:courses_videostream_progress", args=[stream.pk])
    return format_html(
        '<span role="status" data-poll="{}">{}</span>', url, state_of(stream)
    )


def state_of(stream: VideoStream) -> str:
    """Say in words how far the stream is, and what plays meanwhile."""
    if stream.status == VideoStream.Status.READY:
        return f"Ready in {', '.join(f'{height}p' for height in stream.heights)}"
    if stream.status == VideoStream.Status.FAILED:
        return f"Failed: {stream.error} The file itself plays."
    if stream.status == VideoStream.Status.RUNNING:
        return f"{stream.percent}% made; until then the file itself plays"
    return "Waiting for its turn; until then the file itself plays"


class StreamedMixin:
    """Shows the stream beside the video of a lesson, and has it made after a save."""

    @admin.display(description="qualities")
    def stream_state(self, lesson: Lesson) -> SafeString | str:
        if not lesson.video:
            return "Made from the video after you save."
        stream = VideoStream.objects.filter(lesson=lesson).first()
        if stream is not None:
            return progress_of(stream)
        if not ffmpeg.is_installed():
            return "ffmpeg is not installed here: the file itself plays."
        return "Waiting for its turn; until then the file itself plays"
