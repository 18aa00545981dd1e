"""Django with nothing switched on."""

SECRET_KEY = "bench"  # noqa: S105 - nothing is signed
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "bench.bare_urls"
MIDDLEWARE: list[str] = []
