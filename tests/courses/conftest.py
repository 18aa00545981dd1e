"""What the tests of courses share: people in each state of access."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser, Permission

from billing.models import AccessGrant, Customer, Plan, Subscription
from certification.models import Signatory
from tests.factories.accounts import UserFactory

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def noon():
    return NOON


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(NOON, tick=False)
    return time_machine


@pytest.fixture
def plan(db):
    return Plan.objects.create(
        slug="membership", name="Membership", entitlement="all-courses"
    )


@pytest.fixture
def signatory(db):
    """Let certificates be issued for what the tests complete."""
    return Signatory.objects.create(
        name="Sample Signatory", title="Director", valid_from=date(2026, 1, 1)
    )


@pytest.fixture
def member(plan):
    user = UserFactory(email="member@example.com", name="Mia Member")
    AccessGrant.objects.create(
        user=user,
        plan=plan,
        valid_from=NOON - timedelta(days=30),
        is_lifetime=True,
        reason="Sample",
    )
    return user


@pytest.fixture
def lapse():
    """Return a function that ends the person's access."""

    def end(user):
        AccessGrant.objects.filter(user=user).update(
            valid_until=NOON - timedelta(days=1), is_lifetime=False
        )

    return end


@pytest.fixture
def people(plan, member):
    """Return one person for each state of access, by its name."""
    return {
        "anonymous": AnonymousUser(),
        "free": UserFactory(email="free@example.com"),
        "member": member,
        "past_due": _subscriber(plan, "past_due", since=timedelta(days=2)),
        "lapsed": _subscriber(plan, "canceled", since=timedelta(days=40)),
        "staff": _editor(),
    }


def _subscriber(plan, status, *, since):
    user = UserFactory(email=f"{status}@example.com")
    customer = Customer.objects.create(user=user, stripe_id=f"cus_{status}")
    price = plan.prices.first() or plan.prices.create(
        slug="monthly",
        unit_amount=1995,
        interval="month",
        stripe_price_id="price_monthly",
    )
    moment = NOON - since
    Subscription.objects.create(
        stripe_id=f"sub_{status}",
        customer=customer,
        status=status,
        price=price,
        current_period_start=moment - timedelta(days=30),
        current_period_end=moment
        if status == "canceled"
        else moment + timedelta(days=30),
        past_due_since=moment if status == "past_due" else None,
        ended_at=moment if status == "canceled" else None,
        canceled_at=moment if status == "canceled" else None,
        stripe_created_at=moment - timedelta(days=60),
        synced_at=moment,
    )
    return user


def _editor():
    user = UserFactory(email="editor@example.com", is_staff=True)
    user.user_permissions.add(
        Permission.objects.get(
            content_type__app_label="courses", codename="change_course"
        )
    )
    return user
