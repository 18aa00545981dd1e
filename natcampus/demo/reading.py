"""Topics, guides and articles."""

from datetime import datetime, timedelta

from django.db import transaction

from articles import services
from articles.models import AnatomyRow, Article, Block, Guide, Technique, Topic
from courses.models import Course, Instructor, Region
from natcampus.demo import sources
from natcampus.demo.sources import Table

COVER_AND_DISCLAIMER = 2  # pages that the guide builder adds


def load(*, at: datetime) -> None:
    for row in sources.read("topics.toml")["topics"]:
        Topic.objects.update_or_create(
            slug=row["slug"],
            defaults={
                "name": row["name"],
                "kind": row["kind"],
                "summary": row["summary"],
                "region": Region.objects.filter(slug=row.get("region")).first(),
            },
        )
    for row in sources.read_all("guides"):
        if not Guide.objects.filter(slug=row["slug"]).exists():
            load_guide(row, published_at=at - timedelta(days=40))
    articles = sources.read_all("articles")
    articles.sort(key=lambda row: not row["slug"].startswith("hamstrings"))
    for number, row in enumerate(articles):
        if not Article.objects.filter(slug=row["slug"]).exists():
            load_article(row, published_at=at - timedelta(days=2 + 7 * number))


@transaction.atomic
def load_guide(row: Table, *, published_at: datetime) -> None:
    guide = Guide(
        slug=row["slug"],
        title=row["title"],
        summary=row["summary"],
        region=Region.objects.get(slug=row["region"]),
        contents="\n".join(page["title"] for page in row["pages"]),
        page_count=len(row["pages"]) + COVER_AND_DISCLAIMER,
        published_at=published_at,
    )
    sources.store(guide.cover, sources.image(row["cover"]))
    sources.store(guide.file, sources.MEDIA / "guides" / f"{row['slug']}.pdf")
    guide.save()


@transaction.atomic
def load_article(row: Table, *, published_at: datetime) -> None:
    article = Article(
        slug=row["slug"],
        title=row["title"],
        dek=row["dek"],
        description=row["description"],
        region=Region.objects.get(slug=row["region"]),
        author=Instructor.objects.get(slug=row["author"]),
        reviewer=Instructor.objects.get(slug=row["reviewer"]),
        reviewed_date=row["reviewed_date"],
        plate_alt=row["plate_alt"],
        guide=Guide.objects.filter(slug=row.get("guide")).first(),
        course=Course.objects.filter(slug=row.get("course")).first(),
        published_at=published_at,
    )
    sources.store(article.plate, sources.image(row["plate"]))
    sources.store(article.thumbnail, sources.image(row["thumb"]))
    article.save()
    slugs = [*row["muscles"], *row["conditions"], *row["techniques"]]
    article.topics.set(Topic.objects.filter(slug__in=slugs))
    for weight, block_row in enumerate(row["blocks"]):
        load_block(article, block_row, weight=weight)
    services.count_words(article=article)


def load_block(article: Article, row: Table, *, weight: int) -> None:
    block = Block.objects.create(
        article=article,
        kind=row["kind"],
        heading=row["heading"],
        body=row.get("body", ""),
        items="\n".join(row.get("items", [])),
        weight=weight,
    )
    AnatomyRow.objects.bulk_create(
        AnatomyRow(block=block, **anatomy) for anatomy in row.get("rows", [])
    )
    for number, technique_row in enumerate(row.get("techniques", [])):
        technique = Technique(
            block=block,
            title=technique_row["title"],
            lead=technique_row["lead"],
            steps="\n".join(technique_row["steps"]),
            doses="\n".join(technique_row["doses"]),
            image_alt=technique_row["alt"],
            weight=number,
        )
        sources.store(technique.image, sources.image(technique_row["image"]))
        technique.save()
