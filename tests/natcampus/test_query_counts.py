"""Every page of the demo costs at most 12 queries, with no fragment kept.

Support is left out: staff who may not edit pay two queries for their permissions on
top of what a customer pays.
"""

import pytest
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from certification.models import Certificate

MOST = 12
ROLES = (
    *("free", "member", "past_due", "canceling", "lapsed", "comp", "certified"),
    *("editor", "admin"),
)
COURSE = "hip-and-thigh"
PUBLIC = (
    "/",
    "/articles/",
    "/articles/hamstrings-stretch-release-protect/",
    "/articles/region/hip-and-thigh/",
    "/guides/",
    "/guides/hip-and-thigh/",
    "/courses/",
    f"/courses/{COURSE}/",
    "/courses/pain-talk/",
    "/pricing/",
    "/verify/",
    "/help/",
    "/feed/articles.xml",
    "/sitemap.xml",
    f"/learn/{COURSE}/history-and-red-flags/",
    f"/learn/{COURSE}/finding-hamstring-trigger-points/",
    f"/learn/{COURSE}/quiz/check-palpation/",
)
OWN = (
    "/learn/",
    f"/learn/{COURSE}/",
    f"/learn/{COURSE}/complete/",
    "/learn/certificates/",
    "/learn/transcript/",
    "/account/",
    "/account/emails/",
    "/account/billing/",
    "/accounts/2fa/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/sessions/",
)


@pytest.mark.django_db
@pytest.mark.usefixtures("kept_fragments")
def test_no_page_costs_any_role_more_than_12_queries(settings):
    settings.STRIPE_API_BASE = ""
    call_command("seed_demo", "--force")
    settings.DEBUG = False
    certificate = Certificate.objects.all()[0]
    clients = {role: signed_in(role) for role in ROLES}
    clients["anonymous"] = Client()
    too_many = {}

    for role, client in clients.items():
        own = () if role == "anonymous" else OWN
        for path in (*PUBLIC, certificate.get_absolute_url(), *own):
            queries = ask(client, path)
            if len(queries) > MOST:
                too_many[role, path] = queries

    assert too_many == {}


def signed_in(role):
    client = Client()
    email = f"{role.replace('_', '-')}@natcampus.example"
    client.force_login(User.objects.get(email=email))
    client.get("/help/")  # once in five minutes a page notes that the session is in use
    return client


def ask(client, path):
    """Return the queries of a page that finds no fragment kept."""
    caches["template_fragments"].clear()
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
    assert response.status_code in {200, 302}, path
    return [query["sql"][:110] for query in queries]
