import re
from copy import copy
from datetime import UTC, date, datetime, timedelta
from time import sleep

import pytest
import time_machine
from django.utils import timezone

from billing import gateway, jobs, services, sync
from billing.gateway.client import client
from billing.models import Invoice, Refund, Subscription
from billing.sync.notices import announce
from billing.sync.rows import Changes
from mail.models import OutgoingEmail
from tests.billing.samples import billing_samples
from tests.factories.accounts import UserFactory
from tests.factories.billing import (
    AccessHoldFactory,
    CustomerFactory,
    DisputeFactory,
    InvoiceFactory,
    PriceFactory,
    RefundFactory,
    RenewalConsentFactory,
    SubscriptionFactory,
)
from tests.support import written

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
YEAR = timedelta(days=365)
CARD_PAGE = "/account/billing/#card"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(request):
    """Stop the clock, except where a real server answers."""
    if "sandbox" in request.fixturenames:
        yield
        return
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def customer(db):
    return CustomerFactory(
        user=UserFactory(name="Mia", time_zone="America/New_York"),
        synced_at=NOW,
        card_brand="visa",
        card_last4="4242",
        card_expiry_date=date(2034, 12, 31),
    )


@pytest.fixture
def member(customer):
    """Return a subscription that has run for three months."""
    return SubscriptionFactory(
        customer=customer,
        now=NOW,
        stripe_created_at=NOW - 90 * DAY,
        latest_invoice_id="in_now",
    )


def moved(row, **values):
    """Store new values; return the row as it was and as it is."""
    before = copy(row)
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return before, row


def tell(customer, *pairs):
    """Announce changes as the reader of Stripe does, and once more."""
    changes = Changes()
    for pair in pairs:
        kinds = {
            Subscription: changes.subscriptions,
            Invoice: changes.invoices,
            Refund: changes.refunds,
        }
        kinds[type(pair[1])].append(pair)
    announce(customer, changes)
    announce(customer, changes)


def sent():
    """Return the keys of all emails, without the ids, in their order."""
    keys = OutgoingEmail.objects.order_by("pk").values_list("dedupe_key", flat=True)
    return [re.sub(r":(sub|in|re)_\w+", "", key) for key in keys]


def read(email):
    """Return what both twins say, after proof that neither says less about amounts."""
    text, html = email.body_text, email.body_html
    for amount in re.findall(r"\$[\d.,]*\d", text):
        assert amount in html
    return " ".join(text.split())


def only():
    return OutgoingEmail.objects.get()


def late(member, *, since, **values):
    """Let a renewal fail."""
    moved(member, status="past_due", past_due_since=since)
    return InvoiceFactory(
        stripe_id="in_now",
        customer=member.customer,
        subscription=member,
        **{
            "status": "open",
            "amount_paid": 0,
            "amount_remaining": 1995,
            "attempt_count": 1,
            "next_payment_attempt_at": since + 3 * DAY,
            "stripe_created_at": since,
            "paid_at": None,
            **values,
        },
    )


# All of them


def test_every_notice_has_one_button_short_subject_and_a_twin_that_says_all(customer):
    for composed in billing_samples(user=customer.user, at=NOW):
        email = composed.queue()
        links = re.findall(r'class="button"[^>]* href="([^"]+)"', email.body_html)

        assert email.category == "billing"
        assert len(email.subject) <= 50
        assert len(links) == 1
        assert links[0].startswith("http")
        assert links[0] in email.body_text
        assert "Hello Mia," in read(email)
        assert len(email.body_html) < 60_000


def test_dates_are_those_of_the_reader(customer, member):
    end = datetime(2026, 12, 1, 2, tzinfo=UTC)

    tell(customer, moved(member, cancel_at=end))

    assert only().subject == "Your membership ends on 30 November 2026"


def test_nothing_is_told_to_a_closed_account(customer, member):
    customer.user.is_active = False
    customer.user.save()

    tell(customer, moved(member, cancel_at=NOW + 9 * DAY))
    late(member, since=NOW - 3 * DAY)
    services.send_dated_notices(at=NOW)

    assert sent() == []


def test_of_a_customer_that_was_never_read_only_what_is_fresh_is_told(customer):
    old = SubscriptionFactory(customer=customer, now=NOW, status="active")
    paid = [
        InvoiceFactory(
            customer=customer,
            subscription=old,
            stripe_created_at=NOW - month * 30 * DAY,
            paid_at=NOW - month * 30 * DAY,
        )
        for month in range(1, 13)
    ]
    refund = RefundFactory(invoice=paid[0], stripe_created_at=NOW - 20 * DAY)

    pairs = [(None, row) for row in (old, *paid, refund)]
    tell(customer, *pairs)

    assert sent() == []


def test_what_a_late_reading_finds_is_no_news_after_three_days(customer, member):
    invoice = InvoiceFactory(customer=customer, subscription=member, status="open")

    tell(
        customer,
        moved(invoice, status="paid", paid_at=NOW - 4 * DAY),
        moved(member, status="canceled", ended_at=NOW - 4 * DAY),
    )

    assert sent() == []


# The start


def test_the_start_says_price_payment_dates_consent_and_how_to_cancel(customer):
    row = SubscriptionFactory(
        customer=customer,
        now=NOW,
        stripe_created_at=NOW,
        current_period_end=NOW + 30 * DAY,
    )
    RenewalConsentFactory(
        customer=customer, text="Renews until I cancel.", agreed_at=NOW - HOUR
    )
    RenewalConsentFactory(customer=customer, text="Older.", agreed_at=NOW - YEAR)
    RenewalConsentFactory(text="Of somebody else.", agreed_at=NOW)
    first = InvoiceFactory(
        customer=customer,
        subscription=row,
        number="NAT-7",
        billing_reason="subscription_create",
        amount_paid=998,
        tax=98,
        invoice_pdf="https://pay.example/7.pdf",
        stripe_created_at=NOW,
        paid_at=NOW,
    )

    tell(customer, (None, row), (None, first))

    words = read(only())
    assert sent() == ["subscription-started"]
    assert "What you pay: $19.95 a month, plus tax where it applies." in words
    assert "$9.98, of which $0.98 is tax. Invoice NAT-7" in words
    assert "/pdf/" in words
    assert "pay.example" not in words
    assert "Next payment: 20 December 2026. It renews every month until you" in words
    assert "What you agreed to on 20 November 2026: Renews until I cancel." in words
    assert "Older." not in words
    assert "Of somebody else." not in words
    assert "How to cancel: open Account, then Billing" in words


def test_the_start_of_a_trial_says_when_the_first_payment_is(customer):
    row = SubscriptionFactory(
        customer=customer,
        now=NOW,
        status="trialing",
        stripe_created_at=NOW,
        trial_ends_at=NOW + 14 * DAY,
        current_period_end=NOW + 14 * DAY,
    )
    free = InvoiceFactory(
        customer=customer, subscription=row, subtotal=0, stripe_created_at=NOW
    )

    tell(customer, (None, row), (None, free))

    assert sent() == ["subscription-started"]
    assert "First payment: 4 December 2026. Until then it is free" in read(only())
    assert "Paid" not in read(only())


# Payments


def test_a_renewal_gets_a_receipt_with_its_document(customer, member):
    start, end = NOW - 2 * HOUR, NOW + 30 * DAY
    period = {"start": int(start.timestamp()), "end": int(end.timestamp())}
    invoice = InvoiceFactory(
        customer=customer,
        subscription=member,
        number="NAT-8",
        status="draft",
        currency="eur",
        amount_paid=0,
        # The dates of the invoice itself are those of the month that is over.
        period_start=NOW - 30 * DAY,
        period_end=start,
        raw={"lines": {"data": [{"period": period}]}},
        stripe_created_at=NOW - HOUR,
    )
    paid = {"status": "paid", "amount_paid": 1995, "tax": 195, "paid_at": NOW}

    tell(customer, moved(invoice, invoice_pdf="https://pay.example/8.pdf", **paid))

    words = read(only())
    assert sent() == ["receipt"]
    assert only().subject == "Receipt for November 2026"
    assert "Invoice: NAT-8 Period: 20 November 2026 to 20 December 2026" in words
    assert "Amount paid: €19.95, of which €1.95 is tax" in words
    assert "by Visa ending in 4242" in words
    assert f"/account/billing/invoices/{invoice.pk}/pdf/" in words
    assert "pay.example" not in only().body_text + only().body_html


@pytest.mark.parametrize(
    "values",
    [
        {"amount_paid": 0},
        {"billing_reason": "subscription_create"},
        {"status": "open"},
        {"status": "void"},
    ],
)
def test_no_receipt_without_a_payment_that_is_a_renewal(customer, member, values):
    paid = {"subscription": member, "stripe_created_at": NOW, "paid_at": NOW}
    invoice = InvoiceFactory(customer=customer, **{**paid, **values})

    tell(customer, (None, invoice))

    assert sent() == []


def test_a_late_payment_is_told_on_day_0_3_and_7_and_at_the_last_try(customer, member):
    invoice = late(member, since=NOW)
    tell(customer, (None, invoice))

    for hours in range(0, 15 * 24, 6):
        with time_machine.travel(NOW + hours * HOUR, tick=False):
            if hours == 13 * 24:
                moved(invoice, next_payment_attempt_at=None)
            services.send_dated_notices(at=NOW + hours * HOUR)

    steps = ("0", "3", "7", "last")
    assert sent() == [f"payment-failed:{step}" for step in steps]
    days = [email.queued_at - NOW for email in OutgoingEmail.objects.order_by("pk")]
    assert days == [0 * DAY, 3 * DAY, 7 * DAY, 13 * DAY]


def test_the_email_about_a_late_payment_leads_to_the_card(customer, member):
    invoice = late(member, since=NOW)

    tell(customer, (None, invoice))

    email = only()
    assert email.subject == "Your payment did not go through"
    assert f'href="http://127.0.0.1:8000{CARD_PAGE}"' in email.body_html
    assert CARD_PAGE in email.body_text
    assert "refused the payment of $19.95" in read(email)
    assert "full access until 27 November 2026" in read(email)
    assert "We try again on 23 November 2026" in read(email)


def test_the_email_about_a_late_payment_pays_it_at_the_address_of_today(
    customer, member
):
    invoice = moved(late(member, since=NOW), hosted_invoice_url="https://pay.example")[
        1
    ]

    tell(customer, (None, invoice))

    way = f"http://127.0.0.1:8000/account/billing/invoices/{invoice.pk}/"
    button = re.search(r'class="button"[^>]* href="([^"]+)"', only().body_html)
    assert button
    assert button[1] == way
    assert f"Pay $19.95 now: {way}" in read(only())


def test_a_bank_that_still_asks_days_later_is_not_told_as_a_refusal(customer, member):
    invoice = late(member, since=NOW - 3 * DAY)

    tell(customer, moved(invoice, needs_confirmation=True))

    late_one = OutgoingEmail.objects.get(dedupe_key__startswith="payment-failed")
    assert late_one.subject == "Confirm your payment with your bank"
    assert "asks you to confirm the payment of $19.95" in read(late_one)
    assert "refused" not in read(late_one)


def test_an_email_about_a_late_payment_promises_no_try_in_the_past(customer, member):
    invoice = late(member, since=NOW)

    tell(customer, moved(invoice, next_payment_attempt_at=NOW - HOUR))

    assert "We try again" not in read(only())


def test_the_end_of_a_membership_that_nobody_paid_says_so(customer, member):
    raw = {"cancellation_details": {"reason": "payment_failed"}}

    tell(customer, moved(member, status="canceled", ended_at=NOW, raw=raw))

    assert "The last payment did not go through" in read(only())
    assert "/pricing/" in only().body_text


def test_the_end_after_a_dispute_says_what_helps_and_does_not_sell(customer, member):
    AccessHoldFactory(customer=customer, kind="dispute")

    tell(customer, moved(member, status="canceled", ended_at=NOW))

    words = read(only())
    assert "ask your bank to withdraw the dispute" in words
    assert "/contact/" in words
    assert "/pricing/" not in words


def test_when_the_grace_is_over_the_email_says_that_access_is_closed(customer, member):
    late(member, since=NOW - 7 * DAY)

    services.send_dated_notices(at=NOW)

    assert sent() == ["payment-failed:7"]
    assert only().subject == "Your access is closed until you pay"
    assert "full access until" not in read(only())


def test_the_end_of_a_longer_grace_is_told_on_its_own_day(settings, customer, member):
    settings.BILLING_GRACE_DAYS = 10
    late(member, since=NOW - 7 * DAY)

    services.send_dated_notices(at=NOW)
    services.send_dated_notices(at=NOW + 3 * DAY)

    assert sent() == ["payment-failed:7", "payment-failed:10"]
    first, last = OutgoingEmail.objects.order_by("pk")
    assert "full access until 23 November 2026" in read(first)
    assert last.subject == "Your access is closed until you pay"


def test_the_last_try_takes_the_place_of_the_reminder_of_its_day(customer, member):
    invoice = late(member, since=NOW - 7 * DAY, attempt_count=4)
    tell(customer, moved(invoice, next_payment_attempt_at=None))

    services.send_dated_notices(at=NOW + HOUR)

    assert sent() == ["payment-failed:last"]
    assert "This was the last try" in read(only())


def test_an_invoice_that_a_newer_one_follows_is_not_reminded_of(customer, member):
    invoice = late(member, since=NOW)
    moved(member, latest_invoice_id="in_newer")

    tell(customer, (None, invoice))

    assert sent() == []


def test_a_payment_ends_the_reminders(customer, member):
    invoice = late(member, since=NOW - 3 * DAY)
    moved(invoice, status="paid", amount_paid=1995, paid_at=NOW)
    moved(member, status="active", past_due_since=None)

    services.send_dated_notices(at=NOW)

    assert sent() == []


def test_a_reminder_that_was_missed_is_not_sent_days_later(customer, member):
    late(member, since=NOW - 12 * DAY)

    services.send_dated_notices(at=NOW)

    assert sent() == []


def test_a_bank_that_asks_gets_its_page_linked_instead(customer, member):
    invoice = late(member, since=NOW)

    tell(
        customer,
        moved(
            invoice,
            needs_confirmation=True,
            hosted_invoice_url="https://pay.example/confirm",
        ),
    )

    assert sent() == ["confirm-payment"]
    assert only().subject == "Confirm your payment with your bank"
    assert f"/account/billing/invoices/{invoice.pk}/" in read(only())
    assert "pay.example" not in only().body_text + only().body_html


def test_a_first_payment_that_is_incomplete_is_told_with_its_page(customer):
    row = SubscriptionFactory(
        customer=customer,
        now=NOW,
        status="incomplete",
        latest_invoice_id="in_first",
        stripe_created_at=NOW,
    )
    invoice = InvoiceFactory(
        stripe_id="in_first",
        customer=customer,
        subscription=row,
        status="open",
        stripe_created_at=NOW,
        hosted_invoice_url="https://pay.example/first",
    )

    tell(customer, (None, row), (None, invoice))

    assert sent() == ["confirm-payment"]
    assert f"/account/billing/invoices/{invoice.pk}/" in read(only())


@pytest.mark.parametrize(
    ("days_left", "steps"),
    [(31, []), (30, ["30"]), (8, ["30"]), (7, ["7"]), (0, ["7"]), (-1, [])],
)
def test_a_card_that_expires_is_told_30_and_7_days_before(
    customer, member, days_left, steps
):
    customer.card_expiry_date = NOW.date() + days_left * DAY
    customer.save()

    services.send_dated_notices(at=NOW)
    services.send_dated_notices(at=NOW)

    assert [key.rpartition(":")[2] for key in sent()] == steps
    if steps:
        assert only().subject.startswith("Your card expires on ")
        assert "Visa ending in 4242" in read(only())
        assert CARD_PAGE in read(only())


@pytest.mark.parametrize(
    "values",
    [
        {"cancel_at": NOW + 9 * DAY},
        {"cancel_at_period_end": True},
        {"status": "canceled"},
        {"status": "paused"},
        {"is_surplus": True},
    ],
)
def test_no_card_is_asked_for_when_nothing_renews(customer, member, values):
    customer.card_expiry_date = NOW.date() + 5 * DAY
    customer.save()
    moved(member, **values)

    services.send_dated_notices(at=NOW)

    assert sent() == []


# The length of the membership


@pytest.mark.parametrize(
    ("trial_days", "days_left", "is_sent"),
    [
        (14, 4, False),
        (14, 3, True),
        (14, 1, True),
        (31, 22, False),
        (31, 14, True),
        (31, 4, True),
        (2, 2, False),
        (2, 1, True),
    ],
)
def test_the_end_of_a_trial_is_told_in_time(customer, trial_days, days_left, is_sent):
    ends_at = NOW + days_left * DAY
    SubscriptionFactory(
        customer=customer,
        now=NOW,
        status="trialing",
        stripe_created_at=ends_at - trial_days * DAY,
        trial_ends_at=ends_at,
        current_period_end=ends_at,
    )

    services.send_dated_notices(at=NOW)
    services.send_dated_notices(at=NOW + HOUR)

    assert OutgoingEmail.objects.count() == is_sent
    if is_sent:
        assert only().template == "billing/trial_ending"
        assert "What you pay then: $19.95 a month" in read(only())
        assert "and you pay nothing" in read(only())


def test_a_trial_that_was_canceled_ends_without_a_reminder(customer):
    SubscriptionFactory(
        customer=customer,
        now=NOW,
        status="trialing",
        stripe_created_at=NOW - 11 * DAY,
        trial_ends_at=NOW + 3 * DAY,
        cancel_at=NOW + 3 * DAY,
    )

    services.send_dated_notices(at=NOW)

    assert sent() == []


@pytest.mark.parametrize(
    "values", [{"cancel_at": NOW + 15 * DAY}, {"cancel_at_period_end": True}]
)
def test_each_cancellation_is_confirmed_once_and_so_is_taking_it_back(
    customer, member, values
):
    moved(member, current_period_end=NOW + 15 * DAY)
    none = {"cancel_at": None, "cancel_at_period_end": False}

    tell(customer, moved(member, **values, canceled_at=NOW))
    tell(customer, moved(member, **none, canceled_at=None))
    tell(customer, moved(member, **values, canceled_at=NOW + HOUR))
    tell(customer, moved(member, **none, canceled_at=None))

    canceled, kept, *again = OutgoingEmail.objects.order_by("pk")
    assert [key.rpartition(":2026")[0] for key in sent()] == 2 * [
        "subscription-canceled",
        "subscription-kept",
    ]
    assert canceled.subject == again[0].subject
    assert canceled.subject == "Your membership ends on 5 December 2026"
    words = read(canceled)
    assert "certificates, your transcript and your progress stay yours" in words
    assert "Keep the membership: http://127.0.0.1:8000/account/billing/" in words
    assert kept.subject == "Your membership goes on"
    assert kept.category == "billing"
    assert "taken your cancellation back" in read(kept)
    assert "What you pay: $19.95 a month" in read(kept)
    assert "Next payment: 5 December 2026" in read(kept)
    assert "courses stay closed" not in read(kept)


def test_taking_a_cancellation_back_opens_nothing_that_is_on_hold(customer, member):
    AccessHoldFactory(customer=customer)
    moved(member, cancel_at_period_end=True, canceled_at=NOW)

    tell(customer, moved(member, cancel_at_period_end=False, canceled_at=None))

    assert "courses stay closed while your membership is on hold" in read(only())


@pytest.mark.parametrize("status", ["active", "past_due", "trialing", "paused"])
def test_the_end_is_told_once_with_the_way_back(customer, member, status):
    moved(member, status=status)

    tell(customer, moved(member, status="canceled", ended_at=NOW))

    assert only().subject == "Your membership has ended"
    assert "ended on 20 November 2026. Nothing more is charged." in read(only())
    assert "/pricing/" in read(only())


def test_unpaid_is_an_end_that_leads_to_the_payment_and_is_told_once(customer, member):
    moved(member, status="past_due")

    tell(customer, moved(member, status="unpaid"))
    tell(customer, moved(member, status="canceled", ended_at=NOW))

    assert "The last payment did not go through" in read(only())
    assert "Pay and go on: http://127.0.0.1:8000/account/billing/" in read(only())


def test_what_never_started_never_ends(customer, member):
    moved(member, status="incomplete")

    tell(customer, moved(member, status="incomplete_expired", ended_at=NOW))

    assert sent() == []


def test_a_pause_and_its_end_are_told(customer, member):
    pause = {"status": "paused", "paused_at": NOW, "resumes_at": NOW + 30 * DAY}

    tell(customer, moved(member, **pause))
    tell(customer, moved(member, status="active", current_period_start=NOW))

    first, last = OutgoingEmail.objects.order_by("pk")
    assert first.subject == "Your membership is paused"
    assert "goes on by itself on 20 December 2026" in read(first)
    assert last.subject == "Your membership goes on"
    assert "What you pay: $19.95 a month" in read(last)


def test_a_new_price_is_told_with_the_old_one_and_its_date(customer, member):
    tell(customer, moved(member, price=PriceFactory(yearly=True)))

    assert only().subject == "Your new price: $199 a year"
    assert "New price: $199 a year" in read(only())
    assert "From: 20 November 2026 Until now: $19.95 a month" in read(only())


@pytest.mark.parametrize(
    ("days_left", "is_sent"),
    [(31, False), (30, True), (16, True), (14, False)],
)
def test_a_year_is_announced_15_to_30_days_before_it_is_charged(
    customer, member, days_left, is_sent
):
    renews_at = NOW + days_left * DAY
    moved(member, price=PriceFactory(yearly=True), current_period_end=renews_at)

    services.send_dated_notices(at=NOW)
    services.send_dated_notices(at=NOW + HOUR)

    assert sent() == [f"renewal-reminder:{renews_at.year}"] * is_sent
    if is_sent:
        assert only().subject.startswith("Your membership renews on ")
        assert "What you pay: $199 a year" in read(only())
        assert "How to cancel" in read(only())


def test_whoever_pays_by_month_is_reminded_once_a_year(customer, member):
    for day in range(-20, 800, 5):
        at = member.stripe_created_at + day * DAY
        moved(member, current_period_end=at + 10 * DAY)
        services.send_dated_notices(at=at)

    assert sent() == ["renewal-reminder:2027", "renewal-reminder:2028"]
    email = OutgoingEmail.objects.earliest("pk")
    assert email.subject == "What you pay, and how to cancel"
    assert "What you pay: $19.95 a month" in read(email)


# Money that goes back


@pytest.mark.parametrize("is_full", [True, False])
def test_a_refund_that_went_through_is_told_with_what_it_closes(
    customer, member, is_full
):
    invoice = InvoiceFactory(customer=customer, subscription=member, number="NAT-9")
    refund = RefundFactory(invoice=invoice, amount=500, status="pending")
    if is_full:
        AccessHoldFactory(customer=customer, kind="refund", source_id=invoice.stripe_id)

    tell(customer, (None, refund))
    assert sent() == []
    tell(customer, moved(refund, status="succeeded"))

    assert only().subject == "Refund of $5.00 sent"
    day = written(refund.stripe_created_at)
    assert f"Refund: $5.00 Sent on: {day} Of invoice: NAT-9" in read(only())
    assert day in only().body_html
    assert ("the courses are closed until the next one" in read(only())) is is_full


def test_a_refund_that_failed_is_not_told(customer, member):
    invoice = InvoiceFactory(customer=customer, subscription=member)
    refund = RefundFactory(invoice=invoice, status="pending")

    tell(customer, moved(refund, status="failed"))

    assert sent() == []


def test_of_a_second_subscription_only_the_money_that_went_back_is_told(customer):
    surplus = SubscriptionFactory(
        customer=customer, now=NOW, is_surplus=True, stripe_created_at=NOW
    )
    paid = InvoiceFactory(customer=customer, subscription=surplus, paid_at=NOW)
    refund = RefundFactory(invoice=paid, stripe_created_at=NOW)

    tell(customer, (None, surplus), (None, paid))
    assert sent() == []
    tell(
        customer,
        moved(surplus, status="canceled", ended_at=NOW),
        (None, refund),
    )

    assert sent() == ["charged-twice"]
    assert only().subject == "You were charged twice; we sent it back"
    assert "sent $19.95 back" in read(only())


# A whole life


def test_a_whole_life_sends_exactly_these_emails(sandbox, monthly, user):
    stripe_id = gateway.create_customer(
        user_id=user.pk, email=user.email, name=user.name, key="sample"
    )
    customer = CustomerFactory(user=user, stripe_id=stripe_id)
    mine = sandbox.subscribe(customer=stripe_id, price=monthly.stripe_price_id)["id"]
    update = client().v1.subscriptions.update
    now = timezone.now()

    def dated(days):
        services.send_dated_notices(at=now + days * DAY + HOUR)

    def cancel():
        update(mine, {"cancel_at_period_end": True})

    def cancel_again():
        sleep(1)  # Stripe's clock counts seconds
        cancel()

    life = [
        (lambda: None, ["subscription-started"]),
        (lambda: sandbox.subscription(mine, "renew"), ["receipt"]),
        (lambda: sandbox.subscription(mine, "payment_failed"), ["payment-failed:0"]),
        (lambda: dated(1), []),
        (lambda: dated(3), ["payment-failed:3"]),
        (lambda: dated(7), ["payment-failed:7"]),
        (lambda: sandbox.subscription(mine, "pay"), ["receipt"]),
        (lambda: dated(8), []),
        (cancel, ["subscription-canceled"]),
        (
            lambda: update(mine, {"cancel_at_period_end": False}),
            ["subscription-kept"],
        ),
        (cancel_again, ["subscription-canceled"]),
        (lambda: sandbox.subscription(mine, "renew"), ["subscription-ended"]),
        (lambda: dated(40), []),
    ]

    told = []
    for act, _expected in life:
        known = len(sent())
        act()
        for _twice in range(2):
            sync.sync_customer(customer=customer, at=timezone.now())
        told.append([re.sub(r"(:[\d-]{10})+$", "", key) for key in sent()[known:]])

    assert told == [expected for _act, expected in life]


def test_the_job_sends_what_is_due_now(customer, member):
    late(member, since=NOW - 3 * DAY)

    jobs.send_dated_notices()

    assert sent() == ["payment-failed:3"]


def test_the_receipt_of_an_ended_membership_promises_nothing(customer, member):
    moved(member, status="canceled", ended_at=NOW - DAY)
    invoice = InvoiceFactory(
        customer=customer,
        subscription=member,
        paid_at=NOW,
        stripe_created_at=NOW,
        period_start=NOW,
        period_end=NOW + 30 * DAY,
    )

    tell(customer, (None, invoice))

    for text in (read(only()), only().body_text):
        assert "$19.95" in text
        assert "Next payment" not in text
        assert "Period" not in text
        assert "How to cancel" not in text
        assert "Your membership has ended, and nothing more is charged." in text


@pytest.mark.parametrize("is_closed", [False, True])
def test_the_office_is_told_once_of_a_dispute_with_its_day_and_its_pages(
    settings, customer, member, is_closed
):
    if is_closed:
        customer.user.is_active = False
        customer.user.save()
    row = DisputeFactory(
        customer=customer,
        charge_id="ch_7",
        reason="product_not_received",
        stripe_created_at=NOW,
        evidence_due_at=NOW + 7 * DAY,
    )

    announce(customer, Changes(disputes=[(None, row)]))
    announce(customer, Changes(disputes=[(row, row)]))

    words = read(only())
    assert only().recipient == settings.SUPPORT_EMAIL
    assert only().subject == "A payment is disputed: answer by 27 November 2026"
    assert "Member: Mia" in words
    assert "Reason: product not received" in words
    assert "Answer by: 27 November 2026 (days left: 7)" in words
    assert "https://dashboard.stripe.com/test/payments/ch_7" in words
    assert f"/admin/billing/dispute/{row.pk}/change/" in words


def test_an_inquiry_is_told_to_the_office_as_one_and_an_old_or_won_dispute_never(
    customer,
):
    asked = DisputeFactory(
        customer=customer, status="warning_needs_response", stripe_created_at=NOW
    )
    won = DisputeFactory(customer=customer, status="won", stripe_created_at=NOW)
    old = DisputeFactory(customer=customer, stripe_created_at=NOW - 9 * DAY)

    announce(customer, Changes(disputes=[(None, asked), (None, won), (None, old)]))

    assert only().subject == "A payment is asked about"
    assert "the membership stays open" in read(only())
    changed = moved(asked, status="needs_response")
    announce(customer, Changes(disputes=[changed]))
    subjects = OutgoingEmail.objects.order_by("pk").values_list("subject", flat=True)
    assert list(subjects) == ["A payment is asked about", "A payment is disputed"]
