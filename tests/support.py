"""Helpers that several test modules share."""

import io

from pypdf import PdfReader


def pdf_text(content: bytes) -> str:
    """Return the text of all pages, as a reader or a search engine finds it."""
    return "\n".join(
        page.extract_text() for page in PdfReader(io.BytesIO(content)).pages
    )


def body(response) -> bytes:
    """Return all bytes of a streamed answer; at its end the client closes it.

    Closing it once more would close the database connection of the test too.
    """
    return b"".join(response)
