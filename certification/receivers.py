from datetime import datetime

from django.dispatch import receiver

from certification import services
from courses.models import Enrollment
from courses.signals import course_completed


@receiver(course_completed)
def issue_certificate(
    *, enrollment: Enrollment, at: datetime, **_signal: object
) -> None:
    """Issue inside the completion's transaction: both stand, or neither."""
    services.issue(enrollment=enrollment, at=at)
