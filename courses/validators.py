from django.core.exceptions import ValidationError

from core.uploads import FileRules

# Words that pages beside the courses and lessons use in their addresses.
COURSE_SLUGS_TAKEN = {"api", "certificates", "programs", "transcript"}
LESSON_SLUGS_TAKEN = {"complete", "evaluation", "quiz"}

validate_video = FileRules(endings={".mp4": b"ftyp"}, megabytes=500)
validate_captions = FileRules(endings={".vtt": b"WEBVTT"}, megabytes=2)
validate_lesson_file = FileRules(
    endings={".pdf": b"%PDF-", ".zip": b"PK", ".docx": b"PK", ".txt": b""},
    megabytes=25,
)


def validate_course_slug(slug: str) -> None:
    _refuse(slug, taken=COURSE_SLUGS_TAKEN)


def validate_lesson_slug(slug: str) -> None:
    _refuse(slug, taken=LESSON_SLUGS_TAKEN)


def _refuse(slug: str, *, taken: set[str]) -> None:
    if slug in taken:
        raise ValidationError(f"“{slug}” is an address of the site. Choose another.")
