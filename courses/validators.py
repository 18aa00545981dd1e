import re

from django.core.exceptions import ValidationError
from django.core.files.base import File

from core import webvtt
from core.embeds import frame_address
from core.mp4 import read_duration
from core.uploads import FileRules, is_stored

# Words that pages beside the courses and lessons use in their addresses.
COURSE_SLUGS_TAKEN = {"api", "certificates", "programs", "transcript"}
LESSON_SLUGS_TAKEN = {"complete", "evaluation", "notes", "quiz", "version"}

validate_video_file = FileRules(endings={".mp4": b"ftyp"}, megabytes=500)
validate_captions_file = FileRules(endings={".vtt": b"WEBVTT"}, megabytes=2)
validate_lesson_file = FileRules(
    endings={".pdf": b"%PDF-", ".zip": b"PK", ".docx": b"PK", ".txt": b""},
    megabytes=25,
)


def validate_video(file: File[bytes]) -> None:
    """Refuse what is no video, and a video that does not say how long it is."""
    validate_video_file(file)
    if not is_stored(file) and read_duration(file) is None:
        raise ValidationError(
            "The length of this video cannot be read. Export it once more as MP4 (H.264)."
        )


def validate_captions(file: File[bytes]) -> None:
    """Refuse a file without a single caption: its transcript would be empty."""
    validate_captions_file(file)
    if is_stored(file):
        return
    cues = webvtt.parse(file.read().decode("utf-8", errors="replace"))
    file.seek(0)
    if not cues:
        raise ValidationError("This file holds no captions. Export it as WebVTT.")


def validate_embed_url(address: str) -> None:
    if frame_address(address) is None:
        raise ValidationError(
            "Enter the address of a video at Vimeo, like https://vimeo.com/123456789."
        )


def validate_course_slug(slug: str) -> None:
    _refuse(slug, taken=COURSE_SLUGS_TAKEN)


def validate_lesson_slug(slug: str) -> None:
    _refuse(slug, taken=LESSON_SLUGS_TAKEN)


def _refuse(slug: str, *, taken: set[str]) -> None:
    if slug in taken:
        raise ValidationError(f"“{slug}” is an address of the site. Choose another.")


def validate_email_words(text: str) -> None:
    """Refuse braces around anything that no email can fill in."""
    unknown = set(re.findall(r"\{[^{}]*\}", text)) - {"{course}", "{name}"}
    if unknown:
        raise ValidationError(
            f"Only {{course}} and {{name}} can be filled in, not {min(unknown)}."
        )
