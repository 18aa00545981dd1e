import pytest
from django.core.signing import Signer
from django.test import Client
from django.urls import reverse

from mail import tasks
from mail.models import UNSUBSCRIBE_SALT, EmailPreference, Suppression, unsubscribe_url
from tests.factories.accounts import UserFactory
from tests.factories.mail import OutgoingEmailFactory

pytestmark = pytest.mark.django_db


def link(address="ann@example.com", category="learning"):
    url = unsubscribe_url(address=address, category=category)
    return url[url.index("/u/") :]


def test_opening_the_link_asks_and_never_unsubscribes(client):
    for method in (client.get, client.head):
        response = method(link())
        assert response.status_code == 200

    assert "Stop these emails?" in client.get(link()).content.decode()
    assert not Suppression.objects.exists()


def test_one_click_from_a_mail_program_unsubscribes_without_cookie_or_token():
    program = Client(enforce_csrf_checks=True)

    for _ in range(2):
        response = program.post(link(), {"List-Unsubscribe": "One-Click"})
        assert response.status_code == 200

    assert "You are unsubscribed" in response.content.decode()
    stop = Suppression.objects.get()
    assert (stop.address, stop.category) == ("ann@example.com", "learning")


def test_a_changed_token_answers_a_clear_404_and_changes_nothing(client):
    token = link().strip("/").removeprefix("u/")
    forged = token[:-2] + ("aa" if token[-2:] != "aa" else "bb")

    for response in (
        client.get(reverse("mail:unsubscribe", args=[forged])),
        client.post(reverse("mail:unsubscribe", args=[forged])),
        client.post(reverse("mail:unsubscribe", args=["nonsense"])),
    ):
        assert response.status_code == 404
        assert "This link does not work" in response.content.decode()

    assert not Suppression.objects.exists()


def test_a_token_of_another_purpose_or_category_is_refused(client):
    service = Signer(salt=UNSUBSCRIBE_SALT).sign_object(["ann@example.com", "service"])
    other = Signer(salt="other").sign_object(["ann@example.com", "news"])

    for token in (service, other):
        assert client.post(reverse("mail:unsubscribe", args=[token])).status_code == 404

    assert not Suppression.objects.exists()


def test_the_settings_page_sends_strangers_to_the_login(client):
    response = client.get(reverse("mail:preference-update"))

    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


def test_the_settings_page_shows_and_saves_the_two_choices(client):
    user = UserFactory()
    client.force_login(user)
    url = reverse("mail:preference-update")

    page = client.get(url)
    response = client.post(url, {"news": "on"}, follow=True)

    assert page.context["form"].initial == {"learning": True, "news": False}
    assert "Always on" in page.content.decode()
    assert "Your email settings are saved." in response.content.decode()
    assert EmailPreference.objects.choices_of(user) == {"learning": False, "news": True}


@pytest.fixture
def inbox(settings, tmp_path):
    settings.DEBUG = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "inbox")
    return reverse("mail:inbox")


def test_the_inbox_lists_and_shows_an_email_with_links_to_click(client, inbox):
    email = OutgoingEmailFactory(
        subject="Hello <b>you</b>",
        body_text="Open http://127.0.0.1:8000/accounts/confirm/x/\n",
        body_html="<html><head></head><body><script>alert(1)</script>Hi</body></html>",
    )
    tasks.deliver(email_id=email.pk)

    listed = client.get(inbox).content.decode()
    key = client.get(inbox).context["inbox"][0].key
    shown = client.get(reverse("mail:inbox-detail", args=[key]))
    html = client.get(reverse("mail:inbox-html", args=[key]))

    assert "Hello &lt;b&gt;you&lt;/b&gt;" in listed
    assert email.recipient in listed
    assert (
        '<a href="http://127.0.0.1:8000/accounts/confirm/x/"' in shown.content.decode()
    )
    assert "frame-src 'self'" in shown["Content-Security-Policy"]
    assert html["Content-Security-Policy"].startswith("sandbox ")
    assert "allow-scripts" not in html["Content-Security-Policy"]
    assert html["X-Frame-Options"] == "SAMEORIGIN"


def test_an_empty_inbox_says_how_to_fill_it(client, inbox):
    assert "No emails yet" in client.get(inbox).content.decode()


def test_the_inbox_answers_404_outside_development(client, inbox, settings):
    tasks.deliver(email_id=OutgoingEmailFactory().pk)
    key = client.get(inbox).context["inbox"][0].key
    settings.DEBUG = False

    for url in (
        inbox,
        reverse("mail:inbox-detail", args=[key]),
        reverse("mail:inbox-html", args=[key]),
    ):
        assert client.get(url).status_code == 404


def test_an_unknown_email_of_the_inbox_answers_404(client, inbox):
    assert client.get(reverse("mail:inbox-detail", args=["nothing"])).status_code == 404
