"""Members who are moved to a new amount, and what they are told before."""

from datetime import timedelta
from functools import partial

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from billing import gateway, jobs, services, sync
from billing.gateway.client import client as stripe
from billing.models import (
    Price,
    PriceChange,
    PriceChangeNotice,
    Subscription,
    next_price,
)
from mail.models import OutgoingEmail
from tests.factories.accounts import StaffFactory
from tests.factories.billing import (
    PriceChangeFactory,
    PriceFactory,
    SubscriptionFactory,
)
from tests.support import refused, together, written

DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def member(sandbox, customer, monthly):
    """Subscribe the user to the price that is replaced then."""
    sandbox.subscribe(customer=customer.stripe_id, price=monthly.stripe_price_id)
    sync.sync_customer(customer=customer, at=timezone.now())
    services.replace_price(price=monthly, unit_amount=2495)
    services.sync_plans()
    return Subscription.objects.get()


@pytest.fixture
def change(member, monthly):
    return services.plan_price_change(
        price=monthly,
        starts_date=timezone.localdate() + 8 * DAY,
        by=StaffFactory(),
        at=timezone.now(),
    )


def announce(at):
    services.announce_price_changes(at=at)


def emails(kind):
    return OutgoingEmail.objects.filter(dedupe_key__startswith=f"{kind}:")


def charged(member):
    """Return the price that Stripe charges at the next renewal."""
    row = stripe().v1.subscriptions.retrieve(member.stripe_id)
    (item,) = row["items"].data
    return item.price.unit_amount


def test_whoever_renews_in_7_to_30_days_is_told_once(change, member):
    end = member.current_period_end

    announce(end - 31 * DAY)
    assert not emails("price-will-change").exists()
    for days in (30, 29, 7):
        announce(end - days * DAY)

    notice = PriceChangeNotice.objects.get()
    assert notice.takes_effect_at == end
    assert notice.announced_at == end - 30 * DAY
    email = emails("price-will-change").get()
    assert email.subject == f"Your price changes on {written(end)}"
    assert "$24.95 a month" in email.body_text


def test_nobody_is_told_less_than_a_week_before(change, member):
    announce(member.current_period_end - 6 * DAY)

    assert not PriceChangeNotice.objects.exists()


def test_a_renewal_before_the_first_day_is_not_touched(change, member):
    PriceChange.objects.update(
        starts_date=timezone.localdate(member.current_period_end) + DAY
    )

    announce(member.current_period_end - 10 * DAY)

    assert not PriceChangeNotice.objects.exists()


@pytest.mark.parametrize(
    "values",
    [{"cancel_at_period_end": True}, {"status": "past_due"}, {"is_surplus": True}],
)
def test_whoever_does_not_renew_is_told_nothing(values, change, member):
    Subscription.objects.update(**values)

    announce(member.current_period_end - 10 * DAY)

    assert not PriceChangeNotice.objects.exists()


def test_the_next_renewal_costs_the_new_amount_and_nothing_else_changes(
    change, member, customer, sandbox
):
    end = member.current_period_end
    announce(end - 10 * DAY)
    assert services.apply_price_changes(at=end - 3 * DAY) == 0
    assert charged(member) == 1995

    assert services.apply_price_changes(at=end - DAY) == 1
    assert services.apply_price_changes(at=end - DAY) == 0

    assert charged(member) == 2495
    assert customer.invoices.count() == 1
    member.refresh_from_db()
    assert (member.price.unit_amount, member.current_period_end) == (2495, end)
    sandbox.subscription(member.stripe_id, "renew")
    sync.sync_customer(customer=customer, at=timezone.now())
    assert sorted(row.total for row in customer.invoices.all()) == [1995, 2495]
    assert not emails("price-changed").exists()


def test_who_was_not_told_is_not_moved(change, member):
    services.apply_price_changes(at=member.current_period_end - DAY)

    assert charged(member) == 1995


@pytest.mark.parametrize("meanwhile", ["cancels", "switches"])
def test_who_decides_otherwise_meanwhile_is_not_moved(
    meanwhile, change, member, customer, user
):
    end = member.current_period_end
    announce(end - 10 * DAY)
    if meanwhile == "cancels":
        services.cancel_subscription(user=user, at=timezone.now())
    else:
        yearly = Price.objects.get(slug="yearly")
        Subscription.objects.update(price=yearly)

    assert services.apply_price_changes(at=end - DAY) == 0

    assert charged(member) == 1995


def test_who_has_switched_at_stripe_a_moment_ago_keeps_what_was_paid(
    change, member, sandbox
):
    end = member.current_period_end
    announce(end - 10 * DAY)
    yearly = Price.objects.get(interval="year")
    gateway.switch_price(
        subscription_id=member.stripe_id,
        item_id=member.item_id,
        price_id=yearly.stripe_price_id,
        prorated_at=timezone.now(),
    )

    assert services.apply_price_changes(at=end - DAY) == 0

    assert charged(member) == yearly.unit_amount


def test_a_stripe_that_is_down_moves_nobody_until_it_answers(change, member, sandbox):
    end = member.current_period_end
    announce(end - 10 * DAY)
    sandbox.fail(status=500, times=50)
    assert services.apply_price_changes(at=end - DAY) == 0

    sandbox.call("DELETE", "faults")

    assert services.apply_price_changes(at=end - DAY) == 1
    assert charged(member) == 2495


def test_a_day_that_was_missed_is_announced_anew_for_the_next_renewal(change, member):
    end = member.current_period_end
    announce(end - 10 * DAY)
    assert services.apply_price_changes(at=end + DAY) == 0
    Subscription.objects.update(current_period_end=end + 30 * DAY)

    announce(end + 15 * DAY)

    assert emails("price-will-change").count() == 2
    assert charged(member) == 1995


def test_what_tells_the_next_payment_tells_the_announced_amount(
    change, member, client, user
):
    client.force_login(user)
    page = client.get("/account/billing/").content.decode()
    assert "$24.95" not in page

    announce(member.current_period_end - 10 * DAY)

    page = " ".join(client.get("/account/billing/").content.decode().split())
    end = member.current_period_end
    day = written(end)
    assert f"From {day} it is $24.95 a month; cancel any time before" in page
    assert f"{day}, $24.95 plus tax" in page
    assert next_price(member).unit_amount == 2495


def test_a_move_that_is_withdrawn_moves_nobody_and_says_so_to_who_was_told(
    change, member
):
    end = member.current_period_end
    announce(end - 10 * DAY)

    told = services.withdraw_price_change(
        change=change, reason="Not now", at=timezone.now()
    )

    assert told == 1
    assert "you go on paying" in emails("price-stays").get().body_text
    assert services.apply_price_changes(at=end - DAY) == 0
    assert next_price(member) == member.price
    with pytest.raises(services.PriceChangeRefusedError):
        services.withdraw_price_change(change=change, reason="Again", at=timezone.now())


def test_who_was_moved_by_a_worker_that_died_is_not_told_that_the_price_stays(
    change, member
):
    end = member.current_period_end
    announce(end - 10 * DAY)
    services.apply_price_changes(at=end - DAY)
    PriceChangeNotice.objects.update(applied_at=None)

    assert services.withdraw_price_change(change=change, reason="So", at=end - DAY) == 0
    assert not emails("price-stays").exists()


def withdraw(change, at):
    return services.withdraw_price_change(change=change, reason="Not now", at=at)


def before_call(monkeypatch, module, name, action):
    """Do something else just before the first call of a function."""
    called, actions = getattr(module, name), [action]

    def wrapped(*arguments, **options):
        if actions:
            actions.pop()()
        return called(*arguments, **options)

    monkeypatch.setattr(module, name, wrapped)


def test_a_move_that_is_withdrawn_while_it_is_made_moves_nobody_who_was_told(
    change, member, monkeypatch
):
    end = member.current_period_end
    announce(end - 10 * DAY)
    stop = partial(withdraw, change, end - DAY)
    before_call(monkeypatch, sync, "sync_in_turn", stop)

    assert services.apply_price_changes(at=end - DAY) == 0

    assert emails("price-stays").exists()
    assert charged(member) == 1995


def test_who_is_being_moved_is_not_told_that_the_price_stays(
    change, member, monkeypatch
):
    end = member.current_period_end
    announce(end - 10 * DAY)
    stop = partial(withdraw, change, end - DAY)
    before_call(monkeypatch, gateway, "replace_price", stop)

    assert services.apply_price_changes(at=end - DAY) == 1

    assert not emails("price-stays").exists()
    assert charged(member) == 2495


def test_a_move_that_was_begun_is_finished_although_it_was_withdrawn(
    change, member, monkeypatch, sandbox
):
    end = member.current_period_end
    announce(end - 10 * DAY)
    lose = partial(sandbox.fail, timeout_after_commit=True, times=3, method="POST")
    stop = partial(withdraw, change, end - DAY)
    before_call(monkeypatch, gateway, "replace_price", stop)
    before_call(monkeypatch, gateway, "replace_price", lose)
    assert services.apply_price_changes(at=end - DAY) == 0
    assert next_price(member).unit_amount == 2495

    assert services.apply_price_changes(at=end - DAY) == 1

    assert PriceChangeNotice.objects.get().applied_at


def test_who_stripe_refuses_to_move_is_told_that_the_price_stays(
    change, member, sandbox
):
    end = member.current_period_end
    announce(end - 10 * DAY)
    sandbox.fail(f"/v1/subscriptions/{member.stripe_id}", method="POST", status=400)
    assert services.apply_price_changes(at=end - DAY) == 0

    assert withdraw(change, end - DAY) == 1
    assert services.apply_price_changes(at=end - DAY) == 0
    assert charged(member) == 1995


def test_a_move_whose_last_reading_failed_is_noted_later(
    change, member, monkeypatch, sandbox, customer
):
    end = member.current_period_end
    announce(end - 10 * DAY)
    fail = partial(sandbox.fail, "/v1/customers", status=400)
    before_call(monkeypatch, gateway, "replace_price", fail)
    assert services.apply_price_changes(at=end - DAY) == 0
    assert charged(member) == 2495

    sync.sync_customer(customer=customer, at=timezone.now())
    assert services.apply_price_changes(at=end - DAY) == 1

    assert PriceChangeNotice.objects.get().applied_at


@pytest.mark.parametrize("before", ["on sale", "no successor", "too soon", "twice"])
def test_a_move_that_cannot_be_told_in_time_or_leads_nowhere_is_refused(
    before, member, monthly
):
    monthly.refresh_from_db()
    starts_date = timezone.localdate() + (7 if before == "too soon" else 8) * DAY
    if before == "on sale":
        Price.objects.filter(slug="monthly-v2").update(is_active=False)
        Price.objects.filter(pk=monthly.pk).update(is_active=True)
    if before == "no successor":
        Price.objects.filter(slug="monthly-v2").update(stripe_price_id=None)
    if before == "twice":
        PriceChangeFactory(from_price=monthly, to_price=PriceFactory(slug="monthly-v2"))

    with pytest.raises(services.PriceChangeRefusedError):
        services.plan_price_change(
            price=monthly, starts_date=starts_date, by=StaffFactory(), at=timezone.now()
        )


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_workers_that_announce_and_move_at_once_do_it_once(change, member):
    end = member.current_period_end

    together(4 * [partial(announce, end - 10 * DAY)])
    together(4 * [partial(services.apply_price_changes, at=end - DAY)])

    assert PriceChangeNotice.objects.count() == 1
    assert emails("price-will-change").count() == 1
    assert charged(member) == 2495


# The staff


@pytest.fixture
def owner(client, settings):
    settings.STAFF_MFA_REQUIRED = False
    owner = StaffFactory(is_superuser=True)
    client.force_login(owner)
    return client


def move_page(price):
    return reverse("admin:billing_price_move_subscribers", args=[price.pk])


def test_the_staff_sees_what_follows_before_anybody_is_moved(owner, member, monthly):
    day = timezone.localdate() + 40 * DAY
    change_page = reverse("admin:billing_price_change", args=[monthly.pk])
    assert "Move its subscribers" in owner.get(change_page).content.decode()
    assert "1 subscriber pays" in owner.get(move_page(monthly)).content.decode()

    asked = owner.post(move_page(monthly), {"starts_date": day}).content.decode()

    assert "7 to 30 days before" in asked
    assert not PriceChange.objects.exists()
    fields = {"starts_date": day, "confirmed": "1"}
    done = owner.post(move_page(monthly), fields, follow=True).content.decode()
    assert "Members are told in time" in done
    assert PriceChange.objects.get().starts_date == day
    assert LogEntry.objects.filter(change_message__contains="are moved").exists()


@pytest.mark.parametrize(
    ("day", "answer"),
    [
        ("", "Choose the day"),
        ("soon", "Write the day as a date"),
        ("2026-01-01", "Members are told a week before they pay more."),
    ],
)
def test_a_wrong_day_is_told_beside_its_field(day, answer, owner, member, monthly):
    page = owner.post(move_page(monthly), {"starts_date": day}).content.decode()

    assert answer in page
    assert not PriceChange.objects.exists()


def test_a_price_without_subscribers_or_on_sale_has_nobody_to_move(owner, monthly):
    page = owner.get(move_page(monthly), follow=True).content.decode()

    assert "Only the subscribers of a price that is off sale are moved" in page


def test_the_page_of_a_move_says_how_far_it_is_and_withdraws_it(owner, change, member):
    announce(member.current_period_end - 10 * DAY)
    page = reverse("admin:billing_pricechange_change", args=[change.pk])
    shown = owner.get(page).content.decode()
    assert member.stripe_id in shown
    assert "Withdraw …" in shown

    withdraw = reverse("admin:billing_pricechange_withdraw", args=[change.pk])
    done = owner.post(withdraw, {"reason": "Not now"}, follow=True).content.decode()

    assert "1 members hear that their price stays." in done
    assert PriceChange.objects.get().withdrawn_reason == "Not now"


# The database


def test_a_change_changes_something():
    price = PriceFactory()
    with refused("billing_pricechange_changes_something"):
        PriceChangeFactory(from_price=price, to_price=price)


def test_a_price_has_one_open_change():
    change = PriceChangeFactory()
    with refused("billing_pricechange_one_open_per_price"):
        PriceChangeFactory(from_price=change.from_price)


def test_a_change_is_withdrawn_with_a_reason():
    with refused("billing_pricechange_withdrawn_with_reason"):
        PriceChangeFactory(withdrawn_at=timezone.now())


def test_a_member_is_told_once_for_a_renewal():
    subscription = SubscriptionFactory()
    fields = {
        "change": PriceChangeFactory(),
        "subscription": subscription,
        "announced_at": timezone.now(),
        "takes_effect_at": timezone.now() + DAY,
    }
    PriceChangeNotice.objects.create(**fields)
    with refused("billing_pricechangenotice_one_per_renewal"):
        PriceChangeNotice.objects.create(**fields)


def test_a_notice_comes_before_its_effect():
    with refused("billing_pricechangenotice_comes_before_its_effect"):
        PriceChangeNotice.objects.create(
            change=PriceChangeFactory(),
            subscription=SubscriptionFactory(),
            announced_at=timezone.now(),
            takes_effect_at=timezone.now() - DAY,
        )


def test_a_reminder_of_the_same_day_names_the_amount_that_was_announced(
    change, member, monkeypatch
):
    now = member.current_period_end - 20 * DAY
    Subscription.objects.update(stripe_created_at=now - 365 * DAY)
    monkeypatch.setattr(jobs.timezone, "now", lambda: now)

    jobs.send_dated_notices()

    announced, reminded = OutgoingEmail.objects.order_by("pk").values_list(
        "template", "body_text"
    )[1:]
    assert announced[0] == "billing/price_will_change"
    assert reminded[0] == "billing/renewal_reminder"
    assert "$24.95" in reminded[1]
    assert "$19.95" not in reminded[1]
