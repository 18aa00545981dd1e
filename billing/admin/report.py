"""The money of the last months, with the rows behind each figure."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from billing import services
from billing.services import MonthOfMoney

COLUMNS = (
    *("Month", "Currency", "Recurring revenue", "New", "Ended"),
    *("Paid", "Recovered payments", "Refunded"),
)


@dataclass(frozen=True)
class Figure:
    """What a cell says, and the list of the rows that it counts."""

    text: str
    url: str


def show(request: HttpRequest) -> HttpResponse:
    """Show the report, or send it as a table for a spreadsheet."""
    if not request.user.has_perm("billing.view_invoice"):
        raise PermissionDenied
    report = services.money_report(at=timezone.now())
    if request.GET.get("format") == "csv":
        return _csv(report.months)
    context = {
        **admin.site.each_context(request),
        "title": "Money",
        "report": report,
        "columns": COLUMNS,
        "rows": [
            (f"{month.begins_at:%B %Y}", month.currency.upper(), list(_figures(month)))
            for month in report.months
        ],
        "past_due_url": _list("subscription", {"status__exact": "past_due"}),
    }
    return render(request, "admin/billing/money.html", context)


def _figures(month: MonthOfMoney) -> Iterator[Figure]:
    begun, ended = _within("stripe_created_at", month), _within("ended_at", month)
    paid = _within("paid_at", month) | {"status__exact": "paid"}
    subscriptions = _list("subscription", {"is_surplus__exact": "0"})
    yield Figure(month.amount(month.recurring), subscriptions)
    yield Figure(str(month.started), _list("subscription", begun))
    yield Figure(str(month.ended), _list("subscription", ended))
    yield Figure(month.amount(month.paid), _list("invoice", paid))
    late = paid | {"attempt_count__gt": "1"}
    yield Figure(str(month.recovered), _list("invoice", late))
    given_back = _within("stripe_created_at", month) | {"status__exact": "succeeded"}
    yield Figure(month.amount(month.refunded), _list("refund", given_back))


def _within(field: str, month: MonthOfMoney) -> dict[str, str]:
    return {
        f"{field}__gte": _moment(month.begins_at),
        f"{field}__lt": _moment(month.ends_at),
    }


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S+00:00")


def _list(model: str, query: dict[str, str]) -> str:
    return f"{reverse(f'admin:billing_{model}_changelist')}?{urlencode(query)}"


def _csv(months: list[MonthOfMoney]) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="money.csv"'
    table = csv.writer(response)
    table.writerow(COLUMNS)
    for month in months:
        amounts = [figure.text for figure in _figures(month)]
        table.writerow([f"{month.begins_at:%Y-%m}", month.currency.upper(), *amounts])
    return response
