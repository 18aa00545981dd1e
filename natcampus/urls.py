from django.conf import settings
from django.contrib import admin
from django.contrib.flatpages.views import flatpage
from django.contrib.sitemaps.views import sitemap
from django.db import transaction
from django.urls import URLPattern, URLResolver, include, path
from django.views.static import serve

from accounts import views as account_views
from core.http import public_for_an_hour
from natcampus import pages, sitemaps, views

handler500 = "natcampus.views.server_error"


def in_transactions(resolver: URLResolver) -> URLResolver:
    """Let each view store its changes and the emails that tell them, or neither."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            in_transactions(pattern)
        else:
            pattern.callback = transaction.atomic(pattern.callback)
    return resolver


urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.Home.as_view(), name="home"),
    path("learn/", views.Learning.as_view(), name="home-learning"),
    path("styleguide/", views.StyleGuide.as_view(), name="styleguide"),
    path("admin/", admin.site.urls),
    path(
        "accounts/sessions/", account_views.SessionList.as_view(), name="session-list"
    ),
    path(
        "accounts/3rdparty/",
        transaction.atomic(account_views.ConnectionList.as_view()),
        name="socialaccount_connections",
    ),
    in_transactions(path("accounts/", include("allauth.urls"))),
    path("account/", include("accounts.urls")),
    path("", include("mail.urls")),
    path("", include("billing.urls")),
    path("", include("certification.urls")),
    path("", include("courses.urls")),
    path("", include("articles.urls")),
    path(
        "sitemap.xml",
        public_for_an_hour(sitemap),
        {"sitemaps": sitemaps.SITEMAPS},
        name="sitemap",
    ),
    path("robots.txt", public_for_an_hour(sitemaps.robots), name="robots"),
    *(
        path(f"{page}/", flatpage, {"url": f"/{page}/"}, name=f"page-{page}")
        for page in pages.PAGES
    ),
]

if settings.DEBUG:
    urlpatterns += [
        path(
            "media/<path:path>",
            serve,
            {"document_root": settings.MEDIA_ROOT},
            name="media",
        ),
    ]
