"""The WSGI application of either server; DJANGO_SETTINGS_MODULE chooses."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
