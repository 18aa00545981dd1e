"""The files that the demo content is read from."""

import tomllib
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.db.models.fields.files import FieldFile

from core.uploads import SizedFileField

FOLDER = Path(__file__).parent
MEDIA = FOLDER / "media"

Table = dict[str, Any]


def read(name: str) -> Table:
    return tomllib.loads((FOLDER / "content" / name).read_text())


def read_all(folder: str) -> list[Table]:
    files = sorted((FOLDER / "content" / folder).glob("*.toml"))
    return [tomllib.loads(file.read_text()) for file in files]


def store(field: FieldFile, path: Path) -> None:
    """Put a shipped file into the field's storage once; ours need no re-encoding."""
    store_bytes(field, path.name, path.read_bytes())


def store_bytes(field: FieldFile, name: str, content: bytes) -> None:
    if field:
        return
    target = field.field.generate_filename(field.instance, name)
    setattr(
        field.instance,
        field.field.attname,
        field.storage.save(target, ContentFile(content)),
    )
    if isinstance(field.field, SizedFileField):
        setattr(field.instance, field.field.size_field, len(content))


def image(name: str) -> Path:
    return MEDIA / "images" / f"{name}.webp"
