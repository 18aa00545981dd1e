"""Helpers that several test modules share."""

import io

from pypdf import PdfReader


def pdf_text(content: bytes) -> str:
    """Return the text of all pages, as a reader or a search engine finds it."""
    return "\n".join(
        page.extract_text() for page in PdfReader(io.BytesIO(content)).pages
    )


def body(response) -> bytes:
    """Return all bytes of a streamed answer and close its file."""
    content = b"".join(response)
    response.close()
    return content
