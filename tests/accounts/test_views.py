import re

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts.models import License
from tests.factories.accounts import (
    JurisdictionFactory,
    LicenseFactory,
    ProfessionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
PROFILE = "accounts:profile-update"


@pytest.fixture
def user():
    return UserFactory(name="Ann Sample")


@pytest.fixture
def own_client(client, user):
    client.force_login(user)
    return client


def license_data(**changes):
    return {
        "profession": ProfessionFactory().pk,
        "jurisdiction": JurisdictionFactory().pk,
        "number": "MA  12345 ",
        "expires_date": "2027-03-31",
        **changes,
    }


def test_a_person_saves_the_profile(own_client, user):
    profession = ProfessionFactory()

    response = own_client.post(
        reverse(PROFILE),
        {
            "name": "Ann S.",
            "certificate_name": "Ann B. Sample, LMT",
            "profession": profession.pk,
            "time_zone": "America/New York",
        },
        follow=True,
    )

    user.refresh_from_db()
    assert (user.name, user.certificate_name) == ("Ann S.", "Ann B. Sample, LMT")
    assert (user.profession, user.time_zone) == (profession, "America/New_York")
    assert "Your profile is saved." in response.content.decode()


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Chicago", "America/Chicago"),
        ("new york", "America/New_York"),
        ("europe/london", "Europe/London"),
        ("UTC", "UTC"),
        ("America/Indiana/Indianapolis", "America/Indiana/Indianapolis"),
    ],
)
def test_a_city_names_the_time_zone_when_no_other_has_it(
    own_client, user, typed, stored
):
    own_client.post(reverse(PROFILE), {"name": "Ann", "time_zone": typed})

    user.refresh_from_db()
    assert user.time_zone == stored


def test_a_city_of_two_time_zones_is_chosen_from_the_list(own_client):
    response = own_client.post(
        reverse(PROFILE), {"name": "Ann", "time_zone": "Louisville"}
    )

    assert response.context["form"].errors == {
        "time_zone": ["Choose a time zone from the list."]
    }


@pytest.mark.parametrize("theme", ["system", "light", "dark"])
def test_the_profile_shows_which_theme_is_chosen(own_client, theme):
    page = own_client.post(
        reverse("accounts:theme-update"),
        {"theme": theme, "next": reverse(PROFILE)},
        follow=True,
    ).content.decode()

    assert re.findall(r'value="(\w+)" aria-pressed="true"', page) == [theme]


def test_a_refused_profile_says_what_to_do_beside_each_field_and_keeps_what_was_typed(
    own_client, user
):
    response = own_client.post(
        reverse(PROFILE),
        {"name": "", "certificate_name": "Typed name", "time_zone": "Mars/Olympus"},
    )

    html = response.content.decode()
    assert response.context["form"].errors == {
        "name": ["Enter your name."],
        "time_zone": ["Choose a time zone from the list."],
    }
    assert "There is a problem" in html
    assert 'value="Typed name"' in html
    assert 'value="Mars/Olympus"' in html
    assert response.wsgi_request.user.name == "Ann Sample"
    user.refresh_from_db()
    assert user.certificate_name == ""


def test_the_time_zone_is_searched_in_a_list_without_a_script(own_client):
    html = own_client.get(reverse(PROFILE)).content.decode()

    assert 'list="time-zones"' in html
    assert '<option value="Europe/Berlin">' in html
    assert "posix" not in html


def test_the_profile_page_needs_the_same_queries_for_one_and_for_many_licenses(
    own_client, user, django_assert_max_num_queries
):
    LicenseFactory.create_batch(20, user=user)
    own_client.get(reverse("home-learning"))  # the session is noted once

    with django_assert_max_num_queries(12):
        html = own_client.get(reverse(PROFILE)).content.decode()

    assert html.count('data-label="Number"') == 20


def test_a_person_adds_changes_and_removes_a_license(own_client, user):
    own_client.post(reverse("accounts:license-create"), license_data())
    license_ = License.objects.get()
    added = (license_.user, license_.number, str(license_.expires_date))

    own_client.post(
        reverse("accounts:license-update", args=[license_.uuid]),
        license_data(number="MA999", expires_date=""),
    )
    license_.refresh_from_db()
    changed = (license_.number, license_.expires_date)

    url = reverse("accounts:license-delete", args=[license_.uuid])
    asked = own_client.get(url)
    still_there = License.objects.exists()
    own_client.post(url)

    assert added == (user, "MA 12345", "2027-03-31")
    assert changed == ("MA999", None)
    assert "Remove this license?" in asked.content.decode()
    assert still_there
    assert not License.objects.exists()


def test_a_license_is_removed_by_a_form_alone(own_client, user):
    url = reverse("accounts:license-delete", args=[LicenseFactory(user=user).uuid])

    assert own_client.delete(url).status_code == 405
    assert License.objects.exists()


def test_the_same_license_twice_is_refused_beside_the_number(own_client):
    data = license_data()
    own_client.post(reverse("accounts:license-create"), data)

    response = own_client.post(reverse("accounts:license-create"), data)

    assert response.context["form"].errors == {
        "number": ["This license is already on your list."]
    }
    assert License.objects.count() == 1


def test_a_license_changed_into_another_one_is_refused(own_client, user):
    kept = LicenseFactory(user=user)
    changed = LicenseFactory(user=user)

    response = own_client.post(
        reverse("accounts:license-update", args=[changed.uuid]),
        license_data(
            profession=kept.profession_id,
            jurisdiction=kept.jurisdiction_id,
            number=kept.number,
        ),
    )

    assert "already on your list" in response.content.decode()


def test_a_broken_license_form_says_what_to_enter(own_client):
    response = own_client.post(
        reverse("accounts:license-create"), {"expires_date": "soon"}
    )

    assert response.context["form"].errors == {
        "profession": ["Choose a profession."],
        "jurisdiction": ["Choose a state or country."],
        "number": ["Enter the license number."],
        "expires_date": ["Enter a date, such as 2027-03-31."],
    }


@pytest.mark.parametrize("name", ["license-update", "license-delete"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_the_license_of_somebody_else_answers_404(own_client, name, method):
    foreign = LicenseFactory()
    url = reverse(f"accounts:{name}", args=[foreign.uuid])

    response = getattr(own_client, method)(url, license_data())

    assert response.status_code == 404
    assert License.objects.filter(pk=foreign.pk, number=foreign.number).exists()


@pytest.mark.parametrize(
    "path",
    ["/account/", "/account/licenses/add/", "/account/emails/"],
)
def test_strangers_are_sent_to_the_login_and_come_back(client, path):
    response = client.get(path)

    assert response.url == f"{reverse('account_login')}?next={path}"


def test_who_misses_a_state_on_the_list_is_told_whom_to_ask(own_client):
    JurisdictionFactory(name="Utah"), JurisdictionFactory(name="Alberta")

    html = own_client.get(reverse("accounts:license-create")).content.decode()

    assert "Your state or country is not on the list?" in html
    assert reverse("page-contact") in html.partition("not on the list?")[2]
    assert html.index("Alberta") < html.index("Utah")


def test_account_pages_stay_out_of_every_cache(own_client):
    header = own_client.get(reverse(PROFILE))["Cache-Control"]

    assert "private" in header
    assert "no-store" in header


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_theme_is_kept_in_a_cookie_and_shown_on_the_next_page(client, theme):
    client.post(reverse("accounts:theme-update"), {"theme": theme})

    assert client.cookies["theme"].value == theme
    html = client.get(reverse("account_login")).content.decode()
    assert f'data-theme="{theme}"' in html


@pytest.mark.parametrize("theme", ["system", "<script>", ""])
def test_anything_else_follows_the_system(client, theme):
    client.cookies["theme"] = "dark"

    client.post(reverse("accounts:theme-update"), {"theme": theme})

    assert client.cookies["theme"].value == ""


@pytest.mark.parametrize(
    ("target", "reached"),
    [("/account/", "/account/"), ("https://evil.example/", "/"), ("", "/")],
)
def test_the_theme_form_returns_only_to_pages_of_our_own(client, target, reached):
    response = client.post(
        reverse("accounts:theme-update"), {"theme": "dark", "next": target}
    )

    assert response.url == reached


def test_opening_the_address_of_the_theme_form_changes_nothing(client):
    assert client.get(reverse("accounts:theme-update")).status_code == 405


SESSIONS = "session-list"


def browsers_of(user, count):
    """Log the user in to so many browsers; each has been seen on a page."""
    browsers = [Client(headers={"user-agent": f"Browser {n}"}) for n in range(count)]
    for browser in browsers:
        browser.force_login(user)
        browser.get(reverse(PROFILE))
    return browsers


def session_of(browser):
    return UserSession.objects.get(session_key=browser.session.session_key)


def test_a_person_ends_one_session_and_the_others_go_on(user):
    here, lost, other = browsers_of(user, 3)

    response = here.post(
        reverse("accounts:session-end"), {"session": session_of(lost).pk}
    )

    assert response.url == reverse(SESSIONS)
    assert lost.get(reverse(PROFILE)).status_code == 302
    assert other.get(reverse(PROFILE)).status_code == 200
    assert here.get(reverse(PROFILE)).status_code == 200


def test_the_session_in_use_is_marked_and_not_offered(user):
    here, other = browsers_of(user, 2)

    html = here.get(reverse(SESSIONS)).content.decode()
    response = here.post(
        reverse("accounts:session-end"), {"session": session_of(here).pk}
    )

    assert html.count("This browser") == 1
    assert html.count(reverse("accounts:session-end")) == 1
    assert f'name="session" value="{session_of(other).pk}"' in html
    assert response.status_code == 404
    assert here.get(reverse(PROFILE)).status_code == 200


@pytest.mark.parametrize("named", ["foreign", "", "no number", "9" * 30])
def test_the_session_of_somebody_else_answers_404(user, named):
    [foreign] = browsers_of(UserFactory(), 1)
    [here] = browsers_of(user, 1)
    named = session_of(foreign).pk if named == "foreign" else named

    response = here.post(reverse("accounts:session-end"), {"session": named})

    assert response.status_code == 404
    assert foreign.get(reverse(PROFILE)).status_code == 200


def test_sessions_that_no_longer_log_in_are_not_listed(user):
    here, gone, expired, before = browsers_of(user, 4)
    Session.objects.get(pk=gone.session.session_key).delete()
    Session.objects.filter(pk=expired.session.session_key).update(
        expire_date="2020-01-01T00:00Z"
    )
    session = before.session
    session["_auth_user_hash"] = "of an old password"
    session.save()

    page = here.get(reverse(SESSIONS))

    assert [row.user_agent for row in page.context["sessions"]] == ["Browser 0"]


def test_the_times_of_sessions_say_their_zone(user):
    user.time_zone = "UTC"
    user.save()
    [here] = browsers_of(user, 1)

    assert " UTC</td>" in here.get(reverse(SESSIONS)).content.decode()


@pytest.mark.parametrize("count", [1, 16])
def test_the_list_of_sessions_costs_the_same_for_one_and_for_many(
    user, count, django_assert_max_num_queries
):
    here = browsers_of(user, count)[0]

    with django_assert_max_num_queries(12):
        page = here.get(reverse(SESSIONS))

    assert len(page.context["sessions"]) == count
