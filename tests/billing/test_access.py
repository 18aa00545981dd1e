from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser, Permission

from billing.access import AccessState, access_for, has_entitlement
from billing.models import AccessHold
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.billing import (
    MONTH,
    NOON,
    AccessGrantFactory,
    AccessHoldFactory,
    PlanFactory,
    SubscriptionFactory,
)

DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)
pytestmark = pytest.mark.django_db


def subscribed(user, **values):
    return SubscriptionFactory(customer__user=user, now=NOON, **values)


def state_of(user, *, at=NOON):
    return access_for(user, at=at).state


@pytest.mark.parametrize(
    ("values", "state", "is_open"),
    [
        ({"status": "active"}, AccessState.ACTIVE, True),
        ({"status": "trialing"}, AccessState.ACTIVE, True),
        ({"cancel_at": NOON + DAY}, AccessState.CANCELING, True),
        ({"cancel_at_period_end": True}, AccessState.CANCELING, True),
        ({"cancel_at": NOON + 120 * DAY}, AccessState.ACTIVE, True),
        ({"cancel_at": NOON}, AccessState.LAPSED, False),
        (
            {"status": "past_due", "past_due_since": NOON - 6 * DAY},
            AccessState.PAST_DUE,
            True,
        ),
        (
            {"status": "past_due", "past_due_since": NOON - 7 * DAY},
            AccessState.LAPSED,
            False,
        ),
        ({"status": "incomplete"}, AccessState.INCOMPLETE, False),
        ({"status": "incomplete_expired"}, AccessState.FREE, False),
        ({"status": "unpaid"}, AccessState.LAPSED, False),
        ({"status": "paused"}, AccessState.LAPSED, False),
        ({"status": "canceled"}, AccessState.LAPSED, False),
        ({"status": "a_status_of_tomorrow"}, AccessState.LAPSED, False),
        ({"price": None}, AccessState.FREE, False),
        ({"current_period_end": None}, AccessState.LAPSED, False),
    ],
)
def test_each_state_of_a_subscription_gives_the_access_of_the_table(
    values, state, is_open
):
    user = UserFactory()
    subscribed(user, **values)

    assert state_of(user) == state
    assert has_entitlement(user, "membership", at=NOON) is is_open


@pytest.mark.parametrize("is_older_first", [True, False])
def test_a_pause_is_told_beside_a_membership_that_ended(is_older_first):
    user, until = UserFactory(), NOON + 9 * DAY
    rows = [{"status": "canceled"}, {"status": "paused", "resumes_at": until}]
    for values in rows if is_older_first else reversed(rows):
        subscribed(user, **values)

    access = access_for(user, at=NOON)

    assert (access.is_paused, access.resumes_at) == (True, until)


def test_nobody_without_a_subscription_or_a_grant_gets_in():
    assert state_of(AnonymousUser()) == AccessState.ANONYMOUS
    assert state_of(UserFactory()) == AccessState.FREE
    assert not has_entitlement(AnonymousUser(), "membership", at=NOON)


def test_a_closed_account_opens_nothing_whatever_it_paid():
    user = UserFactory(is_active=False)
    subscribed(user)
    AccessGrantFactory(user=user)

    assert access_for(user, at=NOON).entitlements == frozenset()


def test_a_renewal_that_nobody_told_us_about_is_waited_for_exactly_72_hours():
    user = UserFactory()
    end = subscribed(user).current_period_end

    assert state_of(user, at=end + 3 * DAY - MOMENT) == AccessState.ACTIVE
    assert state_of(user, at=end + 3 * DAY) == AccessState.LAPSED


def test_a_scheduled_cancellation_ends_at_its_moment_and_not_before():
    user = UserFactory()
    subscribed(user, cancel_at=NOON + DAY)

    assert access_for(user, at=NOON).ends_at == NOON + DAY
    assert state_of(user, at=NOON + DAY - MOMENT) == AccessState.CANCELING
    assert state_of(user, at=NOON + DAY) == AccessState.LAPSED


def test_the_days_of_grace_are_one_setting(settings):
    settings.BILLING_GRACE_DAYS = 3
    user = UserFactory()
    subscribed(user, status="past_due", past_due_since=NOON - 2 * DAY)

    assert access_for(user, at=NOON).ends_at == NOON + DAY
    assert state_of(user, at=NOON + DAY) == AccessState.LAPSED


def test_the_best_of_several_subscriptions_speaks():
    user = UserFactory()
    subscribed(user, status="canceled")
    subscribed(user, status="incomplete_expired")
    subscribed(user, status="active")

    access = access_for(user, at=NOON)

    assert access.state == AccessState.ACTIVE
    assert access.entitlements == {"membership"}


def test_an_open_hold_closes_what_was_paid_and_a_released_one_does_not():
    user = UserFactory()
    subscription = subscribed(user)
    hold = AccessHoldFactory(customer=subscription.customer)

    held = access_for(user, at=NOON)

    assert (held.state, held.entitlements) == (AccessState.LAPSED, frozenset())
    assert held.is_held
    assert held.is_billed
    AccessHold.objects.filter(pk=hold.pk).update(
        released_at=NOON, released_reason="Sample reason"
    )
    assert access_for(user, at=NOON).state == AccessState.ACTIVE


def test_a_grant_opens_whatever_is_held():
    user = UserFactory()
    AccessHoldFactory(customer=subscribed(user).customer)
    AccessGrantFactory(user=user)

    assert access_for(user, at=NOON).state == AccessState.COMP
    assert has_entitlement(user, "membership", at=NOON)


def test_a_surplus_subscription_opens_nothing():
    user = UserFactory()
    subscribed(user, is_surplus=True)

    assert access_for(user, at=NOON).state == AccessState.FREE


def test_a_pause_closes_until_the_day_that_was_chosen():
    user = UserFactory()
    subscribed(user, status="paused", resumes_at=NOON + MONTH)

    paused = access_for(user, at=NOON)

    assert (paused.state, paused.is_paused) == (AccessState.LAPSED, True)
    assert paused.resumes_at == NOON + MONTH


def test_entitlements_of_several_plans_add_up():
    user = UserFactory()
    subscribed(user)
    AccessGrantFactory(user=user, plan=PlanFactory(slug="library"))

    assert access_for(user, at=NOON).entitlements == {"membership", "library"}


def test_a_grant_opens_from_its_start_until_just_before_its_end():
    user = UserFactory()
    AccessGrantFactory(user=user, valid_from=NOON, valid_until=NOON + DAY)

    assert state_of(user, at=NOON - MOMENT) == AccessState.FREE
    assert state_of(user, at=NOON) == AccessState.COMP
    assert access_for(user, at=NOON).ends_at == NOON + DAY
    assert state_of(user, at=NOON + DAY) == AccessState.FREE


def test_a_revoked_grant_opens_nothing():
    user = UserFactory()
    AccessGrantFactory(user=user, revoked_at=NOON - DAY, revoked_reason="Sample")

    assert state_of(user) == AccessState.FREE


def test_a_person_with_a_failed_payment_is_billed_and_one_who_left_is_not():
    unpaid, left = UserFactory(), UserFactory()
    subscribed(unpaid, status="unpaid")
    subscribed(left, status="canceled")

    assert access_for(unpaid, at=NOON).is_billed
    assert not access_for(left, at=NOON).is_billed


def test_staff_preview_every_plan_only_with_the_permission():
    PlanFactory()
    editor = UserFactory(is_staff=True)
    owner = StaffFactory()

    assert state_of(editor) == AccessState.FREE
    assert state_of(owner) == AccessState.STAFF

    editor.user_permissions.add(Permission.objects.get(codename="preview_plan"))

    assert access_for(editor, at=NOON).entitlements == {"membership"}


def test_the_answer_costs_two_queries_at_most_whatever_the_history(
    django_assert_num_queries,
):
    user = UserFactory()
    for months in range(12):
        subscribed(user, status="canceled", stripe_created_at=NOON - months * MONTH)
    subscribed(user)

    with django_assert_num_queries(1):  # the row says that there is no grant to read
        access_for(user, at=NOON)
    with django_assert_num_queries(1):  # a subscription opens it: no grant is sought
        assert has_entitlement(user, "membership", at=NOON)
    AccessGrantFactory(user=user)
    with django_assert_num_queries(2):
        assert access_for(user, at=NOON).state == AccessState.COMP
    with django_assert_num_queries(0):
        access_for(AnonymousUser(), at=NOON)


@pytest.mark.parametrize("until", [None, NOON + MONTH])
def test_staff_cost_no_more_and_keep_what_was_given_to_them(
    django_assert_num_queries, until
):
    editor = UserFactory(is_staff=True)
    subscribed(editor, status="canceled")
    AccessGrantFactory(user=editor, valid_until=NOON - DAY, valid_from=NOON - MONTH)
    AccessGrantFactory(user=editor, valid_until=NOON + DAY)
    AccessGrantFactory(user=editor, valid_until=until)

    with django_assert_num_queries(2):
        access = access_for(editor, at=NOON)
    with django_assert_num_queries(2):
        assert has_entitlement(editor, "membership", at=NOON)

    assert (access.state, access.ends_at) == (AccessState.COMP, until)
