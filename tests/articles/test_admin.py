import io
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from articles.models import Article, Guide, Technique
from tests.factories.accounts import StaffFactory
from tests.factories.articles import (
    ArticleFactory,
    BlockFactory,
    GuideFactory,
    GuideRequestFactory,
    TopicFactory,
)
from tests.factories.courses import RegionFactory

pytestmark = pytest.mark.django_db

ADD = "admin:articles_article_add"
NOTHING = {"TOTAL_FORMS": "0", "INITIAL_FORMS": "0"}


@pytest.fixture
def admin(client):
    client.force_login(StaffFactory())
    return client


def picture(name="plate.png", size=(50, 60), image_format="PNG", **options):
    target = io.BytesIO()
    Image.new("RGB", size, "#9a2a35").save(target, image_format, **options)
    return SimpleUploadedFile(name, target.getvalue())


def forms_of(prefix, *rows, model="", initial=0):
    """Return the fields of a formset as the admin's form posts them."""
    fields = {
        f"{prefix}-TOTAL_FORMS": str(len(rows)),
        f"{prefix}-INITIAL_FORMS": str(initial),
    }
    for number, row in enumerate(rows):
        for key, value in row.items():
            fields[f"{prefix}-{number}-{key}"] = value
    return fields


def article_fields(**changes):
    return {
        "title": "Psoas and the front of the hip",
        "slug": "psoas",
        "dek": "When sitting shortens the hip.",
        "description": "For search engines.",
        "region": RegionFactory().pk,
        "plate": picture(),
        "plate_alt": "Front of the hip.",
        "thumbnail": picture("thumb.png", (80, 50)),
        **forms_of("blocks"),
        **changes,
    }


def nested_blocks():
    return {
        **forms_of(
            "blocks",
            {"kind": "text", "heading": "Why", "body": "<p>Hi<script>x</script></p>"},
            {"kind": "anatomy", "heading": "Anatomy", "body": "", "weight": "1"},
            {"kind": "techniques", "heading": "Ways", "body": "", "weight": "2"},
        )
        | {"blocks-0-weight": "0"},
        **forms_of("blocks-0-anatomy_rows"),
        **forms_of("blocks-0-techniques"),
        **forms_of(
            "blocks-1-anatomy_rows",
            {"number": "1", "muscle": "Psoas major", "runs": "Spine", "felt": "Groin"},
            {"number": "2", "muscle": "Iliacus", "runs": "Pelvis", "felt": "Hip"},
        ),
        **forms_of("blocks-1-techniques"),
        **forms_of("blocks-2-anatomy_rows"),
        **forms_of(
            "blocks-2-techniques",
            {
                "title": "Half kneel",
                "lead": "Gentle.",
                "steps": "Kneel.\nLean.",
                "doses": "30 sec",
                "image": picture("kneel.png"),
                "image_alt": "Person kneeling.",
                "weight": "0",
            },
        ),
    }


def test_an_article_with_all_its_sections_is_added_on_one_page(admin):
    response = admin.post(reverse(ADD), article_fields(**nested_blocks()))

    assertRedirects(response, reverse("admin:articles_article_changelist"))
    article = Article.objects.get()
    text, anatomy, ways = article.blocks.order_by("weight")
    assert text.body == "<p>Hi</p>"
    assert [row.muscle for row in anatomy.anatomy_rows.order_by("number")] == [
        "Psoas major",
        "Iliacus",
    ]
    technique = ways.techniques.get()
    assert technique.image_alt == "Person kneeling."
    assert technique.image.name.endswith(".webp")
    assert article.word_count > 10
    assert article.publication_status(at=timezone.now()) == "draft"


def test_pictures_are_written_anew_without_metadata_under_a_random_name(admin):
    exif = Image.Exif()
    exif[0x010F] = "Camera of somebody"
    plate = picture("my private name.jpg", image_format="JPEG", exif=exif)

    admin.post(reverse(ADD), article_fields(plate=plate))

    stored = Article.objects.get().plate
    assert "private" not in stored.name
    with stored, Image.open(stored) as image:
        assert image.format == "WEBP"
        assert not image.getexif()


def huge_picture():
    """Return a small file that claims to hold 26 megapixels."""

    def chunk(kind, content):
        return (
            len(content).to_bytes(4, "big")
            + kind
            + content
            + zlib.crc32(kind + content).to_bytes(4, "big")
        )

    head = (
        (6500).to_bytes(4, "big") + (4000).to_bytes(4, "big") + b"\x08\x00\x00\x00\x00"
    )
    rows = zlib.compress(b"\x00" * (6501 * 4000), 9)
    return SimpleUploadedFile(
        "huge.png",
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", rows)
        + chunk(b"IEND", b""),
    )


REFUSED_PICTURE = "Upload a JPEG, PNG or WebP image under 5 MB and 25 megapixels."
WRONG_PICTURES = {
    "svg": lambda: SimpleUploadedFile("x.svg", b"<svg xmlns='x'><script/></svg>"),
    "text": lambda: SimpleUploadedFile("x.png", b"only text"),
    "page": lambda: SimpleUploadedFile("x.jpg", b"<html><script>1</script></html>"),
    "gif": lambda: picture("x.gif", image_format="GIF"),
    "unknown ending": lambda: picture("x.bin"),
    "empty name": lambda: picture("x"),
    "cut off": lambda: SimpleUploadedFile("x.png", picture().read()[:40]),
    "26 megapixels": huge_picture,
    "over 5 MB": lambda: SimpleUploadedFile(
        "x.png", picture().read() + b"\0" * (5 * 1024 * 1024)
    ),
}


@pytest.mark.parametrize("kind", WRONG_PICTURES)
def test_a_wrong_picture_is_told_beside_its_field_and_nothing_is_stored(
    admin, kind, settings
):
    response = admin.post(reverse(ADD), article_fields(plate=WRONG_PICTURES[kind]()))

    assert response.status_code == 200
    assert response.context["adminform"].form.errors == {"plate": [REFUSED_PICTURE]}
    assertContains(response, 'class="errorlist" id="id_plate_error"')
    assert not Article.objects.exists()
    assert not settings.MEDIA_ROOT.exists() or not list(
        settings.MEDIA_ROOT.rglob("*.*")
    )


def test_a_picture_needs_words_for_people_who_cannot_see_it(admin):
    blocks = nested_blocks()
    blocks["blocks-2-techniques-0-image_alt"] = ""

    response = admin.post(reverse(ADD), article_fields(plate_alt="", **blocks))

    assertContains(response, "This field is required.", count=2)
    assert not Technique.objects.exists()


WRONG_GUIDES = {
    "renamed text": SimpleUploadedFile("guide.pdf", b"only text"),
    "page": SimpleUploadedFile("guide.html", b"%PDF-1.7"),
    "over 25 MB": SimpleUploadedFile("guide.pdf", b"%PDF-" + b"\0" * 25 * 1024 * 1024),
}


@pytest.mark.parametrize("kind", WRONG_GUIDES)
def test_a_wrong_guide_file_is_told_beside_its_field(admin, kind):
    wrong = WRONG_GUIDES[kind]
    wrong.seek(0)
    fields = {
        "slug": "hip",
        "title": "Hip",
        "summary": "Pages.",
        "region": RegionFactory().pk,
        "cover": picture("cover.png"),
        "page_count": "8",
        "file": wrong,
    }

    response = admin.post(reverse("admin:articles_guide_add"), fields)

    assertContains(response, "The file must be of the kind PDF and under 25 MB.")
    assert not Guide.objects.exists()


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"reviewer": "pk"}, "reviewed_date"),
        ({"reviewed_date": "2026-11-01"}, "reviewer"),
    ],
)
def test_a_review_needs_its_reviewer_and_its_date_beside_what_is_missing(
    admin, given, missing
):
    article = ArticleFactory(reviewed=True)
    url = reverse("admin:articles_article_change", args=[article.pk])
    if "reviewer" in given:
        given = {"reviewer": article.reviewer_id}

    response = admin.post(url, article_fields(slug=article.slug, **given))

    sentence = "Enter both the reviewer and the review date."
    assert response.context["adminform"].form.errors == {missing: [sentence]}


@pytest.mark.parametrize(
    "sections",
    [
        forms_of("blocks"),
        forms_of("blocks", {"heading": "", "kind": "text"}),
        forms_of("blocks", {"heading": "Why", "kind": "text", "DELETE": "on"}),
    ],
    ids=["none", "an empty one", "a deleted one"],
)
def test_an_article_without_a_section_stays_a_draft(admin, sections):
    fields = article_fields(**sections)
    publish = {"published_at_0": "2026-11-01", "published_at_1": "12:00"}

    response = admin.post(reverse(ADD), fields | publish)

    sentence = (
        "A published article has a section. Add one below, or leave this empty: the "
        "article stays a draft."
    )
    assert response.context["adminform"].form.errors == {"published_at": [sentence]}
    assert not Article.objects.exists()


def test_an_article_with_sections_is_published(admin):
    publish = {"published_at_0": "2026-11-01", "published_at_1": "12:00"}

    admin.post(reverse(ADD), article_fields(**nested_blocks(), **publish))

    assert Article.objects.get().published_at


def test_a_guide_that_people_asked_for_stays_and_the_page_says_what_to_do(admin):
    guide = GuideRequestFactory().guide

    page = admin.get(reverse("admin:articles_guide_delete", args=[guide.pk]))

    assertContains(page, "People have asked for this; it stays. Set “Unpublish at”")
    assertNotContains(page, "permission")


def test_the_list_tells_and_filters_the_status(admin):
    ArticleFactory(title="On the site")
    ArticleFactory(title="Being written", published_at=None)
    url = reverse("admin:articles_article_changelist")

    drafts = admin.get(url, {"publication": "draft"})
    everything = admin.get(url)

    assertContains(drafts, "Being written")
    assertNotContains(drafts, "On the site")
    assertContains(everything, "published</td>")
    assertContains(admin.get(url, {"q": "written"}), "Being written")


def test_the_form_links_to_a_preview_that_works_without_an_account(admin, client):
    article = ArticleFactory(published_at=None)
    url = reverse("admin:articles_article_change", args=[article.pk])

    page = admin.get(url)

    link = article.get_absolute_url() + "?preview="
    assertContains(page, link)
    preview = page.content.decode().split(f'href="{link}')[1].split('"')[0]
    client.logout()
    assert client.get(link + preview).status_code == 200


def test_scripts_of_the_editor_carry_the_nonce_of_the_page(admin):
    article = BlockFactory().article

    response = admin.get(reverse("admin:articles_article_change", args=[article.pk]))

    for tag in response.content.decode().split("<script")[1:]:
        attributes = tag.split(">")[0]
        assert "src=" in attributes or "nonce=" in attributes or "json" in attributes


def test_guides_count_requests_and_downloads(admin):
    guide = GuideFactory()
    GuideRequestFactory.create_batch(2, guide=guide)
    GuideRequestFactory(guide=guide, downloaded_at=timezone.now())

    response = admin.get(reverse("admin:articles_guide_changelist"))

    assertContains(response, f'?guide__id__exact={guide.pk}">3</a>')
    assertContains(response, '<td class="field-download_count">1</td>')


def test_requests_are_read_and_searched_and_never_changed(admin):
    request = GuideRequestFactory(email="reader@example.com")
    url = reverse("admin:articles_guiderequest_changelist")

    assertContains(admin.get(url, {"q": "reader@"}), request.email)
    assert admin.get(reverse("admin:articles_guiderequest_add")).status_code == 403
    change = reverse("admin:articles_guiderequest_change", args=[request.pk])
    assert admin.post(change, {"email": "x@example.com"}).status_code == 403


def test_topics_show_how_many_articles_they_have(admin):
    ArticleFactory(topics=[TopicFactory(name="Psoas")])

    response = admin.get(reverse("admin:articles_topic_changelist"))

    assertContains(response, '<td class="field-article_count">1</td>')


def test_the_list_costs_the_same_with_2_and_50_articles(
    admin, django_assert_max_num_queries
):
    ArticleFactory.create_batch(50, reviewed=True)

    with django_assert_max_num_queries(16):
        admin.get(reverse("admin:articles_article_changelist"))
