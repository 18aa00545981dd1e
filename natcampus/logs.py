"""Structured logs to stdout, with a request id that follows work into Celery."""

import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRETS = re.compile(
    r"((?:sk|rk|cs)_(?:test|live)_|whsec_|_secret_)[A-Za-z0-9_]+"
    r"|((?:token|key|code|password|state|preview)(?:=|%3D))(?:(?!%26)[^&\s\"'])+"
    r"|(/(?:confirm-email|reset/key|u|guides/d)/)[^/\s\"']+"
)
_PERSONAL = re.compile(
    r"[\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+"  # an email address
    r"|(?<='ip': ')[^']+"  # bound to each line that a request logs
)

Event = MutableMapping[str, Any]


def scrub(_logger: object, _method: str, event: Event) -> Event:
    """Take keys, tokens and codes out of everything that is logged."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _without_secrets(value)
    return event


def _without_secrets(text: str) -> str:
    return _SECRETS.sub(lambda match: f"{match[match.lastindex or 0]}[removed]", text)


def _anonymous(value: Any) -> Any:  # a part of an event: anything that JSON can hold
    """Take secrets and addresses of people out of an event, however deep they stand."""
    if isinstance(value, str):
        return _PERSONAL.sub("[removed]", _without_secrets(value))
    if isinstance(value, dict):
        return {key: _anonymous(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_anonymous(part) for part in value]
    return value


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    scrub,
]


def configure(*, debug: bool, level: str) -> dict[str, Any]:
    """Return Django's LOGGING: one JSON object a line, or colored text in DEBUG."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer = (
        structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
        if debug
        else structlog.processors.JSONRenderer()
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processor": renderer,
                "foreign_pre_chain": _SHARED,
            }
        },
        "handlers": {
            "stdout": {
                "class": "logging.StreamHandler",
                "stream": "ext://sys.stdout",
                "formatter": "line",
            }
        },
        "root": {"handlers": ["stdout"], "level": level},
        "loggers": {
            # Django's own handlers would write each line a second time.
            "django": {"handlers": []},
            # At DEBUG the SDK would print request bodies and client secrets.
            "stripe": {"level": "WARNING"},
            # What these two say at INFO, the structured task events say too.
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "django.server": {"handlers": ["stdout"], "propagate": False},
        },
    }


def start_sentry(dsn: str) -> None:
    """Report errors without personal data; nothing is sent without a DSN."""
    if not dsn:
        return
    # A tenth of a second and 20 MB in each process, which most sites do without.
    import sentry_sdk  # noqa: PLC0415
    from sentry_sdk.integrations.logging import ignore_logger  # noqa: PLC0415

    sentry_sdk.init(
        dsn=dsn,
        send_default_pii=False,
        max_request_body_size="never",
        include_local_variables=False,
        before_send=lambda event, _hint: _anonymous(event),
    )
    # What failed is reported as an exception; its line would repeat it.
    ignore_logger("django_structlog.middlewares.request")
