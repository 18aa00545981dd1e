"""Reads how long an MP4 video is from its own header."""

import struct
from collections.abc import Iterator
from typing import IO


def read_duration(file: IO[bytes]) -> float | None:
    """Return the seconds that the movie header states, or nothing without one."""
    file.seek(0, 2)
    end = file.tell()
    try:
        for movie in _boxes(file, 0, end, b"moov"):
            for header in _boxes(file, *movie, b"mvhd"):
                return _duration(file, header[0])
    except struct.error:
        return None
    finally:
        file.seek(0)
    return None


def _boxes(
    file: IO[bytes], start: int, end: int, wanted: bytes
) -> Iterator[tuple[int, int]]:
    """Walk the boxes of one level and give the inside of those with the name."""
    while start + 8 <= end:
        file.seek(start)
        size, name = struct.unpack(">I4s", file.read(8))
        inside = start + 8
        if size == 1:
            (size,) = struct.unpack(">Q", file.read(8))
            inside += 8
        elif size == 0:
            size = end - start
        if size < inside - start:
            return
        if name == wanted:
            yield inside, min(start + size, end)
        start += size


def _duration(file: IO[bytes], start: int) -> float | None:
    file.seek(start)
    content = file.read(32)
    if content[:1] == b"\x01":
        scale, length = struct.unpack(">IQ", content[20:32])
    else:
        scale, length = struct.unpack(">II", content[12:20])
    return length / scale if scale and length else None
