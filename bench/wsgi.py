"""The WSGI application of either server; DJANGO_SETTINGS_MODULE chooses."""

import sys

# The tools of developers bring them; Django and the log load what they find.
for library in ("rich", "yaml"):
    sys.modules[library] = None  # type: ignore[assignment]

from django.core.wsgi import get_wsgi_application  # noqa: E402 - after what it must miss

application = get_wsgi_application()
