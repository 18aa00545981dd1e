"""How rows of money look to staff: amounts, ages, the object as Stripe told it."""

import json
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from accounts.models import User
from billing.emails import STRIPE_PAGES
from billing.models import display_amount
from core.admin import ReadOnlyAdmin


def stripe_link(kind: str, stripe_id: str | None) -> SafeString | str:
    """Link to the page of an object in Stripe's own dashboard."""
    if not stripe_id:
        return "-"
    mode = "" if settings.STRIPE_IS_LIVE else "/test"
    return format_html(
        '<a href="{}{}/{}/{}" rel="noreferrer">{}</a>',
        *(STRIPE_PAGES, mode, kind, stripe_id, stripe_id),
    )


def person_link(number: int | None, email: str | None) -> SafeString | str:
    """Link to the page of a person."""
    if number is None:
        return "-"
    page = reverse("admin:accounts_user_change", args=[number])
    return format_html('<a href="{}">{}</a>', page, email)


def link_to(user: User | None, *, unknown: str = "-") -> SafeString | str:
    return person_link(user.pk, user.email) if user else unknown


def folded(summary: str, text: str) -> SafeString:
    """Show a long text once somebody asks for it."""
    return format_html(
        '<details class="campus-object"><summary>{}</summary>'
        '<pre tabindex="0">{}</pre></details>',
        *(summary, text),
    )


def as_json(told: object) -> str:
    text = json.dumps(told, indent=2, sort_keys=True, ensure_ascii=False)
    # Half a character is valid JSON, and no page can hold it.
    return text.encode(errors="backslashreplace").decode()


def money(
    field: str, description: str = "", *, is_column: bool = True
) -> Callable[[Any, Any], str]:
    """Make a column of an admin that shows cents as people write them."""

    @admin.display(
        description=description or field.replace("_", " "),
        ordering=field if is_column else None,
    )
    def shown(_admin: Any, row: Any) -> str:  # of any row with a currency
        return display_amount(getattr(row, field), row.currency)

    return shown


class MirroredAdmin(ReadOnlyAdmin):
    """A list of what Stripe told, with the object as it was told."""

    kind = ""
    id_field = "stripe_id"

    @admin.display(description="at Stripe")
    def at_stripe(self, row: Model) -> SafeString | str:
        return stripe_link(self.kind, getattr(row, self.id_field))

    @admin.display(description="synced", ordering="synced_at")
    def synced(self, row: Any) -> SafeString | str:  # of any row that mirrors Stripe
        """Say how old what we know is."""
        if row.synced_at is None:
            return "Never"
        moment = timezone.localtime(row.synced_at)
        age = timesince(row.synced_at, timezone.now(), depth=1)
        return format_html(
            '<time datetime="{}" title="{}">{} ago</time>',
            *(moment.isoformat(), date_format(moment, "DATETIME_FORMAT"), age),
        )

    @admin.display(description="as Stripe told it")
    def told(self, row: Any) -> SafeString:  # of any row that keeps the object
        return folded("Show the object", as_json(row.raw))


class OfCustomer:
    """Shows whose row it is."""

    @admin.display(description="user", ordering="customer__user__email")
    def who(self, row: Any) -> User | None:  # of any row with a customer
        user: User | None = row.customer.user
        return user

    @admin.display(description="member", ordering="customer__user__email")
    def member(self, row: Any) -> SafeString | str:  # of any row with a customer
        return link_to(row.customer.user)
