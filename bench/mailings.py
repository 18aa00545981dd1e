"""Measure the scan of the course emails with many rows due, within the site."""

import json
import resource
import sys
import time
from zoneinfo import available_timezones

import django
from django.utils import timezone

django.setup()

from accounts.models import User
from courses import services
from courses.models import CourseEmail, EmailDelivery
from courses.services.sequence import is_daytime

CHUNK = 5000


def fill(count: int) -> None:
    """Give so many people, whose day it is, a row that is due."""
    now = timezone.now()
    zone = next(one for one in sorted(available_timezones()) if is_daytime(one, at=now))
    step = CourseEmail.objects.earliest("pk")
    for first in range(0, count, CHUNK):
        people = User.objects.bulk_create(
            User(email=f"reader{number}@bench.example", time_zone=zone)
            for number in range(first, min(first + CHUNK, count))
        )
        EmailDelivery.objects.bulk_create(
            EmailDelivery(key=f"bench:{user.pk}", step=step, user=user, due_at=now)
            for user in people
        )


def scan() -> dict[str, float]:
    """Find and claim all of it as the job does; return what that took."""
    before, started, now = megabytes(), time.monotonic(), timezone.now()
    services.find_course_emails(at=now)
    claimed = sum(len(one) for one in services.claim_course_emails(at=now))
    return {
        "claimed": claimed,
        "seconds": round(time.monotonic() - started, 1),
        "megabytes": round(megabytes() - before, 1),
    }


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    fill(int(sys.argv[1]))
    print(json.dumps(scan()))
