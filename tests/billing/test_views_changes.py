import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing import gateway, sync
from billing.models import Customer, Invoice, Subscription
from mail.models import OutgoingEmail
from tests.factories.accounts import UserFactory
from tests.factories.billing import (
    AccessHoldFactory,
    CustomerFactory,
    InvoiceFactory,
    PriceFactory,
    RefundFactory,
    SubscriptionFactory,
)
from tests.support import written

BILLING = "/account/billing/"
CANCEL = "/account/billing/cancel/"
KEEP = "/account/billing/keep/"
SWITCH = "/account/billing/switch/"
PAUSE = "/account/billing/pause/"
RESUME = "/account/billing/resume/"
ACTIONS = [CANCEL, KEEP, SWITCH, PAUSE, RESUME]
PAGES = [CANCEL, SWITCH, PAUSE]
DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


def text_of(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def member(sandbox, user, monthly, client):
    """Log in somebody with an active subscription at the sandbox."""
    customer = CustomerFactory(user=user)
    customer.stripe_id = gateway.create_customer(
        user_id=user.pk, email=user.email, name=user.name, key=str(user.pk)
    )
    customer.save()
    sandbox.subscribe(customer=customer.stripe_id, price=monthly.stripe_price_id)
    sync.sync_customer(customer=customer, at=timezone.now())
    client.force_login(user)
    return user


def state():
    """Return what a page must not change by being read."""
    return list(
        Subscription.objects.order_by("pk").values_list(
            "status", "price", "cancel_at", "cancel_at_period_end", "resumes_at"
        )
    )


def changes_at_stripe(sandbox):
    return {
        name: count
        for name, count in sandbox.requests().items()
        if name.startswith(("POST /v1/subscriptions", "DELETE"))
    }


def offer_on(client):
    page = client.get(SWITCH).content.decode()
    return re.search(r'name="offer" value="([^"]+)"', page)[1]


# The page


def test_the_billing_page_shows_the_card_the_next_payment_and_the_invoices(
    client, member
):
    page = text_of(client.get(BILLING))

    row = Subscription.objects.get()
    invoice = Invoice.objects.get()
    due = written(row.current_period_end)
    assert f"Next payment</th><td>{due}, $19.95 plus tax" in page
    assert "Visa ending in 4242, valid to " in page
    assert invoice.number in page
    assert f'href="{BILLING}invoices/{invoice.pk}/pdf/"' in page
    assert "Switch to yearly" in page
    assert "Pause</a>" in page
    assert "Cancel membership</a>" in page


def test_an_invoice_is_shown_in_its_own_currency_with_what_went_back(client, user):
    customer = CustomerFactory(user=user)
    paid = InvoiceFactory(customer=customer, currency="eur", total=2450)
    RefundFactory(invoice=paid, amount=500, currency="eur")
    RefundFactory(invoice=paid, amount=100, currency="eur", status="failed")
    InvoiceFactory(customer=customer, currency="jpy", total=1995)
    unpaid = InvoiceFactory(
        customer=customer, currency="sek", status="open", hosted_invoice_url="/pay-it/"
    )
    InvoiceFactory(customer=customer, status="draft", number="NAT-DRAFT")
    client.force_login(user)

    page = text_of(client.get(BILLING))

    assert "€24.50" in page
    assert "€5.00 refunded" in page
    assert "¥1,995" in page
    assert "SEK 19.95" in page
    assert f'href="{BILLING}invoices/{unpaid.pk}/"' in page
    assert "NAT-DRAFT" not in page


def test_a_past_due_member_sees_what_is_due_and_where_to_pay_it(
    client, member, sandbox
):
    sandbox.subscription(Subscription.objects.get().stripe_id, "payment_failed")

    page = text_of(client.get(f"{BILLING}?updated=1"))

    unpaid = Invoice.objects.get(status="open")
    assert "Not paid yet</th><td>$19.95" in page
    assert f'href="{BILLING}invoices/{unpaid.pk}/"' in page
    assert "keep access to the end of the time you have paid for" not in page


def past_due(user, **values):
    """Return the open invoice of a member whose renewal was not paid."""
    row = SubscriptionFactory(
        customer__user=user, status="past_due", past_due_since=timezone.now()
    )
    return InvoiceFactory(
        customer=row.customer,
        subscription=row,
        **{
            "status": "open",
            "amount_remaining": 1995,
            "hosted_invoice_url": "https://pay.example/i",
            **values,
        },
    )


def test_the_banner_of_a_failed_payment_pays_it_before_it_changes_the_card(
    client, user
):
    invoice = past_due(user)
    client.force_login(user)

    page = text_of(client.get(BILLING))

    pay, update = page.index("Pay $19.95 now</a>"), page.index("Update card</button>")
    assert f'c-btn--primary" href="{BILLING}invoices/{invoice.pk}/"' in page
    assert pay < update


def test_a_bank_that_asks_at_a_renewal_is_not_told_as_a_refused_card(client, user):
    past_due(user, needs_confirmation=True)
    client.force_login(user)

    page = text_of(client.get(BILLING))

    assert "Your bank asks you to confirm your last payment." in page
    assert "Confirm the payment</a>" in page
    assert "Waiting for your bank" in page
    assert "did not go through" not in page


def test_no_page_promises_another_try_on_a_day_that_is_over(client, user):
    invoice = past_due(user, next_payment_attempt_at=timezone.now() - timedelta(days=1))
    client.force_login(user)

    assert "We try" not in text_of(client.get(f"{BILLING}?updated=card"))

    soon = timezone.now() + timedelta(days=2)
    Invoice.objects.filter(pk=invoice.pk).update(next_payment_attempt_at=soon)
    page = text_of(client.get(BILLING))
    assert f"We try your card again on {written(soon)}" in page


def test_after_the_card_was_changed_the_page_says_what_becomes_of_the_payment(
    client, user
):
    soon = timezone.now() + timedelta(days=2)
    past_due(user, next_payment_attempt_at=soon)
    client.force_login(user)

    page = text_of(client.get(f"{BILLING}?updated=card"))

    assert "Your card was changed" in page
    assert f"We try the payment again on {written(soon)}." in page
    assert "Your card was changed" not in text_of(client.get(f"{BILLING}?updated=1"))


@pytest.mark.parametrize("file", ["", "pdf/"])
def test_an_invoice_opens_at_the_address_that_stripe_gives_today(client, member, file):
    invoice = Invoice.objects.get()
    of_today = invoice.invoice_pdf if file else invoice.hosted_invoice_url
    Invoice.objects.update(hosted_invoice_url="/ended/", invoice_pdf="/ended/pdf/")

    response = client.get(f"{BILLING}invoices/{invoice.pk}/{file}")

    assert response.status_code == 302
    assert response.url == of_today


def test_an_invoice_without_a_page_at_stripe_leads_back_with_a_word(
    client, member, sandbox
):
    invoice = InvoiceFactory(customer=Customer.objects.get())

    response = client.get(f"{BILLING}invoices/{invoice.pk}/pdf/", follow=True)

    assert "Stripe has no page for this invoice." in text_of(response)


def test_only_the_own_invoices_are_shown(client, user):
    own = InvoiceFactory(customer__user=user, number="NAT-OWN")
    InvoiceFactory(number="NAT-FOREIGN")
    client.force_login(user)

    page = text_of(client.get(f"{BILLING}?customer=1&invoice=2&user=1"))

    assert own.number in page
    assert "NAT-FOREIGN" not in page


def test_older_invoices_are_a_page_further(client, user):
    customer = CustomerFactory(user=user)
    for number in range(26):
        InvoiceFactory(
            customer=customer,
            number=f"NAT-{number:02}",
            stripe_created_at=timezone.now() - number * 30 * DAY,
        )
    client.force_login(user)

    first, second = (text_of(client.get(f"{BILLING}?page={n}")) for n in (1, 2))

    assert first.count("NAT-") == 24 * first.count("NAT-00")
    assert "NAT-24" not in first
    assert "NAT-24" in second
    assert "NAT-25" in second
    assert client.get(f"{BILLING}?page=99").status_code == 404


def test_the_billing_page_costs_the_same_however_many_invoices(
    client, user, django_assert_max_num_queries
):
    row = SubscriptionFactory(customer__user=user)
    PriceFactory(yearly=True)
    for _ in range(24):
        RefundFactory(invoice__customer=row.customer)
    client.force_login(user)
    client.get(BILLING)  # the first page of a session also records the session

    with django_assert_max_num_queries(10):
        client.get(BILLING)


# The changes


@pytest.mark.parametrize(
    ("path", "values", "reason"),
    [
        (PAUSE, {"status": "past_due"}, "Only a membership that is paid and renews"),
        (SWITCH, {"status": "past_due"}, "There is no other way to pay"),
        (CANCEL, {"cancel_at_period_end": True}, "canceled already"),
    ],
)
def test_a_change_that_is_impossible_says_why(path, values, reason, client, user):
    SubscriptionFactory(customer__user=user, **values)
    client.force_login(user)

    assert reason in text_of(client.get(path, follow=True))


def test_a_member_cancels_with_two_clicks_and_comes_back_with_one(
    client, member, sandbox
):
    end = written(Subscription.objects.get().current_period_end)

    page = text_of(client.get(CANCEL))
    canceled = text_of(client.post(CANCEL, follow=True))
    kept = text_of(client.post(KEEP, follow=True))

    assert f"You keep full access until {end}." in page
    assert page.count("c-btn c-btn--line c-btn--lg c-btn--block") == 2
    assert f"Your membership is canceled. You keep full access until {end}." in canceled
    assert "Keep my membership</button>" in canceled
    assert "Your membership goes on." in kept
    assert state()[0][2:4] == (None, False)


def test_a_cancellation_from_the_portal_is_taken_back_too(client, member, sandbox):
    row = Subscription.objects.get()
    gateway.client.client().v1.subscriptions.update(
        row.stripe_id, {"cancel_at": int(row.current_period_end.timestamp())}
    )
    assert "Keep my membership" in text_of(client.get(f"{BILLING}?updated=1"))

    client.post(KEEP)

    assert Subscription.objects.get().ends_at is None


def test_a_past_due_member_is_told_that_a_cancellation_ends_at_once(
    client, member, sandbox
):
    row = Subscription.objects.get()
    sandbox.subscription(row.stripe_id, "payment_failed")
    client.get(f"{BILLING}?updated=1")

    assert "ends at once" in text_of(client.get(CANCEL))

    page = text_of(client.post(CANCEL, follow=True))
    assert "Your membership is canceled and has ended." in page
    assert Subscription.objects.get().status == "canceled"


def test_a_member_on_hold_is_offered_no_change_but_the_way_out(client, member):
    AccessHoldFactory(customer=member.billing_customer)

    page = text_of(client.get(BILLING))

    assert "On hold" in page
    assert "Contact us" in page
    assert "Switch to yearly" not in page
    assert "Pause</a>" not in page
    assert "Cancel membership</a>" in page


def test_the_switch_costs_what_was_shown(client, member):
    page = text_of(client.get(SWITCH))
    button = re.search(r"Switch and pay (\$[\d.]+)", page)[1]
    assert "Renews at $199 every year until you cancel" in page

    done = text_of(client.post(SWITCH, {"offer": offer_on(client)}, follow=True))

    row = Subscription.objects.get()
    due = Invoice.objects.order_by("-pk")[0].total / 100
    assert "You now pay $199 a year." in done
    assert row.price.slug == "yearly"
    assert abs(due - float(button[1:])) < 0.05


def test_an_offer_is_good_for_a_quarter_of_an_hour_and_for_one_person(
    client, member, monthly, time_machine
):
    offer = offer_on(client)
    stranger = Client()
    foreign = SubscriptionFactory(customer__user=UserFactory(), price=monthly)
    stranger.force_login(foreign.customer.user)
    before = state()

    stranger.post(SWITCH, {"offer": offer})
    client.post(SWITCH, {"offer": f"{offer}x"})
    client.post(SWITCH)
    time_machine.move_to(timezone.now() + timedelta(minutes=16))
    response = client.post(SWITCH, {"offer": offer})

    assert response.url == SWITCH
    assert state() == before


def test_an_offer_is_over_once_something_else_was_billed(client, member):
    offer = offer_on(client)
    client.post(SWITCH, {"offer": offer})
    client.post(SWITCH, {"offer": offer_on(client)})
    before = state()

    answer = client.post(SWITCH, {"offer": offer}, follow=True)

    assert state() == before
    assert "Something was billed since you saw that offer." in text_of(answer)


@pytest.fixture
def pausable(monkeypatch):
    """Let Stripe pause and resume."""
    ask = gateway.list_subscriptions
    told = {"status": "active"}

    def listed(customer_id):
        found = ask(customer_id)
        for one in found:
            object.__setattr__(one, "status", told["status"])
        return found

    def become(status):
        return lambda _subscription_id: told.update(status=status)

    monkeypatch.setattr(gateway, "list_subscriptions", listed)
    monkeypatch.setattr(gateway, "pause_subscription", become("paused"))
    monkeypatch.setattr(gateway, "resume_subscription", become("active"))


def test_a_member_pauses_and_resumes(client, member, pausable):
    paused = text_of(client.post(PAUSE, {"months": "2"}, follow=True))

    until = written(Subscription.objects.get().resumes_at)
    assert f"Your membership is paused until {until}." in paused
    assert f"Paused until</th><td>{until}" in paused
    assert "Resume now</button>" in paused

    assert "Your membership is paused, so it ends at once" in text_of(
        client.get(CANCEL)
    )

    resumed = text_of(client.post(RESUME, follow=True))

    assert "Your membership runs again." in resumed
    assert "Next payment" in resumed


@pytest.mark.parametrize("months", [None, "0", "4", "x", "1 OR 1"])
def test_a_pause_of_no_known_length_is_refused_in_words(
    months, client, member, pausable
):
    response = client.post(PAUSE, {"months": months} if months else {})

    assert response.status_code == 200
    assert "There is a problem" in text_of(response)
    assert Subscription.objects.get().status == "active"


# Who may not


@pytest.mark.parametrize("path", ACTIONS)
def test_a_visitor_is_led_to_the_login(path, client, db):
    for response in (client.post(path), client.get(path, follow=True)):
        where = getattr(response, "url", "") or response.request["PATH_INFO"]
        assert where.startswith(reverse("account_login"))


@pytest.mark.parametrize("path", ACTIONS)
def test_a_form_of_another_site_changes_nothing(path, member, sandbox):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(member)
    before = state()

    response = strict.post(path, {"months": "1"})

    assert response.status_code == 403
    assert state() == before
    assert changes_at_stripe(sandbox) == {}


@pytest.mark.parametrize("path", [BILLING, *ACTIONS])
def test_reading_never_changes_anything(path, client, member, sandbox):
    before = state()

    client.get(path, {"months": "1", "confirm": "1"})
    client.head(path)

    assert state() == before
    assert changes_at_stripe(sandbox) == {}


@pytest.mark.parametrize("path", ACTIONS)
def test_the_subscription_of_somebody_else_cannot_be_named(
    path, client, member, sandbox, monthly
):
    foreign = SubscriptionFactory(customer__user=UserFactory(), price=monthly)
    stranger = Client()
    stranger.force_login(UserFactory())
    before = state()
    own = Subscription.objects.exclude(pk=foreign.pk).get()

    response = stranger.post(
        path,
        {
            "months": "1",
            "subscription": own.stripe_id,
            "id": own.pk,
            "customer": own.customer.stripe_id,
            "user": member.pk,
        },
    )

    assert response.url == BILLING
    assert state() == before
    assert changes_at_stripe(sandbox) == {}


@pytest.mark.parametrize("path", PAGES)
def test_whoever_has_no_subscription_is_led_to_billing(path, client, user):
    client.force_login(user)

    page = client.get(path, follow=True)

    assert page.redirect_chain == [(BILLING, 302)]
    assert "There is no membership to change." in text_of(page)


def test_a_double_click_on_each_button_is_one_change(client, member, sandbox):
    offer = offer_on(client)
    for path in (CANCEL, KEEP, SWITCH):
        for _ in range(2):
            fields = {"offer": offer} if path == SWITCH else {}
            response = client.post(path, fields, follow=True)
            assert "c-toast--success" in text_of(response), path

    customer = Customer.objects.get(user=member)
    assert customer.invoices.count() == 2
    assert customer.subscriptions.get().price.slug == "yearly"
    assert sum(changes_at_stripe(sandbox).values()) == 3


def test_canceling_while_on_hold_promises_no_access(client, member):
    AccessHoldFactory(customer=member.billing_customer)

    page = text_of(client.get(CANCEL))
    canceled = text_of(client.post(CANCEL, follow=True))

    end = written(Subscription.objects.get().current_period_end)
    assert f"Your membership ends on {end}. Nothing more is charged." in page
    assert PAUSE not in page
    assert f"Your membership is canceled. It ends on {end}." in canceled
    email = OutgoingEmail.objects.get(template="billing/canceled")
    assert "The courses stay closed" in email.body_text
    for text in (page, canceled, email.body_text, email.body_html):
        assert "full access" not in text
        assert "stays open" not in text


# Credit


def test_the_credit_of_a_pause_is_told_at_once_and_on_the_billing_page(client, member):
    said = text_of(client.post(PAUSE, {"months": "1"}, follow=True))

    credit = Customer.objects.get().credit_words
    assert credit.startswith("You have a credit of $19.")
    assert credit in said
    assert "Credit</th><td>$19." in said


@pytest.mark.parametrize(
    ("balance", "words"),
    [
        (-1240, "$7.55 plus tax where it applies: $19.95 less your credit"),
        (-5000, "Your credit pays it; tax may be added"),
        (0, "$19.95 plus tax where it applies</td>"),
    ],
)
def test_the_next_payment_is_what_the_credit_leaves(balance, words, client, member):
    Customer.objects.update(balance=balance, currency="usd")

    page = text_of(client.get(BILLING))

    assert words in page
    assert ("it pays your next invoices first" in page) == (balance < 0)


def test_a_switch_that_the_credit_pays_says_that_nothing_is_due(client, member):
    stripe = gateway.client.client()
    customer_id = Customer.objects.get().stripe_id
    stripe.v1.customers.update(customer_id, {"balance": -50000})

    page = text_of(client.get(SWITCH))

    assert "<strong>Nothing</strong>. $179." in page
    assert "of your credit pays it" in page
    assert "charged to your card" not in page
