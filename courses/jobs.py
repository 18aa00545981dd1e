from celery import shared_task

from courses import services


@shared_task
def sweep_streams() -> None:
    """Have the streams made that a lost broker, an import or a killed worker left."""
    services.queue_streams()
