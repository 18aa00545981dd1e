"""What `manage.py check --deploy` looks at beside Django's own list."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import connection


@checks.register(deploy=True)
def production(**_options: Any) -> list[checks.CheckMessage]:
    """Name what is still a sample, or fit for one machine alone."""
    return [*_samples(), *_embedded()]


def _samples() -> Iterator[checks.CheckMessage]:
    if settings.PROVIDER_ADDRESS.startswith("Sample"):
        yield checks.Error(
            "Certificates and emails carry a sample address.",
            hint="Set PROVIDER_ADDRESS: a certificate never changes once it is issued.",
            id="natcampus.E001",
        )
    if settings.SUPPORT_EMAIL.endswith(".example"):
        yield checks.Error(
            "Certificates and emails carry a sample email address.",
            hint="Set SUPPORT_EMAIL.",
            id="natcampus.E002",
        )


def _embedded() -> Iterator[checks.CheckMessage]:
    kept_on_this_machine = {
        "DATABASE_URL": connection.vendor == "sqlite",
        "REDIS_URL": not settings.REDIS_URL,
        "EMAIL_URL": settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"),
    }
    for name, is_embedded in kept_on_this_machine.items():
        if is_embedded:
            yield checks.Warning(
                f"{name} is not set: an embedded default for one machine is in use.",
                hint="docs/operations.md says what each service is for.",
                id="natcampus.W001",
            )
