import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.models import User
from tests.factories.accounts import (
    PASSWORD,
    LicenseFactory,
    ProfessionFactory,
    StaffFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_mfa(settings):
    settings.STAFF_MFA_REQUIRED = False


@pytest.fixture
def owner_client(client):
    client.force_login(StaffFactory())
    return client


@pytest.fixture
def support_client(client):
    """Log in one of the staff who may change people and hand out no powers."""
    support = UserFactory(is_staff=True)
    support.user_permissions.set(
        Permission.objects.filter(
            content_type__app_label="accounts",
            codename__in=["view_user", "change_user"],
        )
    )
    client.force_login(support)
    return client


def page(user):
    return reverse("admin:accounts_user_change", args=[user.pk])


def test_people_are_found_by_email_name_and_license_number(owner_client):
    license_ = LicenseFactory(user__email="ann@example.com", user__name="Ann Sample")
    UserFactory(email="bo@example.com", name="Bo")

    for words in ("ann@", "Sample", license_.number):
        html = owner_client.get(
            reverse("admin:accounts_user_changelist"), {"q": words}
        ).content.decode()
        assert "ann@example.com" in html
        assert "bo@example.com" not in html


def test_the_list_of_people_costs_the_same_for_few_and_for_many(
    owner_client, django_assert_max_num_queries
):
    UserFactory.create_batch(30, profession=ProfessionFactory())
    owner_client.get(reverse("accounts:profile-update"))  # the session is noted once

    with django_assert_max_num_queries(12):
        owner_client.get(reverse("admin:accounts_user_changelist"))


@pytest.mark.ignore_template_errors  # of Django's own password widget
def test_the_page_of_a_person_shows_licenses_and_a_link_to_the_password_form(
    owner_client,
):
    license_ = LicenseFactory()

    html = owner_client.get(page(license_.user)).content.decode()

    assert license_.number in html
    assert "Reset password" in html
    assert license_.user.password not in html


def test_an_owner_adds_a_person(owner_client):
    owner_client.post(
        reverse("admin:accounts_user_add"),
        {
            "email": "new@example.com",
            "name": "New Person",
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
    )

    user = User.objects.get(email="new@example.com")
    assert user.check_password(PASSWORD)
    assert not user.is_staff


def test_an_email_in_another_case_is_refused_with_a_message(owner_client):
    UserFactory(email="ann@example.com")

    response = owner_client.post(
        reverse("admin:accounts_user_add"),
        {
            "email": "Ann@example.com",
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
    )

    assert "An account with this email address exists." in response.content.decode()


def test_support_changes_a_member_and_hands_out_no_powers(support_client):
    member = UserFactory()

    support_client.post(
        page(member),
        {
            "name": "Corrected",
            "certificate_name": "",
            "time_zone": "America/New_York",
            "is_active": "on",
            "is_staff": "on",
            "is_superuser": "on",
            "email": "stolen@example.com",
            "licenses-TOTAL_FORMS": 0,
            "licenses-INITIAL_FORMS": 0,
        },
    )

    email = member.email
    member.refresh_from_db()
    assert member.name == "Corrected"
    assert member.email == email
    assert not member.is_staff
    assert not member.is_superuser


def test_nobody_deactivates_the_account_that_they_are_logged_in_with(client):
    owner, other = StaffFactory(is_superuser=True), StaffFactory()
    client.force_login(owner)
    form = {"name": "Changed", "time_zone": "America/New_York"}
    form |= {"is_staff": "on", "is_superuser": "on", "closing_reason": "Left us"}
    form |= {"licenses-TOTAL_FORMS": 0, "licenses-INITIAL_FORMS": 0}

    for account in (owner, other):
        client.post(page(account), form)
        account.refresh_from_db()

    assert (owner.name, owner.is_active) == ("Changed", True)
    assert (other.name, other.is_active) == ("Changed", False)


def test_support_cannot_change_the_staff_nor_their_passwords(support_client):
    owner = StaffFactory()

    change = support_client.post(page(owner), {"name": "Changed"})
    password = support_client.post(
        reverse("admin:auth_user_password_change", args=[owner.pk]),
        {"password1": "x" * 20, "password2": "x" * 20, "usable_password": "true"},
    )

    assert change.status_code == 403
    assert password.status_code == 403
    owner.refresh_from_db()
    assert owner.check_password(PASSWORD)


@pytest.mark.parametrize("model", ["profession", "jurisdiction", "license"])
def test_the_other_lists_open_and_are_searched(owner_client, model):
    LicenseFactory()

    response = owner_client.get(
        reverse(f"admin:accounts_{model}_changelist"), {"q": "Sample"}
    )

    assert response.status_code == 200


def test_the_secret_of_a_second_factor_is_never_shown(owner_client):
    factor = Authenticator.objects.create(
        user=UserFactory(), type="totp", data={"secret": "JBSWY3DPEHPK3PXP"}
    )

    listed = owner_client.get("/admin/mfa/authenticator/?q=person").content.decode()
    shown = owner_client.get(f"/admin/mfa/authenticator/{factor.pk}/change/")

    assert factor.user.name in listed
    assert shown.status_code == 200
    assert "JBSWY3DPEHPK3PXP" not in listed + shown.content.decode()


def test_staff_log_a_person_out_and_never_see_the_key_of_the_session(owner_client):
    browser = Client()
    browser.force_login(UserFactory())
    browser.get(reverse("accounts:profile-update"))
    session = UserSession.objects.get(session_key=browser.session.session_key)

    shown = owner_client.get(f"/admin/usersessions/usersession/{session.pk}/change/")
    owner_client.post(
        "/admin/usersessions/usersession/",
        {"action": "end_sessions", "_selected_action": [session.pk]},
    )

    assert session.session_key not in shown.content.decode()
    assert browser.get(reverse("accounts:profile-update")).status_code == 302


@pytest.mark.parametrize("model", ["socialapp", "socialtoken"])
def test_the_keys_of_login_providers_have_no_page(model):
    with pytest.raises(NoReverseMatch):
        reverse(f"admin:socialaccount_{model}_changelist")
