import pytest
from django.contrib.flatpages.models import FlatPage
from django.contrib.sites.models import Site
from django.core.cache import caches
from django.db import OperationalError
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.views import defaults

pytestmark = pytest.mark.django_db


def test_a_missing_page_offers_a_search_and_ways_on(client):
    response = client.get("/no-such-page/")

    assert response.status_code == 404
    html = response.content.decode()
    assert "We cannot find that page" in html
    assert 'role="search"' in html


@pytest.mark.usefixtures("kept_fragments")
def test_unknown_addresses_fill_no_memory_and_each_has_its_own_header(client):
    def kept():
        return len(caches["template_fragments"]._cache)

    client.get("/courses/no/such/page/")
    before = kept()
    pages = [client.get(f"/articles/no/such/page/{n}/") for n in range(3)]

    assert kept() == before
    for page in pages:
        assert '<a href="/articles/" aria-current="true">' in page.content.decode()


def test_an_address_that_only_takes_forms_says_so(client):
    response = client.get("/account/theme/")

    assert response.status_code == 405
    assert response["Allow"] == "POST"
    assert "This address is part of a form" in response.content.decode()


def test_a_program_is_refused_without_a_page(client):
    response = client.get(
        "/learn/api/progress/", headers={"accept": "application/json"}
    )

    assert response.status_code == 405
    assert response.content == b""


def test_an_expired_form_says_what_to_do():
    client = Client(enforce_csrf_checks=True)

    response = client.post("/accounts/login/", {"login": "maya@example.com"})

    assert response.status_code == 403
    assert "This page was open for too long" in response.content.decode()


@pytest.mark.parametrize("name", ["400.html", "500.html", "503.html"])
def test_the_last_resort_pages_need_no_context_and_no_database(name):
    html = render_to_string(name)

    assert "/static/css/error.css" in html
    assert "/contact/" in html


def test_a_failure_is_answered_without_a_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        response = defaults.server_error(RequestFactory().get("/"))

    assert response.status_code == 500
    assert "Something went wrong on our side" in response.content.decode()


@pytest.mark.parametrize(
    "name", ["403.html", "403_csrf.html", "404.html", "405.html", "429.html"]
)
def test_every_error_page_has_one_action_and_a_way_to_contact_us(client, name):
    request = client.get("/").wsgi_request

    html = render_to_string(name, request=request)

    assert html.count("<h1>") == 1
    assert "c-btn--primary" in html
    assert 'href="/contact/"' in html


def test_text_pages_are_sanitized(client):
    page = FlatPage.objects.create(
        url="/about/",
        title="About <b>us</b>",
        content="<h3>Who</h3><script>x()</script>",
    )
    page.sites.set([Site.objects.get_current()])

    html = client.get("/about/").content.decode()

    assert "<h1>About &lt;b&gt;us&lt;/b&gt;</h1>" in html
    assert "<b>us" not in html
    assert "<h3>Who</h3>" in html
    assert "x()" not in html


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (OperationalError("server closed the connection"), 503, "We will be back"),
        (ValueError("a mistake of ours"), 500, "went wrong"),
    ],
)
def test_a_database_that_is_away_is_worth_waiting_for(
    client, monkeypatch, error, status, words
):
    def fail(*_args, **_kwargs):
        raise error

    monkeypatch.setattr("billing.views.PriceList.get_context_data", fail)
    client.raise_request_exception = False

    response = client.get("/pricing/")

    assert response.status_code == status
    assert words in response.content.decode()
    assert response.headers.get("Retry-After") == ("30" if status == 503 else None)
