from django.urls import URLPattern, path

from articles import views
from articles.feeds import ArticleFeed
from core.http import public_for_an_hour

app_name = "articles"

urlpatterns: list[URLPattern] = [
    path("articles/", views.ArticleList.as_view(), name="article-list"),
    path(
        "articles/region/<slug:slug>/",
        views.RegionDetail.as_view(),
        name="region-detail",
    ),
    path("articles/<slug:slug>/", views.ArticleDetail.as_view(), name="article-detail"),
    path("feed/articles.xml", public_for_an_hour(ArticleFeed()), name="article-feed"),
    path("guides/", views.GuideList.as_view(), name="guide-list"),
    path("guides/<slug:slug>/", views.GuideDetail.as_view(), name="guide-detail"),
    path("guides/<slug:slug>/get/", views.request_guide, name="guide-request"),
    path("guides/<slug:slug>/sent/", views.GuideSent.as_view(), name="guide-sent"),
    path("guides/<slug:slug>/resend/", views.resend, name="guide-resend"),
    path("guides/<slug:slug>/download/", views.take, name="guide-take"),
    path("guides/d/<str:token>/", views.download, name="guide-download"),
    path("guides/d/<str:token>/renew/", views.renew, name="guide-renew"),
]
