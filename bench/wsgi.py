"""The WSGI application of either server; DJANGO_SETTINGS_MODULE chooses."""

import sys

# Only the tools of developers bring it, and a log that finds it would load it.
sys.modules["rich"] = None  # type: ignore[assignment]

from django.core.wsgi import get_wsgi_application  # noqa: E402 - after what it must miss

application = get_wsgi_application()
