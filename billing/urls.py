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
    path("webhooks/stripe/", webhooks.receive, name="stripe-webhook"),
]
