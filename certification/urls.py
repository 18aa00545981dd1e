from django.urls import path

from certification import views

app_name = "certification"

urlpatterns = [
    path(
        "learn/certificates/",
        views.CertificateList.as_view(),
        name="certificate-list",
    ),
    path(
        "learn/certificates/<str:code>.pdf",
        views.certificate_pdf,
        name="certificate-pdf",
    ),
    path("learn/transcript/", views.Transcript.as_view(), name="transcript-detail"),
    path("verify/", views.verify_form, name="verify-form"),
    path(
        "verify/<str:code>/",
        views.certificate_verify,
        name="certificate-verify",
    ),
]
