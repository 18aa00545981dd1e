"""Sign-up, login and account changes, as allauth and our adapter do them."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.google.views import GoogleOAuth2Adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Client
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse, reverse_lazy

from accounts.models import User
from mail.models import OutgoingEmail
from tests.factories.accounts import PASSWORD, ProfessionFactory, UserFactory
from tests.factories.billing import PriceFactory

pytestmark = pytest.mark.django_db
NEW_PASSWORD = "another horse battery"


def sign_up(client, email="ann@example.com", **fields):
    return client.post(
        reverse("account_signup"),
        {"email": email, "password1": PASSWORD, "name": "Ann Sample", **fields},
    )


def log_in(client, user, password=PASSWORD, **fields):
    return client.post(
        reverse("account_login"), {"login": user.email, "password": password, **fields}
    )


def both(password):
    return {"password1": password, "password2": password}


def is_logged_in(client):
    return "_auth_user_id" in client.session


def confirm_password(client):
    return client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def totp_code(secret):
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


@pytest.fixture
def member():
    return UserFactory(is_verified=True)


def test_a_person_signs_up_confirms_the_address_and_is_logged_in(
    client, deliver, path_in
):
    profession = ProfessionFactory()

    response = sign_up(client, profession=profession.pk)
    [message] = deliver()
    page = client.get(path_in(message))
    still_unverified = not EmailAddress.objects.get().verified
    response = client.post(path_in(message))

    user = User.objects.get()
    assert message.subject == "Confirm your email address"
    assert page.status_code == 200
    assert still_unverified, "opening the link must not confirm"
    assert response.url == reverse("home-learning")
    assert (user.name, user.profession) == ("Ann Sample", profession)
    assert EmailAddress.objects.get().verified
    assert is_logged_in(client)


def test_nobody_logs_in_before_the_address_is_confirmed(client):
    sign_up(client)

    response = log_in(Client(), User.objects.get())

    assert response.url == reverse("account_email_verification_sent")


INBOX = reverse_lazy("account_email_verification_sent")
RESEND = reverse_lazy("accounts:confirmation-resend")
YEARLY = "/pricing/?price=yearly"


def test_the_inbox_page_names_the_address_and_sends_the_link_again(client, deliver):
    sign_up(client, "Ann@Example.com")

    page = client.get(INBOX).content.decode()
    again = client.post(RESEND, follow=True).content.decode()

    assert "ann@example.com</strong>" in page
    assert "Wrong address?" in page
    assert "We have sent it again." in again
    assert [(message.to, message.subject) for message in deliver()] == [
        (["ann@example.com"], "Confirm your email address")
    ] * 2


def test_the_inbox_page_does_the_same_for_an_address_that_has_an_account(
    client, deliver, member
):
    sign_up(client, member.email)

    page = client.get(INBOX).content.decode()
    again = client.post(RESEND, follow=True).content.decode()

    assert f"{member.email}</strong>" in page
    assert "We have sent it again." in again
    subjects = [message.subject for message in deliver()]
    assert subjects == ["You already have an account"] * 2


def test_who_logs_in_before_confirming_is_told_where_the_link_went(client):
    user = UserFactory(is_verified=False)

    page = log_in(client, user)

    assert f"{user.email}</strong>" in client.get(page.url).content.decode()


def test_the_link_is_sent_again_three_times_an_hour(client, deliver):
    sign_up(client)

    answers = [client.post(RESEND, follow=True).content.decode() for _ in range(4)]

    assert "We have sent it again." in answers[2]
    assert "It was sent several times. Try again in an hour." in answers[3]
    assert len(deliver()) == 4


def test_nobody_without_a_sign_up_can_have_anything_sent(client, deliver):
    response = client.post(RESEND)

    assert response.url == INBOX
    assert "Send it again" not in client.get(INBOX).content.decode()
    assert deliver() == []


def test_the_link_keeps_the_chosen_price_in_another_browser(client, deliver, path_in):
    sign_up(client, next=YEARLY)
    client.post(RESEND)
    other = Client()

    paths = [path_in(message) for message in deliver()]
    page = other.get(paths[0])
    field = re.search('name="next" value="([^"]+)"', page.content.decode())[1]
    confirmed = other.post(paths[0], {"next": unescape(field)})
    user = User.objects.get()
    response = other.post(confirmed.url, {"login": user.email, "password": PASSWORD})

    first, again = (urlsplit(path).query for path in paths)  # the keys tell the time
    assert first == again
    assert response.url == YEARLY


def test_the_link_leads_to_the_chosen_price_in_the_same_browser(
    client, deliver, path_in
):
    sign_up(client, next=YEARLY)
    [message] = deliver()

    response = client.post(path_in(message), {"next": "/elsewhere/"})

    assert response.url == YEARLY
    assert is_logged_in(client)


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "x"])
def test_the_link_leads_to_no_other_site(client, deliver, path_in, target):
    sign_up(client, next=target)
    [message] = deliver()

    assert "next=" not in path_in(message)


def test_the_link_that_changes_an_address_goes_nowhere_else(client, deliver, path_in):
    sign_up(client, next=YEARLY)
    [message] = deliver()
    client.post(path_in(message))
    confirm_password(client)

    client.post(reverse("account_email"), {"email": "b@example.com", "action_add": ""})

    change = next(found for found in deliver() if found.to == ["b@example.com"])
    assert "next=" not in path_in(change)


def test_a_link_that_was_used_says_so_to_who_is_logged_in(client, deliver, path_in):
    sign_up(client)
    [message] = deliver()
    client.post(path_in(message))

    page = client.get(path_in(message)).content.decode()
    stranger = Client().get(path_in(message)).content.decode()

    assert "Your address is already confirmed" in page
    assert f'href="{reverse("home-learning")}"' in page
    assert "This link no longer works" in stranger


def test_sign_up_on_the_way_to_pay_says_what_follows(client):
    PriceFactory(yearly=True)
    url = reverse("account_signup")

    paying = client.get(url, {"next": YEARLY}).content.decode()
    reading = client.get(url, {"next": "/learn/"}).content.decode()

    assert "Step 1 of 2: your account.</strong> Then you pay $199 a year." in paying
    assert "Create a free account</h1>" in reading
    for target in ("/pricing/?price=gone", "//[::1", "http://[::1", ""):
        page = client.get(url, {"next": target})
        assert "Create a free account</h1>" in page.content.decode(), target


def test_sign_up_answers_the_same_for_a_known_and_an_unknown_address(client, deliver):
    known = UserFactory(is_verified=True)

    unknown_response = sign_up(Client(), "new@example.com")
    known_response = sign_up(Client(), known.email.upper())

    assert known_response.status_code == unknown_response.status_code == 302
    assert known_response.url == unknown_response.url
    assert [message.subject for message in deliver()] == [
        "Confirm your email address",
        "You already have an account",
    ]
    assert User.objects.count() == 2


def test_password_reset_answers_the_same_for_a_known_and_an_unknown_address(
    member, deliver
):
    pages = [
        Client().post(reverse("account_reset_password"), {"email": email}, follow=True)
        for email in (member.email, "nobody@example.com")
    ]

    assert pages[0].redirect_chain == pages[1].redirect_chain
    assert [message.subject for message in deliver()] == [
        "Reset your password",
        "There is no account with this address",
    ]


def test_the_links_of_emails_never_follow_the_host_of_the_request(
    client, member, deliver, settings
):
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "evil.example"]
    settings.SITE_URL = "https://campus.example"

    client.post(
        reverse("account_reset_password"),
        {"email": member.email},
        headers={"host": "evil.example"},
    )

    [message] = deliver()
    assert "https://campus.example/accounts/password/reset/key/" in message.body
    assert "evil.example" not in message.body + message.alternatives[0][0]


def test_every_request_is_an_email_of_its_own_and_its_link_is_a_secret(client, member):
    for _ in range(2):
        client.post(reverse("account_reset_password"), {"email": member.email})

    first, second = OutgoingEmail.objects.all()
    assert first.dedupe_key != second.dedupe_key
    assert first.is_secret
    assert second.is_secret
    assert first.user == member


def test_a_password_reset_ends_the_sessions_elsewhere_and_says_so(
    client, member, deliver, path_in
):
    elsewhere = Client()
    log_in(elsewhere, member)
    client.post(reverse("account_reset_password"), {"email": member.email})
    form_page = client.get(path_in(deliver()[0]), follow=True)

    client.post(form_page.redirect_chain[-1][0], both(NEW_PASSWORD))

    member.refresh_from_db()
    assert member.check_password(NEW_PASSWORD)
    assert elsewhere.get(reverse("accounts:profile-update")).status_code == 302
    assert deliver()[-1].subject == "Your password was changed"


def test_a_reset_link_works_once(client, member, deliver, path_in):
    client.post(reverse("account_reset_password"), {"email": member.email})
    link = path_in(deliver()[0])
    form_page = client.get(link, follow=True)
    client.post(form_page.redirect_chain[-1][0], both(NEW_PASSWORD))

    again = Client().get(link, follow=True)

    assert "password1" not in again.content.decode()


def test_a_person_logs_in_with_a_code_from_the_email(client, member, deliver):
    client.post(reverse("account_request_login_code"), {"email": member.email})
    [message] = deliver()
    code = re.search(r"^\S+-\S+$|^\w{6,}$", message.body, re.MULTILINE)[0]

    client.post(reverse("account_confirm_login_code"), {"code": code})

    assert message.subject == "Your login code"
    assert OutgoingEmail.objects.get().is_secret
    assert is_logged_in(client)


def test_a_wrong_login_code_is_refused(client, member):
    client.post(reverse("account_request_login_code"), {"email": member.email})

    response = client.post(reverse("account_confirm_login_code"), {"code": "AAAA-BBBB"})

    assert "does not match" in response.content.decode()
    assert not is_logged_in(client)


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client, member):
    wrong = log_in(client, member, "wrong password")
    unknown = client.post(
        reverse("account_login"),
        {"login": "nobody@example.com", "password": "wrong password"},
    )

    for response in (wrong, unknown):
        assert "That email and password do not match." in response.content.decode()


def test_too_many_wrong_passwords_refuse_the_right_one_too(client, member):
    for _ in range(5):
        log_in(client, member, "wrong password")

    response = log_in(client, member)

    assert "Too many tries" in response.content.decode()
    assert not is_logged_in(client)


def test_too_many_sign_ups_from_one_address_get_a_clear_page(client):
    for number in range(20):
        sign_up(Client(), f"person{number}@example.com")

    response = sign_up(client, "one-too-many@example.com")

    assert response.status_code == 429
    assert not User.objects.filter(email="one-too-many@example.com").exists()


def test_a_code_works_for_ten_minutes_and_no_longer(
    client, member, deliver, time_machine
):
    client.post(reverse("account_request_login_code"), {"email": member.email})
    code = re.search(r"^\S+-\S+$|^\w{6,}$", deliver()[0].body, re.MULTILINE)[0]
    time_machine.move_to(datetime.now(UTC) + timedelta(minutes=11))

    client.post(reverse("account_confirm_login_code"), {"code": code})

    assert not is_logged_in(client)


def test_the_session_key_changes_at_login(client, member):
    client.get(reverse("account_login"))
    session = client.session
    session["before"] = True
    session.save()
    key = session.session_key

    log_in(client, member)

    assert client.session.session_key != key


@pytest.mark.parametrize(
    ("target", "reached"),
    [
        ("/articles/", "/articles/"),
        ("https://evil.example/", "/learn/"),
        ("//evil.example", "/learn/"),
        ("http://[::1", "/learn/"),
    ],
)
def test_login_goes_on_only_to_pages_of_our_own(client, member, target, reached):
    response = log_in(client, member, next=target)

    assert response.url == reached


def test_a_new_password_keeps_this_session_and_ends_the_others(client, member, deliver):
    elsewhere = Client()
    log_in(elsewhere, member)
    log_in(client, member)

    client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
    )

    assert client.get(reverse("accounts:profile-update")).status_code == 200
    assert elsewhere.get(reverse("accounts:profile-update")).status_code == 302
    assert [message.subject for message in deliver()] == ["Your password was changed"]


def test_a_new_email_is_used_once_confirmed_and_the_old_address_is_told(
    client, member, deliver, path_in
):
    old_email = member.email
    log_in(client, member)
    confirm_password(client)
    client.post(
        reverse("account_email"), {"action_add": "", "email": "new@example.com"}
    )
    [message] = deliver()
    member.refresh_from_db()
    before = member.email

    client.post(path_in(message))

    member.refresh_from_db()
    notice = deliver()[-1]
    assert (before, member.email) == (old_email, "new@example.com")
    assert message.to == ["new@example.com"]
    assert (notice.to, notice.subject) == (
        [old_email],
        "Your email address was changed",
    )
    assert "new@example.com" in notice.body


def test_a_new_email_needs_the_password_again_although_the_person_is_logged_in(
    client, member
):
    log_in(client, member)

    response = client.post(
        reverse("account_email"), {"action_add": "", "email": "new@example.com"}
    )

    assert response.url.startswith(reverse("account_reauthenticate"))
    assert not EmailAddress.objects.filter(email="new@example.com").exists()


@pytest.mark.parametrize(
    "name", ["mfa_activate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes"]
)
def test_a_second_factor_needs_the_password_again(client, member, name):
    log_in(client, member)

    response = client.get(reverse(name))

    assert response.url.startswith(reverse("account_reauthenticate"))


@pytest.mark.parametrize(
    "credential",
    ["{}", "null", '{"id": 1}', "[" * 20_000, "9" * 5000, '{"id":"é","rawId":[]}'],
)
def test_what_no_passkey_sends_is_refused_in_words(client, member, credential):
    stranger = Client()
    stranger.get(reverse("mfa_login_webauthn"), headers={"accept": "application/json"})
    log_in(client, member)
    confirm_password(client)
    client.get(reverse("mfa_add_webauthn"))

    login = stranger.post(reverse("mfa_login_webauthn"), {"credential": credential})
    added = client.post(reverse("mfa_add_webauthn"), {"credential": credential})

    assert login.url == reverse("account_login")
    assert "credential" in added.context["form"].errors
    assert "code" not in str(added.context["form"].errors).lower()
    assert not Authenticator.objects.exists()


def test_a_person_turns_on_an_authenticator_app_and_gets_recovery_codes(
    client, member, deliver, django_capture_on_commit_callbacks
):
    log_in(client, member)
    confirm_password(client)
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret

    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("mfa_activate_totp"), {"code": totp_code(secret)})
    codes = client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]

    assert set(
        Authenticator.objects.filter(user=member).values_list("type", flat=True)
    ) == {"totp", "recovery_codes"}
    assert len(codes) == 10
    assert "Your authenticator app is on" in {m.subject for m in deliver()}

    second = Client()
    response = log_in(second, member)
    assert response.url == reverse("mfa_authenticate")
    assert not is_logged_in(second)
    second.post(reverse("mfa_authenticate"), {"code": codes[0]})
    assert is_logged_in(second)

    third = Client()
    log_in(third, member)
    third.post(reverse("mfa_authenticate"), {"code": codes[0]})
    assert not is_logged_in(third), "a recovery code works once"


def test_a_person_with_a_second_factor_may_still_change_the_email(
    client, member, deliver
):
    Authenticator.objects.create(user=member, type="totp", data={"secret": "x"})
    client.force_login(member)
    confirm_password(client)

    client.post(
        reverse("account_email"), {"action_add": "", "email": "new@example.com"}
    )

    assert [message.to for message in deliver()] == [["new@example.com"]]


def test_a_wrong_code_of_the_app_is_answered_with_what_to_do(client, member):
    log_in(client, member)
    confirm_password(client)
    client.get(reverse("mfa_activate_totp"))

    page = client.post(reverse("mfa_activate_totp"), {"code": "000000"})

    assert "Type the newest code of your app." in page.content.decode()


def test_a_password_reset_does_not_skip_the_second_factor(
    client, member, deliver, path_in
):
    log_in(client, member)
    confirm_password(client)
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": totp_code(secret)})
    deliver().clear()
    fresh = Client()
    fresh.post(reverse("account_reset_password"), {"email": member.email})
    form_page = fresh.get(path_in(deliver()[0]), follow=True)
    fresh.post(form_page.redirect_chain[-1][0], both(NEW_PASSWORD))

    response = log_in(fresh, member, NEW_PASSWORD)

    assert response.url == reverse("mfa_authenticate")
    assert not is_logged_in(fresh)


def test_a_person_sees_the_sessions_and_ends_the_others(client, member):
    elsewhere = Client(headers={"user-agent": "Sample browser"})
    for browser in (client, elsewhere):
        log_in(browser, member)
        browser.get(reverse("accounts:profile-update"))

    page = client.get(reverse("usersessions_list"))
    client.post(reverse("usersessions_list"))

    assert "Sample browser" in page.content.decode()
    assert UserSession.objects.filter(user=member).count() == 1
    assert client.get(reverse("accounts:profile-update")).status_code == 200
    assert elsewhere.get(reverse("accounts:profile-update")).status_code == 302


def test_logging_out_needs_a_post_and_ends_the_session(client, member):
    log_in(client, member)

    client.get(reverse("account_logout"))
    after_get = is_logged_in(client)
    client.post(reverse("account_logout"))

    assert after_get
    assert not is_logged_in(client)
    assert not Session.objects.filter(session_key=client.session.session_key).exists()


GOOGLE = {
    "google": {
        "APPS": [{"client_id": "sample", "secret": "sample"}],
        "SCOPE": ["profile", "email"],
    }
}


@pytest.mark.parametrize("name", ["account_login", "account_signup"])
def test_google_appears_only_when_it_is_configured(client, settings, name):
    settings.SOCIALACCOUNT_PROVIDERS = {}
    without = client.get(reverse(name)).content.decode()
    settings.SOCIALACCOUNT_PROVIDERS = GOOGLE
    with_google = client.get(reverse(name)).content.decode()

    assert "Google" not in without
    assert "Google" in with_google


def test_the_google_login_answers_404_when_it_is_not_configured(client, settings):
    settings.SOCIALACCOUNT_PROVIDERS = {}

    assert client.post("/accounts/google/login/").status_code == 404


@pytest.fixture
def google_login(client, settings):
    """Log in with Google as the given person; Google itself is stood in for."""
    settings.SOCIALACCOUNT_PROVIDERS = GOOGLE
    person = {}

    def complete_login(adapter, request, app, token, **kwargs):
        return adapter.get_provider().sociallogin_from_response(request, person)

    def login(**data):
        person.update(
            {
                "sub": "g-1",
                "email_verified": True,
                "given_name": "Ann",
                "family_name": "Sample",
                **data,
            }
        )
        start = client.post("/accounts/google/login/")
        state = parse_qs(urlsplit(start.url).query)["state"][0]
        with (
            patch.object(
                OAuth2Client, "get_access_token", return_value={"access_token": "x"}
            ),
            patch.object(GoogleOAuth2Adapter, "complete_login", complete_login),
        ):
            return client.get(
                "/accounts/google/login/callback/", {"code": "x", "state": state}
            )

    return login


def test_a_google_login_never_joins_an_account_by_its_email_alone(
    client, member, google_login
):
    google_login(email=member.email)

    assert not is_logged_in(client)
    assert not SocialAccount.objects.exists()


def test_a_new_person_with_google_gets_an_account_with_the_name(client, google_login):
    google_login(email="New@example.com")

    user = User.objects.get()
    assert (user.email, user.name) == ("new@example.com", "Ann Sample")
    assert is_logged_in(client)
