import hashlib
import io

import pikepdf
import pytest
import segno

from accounts.models import User
from certification import jobs, pdf, tasks
from certification.models import Certificate
from courses.models import Course
from tests.factories.certification import CertificateFactory
from tests.support import pdf_text, together


@pytest.mark.django_db
def test_the_pdf_says_what_the_row_says():
    certificate = CertificateFactory(
        holder_name="María-José Łukasiewicz-Øvergård #evil[x]"
    )

    text = pdf_text(pdf.render(certificate))

    assert "Certificate of achievement" in text
    assert "María-José Łukasiewicz-Øvergård #evil[x]" in text
    assert certificate.course_title in text
    assert "3.0" in text
    assert "4 November 2026" in text
    assert certificate.number in text
    assert certificate.grouped_code in text


def printed_squares(content):
    """Return row and column of each dark square of the QR code.

    It is the path with most lines: each of them is a run of dark squares.
    """
    document = pikepdf.open(io.BytesIO(content))
    lines, longest = [], []
    for operands, operator in pikepdf.parse_content_stream(document.pages[0]):
        if str(operator) == "m":
            start = operands
        elif str(operator) == "l":
            lines.append((*start, *operands))
        elif str(operator) in {"S", "f", "B", "n"}:
            longest, lines = max(longest, lines, key=len), []
    return {
        (int(y), column)
        for left, y, right, _y in longest
        for column in range(int(left), int(right))
    }


@pytest.mark.django_db
def test_the_qr_code_leads_to_the_page_that_verifies_the_certificate(settings):
    settings.SITE_URL = "https://campus.example"
    certificate = CertificateFactory()
    url = f"https://campus.example/verify/{certificate.code}/"

    printed = printed_squares(pdf.render(certificate))

    expected = segno.make(url, error="m", micro=False).matrix
    assert printed == {
        (row, column)
        for row, squares in enumerate(expected)
        for column, is_dark in enumerate(squares)
        if is_dark
    }


@pytest.mark.django_db
def test_a_course_without_a_score_is_not_said_to_have_a_quiz_passed():
    certificate = CertificateFactory(
        kind=Certificate.Kind.COMPLETION, score_percent=None
    )

    text = pdf_text(pdf.render(certificate))

    assert "Certificate of completion" in text
    assert "passed its final quiz" not in text


@pytest.mark.django_db
def test_the_pdf_is_tagged_titled_and_carries_its_fonts():
    document = pikepdf.open(io.BytesIO(pdf.render(CertificateFactory())))

    assert "/StructTreeRoot" in document.Root
    assert document.Root.MarkInfo.Marked
    assert document.Root.Lang == "en"
    with document.open_metadata() as metadata:
        assert metadata["dc:title"].startswith("Certificate of achievement: ")
        assert metadata["pdfuaid:part"] == "1"
    fonts = [
        font.DescendantFonts[0].FontDescriptor
        for font in document.pages[0].Resources.Font.values()
    ]
    assert fonts
    assert all("/FontFile2" in font or "/FontFile3" in font for font in fonts)


@pytest.mark.django_db
def test_the_same_certificate_gives_the_same_bytes():
    certificate = CertificateFactory()

    assert pdf.render(certificate) == pdf.render(certificate)


@pytest.mark.django_db
def test_the_pdf_is_small_enough_to_send_to_a_board():
    assert len(pdf.render(CertificateFactory())) <= 120_000


@pytest.mark.django_db
def test_the_longest_name_and_title_stay_on_the_page():
    certificate = CertificateFactory(
        holder_name="Maximiliana " * 12, course_title="Trigger points and " * 7
    )

    document = pikepdf.open(io.BytesIO(pdf.render(certificate)))

    assert len(document.pages) == 1


@pytest.mark.django_db
def test_the_pdf_is_drawn_from_the_frozen_row_alone():
    certificate = CertificateFactory(course_title="As filed")
    Course.objects.update(title="Renamed", contact_hours="9.00")
    User.objects.update(name="Somebody Else", certificate_name="Somebody Else")

    text = pdf_text(pdf.render(Certificate.objects.get()))

    assert "As filed" in text
    assert certificate.holder_name in text
    assert "3.0" in text
    assert "Renamed" not in text
    assert "Somebody Else" not in text


@pytest.mark.django_db
def test_of_two_renderings_the_first_one_stays():
    CertificateFactory()
    first, second = Certificate.objects.get(), Certificate.objects.get()

    first.store_pdf(b"%PDF-first")
    second.store_pdf(b"%PDF-second")

    with Certificate.objects.get().pdf.open("rb") as file:
        assert file.read() == b"%PDF-first"
    folder = first.pdf.storage.path("certificates")
    assert len(first.pdf.storage.listdir(folder)[1]) == 1


@pytest.mark.django_db
def test_rendering_twice_stores_one_file_with_its_hash():
    certificate = CertificateFactory()

    tasks.render_certificate(certificate_id=certificate.pk)
    stored = Certificate.objects.get()
    tasks.render_certificate(certificate_id=certificate.pk)

    again = Certificate.objects.get()
    assert again.pdf.name == stored.pdf.name
    with again.pdf.open("rb") as file:
        content = file.read()
    assert hashlib.sha256(content).hexdigest() == again.pdf_sha256


@pytest.mark.django_db
def test_the_sweep_renders_what_a_lost_broker_forgot(
    monkeypatch, django_capture_on_commit_callbacks
):
    certificate = CertificateFactory()
    sent = []
    monkeypatch.setattr(
        tasks.render_certificate, "delay", lambda **kwargs: sent.append(kwargs)
    )

    with django_capture_on_commit_callbacks(execute=True):
        jobs.sweep()

    assert sent == [{"certificate_id": certificate.pk}]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_eight_workers_at_once_store_one_pdf():
    certificate = CertificateFactory()

    together(8 * [lambda: tasks.render_certificate(certificate_id=certificate.pk)])

    stored = Certificate.objects.get()
    folder = stored.pdf.storage.path("certificates")
    assert len(stored.pdf.storage.listdir(folder)[1]) == 1
