import logging
import secrets
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from certification import emails, pdf
from certification.models import Certificate, Signatory
from certification.tasks import render_certificate
from core.errors import DomainError
from core.tasks import enqueue
from core.zones import zone
from courses.models import Enrollment, QuizAttempt

logger = logging.getLogger(__name__)

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without 0 O 1 I L
CODE_LENGTH = 22  # 31 ** 22 is more than 108 bits
# The first try is enqueued at once; the sweep looks only at what stays behind.
HEAD_START = timedelta(minutes=1)
SWEPT_AT_ONCE = 500


class NoSignatoryError(DomainError):
    """Nobody may sign certificates yet; an administrator adds a signatory."""


class UnprintableNameError(DomainError):
    """The holder's name has letters that the fonts of the certificate lack."""


class UnprintableCourseError(DomainError):
    """The course has letters that the fonts of the certificate lack."""


class RevocationRefusedError(DomainError):
    """The certificate is revoked already, or no reason was given."""


@transaction.atomic
def issue(*, enrollment: Enrollment, at: datetime) -> Certificate:
    """Freeze the proof of a completed enrollment; again returns the same one."""
    existing = Certificate.objects.filter(enrollment=enrollment).first()
    if existing:
        return existing
    certificate = Certificate(**_frozen(enrollment), issued_at=at)
    _require_printable(certificate)
    certificate.save()
    emails.ready(certificate, to=enrollment.user.email).queue()
    enqueue(render_certificate, certificate_id=certificate.pk)
    return certificate


def _frozen(enrollment: Enrollment) -> dict[str, object]:
    """Copy everything that the certificate will show."""
    user, course, version = enrollment.user, enrollment.course, enrollment.version
    here = zone(user.time_zone)
    if enrollment.completed_at is None:
        raise ValueError("only a completed enrollment earns a certificate")
    completed_date = enrollment.completed_at.astimezone(here).date()
    signatory = _signatory(on=completed_date)
    score = _final_score(enrollment)
    return {
        "code": _random(CODE_LENGTH),
        "number": f"NGC-{_random(4)}-{_random(4)}",
        "enrollment": enrollment,
        "user": user,
        "kind": Certificate.Kind.COMPLETION
        if score is None
        else Certificate.Kind.ACHIEVEMENT,
        "holder_name": enrollment.confirmed_name,
        "course_title": version.title,
        "contact_hours": version.contact_hours,
        "delivery": course.get_delivery_display(),
        "instructor_names": "; ".join(
            str(person) for person in course.instructors.order_by("pk")
        ),
        "started_date": enrollment.enrolled_at.astimezone(here).date(),
        "completed_date": completed_date,
        "time_zone": str(here),
        "score_percent": score,
        "provider_name": settings.PROVIDER_NAME,
        "provider_address": settings.PROVIDER_ADDRESS,
        "provider_email": settings.SUPPORT_EMAIL,
        "signatory_name": signatory.name,
        "signatory_title": signatory.title,
    }


def _require_printable(certificate: Certificate) -> None:
    """Refuse what the PDF could never show, before it is frozen."""
    try:
        pdf.render(certificate)
    except pdf.UnprintableError as error:
        if error.letter in certificate.holder_name:
            raise UnprintableNameError(
                f"The certificate cannot print “{error.letter}”. "
                "Write the name in the letters that your license uses."
            ) from error
        logger.exception("a certificate cannot be printed")
        raise UnprintableCourseError(
            "The certificate of this course cannot be issued yet. Your lessons and "
            "results are safe. Contact us, and try again later."
        ) from error


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def _signatory(*, on: date) -> Signatory:
    signatory = (
        Signatory.objects.filter(valid_from__lte=on)
        .order_by("-valid_from", "-pk")
        .first()
    )
    if signatory is None:
        logger.error("no signatory is named: certificates cannot be issued")
        raise NoSignatoryError(
            "The certificate cannot be issued yet, because nobody is named to sign it. "
            "Your lessons and results are safe. Contact us, and try again later."
        )
    return signatory


def _final_score(enrollment: Enrollment) -> int | None:
    """Return the best passing score of the last quiz of the course, if it has one."""
    attempt = (
        QuizAttempt.objects.filter(enrollment=enrollment, passed=True)
        .order_by(
            "-quiz__lesson__module__weight", "-quiz__lesson__weight", "-score_percent"
        )
        .first()
    )
    return attempt.score_percent if attempt else None


def provide_pdf(*, certificate: Certificate) -> Certificate:
    """Render now what no worker has rendered yet: the holder waits for it."""
    if not certificate.pdf:
        certificate.store_pdf(pdf.render(certificate))
    return certificate


def sweep(*, at: datetime) -> int:
    """Hand to the workers what a lost broker left without a PDF."""
    waiting = Certificate.objects.without_pdf().filter(issued_at__lte=at - HEAD_START)
    ids = list(waiting.order_by("pk").values_list("pk", flat=True)[:SWEPT_AT_ONCE])
    for certificate_id in ids:
        enqueue(render_certificate, certificate_id=certificate_id)
    return len(ids)


@transaction.atomic
def revoke(*, certificate: Certificate, reason: str, at: datetime) -> Certificate:
    """Mark the certificate as revoked for good; the verify page says so at once."""
    locked = Certificate.objects.select_for_update().get(pk=certificate.pk)
    if locked.revoked_at or not reason.strip():
        raise RevocationRefusedError("Give a reason; a certificate is revoked once.")
    locked.revoked_at = at
    locked.revoked_reason = reason.strip()
    locked.save(update_fields=["revoked_at", "revoked_reason", "updated_at"])
    if locked.user:
        emails.revoked(locked, to=locked.user.email).queue()
    return locked
