import pytest
from django.core.management import call_command

from accounts.models import Jurisdiction

pytestmark = pytest.mark.django_db


def test_a_new_site_gets_each_jurisdiction_once_and_keeps_its_name(capsys):
    call_command("sync_jurisdictions")
    Jurisdiction.objects.filter(code="US-DC").update(name="Washington, DC")
    total = Jurisdiction.objects.count()

    call_command("sync_jurisdictions")

    assert capsys.readouterr().out.splitlines() == [
        f"{total} jurisdictions created.",
        "0 jurisdictions created.",
    ]
    assert Jurisdiction.objects.get(code="US-DC").name == "Washington, DC"


def test_a_license_of_any_state_of_the_country_can_be_entered():
    call_command("sync_jurisdictions")

    of = Jurisdiction.objects.filter
    assert of(country="United States", code__startswith="US-").count() == 53
    assert of(country="Canada", code__startswith="CA-").count() == 13
    assert str(of(code="US-NC").get()) == "North Carolina, United States"
    assert str(of(code="IE").get()) == "Ireland"
