"""Which operation answers which path, and what parameters it knows."""

import re
from collections.abc import Callable
from typing import NamedTuple

from tools.stripe_sandbox.context import Context
from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.resources import (
    catalog,
    checkout,
    clocks,
    customers,
    discounts,
    events,
    invoices,
    lifecycle,
    pauses,
    payments,
    portal,
    previews,
    refunds,
    subscriptions,
)

Handler = Callable[[Context, Json, str], Json]

# Parameters that only change what a page looks like, or name the default.
COSMETIC = (
    "adaptive_pricing",
    "allowed_payment_method_types",
    "branding_settings",
    "consent_collection",
    "custom_text",
    "customer_update",
    "off_session",
    "origin_context",
    "payment_behavior",
    "payment_method_options",
    "phone_number_collection",
    "proration_behavior",
    "proration_date",
    "saved_payment_method_options",
    "tax_id_collection",
    "transfer_lookup_key",
    "ui_mode",
    "wallet_options",
)


class Route(NamedTuple):
    method: str
    pattern: re.Pattern[str]
    params_class: str
    handler: Handler


def _route(method: str, path: str, params_class: str, handler: Handler) -> Route:
    pattern = re.escape(path).replace(r"\{id\}", "(?P<id>[^/]+)")
    return Route(method, re.compile(pattern), params_class, handler)


SESSION = "checkout.Session"
CLOCKS = clocks.URL
ROUTES = [
    _route("POST", "/v1/customers", "CustomerCreateParams", customers.create),
    _route("GET", "/v1/customers", "CustomerListParams", customers.list_),
    _route("GET", "/v1/customers/{id}", "CustomerRetrieveParams", customers.retrieve),
    _route("POST", "/v1/customers/{id}", "CustomerUpdateParams", customers.update),
    _route("DELETE", "/v1/customers/{id}", "CustomerDeleteParams", customers.delete),
    _route(
        "GET",
        "/v1/customers/{id}/payment_methods",
        "CustomerPaymentMethodListParams",
        payments.list_methods,
    ),
    _route("POST", "/v1/products", "ProductCreateParams", catalog.create_product),
    _route("GET", "/v1/products", "ProductListParams", catalog.list_products),
    _route(
        "GET", "/v1/products/{id}", "ProductRetrieveParams", catalog.retrieve_product
    ),
    _route("POST", "/v1/products/{id}", "ProductUpdateParams", catalog.update_product),
    _route("POST", "/v1/prices", "PriceCreateParams", catalog.create_price),
    _route("GET", "/v1/prices", "PriceListParams", catalog.list_prices),
    _route("GET", "/v1/prices/{id}", "PriceRetrieveParams", catalog.retrieve_price),
    _route("POST", "/v1/prices/{id}", "PriceUpdateParams", catalog.update_price),
    _route("POST", "/v1/checkout/sessions", f"{SESSION}CreateParams", checkout.create),
    _route("GET", "/v1/checkout/sessions", f"{SESSION}ListParams", checkout.list_),
    _route(
        "GET",
        "/v1/checkout/sessions/{id}",
        f"{SESSION}RetrieveParams",
        checkout.retrieve,
    ),
    _route(
        "POST",
        "/v1/checkout/sessions/{id}/expire",
        f"{SESSION}ExpireParams",
        checkout.expire,
    ),
    _route(
        "GET",
        "/v1/checkout/sessions/{id}/line_items",
        f"{SESSION}LineItemListParams",
        checkout.list_lines,
    ),
    _route(
        "POST",
        "/v1/billing_portal/sessions",
        "billing_portal.SessionCreateParams",
        portal.create,
    ),
    _route("GET", "/v1/subscriptions", "SubscriptionListParams", subscriptions.list_),
    _route(
        "GET",
        "/v1/subscriptions/{id}",
        "SubscriptionRetrieveParams",
        subscriptions.retrieve,
    ),
    _route(
        "POST",
        "/v1/subscriptions/{id}",
        "SubscriptionUpdateParams",
        subscriptions.update,
    ),
    _route(
        "DELETE",
        "/v1/subscriptions/{id}",
        "SubscriptionCancelParams",
        subscriptions.cancel,
    ),
    _route(
        "POST", "/v1/subscriptions/{id}/pause", "SubscriptionPauseParams", pauses.pause
    ),
    _route(
        "POST",
        "/v1/subscriptions/{id}/resume",
        "SubscriptionResumeParams",
        pauses.resume,
    ),
    _route(
        "GET",
        "/v1/subscription_items",
        "SubscriptionItemListParams",
        subscriptions.list_items,
    ),
    _route(
        "GET",
        "/v1/subscription_items/{id}",
        "SubscriptionItemRetrieveParams",
        subscriptions.retrieve_item,
    ),
    _route("GET", "/v1/invoices", "InvoiceListParams", invoices.list_),
    _route(
        "POST",
        "/v1/invoices/create_preview",
        "InvoiceCreatePreviewParams",
        previews.create,
    ),
    _route("GET", "/v1/invoices/{id}", "InvoiceRetrieveParams", invoices.retrieve),
    _route(
        "GET",
        "/v1/invoices/{id}/lines",
        "InvoiceLineItemListParams",
        invoices.list_lines,
    ),
    _route(
        "GET",
        "/v1/invoice_payments",
        "InvoicePaymentListParams",
        invoices.list_payments,
    ),
    _route(
        "GET",
        "/v1/invoice_payments/{id}",
        "InvoicePaymentRetrieveParams",
        invoices.retrieve_payment,
    ),
    _route(
        "GET", "/v1/payment_intents", "PaymentIntentListParams", payments.list_intents
    ),
    _route(
        "GET",
        "/v1/payment_intents/{id}",
        "PaymentIntentRetrieveParams",
        payments.retrieve_intent,
    ),
    _route("GET", "/v1/charges", "ChargeListParams", payments.list_charges),
    _route("GET", "/v1/charges/{id}", "ChargeRetrieveParams", payments.retrieve_charge),
    _route(
        "GET", "/v1/payment_methods", "PaymentMethodListParams", payments.list_methods
    ),
    _route(
        "GET",
        "/v1/payment_methods/{id}",
        "PaymentMethodRetrieveParams",
        payments.retrieve_method,
    ),
    _route("POST", "/v1/refunds", "RefundCreateParams", refunds.create),
    _route("GET", "/v1/refunds", "RefundListParams", refunds.list_),
    _route("GET", "/v1/refunds/{id}", "RefundRetrieveParams", refunds.retrieve),
    _route("GET", "/v1/disputes", "DisputeListParams", refunds.list_disputes),
    _route(
        "GET", "/v1/disputes/{id}", "DisputeRetrieveParams", refunds.retrieve_dispute
    ),
    _route(
        "GET",
        "/v1/radar/early_fraud_warnings",
        "radar.EarlyFraudWarningListParams",
        refunds.list_warnings,
    ),
    _route(
        "GET",
        "/v1/radar/early_fraud_warnings/{id}",
        "radar.EarlyFraudWarningRetrieveParams",
        refunds.retrieve_warning,
    ),
    _route("POST", "/v1/invoices/{id}/void", "InvoiceVoidInvoiceParams", invoices.void),
    _route("POST", "/v1/invoices/{id}/pay", "InvoicePayParams", lifecycle.pay),
    _route("POST", "/v1/coupons", "CouponCreateParams", discounts.create_coupon),
    _route("GET", "/v1/coupons", "CouponListParams", discounts.list_coupons),
    _route(
        "GET", "/v1/coupons/{id}", "CouponRetrieveParams", discounts.retrieve_coupon
    ),
    _route("DELETE", "/v1/coupons/{id}", "CouponDeleteParams", discounts.delete_coupon),
    _route(
        "POST",
        "/v1/promotion_codes",
        "PromotionCodeCreateParams",
        discounts.create_promotion,
    ),
    _route(
        "GET",
        "/v1/promotion_codes",
        "PromotionCodeListParams",
        discounts.list_promotions,
    ),
    _route(
        "GET",
        "/v1/promotion_codes/{id}",
        "PromotionCodeRetrieveParams",
        discounts.retrieve_promotion,
    ),
    _route(
        "POST",
        "/v1/promotion_codes/{id}",
        "PromotionCodeUpdateParams",
        discounts.update_promotion,
    ),
    _route("POST", CLOCKS, "test_helpers.TestClockCreateParams", clocks.create),
    _route("GET", CLOCKS, "test_helpers.TestClockListParams", clocks.list_),
    _route(
        "GET",
        f"{CLOCKS}/{{id}}",
        "test_helpers.TestClockRetrieveParams",
        clocks.retrieve,
    ),
    _route(
        "DELETE",
        f"{CLOCKS}/{{id}}",
        "test_helpers.TestClockDeleteParams",
        clocks.delete,
    ),
    _route(
        "POST",
        f"{CLOCKS}/{{id}}/advance",
        "test_helpers.TestClockAdvanceParams",
        clocks.advance,
    ),
    _route("GET", "/v1/events", "EventListParams", events.list_),
    _route("GET", "/v1/events/{id}", "EventRetrieveParams", events.retrieve),
    _route(
        "GET",
        "/v1/webhook_endpoints",
        "WebhookEndpointListParams",
        events.list_endpoints,
    ),
    _route(
        "GET",
        "/v1/webhook_endpoints/{id}",
        "WebhookEndpointRetrieveParams",
        events.retrieve_endpoint,
    ),
]


def match(method: str, path: str) -> tuple[Route, str] | None:
    """Return the operation and the id in its path, or nothing."""
    for route in ROUTES:
        if route.method == method and (found := route.pattern.fullmatch(path)):
            return route, found.groupdict().get("id", "")
    return None
