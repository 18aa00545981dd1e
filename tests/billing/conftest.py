import json
import time

import pytest
from stripe import HTTPClient, WebhookSignature

from billing import gateway, services
from tests.factories.accounts import UserFactory
from tests.factories.billing import CustomerFactory, PriceFactory
from tools.stripe_sandbox.testing import SECRET, Sandbox


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    """Let the library of Stripe try again without waiting long."""
    monkeypatch.setattr(HTTPClient, "INITIAL_DELAY", 0.02)


@pytest.fixture
def sandbox(settings):
    """Run a Stripe of our own, and let the site speak to it."""
    with Sandbox() as running:
        settings.STRIPE_SECRET_KEY = "sk_test_tests"
        settings.STRIPE_API_BASE = running.url
        settings.STRIPE_WEBHOOK_SECRETS = [running.secret]
        yield running


@pytest.fixture
def user(db):
    return UserFactory(is_verified=True)


@pytest.fixture
def monthly(sandbox, db):
    """Put the monthly and the yearly price on sale at the sandbox."""
    price = PriceFactory(stripe_price_id=None)
    PriceFactory(yearly=True, stripe_price_id=None)
    services.sync_plans()
    price.refresh_from_db()
    return price


@pytest.fixture
def customer(sandbox, monthly, user):
    """Make the user a customer at the sandbox, who has bought nothing yet."""
    stripe_id = gateway.create_customer(
        user_id=user.pk, email=user.email, name=user.name, key="sample"
    )
    return CustomerFactory(user=user, stripe_id=stripe_id)


@pytest.fixture
def signed():
    """Return a function that signs a body as Stripe does."""

    def sign(body, *, secret=SECRET, at=None):
        text = body if isinstance(body, str) else json.dumps(body)
        moment = int(time.time()) if at is None else int(at)
        return text, WebhookSignature.generate_signature_header(text, secret, moment)

    return sign


@pytest.fixture
def logged_in_now():
    """Return a function that notes that the client has just given the password."""

    def note(client):
        session = client.session
        session["account_authentication_methods_user"] = session["_auth_user_id"]
        session["account_authentication_methods"] = [
            {"method": "password", "at": time.time(), "reauthenticated": True}
        ]
        session.save()

    return note
