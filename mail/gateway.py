"""Hands one email to the mail server, and says whether a failure is worth a retry."""

import hashlib
import smtplib
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from mail.models import OutgoingEmail, unsubscribe_url

_FIRST_PERMANENT_CODE = 500
_SEPARATOR = b"\n" + b"-" * 79 + b"\n"


class TemporaryError(Exception):
    """The mail server cannot take the email now; it may later."""


class PermanentError(Exception):
    """The mail server refuses the email; another try would end the same way."""


def send(email: OutgoingEmail) -> None:
    """Send the text with its HTML twin; the Message-ID is the same on every try."""
    try:
        _message(email).send()
    except (smtplib.SMTPAuthenticationError, smtplib.SMTPConnectError) as error:
        # Our own settings or the server's state, never the fault of the email.
        raise TemporaryError(_describe(error)) from error
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _reply in error.recipients.values()]
        raise _by_code(min(codes), error) from error
    except smtplib.SMTPResponseException as error:
        raise _by_code(error.smtp_code, error) from error
    except smtplib.SMTPNotSupportedError as error:
        raise PermanentError(_describe(error)) from error
    except OSError as error:
        raise TemporaryError(_describe(error)) from error
    except ValueError as error:
        raise PermanentError(_describe(error)) from error


def _message(email: OutgoingEmail) -> EmailMultiAlternatives:
    headers = {"Message-ID": email.message_id, "Auto-Submitted": "auto-generated"}
    if link := unsubscribe_url(address=email.recipient, category=email.category):
        headers["List-Unsubscribe"] = f"<{link}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message = EmailMultiAlternatives(
        subject=email.subject,
        body=email.body_text,
        to=[email.recipient],
        reply_to=[settings.SUPPORT_EMAIL],
        headers=headers,
    )
    message.attach_alternative(email.body_html, "text/html")
    return message


def _by_code(code: int, error: Exception) -> TemporaryError | PermanentError:
    kind = PermanentError if code >= _FIRST_PERMANENT_CODE else TemporaryError
    return kind(_describe(error))


def _describe(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:1000]


@dataclass(frozen=True, kw_only=True)
class StoredMessage:
    """An email that the file backend has written, as its reader would see it."""

    key: str
    subject: str
    to: str
    date: str
    text: str
    html: str


def stored_messages(limit: int = 200) -> list[StoredMessage]:
    """Read the newest emails of the file backend, newest first."""
    folder = Path(settings.EMAIL_FILE_PATH)
    files = sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime_ns)
    stored: list[StoredMessage] = []
    for file in reversed(files[-limit:]):
        parts = [part for part in file.read_bytes().split(_SEPARATOR) if part.strip()]
        stored.extend(_parse(part) for part in reversed(parts))
    return stored[:limit]


def _parse(content: bytes) -> StoredMessage:
    message = message_from_bytes(content, policy=policy.default)
    return StoredMessage(
        key=hashlib.sha256(content).hexdigest()[:20],
        subject=str(message["Subject"] or ""),
        to=str(message["To"] or ""),
        date=str(message["Date"] or ""),
        text=_part(message, "plain"),
        html=_part(message, "html"),
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part else ""
