"""Static files for production: hashed, compressed, the style sheets in one file."""

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

STYLE_SHEET = "css/site.css"
IMPORT = re.compile(r'@import url\("(?P<path>[^"]+)"\) layer\((?P<layer>[\w-]+)\);')
RELATIVE_URL = re.compile(r'url\("(?P<path>(?![a-z]+:|/|#)[^"]+)"\)')


class BundledStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # the base is untyped
    """Join the layers of the style sheet at collectstatic: one request, no chain."""

    def post_process(
        self, paths: dict[str, Any], *, dry_run: bool = False, **options: Any
    ) -> Iterator[Any]:
        if STYLE_SHEET in paths and not dry_run:
            bundle = ContentFile(self._bundled(paths).encode())
            self.delete(STYLE_SHEET)
            self.save(STYLE_SHEET, bundle)
            paths = {**paths, STYLE_SHEET: (self, STYLE_SHEET)}
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def _bundled(self, paths: dict[str, Any]) -> str:
        folder = posixpath.dirname(STYLE_SHEET)

        def inline(match: re.Match[str]) -> str:
            name = posixpath.normpath(posixpath.join(folder, match["path"]))
            rules = _rebased(_read(paths, name), posixpath.dirname(name), folder)
            return f"@layer {match['layer']} {{\n{rules}}}"

        return IMPORT.sub(inline, _read(paths, STYLE_SHEET))


def _read(paths: dict[str, Any], name: str) -> str:
    storage, path = paths[name]
    with storage.open(path) as file:
        content: bytes = file.read()
    return content.decode()


def _rebased(css: str, old_folder: str, new_folder: str) -> str:
    """Keep the addresses of a moved style sheet pointing at the same files."""

    def rebase(match: re.Match[str]) -> str:
        target = posixpath.join(old_folder, match["path"])
        return f'url("{posixpath.relpath(target, new_folder)}")'

    return RELATIVE_URL.sub(rebase, css)
