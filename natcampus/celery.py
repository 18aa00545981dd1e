"""The Celery application: tasks deliver what services wrote, beat starts the jobs."""

import os

from celery import Celery
from celery.app.utils import Settings
from celery.signals import celeryd_init, setup_logging
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "natcampus.settings")

app = Celery("natcampus")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()
app.autodiscover_tasks(related_name="jobs")

WORKER_PATIENCE = {"socket_timeout": 10, "max_retries": 1}


@celeryd_init.connect
def wait_longer_in_a_worker(*, conf: Settings, **_kwargs: object) -> None:
    """Give a worker time for its broker: nobody looks at a page meanwhile."""
    if "socket_timeout" in conf.broker_transport_options:
        conf.broker_transport_options.update(WORKER_PATIENCE)


@setup_logging.connect
def keep_our_logging(**_kwargs: object) -> None:
    """Stop Celery from replacing the logging that Django has configured."""
