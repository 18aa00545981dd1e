"""The staff reach the admin through the one login of the site, with two factors."""

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from tests.factories.accounts import PASSWORD, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
ADMIN = "/admin/"


@pytest.fixture
def _mfa_required(settings):
    settings.STAFF_MFA_REQUIRED = True


def test_the_admin_login_is_the_login_of_the_site(client):
    response = client.get("/admin/login/?next=/admin/accounts/user/")

    assert response.url.startswith(reverse("account_login"))
    assert "next=%2Fadmin%2Faccounts%2Fuser%2F" in response.url


def test_a_password_posted_to_the_admin_login_logs_nobody_in(client):
    staff = StaffFactory(is_verified=True)

    client.post("/admin/login/", {"username": staff.email, "password": PASSWORD})

    assert "_auth_user_id" not in client.session


def test_a_member_is_refused_by_the_admin(client):
    client.force_login(UserFactory())

    assert client.get(ADMIN, follow=True).status_code == 403


@pytest.mark.usefixtures("_mfa_required")
def test_staff_without_a_second_factor_are_sent_to_set_one_up(client):
    client.force_login(StaffFactory())

    response = client.get("/admin/accounts/user/", follow=True)

    assert response.redirect_chain == [(reverse("mfa_index"), 302)]
    assert "Set up two-factor authentication" in response.content.decode()


@pytest.mark.usefixtures("_mfa_required")
def test_staff_with_a_second_factor_open_the_admin(client):
    staff = StaffFactory()
    Authenticator.objects.create(user=staff, type="totp", data={"secret": "x"})
    client.force_login(staff)

    assert client.get("/admin/accounts/user/").status_code == 200


@pytest.mark.usefixtures("_mfa_required")
def test_recovery_codes_alone_are_no_second_factor(client):
    staff = StaffFactory()
    Authenticator.objects.create(user=staff, type="recovery_codes", data={})
    client.force_login(staff)

    assert client.get("/admin/accounts/user/").status_code == 302


@pytest.mark.usefixtures("_mfa_required")
def test_pages_outside_the_admin_stay_open_to_staff_without_a_second_factor(client):
    client.force_login(StaffFactory())

    assert client.get(reverse("accounts:profile-update")).status_code == 200
