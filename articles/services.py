"""Changes of articles and guides: counting words, handing out guides."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.html import strip_tags

from accounts.models import User
from articles import emails
from articles.models import Article, Guide, GuideRequest

SAME_REQUEST_FOR = timedelta(minutes=10)
RESEND_AFTER = timedelta(seconds=60)


def count_words(*, article: Article) -> Article:
    """Store how many words a reader of the article reads."""
    texts = [article.dek]
    for block in article.blocks.in_order():
        texts += [block.heading, strip_tags(block.body), block.items]
        texts += [
            f"{row.muscle} {row.runs} {row.felt}" for row in block.anatomy_rows.all()
        ]
        texts += [
            f"{card.title} {card.lead} {card.steps} {card.doses}"
            for card in block.techniques.all()
        ]
    article.word_count = sum(len(text.split()) for text in texts)
    article.save(update_fields=["word_count"])
    return article


@transaction.atomic
def request_guide(
    *,
    guide: Guide,
    email: str,
    at: datetime,
    article: Article | None = None,
    user: User | None = None,
    wants_news: bool = False,
) -> GuideRequest:
    """Mail the guide's link to the address; asking again at once mails it once."""
    Guide.objects.select_for_update().get(pk=guide.pk)
    earlier = (
        GuideRequest.objects.filter(
            guide=guide,
            email__iexact=email,
            requested_at__gt=at - SAME_REQUEST_FOR,
            sent_at__isnull=False,
        )
        .order_by("-requested_at")
        .first()
    )
    if earlier is not None:
        return _join(earlier, wants_news=wants_news)
    request = GuideRequest.objects.create(
        guide=guide,
        article=article,
        user=user,
        email=email,
        wants_news=wants_news,
        requested_at=at,
        sent_at=at,
        links_sent=1,
    )
    emails.guide(request, at=at).queue()
    return request


def _join(earlier: GuideRequest, *, wants_news: bool) -> GuideRequest:
    if wants_news and not earlier.wants_news:
        earlier.wants_news = True
        earlier.save(update_fields=["wants_news", "updated_at"])
    return earlier


@transaction.atomic
def resend_guide(*, request: GuideRequest, at: datetime) -> GuideRequest:
    """Mail a fresh link to the same address, at most once a minute."""
    held = GuideRequest.objects.select_for_update().get(pk=request.pk)
    if held.sent_at is not None and held.sent_at > at - RESEND_AFTER:
        return held
    held.sent_at = at
    held.links_sent += 1
    held.save(update_fields=["sent_at", "links_sent", "updated_at"])
    emails.guide(held, at=at).queue()
    return held


@transaction.atomic
def take_guide(
    *, guide: Guide, user: User, at: datetime, article: Article | None = None
) -> GuideRequest:
    """Note that an account took the guide with one click; twice at once is one."""
    Guide.objects.select_for_update().get(pk=guide.pk)
    request = GuideRequest.objects.filter(
        guide=guide,
        user=user,
        requested_at__gt=at - SAME_REQUEST_FOR,
        sent_at__isnull=True,
    ).first()
    return request or GuideRequest.objects.create(
        guide=guide,
        article=article,
        user=user,
        email=user.email,
        requested_at=at,
        downloaded_at=at,
    )


def note_download(*, request: GuideRequest, at: datetime) -> None:
    """Remember when the mailed link was first used."""
    GuideRequest.objects.filter(pk=request.pk, downloaded_at__isnull=True).update(
        downloaded_at=at
    )
