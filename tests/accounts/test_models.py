import pytest
from django.core.exceptions import ValidationError

from accounts.models import Jurisdiction, User, validate_time_zone
from tests.factories.accounts import LicenseFactory, UserFactory
from tests.support import refused


@pytest.mark.django_db
def test_one_email_in_two_cases_is_refused_by_the_database():
    UserFactory(email="ann@example.com")

    with refused("accounts_user_one_per_email"):
        UserFactory(email="ANN@example.com")


@pytest.mark.django_db
def test_one_license_twice_is_refused_by_the_database():
    license_ = LicenseFactory()

    with refused("accounts_license_one_per_number"):
        LicenseFactory(
            user=license_.user,
            profession=license_.profession,
            jurisdiction=license_.jurisdiction,
            number=license_.number,
        )


@pytest.mark.django_db
def test_users_are_created_with_a_lower_case_email_and_found_in_any_case():
    user = User.objects.create_user("Ann@Example.com", "secret")

    assert user.email == "ann@example.com"
    assert User.objects.get_by_natural_key("ANN@EXAMPLE.COM") == user


@pytest.mark.django_db
def test_a_superuser_is_staff():
    user = User.objects.create_superuser("owner@example.com", "secret")

    assert user.is_staff
    assert user.is_superuser


@pytest.mark.parametrize(
    ("name", "initials"),
    [("Ann Sample", "AS"), ("Ann van der Sample", "AS"), ("Ann", "A"), ("", "X")],
)
def test_initials_take_the_first_and_the_last_word(name, initials):
    assert User(name=name, email="x@example.com").initials == initials


def test_a_user_without_a_name_is_shown_by_the_email():
    user = User(email="ann@example.com")

    assert str(user) == "ann@example.com"
    assert user.get_short_name() == "ann"
    assert user.get_full_name() == ""


def test_an_unknown_time_zone_is_refused():
    with pytest.raises(ValidationError):
        validate_time_zone("Mars/Olympus")


def test_a_country_without_states_is_named_once():
    assert str(Jurisdiction(name="Ireland", country="Ireland")) == "Ireland"
    assert str(Jurisdiction(name="Ohio", country="United States")) == (
        "Ohio, United States"
    )
