"""The administration, ordered by the work that people do and not by our apps."""

from collections.abc import Iterator
from datetime import date
from functools import wraps
from mimetypes import guess_type
from typing import Any, cast

from django.contrib.admin import AdminSite
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import storages
from django.db.models import DateTimeField, FileField, Model
from django.db.models.fields.files import FieldFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import re_path, reverse

from core.media import serve_private

# What no group names is found in the last one.
GROUPS = {
    "Content": "article guide topic flatpage",
    "Learning": (
        "course lesson quiz lessonquestion instructor region enrollment "
        "lessonprogress quizattempt review accommodation videostream "
        "courseemail emaildelivery"
    ),
    "Credentials": "certificate signatory accreditation creditbody",
    "People": (
        "user accessgrant license outgoingemail guiderequest suppression "
        "emailaddress usersession authenticator socialaccount"
    ),
    "Money": (
        "subscription customer invoice refund dispute accesshold renewalconsent "
        "checkoutattempt plan price pricechange stripeevent outboxentry reconcilerun"
    ),
    "Settings": "",
}
A_DAY = {"year": "2000", "month": "1", "day": "1"}
# Who may open what the private storage keeps; its addresses lead here.
FILES = {
    "videos": "courses.change_lesson",
    "captions": "courses.change_lesson",
    "lesson-files": "courses.change_lessonfile",
    "guides": "articles.change_guide",
    "certificates": "certification.view_certificate",
}


class Autocomplete(AutocompleteJsonView):
    """Offers rows under the label that their admin gives them in lists of choices."""

    def serialize_result(self, obj: Model, to_field_name: str) -> dict[str, str]:
        label = getattr(self.model_admin, "autocomplete_label", str)
        return {"id": str(getattr(obj, to_field_name)), "text": label(obj)}


class CampusAdminSite(AdminSite):
    """Lists the models of all apps in groups, and opens their private files."""

    def get_urls(self) -> list[Any]:
        files = re_path(
            r"^files/(?P<folder>[a-z-]+)/(?P<name>[\w-]+\.[a-z0-9]+)$",
            self.admin_view(self.private_file),
            name="private-file",
        )
        return [files, *super().get_urls()]

    def admin_view(self, view: Any, *args: Any, **kwargs: Any) -> Any:  # as Django's
        """Open the page without what its address should not say; Django fails on it."""
        guarded = super().admin_view(view, *args, **kwargs)

        @wraps(guarded)
        def dated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if has_odd_date(request.GET):
                return redirect(request.path)
            request.GET = _meant(view, request.GET)  # type: ignore[assignment] # a copy
            response: HttpResponseBase = guarded(request, *args, **kwargs)
            return response

        return dated

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        view = Autocomplete.as_view(admin_site=self)
        return cast("HttpResponse", view(request))

    def private_file(
        self, request: HttpRequest, folder: str, name: str
    ) -> HttpResponseBase:
        if not request.user.has_perm(FILES.get(folder, "")):
            raise PermissionDenied
        field = FileField(storage=storages["private"])
        return serve_private(
            request,
            FieldFile(None, field, f"{folder}/{name}"),  # type: ignore[arg-type] # of no row
            content_type=guess_type(name)[0] or "application/octet-stream",
        )

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[Any]:
        apps: list[Any] = super().get_app_list(request, app_label)
        if app_label:
            return apps
        models = {
            model["object_name"].lower(): model
            for app in apps
            for model in app["models"]
        }
        return list(_groups(models))


def has_odd_date(query: QueryDict) -> bool:
    """Tell whether a date filter of the address names no day of ours."""
    split = [key.rpartition("__") for key in query]
    for field in {field for field, _, unit in split if unit in A_DAY}:
        typed = [query.get(f"{field}__{unit}", usual) for unit, usual in A_DAY.items()]
        try:
            day = date(*map(int, typed))
        except (OverflowError, ValueError):
            return True
        if day.year == date.max.year:  # Django asks for the year after, too
            return True
    return False


def _meant(view: Any, query: QueryDict) -> QueryDict:
    """Leave out what would fill an empty form with a row or moment that cannot be."""
    if getattr(view, "__name__", "") != "add_view":
        return query
    meant = query.copy()
    for field in view.__self__.opts.get_fields():
        if field.concrete and field.name in meant and not _is_value(field, meant):
            del meant[field.name]
    return meant


def _is_value(field: Any, query: QueryDict) -> bool:
    if isinstance(field, DateTimeField):
        return False  # its two boxes are not filled by one text
    target = field.target_field if field.is_relation else field
    try:
        for typed in str(query[field.name]).split(","):
            target.to_python(typed)
    except ValidationError:
        return False
    return True


def _groups(models: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for title, names in GROUPS.items():
        listed = [models.pop(name) for name in names.split() if name in models]
        if title == "Settings":
            listed = list(models.values())
        if listed:
            label = title.lower()
            first = listed[0]["object_name"].lower()
            yield {
                "name": title,
                "app_label": label,
                # A group has no page of its own; this is the id of its first row.
                "app_url": f"{reverse('admin:index')}#{label}-{first}",
                "has_module_perms": True,
                "models": listed,
            }
