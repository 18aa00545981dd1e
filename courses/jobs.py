from celery import shared_task
from django.utils import timezone

from core.tasks import enqueue
from courses import services

SENT_BY_A_TASK = 100


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


@shared_task
def tell_open_questions() -> None:
    """Remind whoever may answer of the questions that wait for it."""
    services.tell_open_questions(at=timezone.now())


@shared_task
def scan_course_emails() -> None:
    """Find the course emails that are due, and hand them out in small tasks."""
    now = timezone.now()
    services.find_course_emails(at=now)
    for claimed in services.claim_course_emails(at=now):
        for first in range(0, len(claimed), SENT_BY_A_TASK):
            enqueue(
                send_course_emails, delivery_ids=claimed[first : first + SENT_BY_A_TASK]
            )


@shared_task(acks_late=True)
def send_course_emails(*, delivery_ids: list[int]) -> None:
    """Queue each of them in the outbox, unless something has stopped it meanwhile."""
    services.send_course_emails(delivery_ids=delivery_ids, at=timezone.now())
