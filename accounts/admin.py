from typing import Any

from allauth.mfa.admin import Authenticator
from allauth.socialaccount.admin import SocialApp, SocialToken
from allauth.usersessions.admin import UserSession
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import (
    GroupAdmin as DjangoGroupAdmin,
    UserAdmin as DjangoUserAdmin,
)
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import services
from accounts.models import Jurisdiction, License, Profession, User
from core.admin import ReadOnlyAdmin

CLOSING = "closing_reason"
POWERS = ("is_staff", "is_superuser", "groups", "user_permissions")

# Their own pages, which these imports registered, would show the secrets of people
# and of the providers.
admin.site.unregister([Authenticator, SocialApp, SocialToken, UserSession])
admin.site.unregister(Group)


class UserCreation(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name")


class UserChange(UserChangeForm):  # type: ignore[type-arg] # no parameter at run time
    closing_reason = forms.CharField(
        label="Why it is closed",
        max_length=200,
        required=False,
        help_text="Only when you untick Active; it is kept in the history.",
    )

    class Meta:
        model = User
        fields = "__all__"
        field_classes: dict[str, Any] = {}
        help_texts = {
            "is_active": "Without it nobody can log in, and a paid membership is "
            "canceled at once, with no refund. Ticking it again brings none back."
        }

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        is_closed = self.instance.is_active and cleaned.get("is_active") is False
        if is_closed and not cleaned.get("closing_reason", "").strip():
            self.add_error(
                "closing_reason",
                "Say why the account is closed: what the person pays for ends at once.",
            )
        return cleaned


class LicenseInline(admin.TabularInline[License, User]):
    model = License
    extra = 0
    autocomplete_fields = ("profession", "jurisdiction")


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg] # no parameter at run time
    """People, found by name or email; only a superuser hands out powers."""

    add_form = UserCreation
    form = UserChange
    ordering = ("email",)
    list_display = (
        "email",
        "name",
        "profession",
        "is_active",
        "is_staff",
        "date_joined",
    )
    list_filter = ("profession", "is_active", "is_staff", "groups")
    list_select_related = ("profession",)
    search_fields = ["email", "name", "certificate_name", "licenses__number"]
    date_hierarchy = "date_joined"
    autocomplete_fields = ("profession",)
    filter_horizontal = ("groups", "user_permissions")
    inlines = (LicenseInline,)
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        ("Person", {"fields": ("name", "certificate_name", "profession", "time_zone")}),
        ("Powers", {"fields": ("is_active", "closing_reason", *POWERS)}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": (
                    "email",
                    "name",
                    "usable_password",
                    "password1",
                    "password2",
                ),
            },
        ),
    )

    def get_readonly_fields(
        self, request: HttpRequest, obj: User | None = None
    ) -> tuple[str, ...]:
        """Keep the email: the person changes it, with proof; and powers from support.

        Nobody closes the account that they are logged in with.
        """
        email = () if obj is None else ("email",)
        powers = () if request.user.is_superuser else POWERS
        own = ("is_active",) if obj == request.user else ()
        return (*email, *powers, *own, "last_login", "date_joined")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Leave out the password, with its link, for those who only read."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None:
            return fieldsets
        is_fixed = "is_active" in self.get_readonly_fields(request, obj)
        if (
            is_fixed
            or not obj.is_active
            or not self.has_change_permission(request, obj)
        ):
            fieldsets = [
                (title, {"fields": [one for one in of["fields"] if one != CLOSING]})
                for title, of in fieldsets
            ]
        if self.has_change_permission(request, obj):
            return fieldsets
        return ((None, {"fields": ("email",)}), *fieldsets[1:])

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Any:
        return self.inlines if obj else ()

    def save_model(
        self,
        request: HttpRequest,
        obj: User,
        form: Any,
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        """Announce it when the account is closed."""
        super().save_model(request, obj, form, change)
        if change and "is_active" in form.changed_data and not obj.is_active:
            services.deactivate(user=obj)
            self.log_change(request, obj, f"Closed: {form.cleaned_data[CLOSING]}")

    def has_change_permission(
        self, request: HttpRequest, obj: User | None = None
    ) -> bool:
        """Leave the accounts of staff to superusers."""
        if obj is not None and obj.is_staff and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin):
    """Roles of the staff, found by who has them."""

    list_filter = (("user", admin.RelatedOnlyFieldListFilter),)


@admin.register(Profession)
class ProfessionAdmin(admin.ModelAdmin[Profession]):
    list_display = ("name", "slug", "weight")
    list_editable = ("weight",)
    list_filter = (("courses", admin.RelatedOnlyFieldListFilter),)
    search_fields = ("name", "slug")
    ordering = ("weight", "name")
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "name_plural", "slug", "weight")


@admin.register(Jurisdiction)
class JurisdictionAdmin(admin.ModelAdmin[Jurisdiction]):
    list_display = ("name", "country", "code")
    list_filter = ("country",)
    search_fields = ("name", "code", "country")
    ordering = ("country", "name")


@admin.register(License)
class LicenseAdmin(admin.ModelAdmin[License]):
    list_display = ("user", "profession", "jurisdiction", "number", "expires_date")
    list_filter = ("profession", "jurisdiction")
    list_select_related = ("user", "profession", "jurisdiction")
    search_fields = ("number", "user__email", "user__name")
    date_hierarchy = "expires_date"
    autocomplete_fields = ("user", "profession", "jurisdiction")
    ordering = ("-created_at",)


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnlyAdmin):
    """Second factors; deleting one lets a person who lost it log in again."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    fields = ("user", "type", "created_at", "last_used_at")  # never its secret

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)


@admin.register(UserSession)
class UserSessionAdmin(ReadOnlyAdmin):
    """Where people are logged in; the key of a session is never shown."""

    list_display = ("user", "ip", "user_agent", "created_at", "last_seen_at")
    list_filter = ("last_seen_at", "created_at")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name", "ip")
    date_hierarchy = "last_seen_at"
    ordering = ("-last_seen_at",)
    fields = list_display
    actions = ("end_sessions",)

    def has_end_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("usersessions.delete_usersession")

    @admin.action(description="Log out these sessions", permissions=["end"])
    def end_sessions(
        self, request: HttpRequest, queryset: QuerySet[UserSession]
    ) -> None:
        self.log_deletions(request, queryset)
        for session in queryset:
            session.end()
        self.message_user(request, "These sessions are logged out.")
