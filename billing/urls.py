from django.urls import URLPattern, path

from billing import views, webhooks

app_name = "billing"

urlpatterns: list[URLPattern] = [
    path("pricing/", views.PriceList.as_view(), name="price-list"),
    path(
        "account/billing/",
        views.SubscriptionDetail.as_view(),
        name="subscription-detail",
    ),
    path(
        "account/billing/start/", views.CheckoutStart.as_view(), name="checkout-start"
    ),
    path("account/billing/done/", views.CheckoutDone.as_view(), name="checkout-done"),
    path("account/billing/portal/", views.open_portal, name="portal-open"),
    path(
        "account/billing/invoices/<int:pk>/",
        views.open_invoice,
        name="invoice-open",
    ),
    path(
        "account/billing/invoices/<int:pk>/pdf/",
        views.open_invoice,
        {"is_pdf": True},
        name="invoice-pdf",
    ),
    path(
        "account/billing/cancel/",
        views.SubscriptionCancel.as_view(),
        name="subscription-cancel",
    ),
    path("account/billing/keep/", views.keep_subscription, name="subscription-keep"),
    path(
        "account/billing/switch/",
        views.SubscriptionSwitch.as_view(),
        name="subscription-switch",
    ),
    path(
        "account/billing/pause/",
        views.SubscriptionPause.as_view(),
        name="subscription-pause",
    ),
    path(
        "account/billing/resume/",
        views.resume_subscription,
        name="subscription-resume",
    ),
    path("webhooks/stripe/", webhooks.receive, name="stripe-webhook"),
]
