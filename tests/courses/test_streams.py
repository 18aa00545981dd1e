"""Videos become streams in several qualities, by the real ffmpeg."""

import shutil
import subprocess
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from core import ffmpeg
from core.embeds import frame_address
from core.uploads import private_storage
from courses import jobs, services, tasks
from courses.models import VideoStream
from tests.factories.accounts import UserFactory
from tests.factories.courses import (
    CourseFactory,
    EnrollmentFactory,
    LessonFactory,
    ModuleFactory,
    VideoLessonFactory,
    VideoStreamFactory,
)
from tests.support import body

pytestmark = pytest.mark.django_db
Status = VideoStream.Status


@pytest.fixture(scope="session")
def film(tmp_path_factory):
    """Return a function that gives six seconds of a test picture, with or without sound."""

    def make(height=720, *, has_sound=True):
        path = tmp_path_factory.mktemp("film") / "film.mp4"
        picture = f"testsrc=size={height * 16 // 9}x{height}:rate=10:duration=6"
        sound = ["-f", "lavfi", "-i", "sine=duration=6"] if has_sound else []
        subprocess.run(
            [
                *("ffmpeg", "-v", "error", "-f", "lavfi", "-i", picture, *sound),
                *("-pix_fmt", "yuv420p", str(path)),
            ],
            check=True,
        )
        return path.read_bytes()

    return make


def lesson_with(content, **given):
    return VideoLessonFactory(
        video=ContentFile(content, name="film.mp4"), duration_seconds=6, **given
    )


def sweep(capture):
    """Run the job, and the task that it sends."""
    with capture(execute=True):
        jobs.sweep_streams()


@pytest.fixture
def eager(monkeypatch):
    monkeypatch.setattr(tasks.make_streams, "delay", tasks.make_streams)


@pytest.fixture
def run(eager, django_capture_on_commit_callbacks):
    return lambda: sweep(django_capture_on_commit_callbacks)


def stored(stream, name):
    with private_storage().open(f"{stream.folder}/{name}") as file:
        return file.read()


def test_a_video_becomes_a_stream_in_each_quality_that_it_is_large_enough_for(
    run, film
):
    lesson = lesson_with(film(720))

    run()

    stream = VideoStream.objects.get(lesson=lesson)
    assert (stream.status, stream.percent) == (Status.READY, 100)
    assert stream.heights == [360, 720]
    master = stored(stream, "master.m3u8").decode()
    assert "RESOLUTION=640x360" in master
    assert "RESOLUTION=1280x720" in master
    playlist = stored(stream, "v360.m3u8").decode()
    assert playlist.rstrip().endswith("#EXT-X-ENDLIST")
    assert playlist.count("#EXTINF") == 2  # four seconds and two
    assert stored(stream, "v360.m4s")[4:8] == b"ftyp"


def test_a_small_video_without_sound_becomes_a_stream_too(run, film):
    lesson = lesson_with(film(180, has_sound=False))

    run()

    stream = VideoStream.objects.get(lesson=lesson)
    assert stream.heights == [360]
    assert "RESOLUTION=320x180" in stored(stream, "master.m3u8").decode()


def test_a_lesson_without_a_poster_gets_a_picture_of_its_video(run, film):
    bare = lesson_with(film(180))
    kept = lesson_with(film(180), poster="posters/own.webp")

    run()

    bare.refresh_from_db()
    kept.refresh_from_db()
    assert bare.poster.name.endswith(".webp")
    assert bare.poster.size > 500
    assert kept.poster.name == "posters/own.webp"


def test_what_is_no_video_fails_with_the_reason_and_can_be_made_again(run):
    lesson = VideoLessonFactory()  # its file is no film

    run()

    stream = VideoStream.objects.get(lesson=lesson)
    assert stream.status == Status.FAILED
    assert stream.error == "ffmpeg cannot read this video."
    assert services.remake_stream(stream) is True
    assert services.remake_stream(stream) is False  # it waits already
    stream.refresh_from_db()
    assert (stream.status, stream.error) == (Status.QUEUED, "")


def test_a_replaced_video_is_made_anew_and_the_old_files_go(run, film):
    lesson = lesson_with(film(180))
    run()
    old = VideoStream.objects.get(lesson=lesson)
    lesson.video.save("film.mp4", ContentFile(film(360)))

    assert VideoStream.objects.ready(lesson) is None
    run()

    new = VideoStream.objects.ready(lesson)
    assert new.heights == [360]
    assert new.folder != old.folder
    assert not private_storage().exists(f"{old.folder}/master.m3u8")


def test_a_video_that_is_replaced_meanwhile_keeps_nothing_of_the_old_one(film, noon):
    lesson = lesson_with(film(180))
    VideoStream.objects.note_missing()
    stream = VideoStream.objects.claim_next(at=noon)
    VideoStream.objects.update(source="videos/other.mp4", status=Status.QUEUED)

    tasks._make_stream(stream)

    stream.refresh_from_db()
    assert (stream.status, stream.folder) == (Status.QUEUED, "")
    assert VideoStream.objects.ready(lesson) is None


def test_one_stream_is_made_at_a_time(noon):
    VideoLessonFactory.create_batch(2)
    VideoStream.objects.note_missing()

    first = VideoStream.objects.claim_next(at=noon)

    assert first is not None
    assert VideoStream.objects.claim_next(at=noon) is None


def test_what_a_killed_worker_left_is_taken_up_and_at_last_given_up(noon):
    VideoLessonFactory()
    VideoStream.objects.note_missing()

    moments = [noon + timedelta(minutes=6 * turn) for turn in range(4)]
    claims = [VideoStream.objects.claim_next(at=moment) for moment in moments]

    assert [claim is not None for claim in claims] == [True, True, True, False]
    stream = VideoStream.objects.get()
    assert stream.status == Status.FAILED
    assert "each worker stopped" in stream.error


def test_without_ffmpeg_nothing_is_queued_and_the_file_plays(run, client, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    lesson = VideoLessonFactory(is_preview=True)

    run()

    assert not ffmpeg.is_installed()
    assert not VideoStream.objects.exists()
    assert "data-stream" not in client.get(lesson.get_absolute_url()).content.decode()


def test_the_page_names_the_stream_and_its_policy_lets_it_play(client):
    stream = VideoStreamFactory(lesson__is_preview=True)

    response = client.get(stream.lesson.get_absolute_url())

    url = address(stream.lesson)
    assert f'data-stream="{url}"' in response.content.decode()
    policy = response["Content-Security-Policy"]
    assert "media-src 'self' blob:" in policy
    assert "worker-src blob:" in policy


@pytest.mark.parametrize(
    "name", ["other.m3u8", "..", "%2e%2e%2fsecret.txt", "v360.ts", "v360.m4s.part"]
)
def test_only_the_files_of_a_stream_are_handed_out(client, name):
    stream = VideoStreamFactory(lesson__is_preview=True)
    url = address(stream.lesson)

    assert body(client.get(url)) == b"#EXTM3U\n"
    assert client.get(url.replace("master.m3u8", name)).status_code == 404


def test_the_files_of_a_lesson_wait_for_its_turn_as_the_page_does(client, plan, member):
    module = ModuleFactory(course=CourseFactory(order="lessons"))
    LessonFactory(module=module)
    later = VideoStreamFactory(lesson__module=module).lesson
    client.force_login(member)
    urls = [
        address(later),
        reverse("courses:lesson-video", args=[later.course.slug, later.slug]),
    ]

    before_start = [client.get(url).status_code for url in urls]
    page = client.get(later.get_absolute_url())
    EnrollmentFactory(user=member, course=later.course)
    after_start = [client.get(url).status_code for url in urls]

    assert before_start == after_start == [404, 404]
    assert "first." in page.content.decode()
    assert "data-player" not in page.content.decode()


def address(lesson):
    return reverse(
        "courses:lesson-stream", args=[lesson.course.slug, lesson.slug, "master.m3u8"]
    )


def test_the_administration_tells_how_far_a_stream_is(client, settings):
    stream = VideoStreamFactory(status=Status.RUNNING, percent=43, folder="")
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    url = reverse("admin:courses_videostream_progress", args=[stream.pk])

    lesson = client.get(f"/admin/courses/lesson/{stream.lesson_id}/change/")
    told = client.get(url).json()
    VideoStream.objects.update(status=Status.READY, folder="streams/x")
    at_last = client.get(url).json()

    assert f'data-poll="{url}"' in lesson.content.decode()
    assert told == {
        "text": "43% made; until then the file itself plays",
        "is_over": False,
    }
    assert at_last == {"text": "Ready in 360p", "is_over": True}


def test_the_administration_makes_again_what_failed(
    client, django_capture_on_commit_callbacks
):
    stream = VideoStreamFactory(status=Status.FAILED, folder="", error="No.")
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    page = client.post(
        "/admin/courses/videostream/",
        {"action": "try_again", "_selected_action": [stream.pk]},
        follow=True,
    )

    assert "Queued again: 1." in page.content.decode()
    stream.refresh_from_db()
    assert stream.status == Status.QUEUED


@pytest.mark.parametrize(
    ("typed", "framed"),
    [
        ("https://vimeo.com/123456789", "https://player.vimeo.com/video/123456789?c"),
        ("https://vimeo.com/123456789/abcdef1234", "/video/123456789?h=abcdef1234&c"),
        ("https://player.vimeo.com/video/123456789?h=abcdef12", "?h=abcdef12&c"),
    ],
)
def test_a_video_at_vimeo_is_framed(typed, framed):
    assert framed in frame_address(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "http://vimeo.com/123456789",
        "https://vimeo.com/123456789?x=<script>",
        "https://vimeo.com.evil.example/123456789",
        "https://vimeo.com/abc",
        "https://www.youtube.com/watch?v=123456789",
    ],
)
def test_other_addresses_are_not_framed(typed):
    assert frame_address(typed) is None


def test_a_lesson_at_a_host_is_framed_and_only_its_policy_lets_the_host_in(client):
    lesson = LessonFactory(
        kind="video",
        embed_url="https://vimeo.com/123456789",
        duration_seconds=60,
        is_preview=True,
    )

    response = client.get(lesson.get_absolute_url())
    other = client.get(LessonFactory(is_preview=True).get_absolute_url())

    assert 'src="https://player.vimeo.com/video/123456789?' in response.content.decode()
    assert "frame-src https://player.vimeo.com" in response["Content-Security-Policy"]
    assert "vimeo" not in other["Content-Security-Policy"]
