"""The emails of the articles app."""

from datetime import datetime

from articles.models import LINK_WORKS_FOR, GuideRequest
from courses.models import Course, Disclaimer
from mail.models import Category
from mail.services import Email


def guide(request: GuideRequest, *, at: datetime) -> Email:
    return Email(
        template="articles/guide",
        to=request.email,
        user=request.user,
        category=Category.SERVICE,
        dedupe_key=f"guide:{request.pk}:{request.links_sent}",
        context={
            "guide": request.guide,
            "token": request.token,
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
