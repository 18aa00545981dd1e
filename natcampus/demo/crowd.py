"""Many members for load tests: rows only, written in bulk."""

import random
from datetime import datetime, timedelta

from accounts.models import User
from billing.models import Customer, Price, Subscription
from courses.models import Course, Enrollment
from courses.services import current_version

BATCH = 1000
COURSES_EACH = 2
NOBODY = "!"  # a password hash that no password matches


def load(*, members: int, seed: int, at: datetime) -> None:
    """Add members until there are this many, each in two courses."""
    source = random.Random(seed)  # noqa: S311 - repeatable demo data, no secret
    have = User.objects.filter(email__endswith="@crowd.natcampus.example").count()
    price = Price.objects.get(slug="membership-monthly")
    courses = list(Course.objects.all())
    versions = {course: current_version(course=course, at=at) for course in courses}
    for start in range(have, members, BATCH):
        numbers = range(start, min(start + BATCH, members))
        users = User.objects.bulk_create(
            User(
                email=f"member-{number}@crowd.natcampus.example",
                name=f"Sample Member {number}",
                password=NOBODY,
            )
            for number in numbers
        )
        _subscribe(users, price, at=at)
        Enrollment.objects.bulk_create(
            Enrollment(
                user=user,
                course=course,
                version=versions[course],
                enrolled_at=at - timedelta(days=source.randint(1, 300)),
            )
            for user in users
            for course in source.sample(courses, min(len(courses), COURSES_EACH))
        )


def _subscribe(users: list[User], price: Price, *, at: datetime) -> None:
    customers = Customer.objects.bulk_create(
        Customer(user=user, stripe_id=f"cus_crowd_{user.pk}", synced_at=at)
        for user in users
    )
    Subscription.objects.bulk_create(
        Subscription(
            stripe_id=f"sub_crowd_{customer.pk}",
            customer=customer,
            status=Subscription.Status.ACTIVE,
            price=price,
            current_period_start=at - timedelta(days=5),
            current_period_end=at + timedelta(days=25),
            stripe_created_at=at - timedelta(days=65),
            synced_at=at,
        )
        for customer in customers
    )
