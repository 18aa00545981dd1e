import json
import logging
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.utils import timezone
from stripe import HTTPClient

from accounts.models import User
from articles.models import Article, Guide
from billing.access import AccessState, access_for
from billing.models import Invoice, Price
from certification.models import Certificate
from courses.models import Course, Enrollment, Lesson, LessonFile
from mail.models import OutgoingEmail
from natcampus.demo import money
from natcampus.roles import sync_roles
from tests.factories.accounts import UserFactory
from tools.stripe_sandbox.testing import Sandbox

ROLES = {
    "free",
    "member",
    "other_member",
    "past_due",
    "canceling",
    "lapsed",
    "comp",
    "certified",
    "editor",
    "support",
    "finance",
    "admin",
}
STATES = {
    "free": AccessState.FREE,
    "member": AccessState.ACTIVE,
    "past_due": AccessState.PAST_DUE,
    "canceling": AccessState.CANCELING,
    "lapsed": AccessState.LAPSED,
    "comp": AccessState.COMP,
}


def counts():
    models = (User, Course, Lesson, Article, Guide, Enrollment, Certificate)
    return {model.__name__: model.objects.count() for model in models}


@pytest.mark.django_db
def test_the_demo_is_refused_in_production(settings):
    settings.DEBUG = False

    with pytest.raises(CommandError, match="--force"):
        call_command("seed_demo")

    assert User.objects.count() == 0


@pytest.mark.django_db
def test_the_demo_has_every_role_and_loading_it_again_adds_nothing(
    settings, capsys, client
):
    settings.DEBUG = True
    settings.STRIPE_API_BASE = ""

    call_command("seed_demo", "--json", "--password", "another-password")
    first = counts()
    summary = json.loads(capsys.readouterr().out)
    call_command("seed_demo")

    assert counts() == first
    assert set(summary["users"]) == ROLES
    assert summary["users"]["member"]["password"] == "another-password"
    for role, state in STATES.items():
        user = User.objects.get(email=summary["users"][role]["email"])
        assert access_for(user, at=timezone.now()).state == state, role
    certified = summary["users"]["certified"]["email"]
    mine = [row for row in summary["certificates"] if row["user"] == certified]
    assert len(mine) == 6
    assert len(summary["articles"]) >= 4
    assert len(summary["courses"]) >= 3
    for row in (*summary["articles"], *summary["courses"], *summary["guides"]):
        path = row["url"].removeprefix(settings.SITE_URL)
        assert client.get(path).status_code == 200, path
    assert not OutgoingEmail.objects.filter(status="queued").exists()
    assert not LessonFile.objects.filter(file_size=0).exists()
    assert not Guide.objects.filter(file_size=0).exists()


@pytest.mark.django_db
def test_the_grace_of_the_demo_begins_anew_when_it_is_loaded_again(
    settings, time_machine
):
    settings.STRIPE_API_BASE = ""
    user = UserFactory()
    money.load_plan()
    money.subscribe(user, status="past_due", at=timezone.now())
    time_machine.move_to(timezone.now() + timedelta(days=9))
    assert access_for(user, at=timezone.now()).state == AccessState.LAPSED

    money.subscribe(user, status="past_due", at=timezone.now())

    assert access_for(user, at=timezone.now()).state == AccessState.PAST_DUE


@pytest.mark.django_db
def test_the_summary_is_all_that_is_printed_and_its_passwords_work(
    settings, capsys, monkeypatch
):
    settings.DEBUG = True
    monkeypatch.setattr(HTTPClient, "INITIAL_DELAY", 0.02)
    with Sandbox() as sandbox:
        settings.STRIPE_SECRET_KEY = "sk_test_tests"
        settings.STRIPE_API_BASE = sandbox.url
        call_command("seed_demo", "--json", "--password", "the-first-password")
        capsys.readouterr()
        call_command("seed_demo", "--json", "--password", "the-second-password")

    summary = json.loads(capsys.readouterr().out)
    member = summary["users"]["member"]
    assert User.objects.get(email=member["email"]).check_password(member["password"])
    assert Price.objects.get(slug="membership-monthly").stripe_price_id
    now = timezone.now()
    for key, state in STATES.items():
        user = User.objects.get(email=summary["users"][key]["email"])
        assert access_for(user, at=now).state == state, key
    assert Invoice.objects.due().get().tried_again_at(at=now)
    assert not OutgoingEmail.objects.filter(status="queued").exists()
    assert logging.getLogger("mail").isEnabledFor(logging.WARNING)


@pytest.mark.django_db
def test_the_demo_loads_on_the_first_day_of_a_year_too(settings, time_machine):
    time_machine.move_to(datetime(2027, 1, 1, 12, tzinfo=UTC))
    settings.STRIPE_API_BASE = ""

    call_command("seed_demo", "--force")

    assert Certificate.objects.filter(user__name="Celia Ortega").count() == 6


@pytest.mark.django_db
def test_roles_are_created_once_and_brought_up_to_date():
    groups = sync_roles()
    groups["Finance"].permissions.clear()

    sync_roles()

    assert sorted(Group.objects.values_list("name", flat=True)) == sorted(groups)
    assert groups["Finance"].permissions.exists()
