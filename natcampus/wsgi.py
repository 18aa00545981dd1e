import os
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "natcampus.settings")

_django = get_wsgi_application()


def application(
    environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    """Serve as Django does, and read all text as UTF-8, whatever the sender claims.

    Django fails before its first middleware on an encoding that is none of text.
    """
    content_type = environ.get("CONTENT_TYPE", "")
    if "charset" in content_type.lower():
        kind, *parameters = content_type.split(";")
        kept = [p for p in parameters if not p.strip().lower().startswith("charset")]
        environ["CONTENT_TYPE"] = ";".join([kind, *kept])
    return _django(environ, start_response)
