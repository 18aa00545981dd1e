"""The Celery application: tasks deliver what services wrote, beat starts the jobs."""

import os
from pathlib import Path

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings
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


def make_broker_folders() -> None:
    """Create the folders of the filesystem broker; kombu expects them to exist."""
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    for name in ("data_folder_in", "control_folder"):
        if name in options:
            Path(str(options[name])).mkdir(parents=True, exist_ok=True)


make_broker_folders()
