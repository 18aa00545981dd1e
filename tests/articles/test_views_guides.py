import re
from datetime import timedelta
from unittest import mock

import pytest
from django.core import signing
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from articles.models import LINK_SALT, GuideRequest
from mail.models import OutgoingEmail
from tests.factories.accounts import UserFactory
from tests.factories.articles import ArticleFactory, GuideFactory, GuideRequestFactory
from tests.support import body

pytestmark = pytest.mark.django_db

READER = {"email": "reader@example.com"}


def ask(client, guide, **fields):
    url = reverse("articles:guide-request", args=[guide.slug])
    return client.post(url, {**READER, **fields})


def sent_page(guide):
    return reverse("articles:guide-sent", args=[guide.slug])


def mailed_path():
    text = OutgoingEmail.objects.order_by("-pk").first().body_text
    return re.search(r"/guides/d/\S+", text).group()


def expired_token(request):
    eight_days_ago = timezone.now() - timedelta(days=8)
    with mock.patch.object(
        signing.time, "time", return_value=eight_days_ago.timestamp()
    ):
        return request.token


def test_the_form_leads_from_the_inbox_to_the_pdf(client):
    article = ArticleFactory(guide=GuideFactory())

    response = ask(client, article.guide, article=article.slug, wants_news="on")

    assertRedirects(response, sent_page(article.guide))
    request = GuideRequest.objects.get()
    assert request.article == article
    assert request.wants_news
    pdf = client.get(mailed_path())
    assert body(pdf) == b"%PDF-1.7 sample guide"
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf["Content-Disposition"] == (
        f'attachment; filename="{article.guide.slug}.pdf"'
    )
    assert pdf["Cache-Control"] == "private, no-store"
    assert pdf["X-Robots-Tag"] == "noindex"
    request.refresh_from_db()
    assert request.downloaded_at


def test_the_link_is_good_for_more_than_one_download(client):
    ask(client, GuideFactory())

    assert [client.get(mailed_path()).status_code for _time in range(2)] == [200, 200]


def test_known_and_unknown_addresses_get_the_same_answer(client):
    UserFactory(email="known@example.com", is_verified=True)
    guide = GuideFactory()
    pages = {}
    for address in ("known@example.com", "other@example.com"):
        client.cookies.clear()
        page = client.get(ask(client, guide, email=address).url).content.decode()
        pages[address] = re.sub(r'value="[^"]+"|nonce="[^"]+"', "", page).replace(
            address, ""
        )

    assert len(set(pages.values())) == 1
    assert OutgoingEmail.objects.count() == 2


def test_asking_twice_at_once_mails_once_and_answers_the_same(client):
    guide = GuideFactory()

    responses = [ask(client, guide) for _time in range(2)]

    assert {response.url for response in responses} == {sent_page(guide)}
    assert OutgoingEmail.objects.count() == 1


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("", "Enter your email address"),
        ("reader", "Enter an email address with an @, like name@example.com"),
        (
            f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 30}.example.com",
            "Enter an email address of at most 254 characters",
        ),
    ],
)
def test_a_wrong_address_is_told_beside_the_field_and_kept(client, address, message):
    guide = GuideFactory()

    response = ask(client, guide, email=address)

    assertContains(response, message, count=2)
    assertContains(response, 'aria-invalid="true"')
    assertContains(response, "<title>Error: ")
    if address:
        assertContains(response, f'value="{address}"')
    assert not GuideRequest.objects.exists()


def test_a_robot_is_answered_like_a_person_and_gets_nothing(client):
    guide = GuideFactory()

    response = ask(client, guide, website="https://spam.example")

    assertRedirects(response, sent_page(guide))
    assert not GuideRequest.objects.exists()
    assert not OutgoingEmail.objects.exists()


def test_one_address_gets_at_most_five_guides_an_hour(client):
    guides = GuideFactory.create_batch(6)

    codes = [ask(client, guide).status_code for guide in guides]

    assert codes == [302] * 5 + [429]
    assert OutgoingEmail.objects.count() == 5
    assertContains(ask(client, guides[0]), "Wait an hour", status_code=429)


def test_one_visitor_asks_at_most_twenty_times_an_hour(client):
    guide = GuideFactory()

    codes = [
        ask(client, guide, email=f"reader{number}@example.com").status_code
        for number in range(21)
    ]

    assert codes == [302] * 20 + [429]


def test_the_link_can_be_sent_again_to_the_address_just_given(client):
    guide = GuideFactory()
    ask(client, guide)
    GuideRequest.objects.update(sent_at=timezone.now() - timedelta(minutes=2))
    assertContains(client.get(sent_page(guide)), "reader@example.com")

    response = client.post(reverse("articles:guide-resend", args=[guide.slug]))

    assertRedirects(response, sent_page(guide))
    assert OutgoingEmail.objects.count() == 2


def test_nobody_resends_what_they_have_not_asked_for(client):
    request = GuideRequestFactory()
    url = reverse("articles:guide-resend", args=[request.guide.slug])

    assert client.post(url).status_code == 404
    assertNotContains(client.get(sent_page(request.guide)), "Send it again")


def test_an_expired_link_says_so_and_mails_a_new_one_to_the_same_address(client):
    request = GuideRequestFactory(email="owner@example.com")
    token = expired_token(request)

    page = client.get(reverse("articles:guide-download", args=[token]))
    assertContains(page, "This link has expired", status_code=410)
    assertContains(page, "Send a new one", status_code=410)
    assertNotContains(page, "owner@example.com", status_code=410)

    response = client.post(reverse("articles:guide-renew", args=[token]))

    assertRedirects(response, sent_page(request.guide))
    assertNotContains(client.get(response.url), "owner@example.com")
    assert OutgoingEmail.objects.get().recipient == "owner@example.com"
    assert body(client.get(mailed_path())) == b"%PDF-1.7 sample guide"


def test_renewing_is_limited_like_asking(client):
    token = expired_token(GuideRequestFactory())
    url = reverse("articles:guide-renew", args=[token])

    codes = [client.post(url).status_code for _time in range(6)]

    assert codes == [302] * 5 + [429]
    assert OutgoingEmail.objects.count() == 1


def test_a_changed_foreign_or_orphaned_link_is_not_found(client):
    request = GuideRequestFactory()
    token = request.token
    foreign = signing.dumps(request.pk, salt="something.else")
    orphan = signing.dumps(request.pk + 1, salt=LINK_SALT)

    for wrong in (token[:-1], "x" + token, foreign, orphan, "nonsense"):
        for name, method in (("download", client.get), ("renew", client.post)):
            url = reverse(f"articles:guide-{name}", args=[wrong])
            assert method(url).status_code == 404, (name, wrong)


def test_the_link_of_a_withdrawn_guide_says_that_it_is_gone(client):
    guide = GuideFactory(unpublished_at=timezone.now() - timedelta(days=1))
    token = GuideRequestFactory(guide=guide).token
    near = GuideFactory(title="Another guide")

    response = client.get(reverse("articles:guide-download", args=[token]))

    assertContains(response, near.title, status_code=410)
    assert client.get(guide.get_absolute_url()).status_code == 410


def test_the_private_file_has_no_public_address(client):
    guide = GuideFactory()

    assert client.get(f"/media/{guide.file.name}").status_code == 404


def test_an_account_takes_the_guide_with_one_click(client):
    article = ArticleFactory(guide=GuideFactory())
    user = UserFactory()
    client.force_login(user)
    url = reverse("articles:guide-take", args=[article.guide.slug])

    response = client.post(url, {"article": article.slug})

    assert body(response) == b"%PDF-1.7 sample guide"
    request = GuideRequest.objects.get()
    assert (request.user, request.article) == (user, article)
    assert not OutgoingEmail.objects.exists()


@pytest.mark.parametrize("article", ["", "nothing-here", "\0", "x" * 5000])
def test_a_form_that_names_no_article_still_hands_out_the_guide(client, article):
    guide = GuideFactory()
    client.force_login(UserFactory())

    url = reverse("articles:guide-take", args=[guide.slug])

    assert body(client.post(url, {"article": article})).startswith(b"%PDF")
    assert GuideRequest.objects.get().article is None


def test_without_an_account_the_one_click_leads_back_to_the_form(client):
    guide = GuideFactory()

    response = client.post(reverse("articles:guide-take", args=[guide.slug]))

    assertRedirects(response, guide.get_absolute_url())


@pytest.mark.parametrize(
    ("name", "page"), [("request", "detail"), ("resend", "sent"), ("take", "detail")]
)
def test_the_address_of_an_action_leads_to_the_page_of_its_form(client, name, page):
    guide = GuideFactory()

    response = client.get(reverse(f"articles:guide-{name}", args=[guide.slug]))

    assertRedirects(response, reverse(f"articles:guide-{page}", args=[guide.slug]))
    assert not GuideRequest.objects.exists()


def test_a_draft_guide_cannot_be_seen_or_asked_for(client):
    guide = GuideFactory(published_at=None)
    client.force_login(UserFactory())

    assert client.get(guide.get_absolute_url()).status_code == 404
    assert ask(client, guide).status_code == 404
    assert client.get(sent_page(guide)).status_code == 404
    take = reverse("articles:guide-take", args=[guide.slug])
    assert client.post(take).status_code == 404


def test_the_guide_page_says_what_is_in_the_pdf(client):
    guide = GuideFactory(contents="Stop signs\nA two-minute check")
    article = ArticleFactory(guide=guide)

    response = client.get(guide.get_absolute_url())

    for words in ("<li>A two-minute check</li>", "14 pages", "bytes", article.title):
        assertContains(response, words)


def test_the_list_of_guides_shows_published_ones_only(client):
    shown = GuideFactory(title="Shown guide")
    GuideFactory(title="Draft guide", published_at=None)

    response = client.get(reverse("articles:guide-list"))

    assertContains(response, shown.title)
    assertNotContains(response, "Draft guide")


def test_guide_pages_cost_the_same_with_2_and_50_guides(
    client, django_assert_max_num_queries
):
    guide = GuideFactory.create_batch(50)[0]
    ArticleFactory.create_batch(50, guide=guide)

    for url in (reverse("articles:guide-list"), guide.get_absolute_url()):
        with django_assert_max_num_queries(6):
            client.get(url)
