"""The money of the last months, with the rows behind each figure."""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from billing.models import Invoice, plain_amount
from billing.services import MonthOfMoney, money_report, reports

COLUMNS = (
    *("Month", "Currency", "Recurring revenue", "New", "Ended"),
    *("Paid", "Recovered payments", "Refunded", "Past due now"),
)
OF_INVOICE = (
    *("Number", "Stripe ID", f"Paid at ({settings.TIME_ZONE})", "Name", "Email"),
    "Currency",
    *("Subtotal", "Tax", "Total", "Paid", "Payment attempts"),
)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True)
class Figure:
    """What a cell says, and the list of the rows that it counts."""

    text: str
    url: str


def show(request: HttpRequest) -> HttpResponse:
    """Show the report, or send it as a table for a spreadsheet."""
    _refuse_without_permission(request)
    report = money_report(at=timezone.now())
    if request.GET.get("format") == "csv":
        table: HttpResponse = _export(
            request, "money", COLUMNS, list(map(_plain, report.months))
        )
        return table
    context = {
        **admin.site.each_context(request),
        "title": "Money",
        "report": report,
        "zone": settings.TIME_ZONE,
        "columns": COLUMNS,
        "rows": [(row, list(_figures(row))) for row in report.months],
    }
    return render(request, "admin/billing/money.html", context)


def invoices_of_month(request: HttpRequest, month: str) -> HttpResponse:
    """Send the invoices that were paid in the month as a table."""
    _refuse_without_permission(request)
    known = {one.key: one for one in reports.last_months(at=timezone.now())}
    if month not in known:
        raise Http404
    invoices = reports.invoices_of(known[month])
    table: HttpResponse = _export(
        request, f"invoices-{month}", OF_INVOICE, list(map(_cells, invoices))
    )
    return table


def _refuse_without_permission(request: HttpRequest) -> None:
    if not request.user.has_perm("billing.export_invoice"):
        raise PermissionDenied


def _figures(row: MonthOfMoney) -> Iterator[Figure]:
    counted = {
        "is_surplus__exact": "0",
        "price__currency": row.currency,
        "status__in": ",".join(reports.EVER_BEGUN),
    }
    begun, ended = _within("stripe_created_at", row), _within("ended_at", row)
    own = {"currency": row.currency}
    paid = _within("paid_at", row) | own | {"status__exact": "paid"}
    given_back = _within("stripe_created_at", row) | own
    paying = {"paying": row.month.key, "price__currency": row.currency}
    yield Figure(row.amount(row.recurring), _list("subscription", paying))
    yield Figure(str(row.started), _list("subscription", counted | begun))
    yield Figure(str(row.ended), _list("subscription", counted | ended))
    yield Figure(row.amount(row.paid), _list("invoice", paid))
    yield Figure(str(row.recovered), _list("invoice", paid | {"tries": "several"}))
    yield Figure(
        row.amount(row.refunded),
        _list("refund", given_back | {"status__exact": "succeeded"}),
    )
    if row.past_due is None:
        yield Figure("", "")
    else:
        yield Figure(str(row.past_due), _past_due(row.currency))


def _past_due(currency: str) -> str:
    query = {"status__exact": "past_due", "is_surplus__exact": "0"}
    return _list("subscription", query | {"price__currency": currency})


def _within(field: str, row: MonthOfMoney) -> dict[str, str]:
    return {
        f"{field}__gte": _moment(row.month.begins_at),
        f"{field}__lt": _moment(row.month.ends_at),
    }


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S+00:00")


def _list(model: str, query: dict[str, str]) -> str:
    return f"{reverse(f'admin:billing_{model}_changelist')}?{urlencode(query)}"


def _plain(row: MonthOfMoney) -> list[str]:
    return [
        *(
            row.month.key,
            row.currency.upper(),
            plain_amount(row.recurring, row.currency),
        ),
        *(str(row.started), str(row.ended), plain_amount(row.paid, row.currency)),
        *(str(row.recovered), plain_amount(row.refunded, row.currency)),
        "" if row.past_due is None else str(row.past_due),
    ]


def _cells(invoice: Invoice) -> list[str]:
    user = invoice.customer.user
    amounts = (invoice.subtotal, invoice.tax, invoice.total, invoice.amount_paid)
    # By the clock that bounds the months, and not by that of whoever asks.
    paid_at = timezone.localtime(invoice.paid_at, timezone.get_default_timezone())
    return [
        *(invoice.number, invoice.stripe_id, f"{paid_at:%Y-%m-%d %H:%M}"),
        *(user.name if user else "", user.email if user else ""),
        invoice.currency.upper(),
        *(plain_amount(amount, invoice.currency) for amount in amounts),
        str(invoice.attempt_count),
    ]


@reauthentication_required  # type: ignore[untyped-decorator] # allauth has no types
def _export(
    request: HttpRequest, name: str, columns: Iterable[str], rows: list[list[str]]
) -> HttpResponse:
    """Send the table, and note who has taken it."""
    LogEntry.objects.create(
        user=request.user,  # type: ignore[misc] # staff is never anonymous
        content_type=ContentType.objects.get_for_model(Invoice),
        object_repr=f"{name}.csv",
        action_flag=CHANGE,
        change_message=f"Exported {len(rows)} {'row' if len(rows) == 1 else 'rows'}.",
    )
    return _csv(name, columns, rows)


def _csv(
    name: str, columns: Iterable[str], rows: Iterable[Iterable[str]]
) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.write("\ufeff")  # without which Excel misreads names
    table = csv.writer(response)
    table.writerow(columns)
    table.writerows(map(_safe, cells) for cells in rows)
    return response


def _safe(text: str) -> str:
    """Keep a spreadsheet from running what somebody has typed as a name."""
    is_formula = text.startswith(FORMULA) and not NUMBER.fullmatch(text)
    return f"'{text}" if is_formula else text
