from unittest.mock import patch

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from accounts.models import User
from mail.services import Email
from tests.factories.accounts import PASSWORD, UserFactory

NEW_PASSWORD = "another horse battery"


@pytest.fixture
def outbox_is_broken():
    with patch.object(Email, "queue", side_effect=ZeroDivisionError):
        yield


@pytest.fixture
def browser(client):
    client.raise_request_exception = False
    return client


@pytest.mark.usefixtures("outbox_is_broken")
@pytest.mark.django_db(transaction=True)
def test_a_sign_up_whose_email_cannot_be_stored_leaves_no_account(browser):
    response = browser.post(
        reverse("account_signup"),
        {"email": "ann@example.com", "password1": PASSWORD, "name": "Ann Sample"},
    )

    assert response.status_code == 500
    assert not User.objects.exists()
    assert not EmailAddress.objects.exists()


@pytest.mark.usefixtures("outbox_is_broken")
@pytest.mark.django_db(transaction=True)
def test_a_password_whose_notice_cannot_be_stored_stays_as_it_was(browser):
    member = UserFactory(is_verified=True)
    browser.force_login(member)

    response = browser.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
    )

    member.refresh_from_db()
    assert response.status_code == 500
    assert member.check_password(PASSWORD)
    assert browser.get(reverse("accounts:profile-update")).status_code == 200
