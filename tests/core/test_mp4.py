"""The length of a video is read from the file, so that nobody has to type it."""

from io import BytesIO
from struct import pack

import pytest

from core.mp4 import read_duration


def box(name, content):
    return pack(">I4s", 8 + len(content), name) + content


def movie(header):
    return BytesIO(box(b"ftyp", b"mp42") + box(b"moov", box(b"mvhd", header)))


def test_read_duration_of_a_short_header():
    header = b"\x00" * 4 + pack(">IIII", 0, 0, 1000, 35_500) + b"\x00" * 80

    assert read_duration(movie(header)) == 35.5


def test_read_duration_of_a_long_header():
    header = b"\x01\x00\x00\x00" + pack(">QQIQ", 0, 0, 600, 6_000_000) + b"\x00" * 80

    assert read_duration(movie(header)) == 10_000


def test_read_duration_of_a_movie_behind_a_long_box():
    header = b"\x00" * 4 + pack(">IIII", 0, 0, 10, 100) + b"\x00" * 80
    large = pack(">I4sQ", 1, b"mdat", 16 + 50) + b"x" * 50
    file = BytesIO(large + box(b"moov", box(b"mvhd", header)))

    assert read_duration(file) == 10


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a movie at all",
        box(b"ftyp", b"mp42"),
        box(b"moov", box(b"mvhd", b"\x00")),
        box(b"moov", box(b"mvhd", b"\x00" * 100)),
        pack(">I4s", 0, b"moov"),
        pack(">I4s", 3, b"moov"),
        pack(">I4sQ", 1, b"free", 2),
    ],
)
def test_read_duration_of_what_states_none(content):
    file = BytesIO(content)

    assert read_duration(file) is None
    assert file.tell() == 0
