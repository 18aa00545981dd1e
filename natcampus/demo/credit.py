"""Sample credit bodies, and what they have approved of the demo courses."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from accounts.models import Profession, User
from courses import services as courses
from courses.models import Accreditation, Course, CreditBody
from natcampus.demo import sources
from natcampus.demo.sources import Table

SOURCE = "https://natcampus.example/sample-rules"


def load(*, by: User, at: datetime) -> None:
    content = sources.read("credit.toml")
    today = timezone.localdate(at)
    for row in content["bodies"]:
        slug = row["slug"]
        CreditBody.objects.get_or_create(
            slug=slug, defaults={"source_url": SOURCE, "checked_date": today, **row}
        )
    for row in content["accreditations"]:
        approved = Accreditation.objects.filter(approval_number=row["number"])
        if not approved.exists():
            load_accreditation(row, by=by, today=today, at=at)


@transaction.atomic
def load_accreditation(row: Table, *, by: User, today: date, at: datetime) -> None:
    course = Course.objects.get(slug=row["course"])
    accreditation = Accreditation.objects.create(
        course=course,
        body=CreditBody.objects.get(slug=row["body"]),
        approval_number=row["number"],
        title=course.title,
        credit_hours=Decimal(row["credit_hours"]),
        valid_from=today + timedelta(days=row["from_days"]),
        valid_until=today + timedelta(days=row["until_days"]),
    )
    professions = Profession.objects.filter(slug__in=row.get("professions", []))
    accreditation.professions.set(professions)
    courses.confirm_version(
        accreditation=accreditation,
        version=courses.current_version(course=course, at=course.published_at or at),
        by=by,
        at=at,
    )
