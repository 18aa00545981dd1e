from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertRedirects

from billing import gateway, jobs, services, tasks
from billing.access import has_entitlement
from billing.models import AccessGrant, AccessHold, Price
from natcampus.roles import sync_roles
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.billing import (
    AccessGrantFactory,
    AccessHoldFactory,
    CheckoutAttemptFactory,
    CustomerFactory,
    DisputeFactory,
    InvoiceFactory,
    OutboxEntryFactory,
    PlanFactory,
    PriceFactory,
    ReconcileRunFactory,
    RefundFactory,
    RenewalConsentFactory,
    StripeEventFactory,
    SubscriptionFactory,
)
from tests.support import together

READ_ONLY = [
    *("customer", "subscription", "checkoutattempt", "stripeevent", "invoice"),
    *("refund", "dispute", "renewalconsent", "outboxentry", "reconcilerun"),
]
KEPT = [*READ_ONLY, "plan", "price", "accessgrant", "accesshold"]
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def without_mfa(settings):
    settings.STAFF_MFA_REQUIRED = False


@pytest.fixture
def owner(client):
    owner = StaffFactory()
    client.force_login(owner)
    return owner


@pytest.fixture
def rows(db):
    return {
        "accessgrant": AccessGrantFactory(),
        "accesshold": AccessHoldFactory(),
        "checkoutattempt": CheckoutAttemptFactory(),
        "customer": CustomerFactory(),
        "invoice": InvoiceFactory(raw={"id": "in_1", "note": "<b>"}),
        "outboxentry": OutboxEntryFactory(),
        "plan": PlanFactory(),
        "price": PriceFactory(),
        "reconcilerun": ReconcileRunFactory(),
        "dispute": DisputeFactory(),
        "refund": RefundFactory(),
        "renewalconsent": RenewalConsentFactory(),
        "stripeevent": StripeEventFactory(),
        "subscription": SubscriptionFactory(),
    }


def url(model, page, *args):
    return reverse(f"admin:billing_{model}_{page}", args=args)


@pytest.mark.parametrize("model", KEPT)
def test_every_list_opens_searches_and_shows_a_row(model, client, owner, rows):
    assert client.get(url(model, "changelist"), {"q": "sample"}).status_code == 200
    assert client.get(url(model, "changelist")).status_code == 200
    assert client.get(url(model, "change", rows[model].pk)).status_code == 200


@pytest.mark.parametrize("model", READ_ONLY)
def test_what_stripe_says_cannot_be_typed_in(model, client, owner, rows):
    assert client.get(url(model, "add")).status_code == 403
    assert client.post(url(model, "change", rows[model].pk), {}).status_code == 403


@pytest.mark.parametrize("model", KEPT)
def test_what_money_touched_cannot_be_deleted(model, client, owner, rows):
    assert client.post(url(model, "delete", rows[model].pk)).status_code == 403


def test_a_price_that_stripe_knows_keeps_its_terms(client, owner):
    price = PriceFactory()

    client.post(
        url("price", "change", price.pk),
        {"unit_amount": "1", "slug": "other", "interval": "year", "is_active": "on"},
    )

    price.refresh_from_db()
    assert (price.unit_amount, price.slug, price.interval) == (1995, "monthly", "month")


def test_a_second_price_of_one_interval_is_refused_in_words(client, owner):
    price = PriceFactory()

    response = client.post(
        url("price", "add"),
        {
            "plan": price.plan_id,
            "slug": "monthly-2",
            "currency": "usd",
            "unit_amount": "2495",
            "interval": "month",
            "is_active": "on",
        },
    )

    assert "The plan has an active price of this interval." in response.content.decode()


def test_an_old_price_that_is_put_on_sale_beside_a_new_one_is_refused_in_words(
    client, owner
):
    new = PriceFactory()
    old = PriceFactory(plan=new.plan, slug="old", is_active=False)

    response = client.post(url("price", "change", old.pk), {"is_active": "on"})

    assert response.status_code == 200
    errors = response.context["adminform"].form.errors
    assert "active price of this interval" in errors["is_active"][0]
    old.refresh_from_db()
    assert not old.is_active


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("currency", "dol", "Choose one of these currencies"),
        ("unit_amount", "1", "Enter an amount from $0.50 to $10,000"),
        ("unit_amount", "0", "Enter an amount from $0.50 to $10,000"),
    ],
)
def test_a_price_that_nobody_can_have_meant_is_refused_beside_its_field(
    client, owner, field, typed, told
):
    typed_in = {
        "plan": PlanFactory().pk,
        "slug": "yearly",
        "currency": "usd",
        "unit_amount": "19900",
        "interval": "year",
        "is_active": "on",
        field: typed,
    }

    response = client.post(url("price", "add"), typed_in)

    assert told in response.context["adminform"].form.errors[field][0]
    assert not Price.objects.exists()


@pytest.mark.parametrize("name", ["user", "plan"])
def test_an_address_that_names_no_person_opens_an_empty_form(client, owner, name):
    response = client.get(url("accessgrant", "add"), {name: "abc"})

    assert response.status_code == 200


def take_off_sale(client, price):
    """Unselect the only box of a price that Stripe knows; return what is told."""
    page = client.post(url("price", "change", price.pk), {}, follow=True)
    return [str(message) for message in page.context["messages"]]


def test_the_last_price_of_a_plan_goes_off_sale_with_a_warning(client, owner):
    plan = PlanFactory(name="Membership")
    monthly = PriceFactory(plan=plan)
    yearly = PriceFactory(plan=plan, slug="yearly", interval="year")

    first = take_off_sale(client, monthly)
    last = take_off_sale(client, yearly)

    warning = "Membership has no price on sale now: nobody can subscribe to it."
    assert warning not in first
    assert warning in last
    assert not plan.prices.filter(is_active=True).exists()


@pytest.mark.parametrize(("plans", "is_chosen"), [(1, True), (2, False)])
def test_a_grant_names_the_plan_where_there_is_one(client, owner, plans, is_chosen):
    rows = [PlanFactory(slug=f"plan-{number}") for number in range(plans)]

    form = client.get(url("accessgrant", "add")).context["adminform"].form

    assert form["plan"].initial == (rows[0].pk if is_chosen else None)


def test_new_prices_are_created_at_stripe_by_an_action(client, owner, sandbox):
    price = PriceFactory(stripe_price_id=None)

    client.post(
        url("price", "changelist"),
        {"action": "create_at_stripe", "_selected_action": price.pk},
    )

    assert Price.objects.get().stripe_price_id.startswith("price_")


def test_staff_let_go_of_the_brake_of_the_newest_run_with_a_reason(
    client, owner, monkeypatch, django_capture_on_commit_callbacks
):
    calls = []
    monkeypatch.setattr(jobs.reconcile, "delay", lambda **kw: calls.append(kw))
    older = ReconcileRunFactory(was_stopped=True)
    later = older.started_at + DAY
    newest = ReconcileRunFactory(was_stopped=True, started_at=later)
    runs = url("reconcilerun", "changelist")
    data = {"action": "repair", "_selected_action": newest.pk}

    def send(**more):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(runs, {**data, **more}, follow=True).content.decode()

    assert "a wrong key or a broken listing" in send()
    assert "choose the newest run" in send(_selected_action=older.pk, reason="Looked")
    assert calls == []
    assert "a new run appears here" in send(reason="The clearing of old trials")

    assert calls == [{"is_forced": True}]
    told = "Repaired all the same: The clearing of old trials"
    assert LogEntry.objects.get().change_message == told


def test_a_replay_is_recorded_and_needs_its_permission(
    client, monkeypatch, django_capture_on_commit_callbacks
):
    calls = []
    monkeypatch.setattr(tasks.process_event, "delay", lambda **kw: calls.append(kw))
    event = StripeEventFactory(status="failed")
    support = UserFactory(is_staff=True)
    support.user_permissions.add(Permission.objects.get(codename="view_stripeevent"))
    client.force_login(support)
    data = {"action": "replay", "_selected_action": event.pk, "reason": "Was lost"}

    client.post(url("stripeevent", "changelist"), data)
    event.refresh_from_db()
    assert event.status == "failed"

    support.user_permissions.add(Permission.objects.get(codename="replay_stripeevent"))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url("stripeevent", "changelist"), data)

    event.refresh_from_db()
    assert event.status == "received"
    assert calls == [{"event_id": event.pk}]
    assert LogEntry.objects.get().change_message == "Replayed: Was lost"


def test_access_is_given_with_a_reason_and_the_name_of_who_gave_it(client, owner):
    person = UserFactory()
    form = {
        "user": person.pk,
        "plan": PlanFactory().pk,
        "valid_from_0": "2026-11-01",
        "valid_from_1": "12:00",
        "is_lifetime": "on",
        "reason": "",
    }

    refused = client.post(url("accessgrant", "add"), form)
    assert "This field is required." in refused.content.decode()

    client.post(url("accessgrant", "add"), {**form, "reason": "Guest teacher"})

    grant = AccessGrant.objects.get()
    assert (grant.user, grant.granted_by, grant.reason) == (
        person,
        owner,
        "Guest teacher",
    )


def give_access(person, plan, *, by, until=None):
    return services.grant_access(
        user=person,
        plan=plan,
        reason="Guest teacher",
        granted_by=by,
        valid_from=NOW,
        valid_until=until,
    )


def test_access_that_is_given_twice_is_one_grant_and_ends_with_it(owner):
    person, plan = UserFactory(), PlanFactory()
    grants = [give_access(person, plan, by=owner) for _click in range(2)]

    services.revoke_grant(grant=grants[0], reason="Left", by=owner, at=NOW + 2 * DAY)

    assert grants[0] == grants[1]
    assert grants[0].is_lifetime
    assert AccessGrant.objects.get().revoked_by == owner
    assert not has_entitlement(person, plan.entitlement, at=NOW + 3 * DAY)
    later = give_access(person, plan, by=owner)
    other = give_access(person, plan, by=owner, until=NOW + DAY)
    assert len({grants[0], later, other}) == 3


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_give_access_once(owner):
    person, plan = UserFactory(), PlanFactory()

    together(4 * [partial(give_access, person, plan, by=owner)])

    assert AccessGrant.objects.count() == 1


def test_access_ends_with_a_reason_and_is_never_deleted(client, owner):
    grant = AccessGrantFactory()
    page = url("accessgrant", "revoke", grant.pk)

    refused = client.post(page, {"reason": " "})
    assert "Enter the reason." in refused.content.decode()

    client.post(page, {"reason": "Left the faculty"})
    client.post(page, {"reason": "A second thought"})

    grant.refresh_from_db()
    assert grant.revoked_at
    assert grant.revoked_reason == "Left the faculty"


def test_access_that_was_revoked_says_since_when_and_nothing_is_logged(client, owner):
    revoked_at = datetime(2026, 11, 2, 17, tzinfo=UTC)
    grant = AccessGrantFactory(revoked_at=revoked_at, revoked_reason="Left")
    page = url("accessgrant", "revoke", grant.pk)

    answers = [client.get(page), client.post(page, {"reason": "A second thought"})]

    for answer in answers:
        assertRedirects(answer, url("accessgrant", "change", grant.pk))
    told = [str(message) for message in get_messages(answers[1].wsgi_request)]
    assert told == ["Already revoked on 2 November 2026."] * 2
    assert not LogEntry.objects.exists()


def test_only_who_may_revoke_ends_access(client):
    grant = AccessGrantFactory()
    client.force_login(UserFactory(is_staff=True))

    response = client.post(url("accessgrant", "revoke", grant.pk), {"reason": "No"})

    grant.refresh_from_db()
    assert response.status_code == 403
    assert grant.revoked_at is None


def test_the_object_of_stripe_is_shown_as_text_with_a_link_to_stripe(
    client, owner, rows
):
    page = client.get(url("invoice", "change", rows["invoice"].pk)).content.decode()

    assert "&quot;note&quot;: &quot;&lt;b&gt;&quot;" in page
    stripe_id = rows["invoice"].stripe_id
    assert f"https://dashboard.stripe.com/test/invoices/{stripe_id}" in page


def test_an_event_with_half_a_character_is_shown(client, owner):
    half = StripeEventFactory(body=r'{"name": "\ud800 Sample"}')

    page = client.get(url("stripeevent", "change", half.pk))

    assert r"\ud800 Sample" in page.content.decode()


def test_amounts_are_shown_as_people_write_them(client, owner, rows):
    page = client.get(url("invoice", "change", rows["invoice"].pk)).content.decode()

    assert "$19.95" in page
    assert ">1995<" not in page


def test_a_customer_leads_to_all_that_belongs_to_it(client, owner):
    subscription = SubscriptionFactory()
    customer = subscription.customer
    invoice = InvoiceFactory(customer=customer)
    rows = {
        "subscription": subscription,
        "invoice": invoice,
        "refund": RefundFactory(invoice=invoice),
        "dispute": DisputeFactory(invoice=invoice),
        "accesshold": AccessHoldFactory(customer=customer),
        "renewalconsent": RenewalConsentFactory(customer=customer),
    }

    page = client.get(url("customer", "change", customer.pk)).content.decode()

    for model, row in rows.items():
        assert url(model, "change", row.pk) in page, model


def test_a_list_says_how_old_its_rows_are(client, owner):
    SubscriptionFactory(synced_at=timezone.now() - timedelta(hours=3))
    CustomerFactory(stripe_id=None)

    page = client.get(url("subscription", "changelist")).content.decode()

    assert "3 hours ago" in page.replace("\xa0", " ")
    assert "Never" in client.get(url("customer", "changelist")).content.decode()


def test_what_a_comparison_found_is_told_in_words(client, owner):
    found = {"kind": "status", "customer": "cus_1", "here": "<active>"}
    run = ReconcileRunFactory(differences=[found])

    page = client.get(url("reconcilerun", "change", run.pk)).content.decode()

    assert "status: cus_1 (here &lt;active&gt;, at Stripe -)" in page


def test_staff_hold_access_with_a_reason(client, owner):
    customer = CustomerFactory()

    client.post(url("accesshold", "add"), {"customer": customer.pk, "reason": " "})
    assert not AccessHold.objects.exists()
    client.post(url("accesshold", "add"), {"customer": customer.pk, "reason": "Fraud"})

    hold = customer.holds.get()
    assert (hold.kind, hold.reason, hold.opened_by) == ("manual", "Fraud", owner)


def test_a_hold_is_released_with_a_reason_once(client, owner):
    hold = AccessHoldFactory()
    page = url("accesshold", "release", hold.pk)

    refused = client.post(page, {"reason": " "})
    assert "Enter the reason." in refused.content.decode()
    assert AccessHold.objects.open().exists()
    client.post(page, {"reason": "The bank agreed."})
    again = client.post(page, {"reason": "Again."}, follow=True)

    hold.refresh_from_db()
    assert (hold.released_by, hold.released_reason) == (owner, "The bank agreed.")
    assert "Already released on" in again.content.decode()
    assert LogEntry.objects.get().change_message == "Released: The bank agreed."


def test_who_is_held_is_chosen_by_name(client, owner):
    customer = CustomerFactory(user__name="Ada Sample")
    hold = url("accesshold", "add")

    found = client.get(
        reverse("admin:autocomplete"),
        {
            "term": "Ada",
            "app_label": "billing",
            "model_name": "accesshold",
            "field_name": "customer",
        },
    ).json()["results"]
    page = client.get(url("customer", "change", customer.pk)).content.decode()

    label = f"Ada Sample, {customer.user.email} ({customer.stripe_id})"
    assert found == [{"id": str(customer.pk), "text": label}]
    assert f"{hold}?customer={customer.pk}" in page


def test_two_clicks_open_one_hold(owner):
    customer = CustomerFactory()
    hold = {"customer": customer, "reason": "Fraud", "opened_by": owner, "at": NOW}

    first, second = services.open_hold(**hold), services.open_hold(**hold)
    other = services.open_hold(**{**hold, "reason": "Another fraud"})

    assert first == second != other
    with pytest.raises(services.HoldRefusedError):
        services.open_hold(**{**hold, "reason": " "})


def test_only_who_may_release_opens_what_a_hold_closes(client):
    support = UserFactory(is_staff=True)
    support.groups.add(sync_roles()["Support"])
    client.force_login(support)
    hold = AccessHoldFactory()
    release = url("accesshold", "release", hold.pk)

    assert client.post(release, {"reason": "Please."}).status_code == 403
    assert AccessHold.objects.open().exists()
    assert client.get(url("accesshold", "add")).status_code == 403
    page = client.get(url("accesshold", "change", hold.pk))
    assert release not in page.content.decode()


@pytest.mark.parametrize("reason", ["", "   "])
def test_no_action_begins_without_a_reason(client, owner, reason):
    entry = OutboxEntryFactory(attempts=20, parked_at=NOW)
    data = {"action": "retry", "_selected_action": entry.pk, "reason": reason}

    page = client.post(url("outboxentry", "changelist"), data, follow=True)

    assert page.context["form"].errors["reason"] == ["Enter the reason."]
    assert page.context["action"] == "retry"
    assert str(entry) in page.content.decode()
    entry.refresh_from_db()
    assert entry.parked_at
    assert not LogEntry.objects.exists()


def test_what_was_given_up_is_told_to_stripe_again(client, owner):
    entry = OutboxEntryFactory(attempts=20, parked_at=NOW)
    data = {"action": "retry", "_selected_action": entry.pk, "reason": "Is up"}

    client.post(url("outboxentry", "changelist"), data)

    entry.refresh_from_db()
    assert (entry.attempts, entry.parked_at) == (0, None)
    assert LogEntry.objects.get().change_message == "Tried again: Is up"


def test_what_stripe_has_heard_is_not_told_again(client, owner):
    entry = OutboxEntryFactory(attempts=2, done_at=NOW)
    data = {"action": "retry", "_selected_action": entry.pk, "reason": "Is up"}

    page = client.post(url("outboxentry", "changelist"), data, follow=True)

    assert "there is nothing to try again" in page.content.decode()
    assert not LogEntry.objects.exists()


def test_a_customer_is_read_from_stripe_by_an_action(client, owner, sandbox):
    stripe_id = gateway.create_customer(
        user_id=1, email="reader@example.com", name="Sample", key="sample"
    )
    customer = CustomerFactory(stripe_id=stripe_id)
    data = {
        "action": "sync_now",
        "_selected_action": customer.pk,
        "reason": "Asks why",
    }

    read = client.post(url("customer", "changelist"), data, follow=True)

    assert "1 customer is up to date." in read.content.decode()
    assert LogEntry.objects.get().change_message == "Read from Stripe: Asks why"
    customer.refresh_from_db()
    assert customer.synced_at


@pytest.mark.parametrize(
    ("balance", "words"),
    [
        (-500, "$5.00 credit: it pays the next invoices first"),
        (500, "$5.00 owed: the next invoice asks for it too"),
        (0, "Nothing"),
    ],
)
def test_the_page_of_a_customer_says_which_way_the_balance_goes(
    client, owner, balance, words
):
    row = CustomerFactory(balance=balance, currency="usd")

    page = client.get(reverse("admin:billing_customer_change", args=[row.pk]))

    assert words in page.content.decode()


def test_an_invoice_that_credit_paid_shows_the_amount_to_staff(client, owner):
    row = InvoiceFactory(amount_due=0, amount_paid=0)

    page = client.get(reverse("admin:billing_invoice_change", args=[row.pk]))
    rows = client.get(reverse("admin:billing_invoice_changelist"))

    assert "Paid by credit" in page.content.decode()
    assert '<td class="field-by_credit_shown">$19.95</td>' in rows.content.decode()


def test_the_title_of_a_comparison_and_its_moments_are_of_one_zone():
    run = ReconcileRunFactory(started_at=datetime(2026, 11, 2, 3, 30, tzinfo=UTC))

    with timezone.override("America/New_York"):
        title = str(run)

    assert title == "Run of 2026-11-01 22:30"
