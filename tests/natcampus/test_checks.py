from django.core import checks
from django.db import connection

ON_SQLITE = ["DATABASE_URL"] if connection.vendor == "sqlite" else []


def found():
    ours = checks.run_checks(tags=None, include_deployment_checks=True)
    ours = [one.msg for one in ours if one.id.startswith("natcampus.")]
    return [sentence.partition(" is not set")[0] for sentence in ours]


def as_in_production(settings):
    settings.PROVIDER_ADDRESS = "1 Real Street, Springfield"
    settings.SUPPORT_EMAIL = "hello@provider.org"
    settings.REDIS_URL = "redis://127.0.0.1:6379/0"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"


def test_a_site_that_is_set_up_has_nothing_to_mend(settings):
    as_in_production(settings)

    assert found() == ON_SQLITE


def test_sample_addresses_are_errors_before_a_certificate_freezes_them(settings):
    as_in_production(settings)
    settings.PROVIDER_ADDRESS = "Sample address, replace before launch"
    settings.SUPPORT_EMAIL = "hello@natglobalcampus.example"

    assert found() == [
        "Certificates and emails carry a sample address.",
        "Certificates and emails carry a sample email address.",
        *ON_SQLITE,
    ]


def test_each_embedded_service_is_named(settings):
    as_in_production(settings)
    settings.REDIS_URL = ""
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"

    assert found() == [*ON_SQLITE, "REDIS_URL", "EMAIL_URL"]
