import json
import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertTemplateUsed

from articles.models import Block
from core.preview import make_token
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.articles import (
    PUBLISHED_AT,
    AnatomyRowFactory,
    ArticleFactory,
    BlockFactory,
    GuideFactory,
    TechniqueFactory,
    TopicFactory,
)
from tests.factories.billing import AccessGrantFactory, PlanFactory, PriceFactory
from tests.factories.courses import (
    CourseFactory,
    DisclaimerFactory,
    EnrollmentFactory,
    LessonFactory,
    RegionFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def complete_article():
    """One article with everything an article can have."""
    DisclaimerFactory(text="Not a diagnosis.")
    PriceFactory(plan=PlanFactory(entitlement="all-courses"))
    article = ArticleFactory(
        reviewed=True,
        guide=GuideFactory(),
        course=CourseFactory(),
        topics=[TopicFactory()],
    )
    LessonFactory(module__course=article.course, is_preview=True)
    BlockFactory(article=article, heading="Why it aches")
    AnatomyRowFactory(block__article=article, block__heading="Anatomy at a glance")
    TechniqueFactory(block__article=article, block__heading="Ways to ease it")
    BlockFactory(
        article=article,
        kind=Block.Kind.RED_FLAGS,
        heading="When to stop",
        items="A hot calf\nNumbness",
    )
    return article


def make_member(**grant):
    return AccessGrantFactory(
        plan=PlanFactory(entitlement="all-courses"), valid_from=PUBLISHED_AT, **grant
    ).user


def query_count(client, url):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_an_article_shows_all_its_sections_in_their_order(client, complete_article):
    html = client.get(complete_article.get_absolute_url()).content.decode()

    places = [
        html.index(words)
        for words in (
            'id="why-it-aches"',
            "Biceps femoris</em>",
            "1. Ball release",
            "60 sec each side",
            "<li>A hot calf</li>",
            'id="guide"',
            'id="disclaimer"',
            'id="plan-band"',
        )
    ]
    assert places == sorted(places)
    assert "By Marta Lindqvist</span>" in html
    assert "Reviewed by Jonah Ashby on" in html
    assert 'alt="Person seated with a ball under the thigh."' in html


def test_each_id_stands_once_on_the_page(client, complete_article):
    for _again in range(2):
        BlockFactory(article=complete_article, heading="Guide")

    html = client.get(complete_article.get_absolute_url()).content.decode()

    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert {"guide", "guide-2", "guide-3"} <= set(ids)


def test_the_newest_disclaimer_in_force_is_shown_exactly_once(client, complete_article):
    now = timezone.now()
    DisclaimerFactory(
        version="2.0", text="The words in force.", in_force_from=now - timedelta(days=1)
    )
    DisclaimerFactory(text="Of tomorrow.", in_force_from=now + timedelta(days=1))

    response = client.get(complete_article.get_absolute_url())

    assertContains(response, "The words in force.", count=1)
    assertContains(response, ">Medical disclaimer</h2>", count=1)
    assertContains(response, "Version 2.0, in force since")
    assertNotContains(response, "Of tomorrow.")
    assertNotContains(response, "Not a diagnosis.")


def test_the_price_on_the_page_is_that_of_the_price_row(client, complete_article):
    url = complete_article.get_absolute_url()
    price = PriceFactory()
    assertContains(client.get(url), "Start for $19.95 a month")

    price.unit_amount = 2450
    price.save()

    assertContains(client.get(url), "Start for $24.50 a month")
    assertNotContains(client.get(url), "$19.95")


def test_no_template_of_the_articles_knows_an_amount():
    folder = settings.BASE_DIR / "templates" / "articles"

    for path in folder.glob("*.html"):
        assert not re.search(r"\$\d", path.read_text()), path


def test_without_a_price_on_sale_the_button_names_none(client):
    article = ArticleFactory()

    response = client.get(article.get_absolute_url())

    assertContains(response, "See the membership")


def test_a_member_continues_the_course_and_sees_no_price(client, complete_article):
    user = make_member()
    client.force_login(user)
    url = complete_article.get_absolute_url()
    course = complete_article.course

    response = client.get(url)
    assertContains(response, f'href="{course.get_absolute_url()}">Continue your course')
    assertNotContains(response, "Start for")

    EnrollmentFactory(user=user, course=course)
    classroom = reverse("courses:classroom-detail", args=[course.slug])
    assertContains(client.get(url), f'href="{classroom}">Continue your course')


def test_a_free_account_sees_the_price_and_takes_the_guide_with_one_click(
    client, complete_article
):
    client.force_login(UserFactory())

    response = client.get(complete_article.get_absolute_url())

    assertContains(response, "Start for $19.95 a month")
    assertContains(response, "Download the guide")
    assertNotContains(response, 'name="email"')


def test_the_newsletter_box_is_separate_and_not_ticked(client, complete_article):
    html = client.get(complete_article.get_absolute_url()).content.decode()

    box = re.search(r'<input[^>]+name="wants_news"[^>]*>', html).group()
    assert "checked" not in box


def test_a_withdrawn_guide_or_course_is_not_offered(client, complete_article):
    for page in (complete_article.guide, complete_article.course):
        page.unpublished_at = timezone.now() - timedelta(hours=1)
        page.save()

    response = client.get(complete_article.get_absolute_url())

    assertNotContains(response, 'id="guide"')
    assertNotContains(response, complete_article.course.title)


def test_structured_data_is_json_with_a_nonce_and_cannot_leave_its_script(client):
    article = ArticleFactory(reviewed=True, title='</script><b>&"Psoas"')

    response = client.get(article.get_absolute_url())

    html = response.content.decode()
    script = re.search(
        r'<script type="application/ld\+json" nonce="([^"]+)">(.*?)</script>', html
    )
    about, crumbs = json.loads(script.group(2))["@graph"]
    assert about["@type"] == "Article"
    assert about["headline"] == article.title
    assert about["mainEntityOfPage"]["reviewedBy"]["name"] == "Jonah Ashby"
    assert crumbs["itemListElement"][-1]["name"] == article.title
    assert f"'nonce-{script.group(1)}'" in response["Content-Security-Policy"]


def test_the_head_names_one_address_and_what_to_show_when_shared(client):
    article = ArticleFactory()

    response = client.get(article.get_absolute_url() + "?utm_source=mail")

    address = settings.SITE_URL + article.get_absolute_url()
    assertContains(response, f'<link rel="canonical" href="{address}">')
    assertContains(response, f'<meta property="og:url" content="{address}">')
    assertContains(response, '<meta name="description" content="For search engines.">')
    assertContains(response, f'<meta property="og:title" content="{article.title}">')


def test_script_that_reached_the_database_is_not_rendered(client):
    block = BlockFactory()
    Block.objects.filter(pk=block.pk).update(
        body="<p>Hi</p><script>alert(1)</script><img src=x onerror=alert(2)>",
        heading="<script>alert(3)</script>",
    )

    response = client.get(block.article.get_absolute_url())

    for number in range(1, 4):
        assertNotContains(response, f"<script>alert({number})")
    assertNotContains(response, "onerror")


@pytest.mark.parametrize("days", [None, 3])
def test_a_draft_or_scheduled_article_does_not_exist_for_visitors(client, days):
    publish_at = timezone.now() + timedelta(days=days) if days else None
    article = ArticleFactory(published_at=publish_at)

    assert client.get(article.get_absolute_url()).status_code == 404

    client.force_login(UserFactory())
    assert client.get(article.get_absolute_url()).status_code == 404


def test_staff_and_holders_of_the_link_see_a_draft_marked_as_such(client):
    article = ArticleFactory(published_at=None)
    url = f"{article.get_absolute_url()}?preview={make_token(article)}"

    response = client.get(url)
    assertTemplateUsed(response, "components/draft_ribbon.html")
    assertContains(response, '<meta name="robots" content="noindex">')

    client.force_login(StaffFactory())
    assertContains(client.get(article.get_absolute_url()), article.title)


def test_a_preview_link_opens_only_its_own_article(client):
    article, other = ArticleFactory(published_at=None), ArticleFactory()
    url = article.get_absolute_url()

    for token in (make_token(other), make_token(article)[:-2], "", "x:y:z"):
        assert client.get(url, {"preview": token}).status_code == 404


def test_a_withdrawn_article_says_so_and_offers_what_is_near(client):
    article = ArticleFactory(unpublished_at=timezone.now() - timedelta(days=1))
    near = ArticleFactory()

    response = client.get(article.get_absolute_url())

    assert response.status_code == 410
    assertContains(response, near.title, status_code=410)
    assertContains(response, "no longer available", status_code=410)


def test_a_saved_change_is_on_the_page_at_once(client):
    block = BlockFactory(body="<p>Before.</p>")
    url = block.article.get_absolute_url()
    assertContains(client.get(url), "Before.")

    block.body = "<p>After.</p>"
    block.save()
    block.article.save()

    assertContains(client.get(url), "After.")
    assertNotContains(client.get(url), "Before.")


def test_a_withdrawn_article_is_no_longer_recommended(client):
    article = ArticleFactory()
    others = ArticleFactory.create_batch(4)
    url = article.get_absolute_url()
    shown = client.get(url).context["page"].related
    assert len(shown) == 3

    shown[0].unpublished_at = timezone.now() - timedelta(minutes=1)
    shown[0].save()

    related = client.get(url).context["page"].related
    assert set(related) == set(others) - {shown[0]}


def test_related_articles_are_said_to_be_of_the_region_only_if_all_are(client):
    article = ArticleFactory()
    near = ArticleFactory(region=article.region)
    url = article.get_absolute_url()
    region_url = reverse("articles:region-detail", args=[article.region.slug])

    response = client.get(url)
    assertContains(response, ">Keep going in this region</h2>")
    assertContains(response, f'href="{region_url}">All ')

    far = ArticleFactory(region=RegionFactory(slug="jaw", name="Jaw"))
    response = client.get(url)
    assert set(response.context["page"].related) == {near, far}
    assertContains(response, ">Keep reading</h2>")
    assertContains(response, f'href="{reverse("articles:article-list")}">All articles')
    assertNotContains(response, "in this region")


def test_an_unknown_article_is_not_found(client):
    assert client.get("/articles/nothing-here/").status_code == 404


def test_an_article_page_costs_the_same_with_2_and_50_articles(
    client, complete_article
):
    url = complete_article.get_absolute_url()
    ArticleFactory()
    few = query_count(client, url)

    ArticleFactory.create_batch(50, topics=complete_article.topics.all())
    for _more in range(3):
        TechniqueFactory(block__article=complete_article)
        AnatomyRowFactory(block__article=complete_article)

    assert query_count(client, url) <= few <= 12


@pytest.mark.usefixtures("kept_fragments")
def test_an_article_page_costs_a_member_at_most_12_queries(client, complete_article):
    user = make_member()
    EnrollmentFactory(user=user, course=complete_article.course)
    client.force_login(user)
    url = complete_article.get_absolute_url()
    client.get(url)  # the first page of a session notes that it was opened

    assert query_count(client, url) <= 12


@pytest.mark.parametrize("name", ["article-list", "region-detail"])
def test_lists_cost_the_same_with_2_and_50_articles(client, name):
    region = RegionFactory()
    url = reverse(f"articles:{name}", args=[region.slug] * (name != "article-list"))
    GuideFactory()
    ArticleFactory.create_batch(2)
    few = query_count(client, url)

    ArticleFactory.create_batch(50)
    GuideFactory.create_batch(5)

    assert query_count(client, url) <= few <= 12


def test_the_index_leads_with_the_newest_and_turns_pages_of_12(client):
    oldest = ArticleFactory(published_at=PUBLISHED_AT - timedelta(days=9))
    ArticleFactory.create_batch(11)
    newest = ArticleFactory(published_at=PUBLISHED_AT + timedelta(days=9))
    url = reverse("articles:article-list")

    first = client.get(url)
    second = client.get(url, {"page": 2})

    assert first.context["lead"] == newest
    assertContains(first, newest.title, count=1)
    assert list(second.context["page_obj"]) == [oldest]
    assertContains(second, f'{url}?page=2">')
    assert client.get(url, {"page": 3}).status_code == 404


def test_the_index_hides_what_is_not_published_and_regions_without_articles(client):
    RegionFactory(slug="jaw", name="Jaw")
    draft = ArticleFactory(published_at=None, title="A draft to hide")
    ArticleFactory(title="To be read")

    response = client.get(reverse("articles:article-list"))

    assertContains(response, "To be read")
    assertNotContains(response, draft.title)
    assertContains(response, "Hip and thigh")
    assertNotContains(response, "Jaw")


def test_an_empty_index_offers_something_to_do(client):
    response = client.get(reverse("articles:article-list"))

    assertContains(response, "No articles yet")
    assertContains(response, reverse("courses:course-list"))


def test_a_region_page_shows_its_muscles_articles_and_guides_only(client):
    jaw = RegionFactory(slug="jaw", name="Jaw", summary="Around the mouth.")
    TopicFactory(region=jaw, name="Masseter")
    here = ArticleFactory(region=jaw, title="Clenching")
    guide = GuideFactory(region=jaw, title="Jaw guide")
    elsewhere = ArticleFactory(region=RegionFactory(), title="Hamstrings")

    response = client.get(reverse("articles:region-detail", args=["jaw"]))

    for words in ("Around the mouth.", "Masseter", here.title, guide.title):
        assertContains(response, words)
    assertNotContains(response, elsewhere.title)


def test_an_unknown_region_is_not_found_and_an_empty_one_says_so(client):
    RegionFactory(slug="jaw", name="Jaw")

    empty = client.get(reverse("articles:region-detail", args=["jaw"]))

    assertContains(empty, "No articles on this region yet")
    assert client.get("/articles/region/nowhere/").status_code == 404


def test_the_index_finds_articles_by_title_region_or_named_muscle(client):
    calf = ArticleFactory(title="Cramp at night")
    block = BlockFactory(article=calf, kind=Block.Kind.ANATOMY)
    AnatomyRowFactory(block=block, muscle="Soleus")
    ArticleFactory(title="The stiff neck")

    for words in ("cramp", "soleus", "soleus night"):
        response = client.get("/articles/", {"q": words})
        assert [found.title for found in response.context["page_obj"]] == [calf.title]
        assertContains(response, f"1 article for “{words}”")


def test_a_search_without_a_result_says_what_to_try(client):
    ArticleFactory(title="The stiff neck")

    response = client.get("/articles/", {"q": "<b>psoas"})

    assertContains(response, "No articles match “&lt;b&gt;psoas”.")
    assertNotContains(response, "The stiff neck")


@pytest.mark.usefixtures("kept_fragments")
def test_an_edit_in_the_admin_shows_at_once_on_the_page(client, complete_article):
    url = complete_article.get_absolute_url()
    staff = StaffFactory(is_superuser=True)
    region = complete_article.region
    assertContains(client.get(url), f"{region.name}</a>")
    assert query_count(client, url) == 2

    editor = Client()
    editor.force_login(staff)
    answer = editor.post(
        reverse("admin:courses_region_change", args=[region.pk]),
        {"slug": region.slug, "name": "Wrist and palm", "weight": 0},
    )

    assert answer.status_code == 302
    assertContains(client.get(url), "Wrist and palm</a>")


@pytest.mark.usefixtures("kept_fragments")
def test_fragments_hold_nothing_of_another_visitor(client, complete_article):
    url = complete_article.get_absolute_url()
    first, second = Client().get(url), Client().get(url)
    member = make_member()
    client.force_login(member)

    own = client.get(url).content.decode()

    assert first.cookies["csrftoken"].value != second.cookies["csrftoken"].value
    nonces = [
        re.findall(r'nonce="([^"]+)"', page.content.decode())
        for page in (first, second)
    ]
    assert all(len(set(found)) == 1 for found in nonces)
    assert set(nonces[0]) != set(nonces[1])
    assert member.email in own
    assert "Continue your course" in own
    assert member.email not in Client().get(url).content.decode()
