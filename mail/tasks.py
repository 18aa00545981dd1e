"""Delivers stored emails: claimed by one worker, sent once, retried with patience."""

import logging
from datetime import datetime

from celery import shared_task
from django.utils import timezone

from mail import gateway
from mail.models import (
    OPTIONAL_CATEGORIES,
    EmailPreference,
    OutgoingEmail,
    Suppression,
)

logger = logging.getLogger(__name__)


@shared_task(acks_late=True)
def deliver(*, email_id: int) -> None:
    """Send one email that is due; a second delivery of the task finds nothing to do."""
    now = timezone.now()
    email = OutgoingEmail.objects.claim(email_id, at=now)
    if email is None:
        return
    if email.is_given_up:
        _fail(email, email.last_error or "Every worker stopped before it finished.")
        return
    if reason := _suppression(email):
        OutgoingEmail.objects.settle(
            email, status="suppressed", last_error=reason, **_purged_if_secret(email)
        )
        return
    try:
        gateway.send(email)
    except gateway.PermanentError as error:
        _fail(email, str(error))
    except gateway.TemporaryError as error:
        _retry(email, str(error), at=now)
    else:
        OutgoingEmail.objects.settle(
            email,
            status="sent",
            sent_at=timezone.now(),
            last_error="",
            **_purged_if_secret(email),
        )


def _suppression(email: OutgoingEmail) -> str:
    blocking = Suppression.objects.blocking(
        address=email.recipient, category=email.category
    ).first()
    if blocking:
        return f"Suppressed: {blocking.get_reason_display().lower()}."
    if email.user is None or email.category not in OPTIONAL_CATEGORIES:
        return ""
    if EmailPreference.objects.choices_of(email.user)[email.category]:
        return ""
    return "Suppressed: turned off in the email settings."


def _retry(email: OutgoingEmail, error: str, *, at: datetime) -> None:
    next_attempt_at = email.next_retry_at(at=at)
    if next_attempt_at is None:
        _fail(email, error)
        return
    logger.warning("email delayed", extra={"email_id": email.pk})
    OutgoingEmail.objects.settle(
        email, status="queued", next_attempt_at=next_attempt_at, last_error=error
    )


def _fail(email: OutgoingEmail, error: str) -> None:
    logger.error("email failed", extra={"email_id": email.pk})
    OutgoingEmail.objects.settle(email, status="failed", last_error=error)


def _purged_if_secret(email: OutgoingEmail) -> dict[str, str]:
    return {"body_text": "", "body_html": ""} if email.is_secret else {}
