"""Certificate PDFs: typst with our own fonts, tagged, from the frozen row alone."""

import io
import json
import re
import threading
from functools import cache
from pathlib import Path

import segno
import typst
from django.conf import settings

from certification.models import Certificate
from core.templatetags.components import hours

_one_at_a_time = threading.Lock()

FOLDER = Path(__file__).parent
_NO_FONT_HAS = re.compile(r'the text `"(.*)"` could not be displayed', re.DOTALL)
_CODE_POINT = re.compile(r"\\u\{([0-9a-f]+)\}")
SENTENCES = {
    Certificate.Kind.ACHIEVEMENT: (
        "completed the home-study course and passed its final quiz"
    ),
    Certificate.Kind.COMPLETION: "completed the home-study course",
}
NO_APPROVALS = (
    "Provider approvals are listed here only when an approval record exists and "
    "was valid on the completion date. Confirm acceptance with your board."
)


class UnprintableError(Exception):
    """No font of ours has a letter of the certificate."""

    def __init__(self, letter: str) -> None:
        super().__init__(letter)
        self.letter = letter


def render(certificate: Certificate) -> bytes:
    """Return the PDF (PDF/UA-1); the same certificate always gives the same bytes."""
    try:
        pdf = _compile(certificate)
    except typst.TypstError as error:
        if found := _NO_FONT_HAS.search(str(error)):
            letter = _CODE_POINT.sub(lambda code: chr(int(code[1], 16)), found[1])
            raise UnprintableError(letter) from error
        raise
    if not isinstance(pdf, bytes):
        raise TypeError("typst returned no single document")
    return pdf


def _compile(certificate: Certificate) -> object:
    with _one_at_a_time:  # a typst compiler refuses a second thread
        return _compiler().compile(
            sys_inputs={"data": json.dumps(_data(certificate))},
            format="pdf",
            pdf_standards=["ua-1"],
            timestamp=int(certificate.issued_at.timestamp()),
        )


@cache
def _compiler() -> typst.Compiler:
    """Keep one compiler a process: it reads the fonts once."""
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[FOLDER / "fonts"])
    return typst.Compiler(
        input=FOLDER / "typst" / "certificate.typ",
        root=FOLDER / "typst",
        font_paths=fonts,
        ignore_system_fonts=True,
    )


def _data(certificate: Certificate) -> dict[str, object]:
    verify_url = settings.SITE_URL + certificate.get_absolute_url()
    kind = certificate.get_kind_display()
    completed = f"{certificate.completed_date:%-d %B %Y}"
    return {
        "document_title": f"{kind}: {certificate.course_title}",
        "site_name": settings.SITE_NAME,
        "kind": kind,
        "number": certificate.number,
        "code": certificate.grouped_code,
        "holder_name": certificate.holder_name,
        "sentence": SENTENCES[Certificate.Kind(certificate.kind)],
        "course_title": certificate.course_title,
        "facts": [
            ["CE hours", hours(certificate.contact_hours)],
            ["Completed", completed],
            ["Delivery", certificate.delivery],
            ["Score", _score(certificate)],
        ],
        "approvals": NO_APPROVALS,
        "instructor_names": certificate.instructor_names,
        "signatory_name": certificate.signatory_name,
        "signatory_title": certificate.signatory_title,
        "provider_name": certificate.provider_name,
        "provider_address": certificate.provider_address,
        "provider_email": certificate.provider_email,
        "verify_url": verify_url,
        "verify_place": verify_url.partition("://")[2].partition("/")[0] + "/verify/",
        "qr": _qr(verify_url),
    }


def _score(certificate: Certificate) -> str:
    if certificate.score_percent is None:
        return "Not scored"
    return f"{certificate.score_percent}%"


def _qr(url: str) -> str:
    svg = io.BytesIO()
    segno.make(url, error="m", micro=False).save(svg, kind="svg", border=0)
    return svg.getvalue().decode()
