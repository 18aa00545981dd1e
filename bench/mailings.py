"""Measure the scan of the course emails: many learners have become quiet just now."""

import json
import resource
import sys
import time
from datetime import timedelta
from zoneinfo import available_timezones

import django
from django.utils import timezone

django.setup()

from accounts.models import User
from courses import services
from courses.models import Course, CourseEmail, Enrollment
from courses.services.sequence import is_daytime

CHUNK = 5000


def fill(count: int) -> dict[str, int]:
    """Give so many people, whose day it is, a course that they left some days ago."""
    now = timezone.now()
    zone = next(one for one in sorted(available_timezones()) if is_daytime(one, at=now))
    step = CourseEmail.objects.filter(kind=CourseEmail.Kind.STALLED).earliest("days")
    left_at = now - timedelta(days=step.days, hours=1)
    course = Course.objects.get(slug="hip-and-thigh")
    version = services.current_version(course=course, at=now)
    for first in range(0, count, CHUNK):
        people = User.objects.bulk_create(
            User(email=f"reader{number}@bench.example", time_zone=zone)
            for number in range(first, min(first + CHUNK, count))
        )
        Enrollment.objects.bulk_create(
            Enrollment(user=user, course=course, version=version, enrolled_at=left_at)
            for user in people
        )
    return {"filled": count}


def scan() -> dict[str, float]:
    """Find and claim all of it as the job does; this process has done nothing before."""
    before, started, now = peak_megabytes(), time.monotonic(), timezone.now()
    found = services.find_course_emails(at=now)
    claimed = sum(len(one) for one in services.claim_course_emails(at=now))
    return {
        "found": found,
        "claimed": claimed,
        "seconds": round(time.monotonic() - started, 1),
        "megabytes": round(peak_megabytes()),
        "more": round(peak_megabytes() - before),
    }


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    wanted = sys.argv[1]
    print(json.dumps(scan() if wanted == "scan" else fill(int(wanted))))
