import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains

from accounts.models import User
from tests.factories.accounts import PASSWORD, UserFactory
from tests.support import together

pytestmark = pytest.mark.django_db


def test_an_empty_sign_up_says_what_to_enter_in_each_field(client):
    response = client.post(reverse("account_signup"), {})

    assert response.context["form"].errors == {
        "email": ["Enter your email address."],
        "password1": ["Enter a password."],
        "name": ["Enter your name."],
    }


def test_a_broken_sign_up_keeps_what_was_typed_but_never_the_password(client):
    response = client.post(
        reverse("account_signup"),
        {"email": "ann.example.com", "password1": PASSWORD, "name": "Ann Sample"},
    )

    html = response.content.decode()
    assert "Enter an email address with an @, like name@example.com." in html
    assert 'value="ann.example.com"' in html
    assert 'value="Ann Sample"' in html
    assert PASSWORD not in html


@pytest.mark.parametrize("password", ["short", "password", "1234567890123"])
def test_a_weak_password_is_refused_beside_the_field(client, password):
    response = client.post(
        reverse("account_signup"),
        {"email": "ann@example.com", "password1": password, "name": "Ann"},
    )

    assert list(response.context["form"].errors) == ["password1"]


def test_sign_up_asks_for_one_password_and_marks_the_profession_as_optional(client):
    page = client.get(reverse("account_signup"))

    assert list(page.context["form"].fields) == [
        *("email", "password1", "name", "profession")
    ]
    html = page.content.decode()
    assert "Profession (optional)" in html
    assert 'autocomplete="new-password"' in html
    assert 'autocomplete="name"' in html


@pytest.mark.parametrize(
    ("name", "errors"),
    [
        (
            "account_login",
            {
                "login": ["Enter your email address."],
                "password": ["Enter your password."],
            },
        ),
        ("account_reset_password", {"email": ["Enter your email address."]}),
        ("account_request_login_code", {"email": ["Enter your email address."]}),
    ],
)
def test_an_empty_form_of_the_entrance_says_what_to_enter(client, name, errors):
    assert client.post(reverse(name), {}).context["form"].errors == errors


@pytest.mark.parametrize(
    ("password", "advice"),
    [
        ("sore", "Use at least 8 characters."),
        ("password", "Choose a password that fewer people use."),
        ("7302948165", "Add at least one letter."),
        ("wanda@walker.test", "Choose a password that is not close to your name"),
    ],
)
def test_a_weak_password_is_answered_with_what_to_do(client, password, advice):
    response = client.post(
        "/accounts/signup/",
        {"email": "wanda@walker.test", "password1": password, "name": "Wanda"},
    )

    assertContains(response, advice)


class CountingHasher(MD5PasswordHasher):
    """Counts the passwords that are hashed: the slow part of an answer."""

    count = 0

    def encode(self, password, salt):
        CountingHasher.count += 1
        return super().encode(password, salt)


def sign_up(client, address):
    fields = {"email": address, "password1": "Xk9-foo-bar-77", "name": "Ann Lee"}
    return client.post(reverse("account_signup"), fields)


def test_a_sign_up_hashes_as_much_for_a_known_address_as_for_a_new_one(
    client, settings
):
    UserFactory(email="known@example.com")
    path = f"{CountingHasher.__module__}.{CountingHasher.__qualname__}"
    settings.PASSWORD_HASHERS = [path]

    counts = []
    for address in ("new@example.com", "known@example.com"):
        CountingHasher.count = 0
        sign_up(client, address)
        counts.append(CountingHasher.count)

    assert counts[0] == counts[1] > 0


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_sign_up_that_is_sent_many_times_at_once_makes_one_account():
    answers = together([lambda: sign_up(Client(), "twice@example.com")] * 6)

    assert {answer.status_code for answer in answers} == {302}
    assert len({answer.url for answer in answers}) == 1
    assert User.objects.filter(email="twice@example.com").count() == 1
