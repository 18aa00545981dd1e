from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db.models import FileField
from django.db.models.fields.files import FieldFile
from PIL import Image

from core import uploads
from core.uploads import FileRules, RandomName, reencode, validate_image
from courses.models import Instructor

rules = FileRules(endings={".pdf": b"%PDF-"}, megabytes=1)


def picture(*, size=(40, 30), kind="JPEG", name="photo.jpg", **options):
    target = BytesIO()
    Image.new("RGB", size, "teal").save(target, kind, **options)
    return ContentFile(target.getvalue(), name=name)


def test_a_file_of_the_right_kind_is_taken_and_can_be_read_from_its_start():
    file = ContentFile(b"%PDF-1.7 and more", name="guide.PDF")

    rules(file)

    assert file.read(5) == b"%PDF-"


@pytest.mark.parametrize(
    "file",
    [
        ContentFile(b"%PDF-" + b"0" * uploads.MEGABYTE, name="large.pdf"),
        ContentFile(b"<html>", name="page.pdf"),
        ContentFile(b"%PDF-1.7", name="guide.pdf.html"),
        ContentFile(b"%PDF-1.7", name="guide"),
        ContentFile(b"", name="empty.pdf"),
    ],
    ids=["too large", "another content", "another ending", "no ending", "empty"],
)
def test_a_file_that_is_too_large_or_of_another_kind_is_refused_in_words(file):
    with pytest.raises(ValidationError, match="of the kind PDF and under 1 MB"):
        rules(file)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_plain_pictures_are_taken(kind):
    validate_image(picture(kind=kind))


@pytest.mark.parametrize(
    "file",
    [
        ContentFile(b"<svg onload='x()'/>", name="drawing.svg"),
        ContentFile(b"GIF89a", name="moving.gif"),
        ContentFile(b"not a picture", name="photo.jpg"),
        ContentFile(b"", name="photo.jpg"),
        picture(kind="GIF", name="photo.jpg"),
    ],
    ids=["svg", "gif", "text", "empty", "gif that says jpg"],
)
def test_what_is_no_plain_picture_is_refused_in_words(file):
    with pytest.raises(ValidationError, match="JPEG, PNG or WebP"):
        validate_image(file)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_damaged_picture_is_refused_in_words(kind):
    whole = BytesIO()
    Image.effect_noise((200, 200), 60).convert("RGB").save(whole, kind)
    half = whole.getvalue()[: whole.tell() // 2]

    with pytest.raises(ValidationError, match="JPEG, PNG or WebP"):
        validate_image(ContentFile(half, name="photo.jpg"))


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded():
    bomb = picture(size=(6000, 5000), kind="PNG", name="bomb.png")

    with pytest.raises(ValidationError, match="25 megapixels"):
        validate_image(bomb)


def test_a_picture_of_too_many_bytes_is_refused(monkeypatch):
    monkeypatch.setattr(uploads, "MAX_IMAGE_BYTES", 100)

    with pytest.raises(ValidationError, match="under 5 MB"):
        validate_image(picture())


def test_a_picture_is_written_anew_without_what_it_carried():
    exif = Image.Exif()
    exif[0x010E] = "taken at home"  # the description
    carried = picture(exif=exif.tobytes())
    carried = ContentFile(carried.read() + b"<script>x()</script>", name="photo.jpg")

    clean = reencode(carried).read()

    image = Image.open(BytesIO(clean))
    assert image.format == "WEBP"
    assert not image.getexif()
    assert b"script" not in clean
    assert b"taken at home" not in clean


def test_what_is_stored_was_checked_before_and_is_not_read_again():
    stored = FieldFile(Instructor(), FileField(), "nowhere/page.html")

    rules(stored)
    validate_image(stored)

    with pytest.raises(ValidationError):
        rules(ContentFile(b"<html>", name="page.html"))


def test_a_stored_name_is_random_and_keeps_the_ending_alone():
    name = RandomName("images")

    first, second = (name(None, "../../My Photo.JPG") for _ in range(2))

    assert first != second
    assert first.startswith("images/")
    assert first.endswith(".jpg")
    assert ".." not in first
    assert "Photo" not in first
