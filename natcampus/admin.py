from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.flatpages import admin as _flatpages_admin  # noqa: F401 - replaced
from django.contrib.flatpages.models import FlatPage
from django.contrib.sites import admin as _sites_admin  # noqa: F401 - removed
from django.contrib.sites.models import Site
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django_prose_editor.fields import ProseEditorFormField
from django_prose_editor.widgets import AdminProseEditorWidget

from accounts.admin import UserAdmin
from accounts.models import User
from core.admin import RichTextAdminMixin
from core.richtext import EXTENSIONS, clean_html

# The address of the site is a setting; editing it here would do nothing.
admin.site.unregister([FlatPage, Site])
admin.site.unregister(User)  # comes back below


@admin.register(User)
class PersonAdmin(UserAdmin):
    """People, found by their certificates and payments too."""

    search_fields = [
        *UserAdmin.search_fields,
        *("certificates__number", "certificates__code"),
        *("billing_customer__stripe_id", "billing_customer__subscriptions__stripe_id"),
    ]
    search_help_text = (
        "Name, email address, license number, certificate number or Stripe ID"
    )


class PageForm(forms.ModelForm[FlatPage]):
    """The text of a page as it looks, without the HTML."""

    content = ProseEditorFormField(
        label="Text",
        config={"extensions": EXTENSIONS},
        sanitize=clean_html,
        widget=AdminProseEditorWidget,
    )

    class Meta:
        model = FlatPage
        fields = ["title", "content"]


class SectionFilter(admin.SimpleListFilter):
    title = "section"
    parameter_name = "section"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("legal", "Legal"), ("help", "Help and contact")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[FlatPage]
    ) -> QuerySet[FlatPage]:
        legal = Q(url__startswith="/legal/")
        wanted = {"legal": legal, "help": ~legal}
        return queryset.filter(wanted.get(self.value() or "", Q()))


@admin.register(FlatPage)
class PageAdmin(RichTextAdminMixin, admin.ModelAdmin[FlatPage]):
    """Terms, notices and the like: links and routes count on each of them."""

    form = PageForm
    fields = ["title", "url", "content"]
    readonly_fields = ["url"]
    list_display = ["title", "url"]
    list_filter = [SectionFilter]
    search_fields = ["title", "url", "content"]
    ordering = ["url"]

    def view_on_site(self, page: FlatPage) -> str:
        return page.get_absolute_url()

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_delete_permission(
        self, _request: HttpRequest, _page: FlatPage | None = None
    ) -> bool:
        return False
