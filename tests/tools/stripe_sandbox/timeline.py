"""Where the clocks of the tests begin, and what became of a subscription since."""

START = 1_800_000_000
FAILS_AT_RENEWAL = "4000000000000341"


def invoices(client, subscription):
    found = client.v1.invoices.list({"subscription": subscription["id"]}).data
    return [invoice.status for invoice in found][::-1]


def end_of(client, subscription):
    row = client.v1.subscriptions.retrieve(subscription["id"])
    return row["items"].data[0].current_period_end
