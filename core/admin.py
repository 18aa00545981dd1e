"""What the admin pages of several apps share."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME, InlineAdminForm
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from js_asset import Media

from core.errors import DomainError
from core.models import PublishableModel
from core.preview import make_token

MOST_ROWS = 1000  # an inline of more is refused
NAMED_ROWS = 20
PUBLICATION = ("draft", "scheduled", "published", "unpublished")


def _stays(_form: InlineAdminForm, _other: InlineAdminForm) -> bool:
    return False


# django-nested-admin sorts the forms of a refused page by their position, and those of one
# position by themselves, which they cannot be: they stay in the order in which they came.
InlineAdminForm.__lt__ = _stays  # type: ignore[operator] # it has none


class ReadOnlyMixin:
    """A reading room: what proves or pays is never typed in, changed or deleted."""

    def has_add_permission(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> bool:
        return False


class ReadOnlyAdmin(ReadOnlyMixin, admin.ModelAdmin[models.Model]):
    """A list and its pages."""


class ReadOnlyInline(ReadOnlyMixin, admin.TabularInline[Any, Any]):
    """Rows on the page of another row."""

    extra = 0
    related: list[str] = []

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related(*self.related)


def sent_rows(data: Mapping[str, Any], prefix: str) -> Iterator[str]:
    """Give the prefixes of the rows of an inline that were sent to stay."""
    total = str(data.get(f"{prefix}-TOTAL_FORMS", ""))
    for number in range(min(int(total), MOST_ROWS) if total.isdecimal() else 0):
        if not data.get(f"{prefix}-{number}-DELETE"):
            yield f"{prefix}-{number}"


class RichTextAdminMixin:
    """Gives the scripts of the rich text editor the nonce that our policy asks for."""

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        nonce = str(request.csp_nonce)  # type: ignore[attr-defined] # set by django-csp
        context["media"] = Media.from_media(context["media"], nonce=nonce)
        response: HttpResponse = super().render_change_form(  # type: ignore[misc] # a mixin of ModelAdmin
            request, context, *args, **kwargs
        )
        return response


class PublicationFilter(admin.SimpleListFilter):
    title = "status"
    parameter_name = "publication"

    def lookups(self, request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        return [(status, status.capitalize()) for status in PUBLICATION]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in PUBLICATION:
            return queryset
        return queryset.filter(_in_status(str(self.value()), at=timezone.now()))


def _in_status(status: str, *, at: datetime) -> Q:
    """Say in SQL what `PublishableModel.publication_status` says of one row."""
    if status == "draft":
        return Q(published_at__isnull=True)
    if status == "scheduled":
        return Q(published_at__gt=at)
    gone = Q(unpublished_at__lte=at)
    return Q(published_at__lte=at) & (gone if status == "unpublished" else ~gone)


class PublishableAdminMixin:
    """Shows the status of a page in lists, and a link that previews it."""

    def get_view_on_site_url(self, obj: PublishableModel | None = None) -> str | None:
        """Lead to the page once visitors may see it; before, the preview does."""
        at = timezone.now()
        if obj is None or obj.publication_status(at=at) != "published":
            return None
        return obj.get_absolute_url()  # type: ignore[attr-defined, no-any-return] # each page has an address

    @admin.display(description="status", ordering="published_at")
    def publication(self, page: PublishableModel) -> str:
        return page.publication_status(at=timezone.now())

    @admin.display(description="preview")
    def preview_link(self, page: PublishableModel) -> SafeString | str:
        if page.pk is None:
            return "Save first; then a link appears here."
        return format_html(
            '<a href="{}?preview={}" target="_blank">Preview this page</a> '
            "(the link also works for people without an account, for 7 days)",
            page.get_absolute_url(),  # type: ignore[attr-defined] # each page has an address
            make_token(page),
        )


class RevocationForm(forms.Form):
    reason = forms.CharField(
        max_length=200, error_messages={"required": "Enter the reason."}
    )


class ReasonedAdmin(admin.ModelAdmin[Any]):
    """Says what an action does and to which rows, and asks why; its log keeps that."""

    consequences: Mapping[str, str] = {}

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> HttpResponse | None:
        action = request.POST.get("action", "")
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        is_known = action in self.get_actions(request)
        if reason_of(request) or not chosen or not is_known:
            return super().response_action(request, queryset)
        is_across = request.POST.get("select_across") == "1"
        rows = queryset if is_across else queryset.filter(pk__in=chosen)
        return self._ask_why(request, action, rows)

    def _ask_why(
        self, request: HttpRequest, action: str, rows: QuerySet[Any]
    ) -> HttpResponse:
        description = dict(self.get_action_choices(request))[action]
        is_answered = "reason" in request.POST
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": description,
            "action": action,
            "consequence": self.consequences.get(action, ""),
            "rows": rows[:NAMED_ROWS],
            "count": rows.count(),
            "chosen": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "select_across": request.POST.get("select_across", "0"),
            "form": RevocationForm(request.POST if is_answered else None),
        }
        return render(request, "admin/confirm_action.html", context)


def reason_of(request: HttpRequest) -> str:
    return request.POST.get("reason", "").strip()[:200]


class RevocableAdmin(admin.ModelAdmin[Any]):
    """Adds a page that asks why, then revokes, or ends the row by its own verb."""

    verb = "revoke"
    past = "revoked"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.revoke_view)
        page = path(f"<int:pk>/{self.verb}/", view, name=self._page(self.verb))
        return [page, *super().get_urls()]

    def revoke_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        opts = self.opts
        if not request.user.has_perm(f"{opts.app_label}.{self.verb}_{opts.model_name}"):
            raise PermissionDenied
        row = get_object_or_404(self.model, pk=pk)
        if ended_at := getattr(row, f"{self.past}_at"):
            day = date_format(timezone.localtime(ended_at))
            messages.info(request, f"Already {self.past} on {day}.")
            return redirect(f"admin:{self._page('change')}", pk)
        form = RevocationForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            self._revoke(request, row, reason=form.cleaned_data["reason"])
            return redirect(f"admin:{self._page('change')}", pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": opts,
            "original": row,
            "title": f"{self.verb.capitalize()} {row}",
            "form": form,
        }
        template = f"admin/{opts.app_label}/{opts.model_name}/{self.verb}.html"
        return render(request, template, context)

    def revoke(self, row: Any, *, reason: str, by: Any, at: datetime) -> str:
        """Let the service of the app revoke the row; return what to tell the staff."""
        raise NotImplementedError

    def _revoke(self, request: HttpRequest, row: Any, *, reason: str) -> None:
        try:
            outcome = self.revoke(
                row,
                reason=reason,
                by=request.user,
                at=timezone.now(),
            )
        except DomainError as error:
            messages.error(request, str(error))
        else:
            self.log_change(request, row, f"{self.past.capitalize()}: {reason}")
            messages.success(request, outcome)

    def _page(self, role: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{role}"
