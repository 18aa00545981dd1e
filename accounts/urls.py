from django.urls import URLPattern, path

from accounts import views

app_name = "accounts"

urlpatterns: list[URLPattern] = [
    path("", views.ProfileUpdate.as_view(), name="profile-update"),
    path("licenses/add/", views.LicenseCreate.as_view(), name="license-create"),
    path("licenses/<uuid:uuid>/", views.LicenseUpdate.as_view(), name="license-update"),
    path(
        "licenses/<uuid:uuid>/delete/",
        views.LicenseDelete.as_view(),
        name="license-delete",
    ),
    path("confirmation/", views.resend_confirmation, name="confirmation-resend"),
    path("sessions/end/", views.end_session, name="session-end"),
    path("theme/", views.update_theme, name="theme-update"),
]
