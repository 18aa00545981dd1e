"""Uploads: allow-listed, re-encoded and randomly named, in public or private storage."""

from __future__ import annotations

import secrets
from io import BytesIO
from pathlib import PurePath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, storages
from django.db import models
from django.utils.deconstruct import deconstructible
from PIL import Image, ImageOps, UnidentifiedImageError

MEGABYTE = 1024 * 1024
MAX_IMAGE_BYTES = 5 * MEGABYTE
MAX_IMAGE_PIXELS = 25_000_000
LARGEST_SIDES = (2400, 2400)
IMAGE_FORMATS = ("JPEG", "PNG", "WEBP")
# What Pillow raises for pictures that are damaged or made to do harm.
_UNREADABLE = (
    UnidentifiedImageError,
    Image.DecompressionBombError,
    OSError,
    SyntaxError,
    ValueError,
)
_REFUSED = "Upload a JPEG, PNG or WebP image under 5 MB and 25 megapixels."


def private_storage() -> Storage:
    """Return the storage whose files only a view with an access check hands out."""
    return storages["private"]


def is_stored(file: File[bytes]) -> bool:
    """Tell whether a file was stored, and so checked, before; it is not read again."""
    return bool(getattr(file, "_committed", False))


@deconstructible
class RandomName:
    """Names an upload at random below one folder; only the ending is kept."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def __call__(self, _instance: models.Model, filename: str) -> str:
        ending = PurePath(filename).suffix.lower()
        return f"{self.folder}/{secrets.token_urlsafe(16)}{ending}"

    def __eq__(self, other: object) -> bool:
        """Be the same for migrations, which else rebuild the table of the file."""
        return isinstance(other, RandomName) and self.folder == other.folder

    def __hash__(self) -> int:
        return hash(self.folder)


@deconstructible
class FileRules:
    """Refuse a file that is too large or whose ending or first bytes do not fit."""

    def __init__(self, *, endings: dict[str, bytes], megabytes: int) -> None:
        self.endings = endings
        self.megabytes = megabytes

    def __call__(self, file: File[bytes]) -> None:
        if is_stored(file):
            return
        ending = PurePath(file.name or "").suffix.lower()
        signature = self.endings.get(ending)
        if signature is None or file.size > self.megabytes * MEGABYTE:
            raise ValidationError(self._message())
        file.seek(0)
        if signature not in file.read(64):
            raise ValidationError(self._message())
        file.seek(0)

    def _message(self) -> str:
        kinds = ", ".join(ending.lstrip(".").upper() for ending in self.endings)
        return f"The file must be of the kind {kinds} and under {self.megabytes} MB."

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FileRules) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((tuple(self.endings), self.megabytes))


def validate_image(file: File[bytes]) -> None:
    """Refuse what is no plain raster image; what is too large, before it is decoded."""
    if is_stored(file):
        return
    try:
        file.seek(0)
        with Image.open(file, formats=IMAGE_FORMATS) as image:
            pixels = image.width * image.height
            if pixels > MAX_IMAGE_PIXELS or file.size > MAX_IMAGE_BYTES:
                raise ValidationError(_REFUSED)
            image.load()  # a damaged picture has a good beginning
    except _UNREADABLE as error:
        raise ValidationError(_REFUSED) from error
    file.seek(0)


def reencode(file: File[bytes]) -> ContentFile[bytes]:
    """Decode and write the image anew as WebP: no metadata, no hidden payload."""
    file.seek(0)
    with Image.open(file, formats=IMAGE_FORMATS) as image:
        image.thumbnail(LARGEST_SIDES)  # first of all: large pictures cost memory
        upright = ImageOps.exif_transpose(image)
        mode = (
            "RGBA"
            if "A" in upright.getbands() or "transparency" in upright.info
            else "RGB"
        )
        target = BytesIO()
        upright.convert(mode).save(target, "WEBP", quality=82, method=4)
    return ContentFile(target.getvalue(), name="image.webp")


class SizedFileField(models.FileField):
    """A file whose size is noted when it is stored, so that no page asks the storage.

    The field of the size must stand after this one in its model.
    """

    def __init__(self, *args: Any, size_field: str = "", **kwargs: Any) -> None:
        self.size_field = size_field
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "size_field": self.size_field}

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        file = getattr(model_instance, self.attname)
        if not file:
            setattr(model_instance, self.size_field, 0)
        elif not file._committed:  # noqa: SLF001 - Django's own mark of a new upload
            setattr(model_instance, self.size_field, file.size)
        return super().pre_save(model_instance, add)


class CleanImageField(models.ImageField):
    """An image that is checked in forms and re-encoded on its first save."""

    def __init__(self, *args: Any, folder: str = "images", **kwargs: Any) -> None:
        self.folder = folder
        kwargs["upload_to"] = RandomName(folder)
        kwargs["validators"] = [validate_image]
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("validators", None)
        kwargs.pop("upload_to", None)
        kwargs["folder"] = self.folder
        return name, path, args, kwargs

    def formfield(self, *args: Any, **kwargs: Any) -> Any:
        """Say which pictures are taken, also where Django is the one who refuses."""
        refused = dict.fromkeys(("invalid_image", "invalid_extension"), _REFUSED)
        return super().formfield(*args, **{"error_messages": refused, **kwargs})

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        file = getattr(model_instance, self.attname)
        if file and not file._committed:  # noqa: SLF001 - Django's own mark of a new upload
            clean = reencode(file.file)
            file.save(clean.name, clean, save=False)
        return super().pre_save(model_instance, add)
