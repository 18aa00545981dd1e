"""Videos in ranges: what players ask for, and what they must never get."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.http import Http404
from django.test import RequestFactory
from django.urls import reverse

from core.media import LONGEST_OPEN_RANGE, serve_private
from tests.factories.courses import VideoLessonFactory


@pytest.fixture
def lesson(db):
    return VideoLessonFactory(is_preview=True)


@pytest.fixture
def content(lesson):
    with lesson.video.open("rb") as file:
        return file.read()


@pytest.fixture
def fetch(client, lesson):
    """Return a function that asks for the video with some headers."""
    url = reverse("courses:lesson-video", args=[lesson.course.slug, lesson.slug])

    def ask(method="get", **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return getattr(client, method)(url, headers=named)

    return ask


def body(response):
    return response.getvalue()


def test_without_a_range_the_whole_file_is_sent(fetch, content):
    response = fetch()

    assert response.status_code == 200
    assert body(response) == content
    assert response["Content-Length"] == str(len(content))
    assert response["Accept-Ranges"] == "bytes"
    assert response["Content-Type"] == "video/mp4"
    assert "no-cache" in response["Cache-Control"]


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-499", 0, 499),
        ("bytes=500-999", 500, 999),
        ("bytes=9000-", 9000, None),
        ("bytes=-500", -500, None),
        ("bytes=0-", 0, None),
        ("bytes=0-99999999", 0, None),
        ("bytes=-99999999", 0, None),
        ("bytes= 10 - 20 ", 10, 20),
    ],
)
def test_a_single_range_is_answered_with_that_part(fetch, content, asked, first, last):
    size = len(content)
    start = first if first >= 0 else size + first
    end = size - 1 if last is None else last

    response = fetch(range=asked)

    assert response.status_code == 206
    assert body(response) == content[start : end + 1]
    assert response["Content-Range"] == f"bytes {start}-{end}/{size}"
    assert response["Content-Length"] == str(end - start + 1)


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=99999999-100000000"])
def test_a_range_behind_the_end_is_refused_with_the_size(fetch, content, asked):
    response = fetch(range=asked)

    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{len(content)}"


def test_an_empty_suffix_range_is_refused(fetch):
    assert fetch(range="bytes=-0").status_code == 416


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=0-10,20-30",
        "bytes=abc",
        "bytes=10-5",
        "bytes=-",
        "items=0-5",
        "bytes",
        "bytes=--5",
    ],
)
def test_what_is_no_single_range_is_answered_with_everything(fetch, content, asked):
    response = fetch(range=asked)

    assert response.status_code == 200
    assert body(response) == content


def test_head_tells_the_length_and_sends_nothing(fetch, content):
    whole = fetch("head")
    part = fetch("head", range="bytes=0-99")

    assert (whole.status_code, whole["Content-Length"]) == (200, str(len(content)))
    assert (part.status_code, part["Content-Length"]) == (206, "100")
    assert whole.content == part.content == b""


def test_an_unchanged_file_is_not_sent_again(fetch):
    first = fetch()

    by_tag = fetch(if_none_match=first["ETag"])
    by_date = fetch(if_modified_since=first["Last-Modified"])

    assert by_tag.status_code == by_date.status_code == 304


def test_if_range_sends_a_part_of_the_same_version_only(fetch):
    first = fetch()

    same = fetch(range="bytes=0-9", if_range=first["ETag"])
    same_date = fetch(range="bytes=0-9", if_range=first["Last-Modified"])
    other = fetch(range="bytes=0-9", if_range='"another"')
    older = fetch(range="bytes=0-9", if_range="Mon, 01 Jan 2001 00:00:00 GMT")

    assert same.status_code == same_date.status_code == 206
    assert other.status_code == older.status_code == 200


def test_an_open_range_of_a_long_file_ends_early_so_that_no_worker_waits(tmp_path):
    file = _stored(tmp_path, b"x" * (LONGEST_OPEN_RANGE + 10))

    response = _serve(file, range_header="bytes=0-")

    assert response.status_code == 206
    assert response["Content-Length"] == str(LONGEST_OPEN_RANGE)


def test_the_web_server_sends_the_file_where_it_is_asked_to(fetch, lesson, settings):
    settings.PRIVATE_MEDIA_ACCEL = "/protected/"

    response = fetch(range="bytes=0-9")

    assert response["X-Accel-Redirect"] == f"/protected/{lesson.video.name}"
    assert response.content == b""


def test_a_file_that_is_gone_from_the_disk_is_not_found(fetch, lesson):
    lesson.video.storage.delete(lesson.video.name)

    assert fetch().status_code == 404


def test_methods_that_change_nothing_are_refused(fetch):
    assert fetch("post").status_code == 405
    assert fetch("delete").status_code == 405


def test_captions_and_transcript_have_their_types(client, lesson):
    names = ("lesson-captions", "lesson-transcript")
    captions, transcript = (
        client.get(reverse(f"courses:{name}", args=[lesson.course.slug, lesson.slug]))
        for name in names
    )

    assert captions["Content-Type"] == "text/vtt; charset=utf-8"
    assert transcript["Content-Type"] == "text/plain; charset=utf-8"
    assert "attachment" in transcript["Content-Disposition"]
    assert "Start at the sitting bone." in transcript.content.decode()


def test_a_lesson_without_video_or_captions_has_no_such_addresses(client, lesson):
    lesson.video = lesson.captions = ""
    lesson.save()

    for name in ("lesson-video", "lesson-captions", "lesson-transcript"):
        url = reverse(f"courses:{name}", args=[lesson.course.slug, lesson.slug])
        assert client.get(url).status_code == 404


def _stored(tmp_path, content):
    storage = FileSystemStorage(location=tmp_path)
    name = storage.save("long.mp4", ContentFile(content))
    return Stored(storage, name)


class Stored:
    """Stands for a field's file."""

    def __init__(self, storage, name):
        self.storage = storage
        self.name = name
        self.size = storage.size(name)


def _serve(file, *, range_header):
    request = RequestFactory().get("/", headers={"Range": range_header})
    return serve_private(request, file, content_type="video/mp4")


def test_serving_a_missing_file_raises_not_found(tmp_path):
    file = _stored(tmp_path, b"x")
    file.storage.delete(file.name)

    with pytest.raises(Http404):
        _serve(file, range_header="")
