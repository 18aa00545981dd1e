from django.urls import URLPattern, path

from mail import views

app_name = "mail"

urlpatterns: list[URLPattern] = [
    path("u/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("account/emails/", views.PreferenceUpdate.as_view(), name="preference-update"),
    path("dev/inbox/", views.Inbox.as_view(), name="inbox"),
    path("dev/inbox/<slug:key>/", views.InboxDetail.as_view(), name="inbox-detail"),
    path("dev/inbox/<slug:key>/html/", views.inbox_html, name="inbox-html"),
]
