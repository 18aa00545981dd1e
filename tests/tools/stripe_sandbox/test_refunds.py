import pytest
import stripe

from tests.tools.stripe_sandbox.conformance import check


@pytest.fixture
def intent(client, sandbox, customer, price):
    sandbox.subscribe(customer=customer.id, price=price.id)
    return client.v1.payment_intents.list({"customer": customer.id}).data[0]


def test_a_charge_is_refunded_in_parts_until_nothing_is_left(
    client, sandbox, intent, site
):
    part = client.v1.refunds.create({"payment_intent": intent.id, "amount": 500})
    half = client.v1.charges.retrieve(intent.latest_charge)
    client.v1.refunds.create({"charge": intent.latest_charge})
    whole = client.v1.charges.retrieve(intent.latest_charge)

    assert part.status == "succeeded"
    assert (half.amount_refunded, half.refunded) == (500, False)
    assert (whole.amount_refunded, whole.refunded) == (1995, True)
    assert len(client.v1.refunds.list({"charge": whole.id}).data) == 2
    assert sandbox.wait()
    assert site.types[-2:] == ["charge.refunded", "refund.created"]
    for event in site.events:
        check(event["data"]["object"])


@pytest.mark.parametrize("amount", [0, 1996])
def test_a_refund_of_too_much_or_nothing_is_refused(client, intent, amount):
    with pytest.raises(stripe.InvalidRequestError, match="Refund amount"):
        client.v1.refunds.create({"payment_intent": intent.id, "amount": amount})


def test_an_early_fraud_warning_can_be_acted_on_until_the_money_went_back(
    client, sandbox, intent, site
):
    early = sandbox.warn(intent.latest_charge)
    sandbox.refund(intent.latest_charge)
    late = sandbox.warn(intent.latest_charge)

    warnings = client.v1.radar.early_fraud_warnings
    assert sandbox.wait()
    assert site.types[-1] == "radar.early_fraud_warning.created"
    assert warnings.retrieve(early["id"]).actionable
    assert not late["actionable"]
    found = warnings.list({"charge": intent.latest_charge}).data
    assert [warning.id for warning in found] == [late["id"], early["id"]]
    check(warnings.retrieve(early["id"]).to_dict())


def test_a_dispute_is_opened_and_lost(client, sandbox, intent, site):
    opened = sandbox.dispute(intent.latest_charge)
    lost = sandbox.dispute(intent.latest_charge, status="lost")

    assert opened["status"] == "needs_response"
    assert lost["id"] == opened["id"]
    assert client.v1.charges.retrieve(intent.latest_charge).disputed
    assert client.v1.disputes.retrieve(lost["id"]).status == "lost"
    check(opened)
    assert sandbox.wait()
    assert site.types[-2:] == ["charge.dispute.created", "charge.dispute.closed"]


@pytest.mark.parametrize("begins", ["pending", "succeeded"])
def test_a_refund_may_fail_later_and_the_charge_has_its_money_again(
    client, sandbox, intent, told, begins
):
    made = sandbox.refund(intent.latest_charge, amount=500, outcome=begins)
    assert client.v1.refunds.retrieve(made["id"]).status == begins
    assert client.v1.charges.retrieve(intent.latest_charge).amount_refunded == 500

    sandbox.end_refund(made["id"], "failed")

    refund = client.v1.refunds.retrieve(made["id"])
    assert (refund.status, refund.failure_reason) == (
        "failed",
        "expired_or_canceled_card",
    )
    charge = client.v1.charges.retrieve(intent.latest_charge)
    assert (charge.amount_refunded, charge.refunded) == (0, False)
    events = told()
    assert [event["type"] for event in events[-5:]] == [
        "charge.refunded",
        "refund.created",
        "charge.updated",
        "refund.updated",
        "refund.failed",
    ]
    assert events[-4]["data"]["object"]["status"] == begins
    with pytest.raises(RuntimeError, match="is failed and can't become succeeded"):
        sandbox.end_refund(made["id"], "succeeded")


def test_a_refund_that_failed_can_be_made_again(client, sandbox, intent):
    failed = sandbox.refund(intent.latest_charge, outcome="failed")
    again = sandbox.refund(intent.latest_charge)

    assert (failed["status"], again["status"]) == ("failed", "succeeded")
    assert client.v1.charges.retrieve(intent.latest_charge).refunded


def test_a_pending_refund_arrives(client, sandbox, intent, site):
    made = sandbox.refund(intent.latest_charge, outcome="pending")

    assert sandbox.end_refund(made["id"], "succeeded")["status"] == "succeeded"

    assert client.v1.charges.retrieve(intent.latest_charge).refunded
    assert sandbox.wait()
    assert site.types[-1] == "refund.updated"
