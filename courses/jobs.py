from celery import shared_task
from django.utils import timezone

from courses import services


@shared_task
def close_attempts() -> None:
    """Submit the quizzes whose time is over and that nobody opened again."""
    services.close_all_overdue(at=timezone.now())


@shared_task
def sweep_streams() -> None:
    """Have the streams made that a lost broker, an import or a killed worker left."""
    services.queue_streams()


@shared_task
def purge_notes() -> None:
    """Delete for good the notes that learners deleted a day ago."""
    services.purge_notes(at=timezone.now())
