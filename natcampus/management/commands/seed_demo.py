import json
import logging
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from articles.models import Article, Guide
from certification.models import Certificate
from courses.models import Course
from natcampus.demo import catalog, credit, crowd, members, money, people, reading

Summary = dict[str, Any]


class Command(BaseCommand):
    help = "Fill the site with the demo content and one account for each state."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--members", type=int, default=0, help="for load tests")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--password", default="trigger-point-demo")
        parser.add_argument("--force", action="store_true")

    def handle(self, *_args: object, **options: Any) -> None:
        if not (settings.DEBUG or options["force"]):
            raise CommandError("DEBUG is off: the demo is loaded only with --force.")
        with quiet_logs():
            users = load(options)
        if options["json"]:
            summary = summarize(users, password=options["password"])
            self.stdout.write(json.dumps(summary))
        else:
            self.stdout.write(f"The demo is in place: {len(users)} accounts.")


@contextmanager
def quiet_logs() -> Iterator[None]:
    """Leave standard output to the summary."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


def load(options: dict[str, Any]) -> dict[str, User]:
    now = timezone.now()
    people.load(at=now)
    people.load_pages(at=now)
    catalog.load(at=now)
    credit.load(by=members.owner(password=options["password"]), at=now)
    reading.load(at=now)
    money.load_plan()
    users = members.load(password=options["password"], at=now)
    crowd.load(members=options["members"], seed=options["seed"], at=now)
    return users


def summarize(users: dict[str, User], *, password: str) -> Summary:
    """List what was seeded, for tools that check a deployment."""
    certificates = Certificate.objects.select_related("user").order_by("pk")
    return {
        "users": {
            role: {"email": user.email, "password": password}
            for role, user in users.items()
        },
        "courses": listing(Course),
        "articles": listing(Article),
        "guides": listing(Guide),
        "programs": [],
        "listings": [],
        "certificates": [
            {
                "code": certificate.code,
                "url": settings.SITE_URL + certificate.get_absolute_url(),
                "user": certificate.user.email if certificate.user else "",
            }
            for certificate in certificates
        ],
        "stripe": {
            "api_base": settings.STRIPE_API_BASE or "https://api.stripe.com",
            "webhook_url": f"{settings.SITE_URL}/webhooks/stripe/",
        },
    }


def listing(model: type[Course | Article | Guide]) -> list[Summary]:
    return [
        {
            "slug": row.slug,
            "title": row.title,
            "url": settings.SITE_URL + row.get_absolute_url(),
        }
        for row in model.objects.order_by("pk")
    ]
