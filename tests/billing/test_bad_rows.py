"""Jobs that meet a row with which something is wrong, and go on to the others."""

from datetime import timedelta

import pytest
from django.utils import timezone

from billing import gateway, services, sync
from billing.models import PriceChangeNotice
from tests.factories.billing import PriceChangeFactory, SubscriptionFactory

DAY = timedelta(days=1)
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.parametrize("error", [AttributeError("None"), LookupError("data")]),
]


@pytest.fixture
def reading(monkeypatch, error):
    """Let the first customer that is read be one that cannot be; name the others."""
    read = []

    def broken(*, customer, **_at):
        read.append(customer.pk)
        if len(read) == 1:
            raise error

    for name in ("sync_customer", "sync_in_turn"):
        monkeypatch.setattr(sync, name, broken)
    for name in ("resume_subscription", "replace_price"):
        monkeypatch.setattr(gateway, name, lambda *_a, **_k: None)
    return read


def test_who_cannot_be_read_keeps_nobody_from_being_read(reading, settings):
    settings.STRIPE_SECRET_KEY = "sk_test_tests"
    long_ago = timezone.now() - DAY
    for _member in range(2):
        SubscriptionFactory(status="past_due", synced_at=long_ago)

    assert services.refresh_stale(at=timezone.now()) == 1

    assert len(reading) == 2


def test_who_cannot_resume_keeps_nobody_from_it(reading):
    for _member in range(2):
        SubscriptionFactory(status="paused", resumes_at=timezone.now())

    services.resume_due(at=timezone.now())

    assert len(reading) == 2


def test_who_cannot_be_moved_keeps_nobody_from_it(reading):
    change, now = PriceChangeFactory(), timezone.now()
    for _member in range(2):
        row = SubscriptionFactory(price=change.from_price, current_period_end=now + DAY)
        PriceChangeNotice.objects.create(
            change=change,
            subscription=row,
            takes_effect_at=row.current_period_end,
            announced_at=now - 9 * DAY,
        )

    services.apply_price_changes(at=now)

    assert len(set(reading)) == 2
