"""The Celery application: tasks deliver what services wrote, beat starts the jobs."""

import os

from celery import Celery
from celery.signals import setup_logging
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "natcampus.settings")

app = Celery("natcampus")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()
app.autodiscover_tasks(related_name="jobs")


@setup_logging.connect
def keep_our_logging(**_kwargs: object) -> None:
    """Stop Celery from replacing the logging that Django has configured."""
