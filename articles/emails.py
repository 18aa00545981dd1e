"""The emails of the articles app, and the signed link that one of them carries."""

from datetime import datetime, timedelta

from django.core import signing

from articles.models import GuideRequest
from courses.models import Course, Disclaimer
from mail.models import Category
from mail.services import Email

LINK_WORKS_FOR = timedelta(days=7)
SALT = "articles.guide"


class ExpiredLinkError(Exception):
    """The link was ours, and its week is over."""

    def __init__(self, request: GuideRequest) -> None:
        super().__init__()
        self.request = request


def guide(request: GuideRequest, *, at: datetime) -> Email:
    return Email(
        template="articles/guide",
        to=request.email,
        user=request.user,
        category=Category.SERVICE,
        dedupe_key=f"guide:{request.pk}:{request.links_sent}",
        context={
            "guide": request.guide,
            "token": make_token(request),
            "days": LINK_WORKS_FOR.days,
            "course": _related_course(request, at=at),
            "disclaimer": Disclaimer.objects.in_force(at=at),
        },
    )


def _related_course(request: GuideRequest, *, at: datetime) -> Course | None:
    courses = Course.objects.published(at=at)
    if request.article and request.article.course_id:
        return courses.filter(pk=request.article.course_id).first()
    return courses.filter(region=request.guide.region_id).order_by("title").first()


def make_token(request: GuideRequest) -> str:
    """Sign the link of one request; it names the request and nothing personal."""
    return signing.dumps(request.pk, salt=SALT)


def read_token(token: str) -> GuideRequest:
    """Return the request that a link names; raise when it is not ours or too old."""
    try:
        request_id = signing.loads(token, salt=SALT)
    except signing.BadSignature as error:
        raise GuideRequest.DoesNotExist from error
    requests = GuideRequest.objects.select_related("guide", "article", "user")
    request = requests.get(pk=request_id)
    try:
        signing.loads(token, salt=SALT, max_age=LINK_WORKS_FOR)
    except signing.SignatureExpired as error:
        raise ExpiredLinkError(request) from error
    return request
