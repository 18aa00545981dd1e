"""Leaves out of what Stripe told who it was, and fills the columns that are new."""

from datetime import timedelta
from itertools import islice

from django.db import migrations
from django.db.models import F, OuterRef, Subquery

CHUNK = 500
PERSONAL = {
    *("customer_name", "customer_email", "customer_phone", "customer_address"),
    *("customer_shipping", "customer_tax_ids", "customer_details"),
    *("billing_details", "shipping", "shipping_details", "wallet"),
    *("email", "phone", "address", "payer_email", "receipt_email"),
}


def forget(apps, _schema):
    prices = dict(
        apps.get_model("billing", "Price")
        .objects.exclude(stripe_price_id=None)
        .values_list("stripe_price_id", "pk")
    )
    subscriptions = apps.get_model("billing", "Subscription").objects
    invoices = apps.get_model("billing", "Invoice").objects
    for batch in batches(subscriptions.only("raw")):
        for row in batch:
            row.raw = without_persons(row.raw)
        subscriptions.bulk_update(batch, ["raw"])
    for batch in batches(invoices.only("raw", "price")):
        for row in batch:
            row.price_id = prices.get(price_of(row.raw))
            row.raw = without_persons(row.raw)
        invoices.bulk_update(batch, ["raw", "price"])


def batches(rows):
    stored = rows.order_by("pk").iterator(chunk_size=CHUNK)
    while batch := list(islice(stored, CHUNK)):
        yield batch


def without_persons(value):
    if isinstance(value, dict):
        return {
            key: without_persons(part)
            for key, part in value.items()
            if key not in PERSONAL
        }
    return (
        [without_persons(part) for part in value] if isinstance(value, list) else value
    )


def price_of(invoice):
    lines = (invoice.get("lines") or {}).get("data") or []
    priced = [
        (line["amount"] >= 0, line["period"]["end"], details["price"])
        for line in lines
        if (details := (line.get("pricing") or {}).get("price_details"))
    ]
    return max(priced)[-1] if priced else None


def fill(apps, _schema):
    apps.get_model("billing", "CheckoutAttempt").objects.filter(
        status="open", expires_at=None
    ).update(expires_at=F("created_at") + timedelta(days=1))
    refused = apps.get_model("billing", "Subscription").objects.filter(
        stripe_id=OuterRef("subject_id")
    )
    apps.get_model("billing", "OutboxEntry").objects.filter(
        kind="cancel_surplus",
        done_at=None,
        subject_id__in=refused.model.objects.values("stripe_id"),
    ).update(last_invoice_id=Subquery(refused.values("latest_invoice_id")[:1]))


class Migration(migrations.Migration):
    dependencies = [("billing", "0009_ordered_and_checked")]

    operations = [
        migrations.RunPython(forget, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
