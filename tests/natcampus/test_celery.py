from types import SimpleNamespace

import pytest
import structlog
from celery.schedules import crontab
from celery.signals import celeryd_init
from django.conf import settings

from mail.tasks import deliver
from natcampus.celery import app


@pytest.fixture
def queue():
    with app.connection_for_read() as connection:
        waiting = connection.SimpleQueue("celery")
        waiting.clear()
        yield waiting
        waiting.clear()
        waiting.close()


def test_a_task_carries_the_number_of_the_request_that_caused_it(queue):
    with structlog.contextvars.bound_contextvars(request_id="the-request"):
        deliver.delay(email_id=7)

    message = queue.get(timeout=1)
    message.ack()
    assert message.headers["__django_structlog__"]["request_id"] == "the-request"


def test_each_job_of_the_schedule_exists():
    app.loader.import_default_modules()

    names = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    assert names
    assert names <= set(app.tasks)


def test_jobs_do_not_pile_up_while_no_worker_runs():
    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        turn = entry["schedule"]
        seconds = 24 * 3600 if isinstance(turn, crontab) else turn
        assert entry["options"]["expires"] <= seconds, name


def test_a_task_cannot_run_for_ever_and_a_lost_one_is_run_again():
    assert app.conf.task_time_limit == 120
    assert app.conf.task_soft_time_limit == 90
    assert app.conf.task_acks_late is True


def test_a_worker_waits_longer_for_its_broker_than_a_page_does():
    redis = SimpleNamespace(
        broker_transport_options={"socket_timeout": 0.5, "max_retries": 0}
    )
    folders = SimpleNamespace(broker_transport_options={"data_folder_in": "queue"})

    for conf in (redis, folders):
        celeryd_init.send(sender="worker", instance=None, conf=conf, options={})

    assert redis.broker_transport_options == {"socket_timeout": 10, "max_retries": 1}
    assert folders.broker_transport_options == {"data_folder_in": "queue"}
