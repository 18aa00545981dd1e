from articles.views.articles import ArticleDetail, ArticleList, RegionDetail
from articles.views.guides import (
    GuideDetail,
    GuideList,
    GuideSent,
    download,
    renew,
    request_guide,
    resend,
    take,
)

__all__ = [
    "ArticleDetail",
    "ArticleList",
    "GuideDetail",
    "GuideList",
    "GuideSent",
    "RegionDetail",
    "download",
    "renew",
    "request_guide",
    "resend",
    "take",
]
