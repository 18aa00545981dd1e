"""Compares every customer with Stripe and repairs what differs, never blindly.

All is read before anything is changed: where the repair would end the access of too
many people at once, the listing is believed less than the rows.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

from django.db.models import Prefetch
from django.utils import timezone

from billing import gateway, sync
from billing.models import (
    AccessGrant,
    AccessHold,
    Customer,
    OutboxEntry,
    Price,
    ReconcileRun,
    Subscription,
)
from billing.services.accounts import order_closing
from billing.services.bad_rows import BAD_ROW
from billing.services.differences import (
    CLOSED,
    SYNCED,
    Account,
    Difference,
    compare,
    unknown,
)

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 10.0
MOST_LOSING = 1  # one person is no sign of a wrong key, however few there are
MOST_LOSING_SHARE = 0.05
MOST_REPORTED = 500
MOST_SILENCE = 5  # unanswered repairs in a row: Stripe is down
CHUNK = 500
Tell = Callable[[str], None]


@dataclass(kw_only=True)
class _Finding:
    customer: Customer
    differences: list[Difference]


@dataclass(kw_only=True)
class _Report:
    """What a comparison found, before anything is repaired."""

    checked: int = 0
    failed: int = 0
    with_access: int = 0
    losing_access: int = 0
    findings: list[_Finding] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    @property
    def is_alarming(self) -> bool:
        return (
            self.losing_access > MOST_LOSING
            and self.losing_access > MOST_LOSING_SHARE * self.with_access
        )


def reconcile(
    *,
    at: datetime,
    is_dry_run: bool = False,
    is_forced: bool = False,
    tell: Tell = logger.info,
) -> ReconcileRun | None:
    """Compare all rows with Stripe and repair them; without a Stripe there is no run."""
    if not gateway.is_configured():
        return None
    began = monotonic()
    run = ReconcileRun.objects.create(started_at=at, is_dry_run=is_dry_run)
    sync.check_prices()
    report = _compare_all(at=at, tell=tell)
    run.checked = report.checked
    run.failed = report.failed
    run.differing = len(report.findings)
    run.losing_access = report.losing_access
    run.differences = [told.as_json() for told in report.differences[:MOST_REPORTED]]
    run.was_stopped = report.is_alarming and not is_forced
    if run.was_stopped:
        logger.error(
            "reconciliation stopped: %s of %s people would lose access",
            report.losing_access,
            report.with_access,
        )
    elif not is_dry_run:
        _repair_all(run, report, at=at, tell=tell)
    run.finished_at = at + timedelta(seconds=monotonic() - began)
    run.save()
    return run


def _compare_all(*, at: datetime, tell: Tell) -> _Report:
    listed: dict[str, list[gateway.RemoteSubscription]] = defaultdict(list)
    for number, found in enumerate(gateway.list_all_subscriptions(), start=1):
        listed[found.customer_id].append(found)
        if number % CHUNK == 0:
            tell(f"{number} subscriptions listed")
    report = _Report()
    for account in _accounts(listed, at=at):
        report.checked += 1
        try:
            _check(account, report, at=at)
        except BAD_ROW:
            logger.exception("customer %s cannot be compared", account.customer)
            report.failed += 1
        if report.checked % CHUNK == 0:
            tell(f"{report.checked} customers compared")
    report.differences += [
        unknown(found)
        for strangers in listed.values()
        for found in strangers
        if found.status in Subscription.LIVE
    ]
    return report


def _accounts(
    listed: dict[str, list[gateway.RemoteSubscription]], *, at: datetime
) -> Iterator[Account]:
    """Yield every customer of ours, and leave the listed ones that nobody knows."""
    prices = {
        price.stripe_price_id: price
        for price in Price.objects.select_related("plan")
        if price.stripe_price_id
    }
    granted = set(AccessGrant.objects.valid(at=at).values_list("user_id", flat=True))
    customers = (
        Customer.objects.filter(stripe_id__isnull=False)
        .select_related("user")
        .prefetch_related(
            Prefetch(
                "subscriptions",
                Subscription.objects.select_related("price__plan").defer("raw"),
            ),
            Prefetch("holds", AccessHold.objects.open()),
            Prefetch(
                "outbox_entries", OutboxEntry.objects.filter(done_at__isnull=True)
            ),
        )
    )
    for customer in customers.iterator(chunk_size=CHUNK):
        yield Account(
            customer=customer,
            remotes=listed.pop(customer.stripe_id or "", []),
            prices=prices,
            granted=granted,
        )


def _check(account: Account, report: _Report, *, at: datetime) -> None:
    report.with_access += account.has_access(at=at)
    synced_at = account.customer.synced_at
    if synced_at is not None and synced_at > at:
        return  # read after the listing began: the rows are the newer ones
    differences = list(compare(account))
    report.differences += differences
    if any(told.is_repairable for told in differences):
        report.losing_access += account.loses_access(at=at)
        report.findings.append(
            _Finding(customer=account.customer, differences=differences)
        )


def _repair_all(
    run: ReconcileRun, report: _Report, *, at: datetime, tell: Tell
) -> None:
    silence = 0
    for number, finding in enumerate(report.findings, start=1):
        if silence >= MOST_SILENCE:
            run.failed += 1
            continue
        try:
            _repair(finding, at=at)
        except BAD_ROW as error:
            logger.exception("customer %s cannot be repaired", finding.customer)
            run.failed += 1
            silence = silence + 1 if isinstance(error, gateway.NoAnswerError) else 0
        else:
            run.repaired += 1
            silence = 0
        if number % CHUNK == 0:
            tell(f"{number} of {len(report.findings)} customers repaired")


def _repair(finding: _Finding, *, at: datetime) -> None:
    kinds = {told.kind for told in finding.differences}
    if kinds & CLOSED:
        order_closing(customer=finding.customer, at=at)
    if kinds & SYNCED:
        sync.sync_in_turn(
            customer=finding.customer, at=timezone.now(), seconds=PATIENCE_SECONDS
        )
