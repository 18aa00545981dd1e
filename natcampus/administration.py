"""The administration, ordered by the work that people do and not by our apps."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import reverse

# What no group names is found in the last one.
GROUPS = {
    "Content": "article guide topic flatpage",
    "Learning": (
        "course lesson quiz instructor region enrollment lessonprogress quizattempt"
    ),
    "Credentials": "certificate signatory",
    "People": (
        "user accessgrant license outgoingemail guiderequest suppression "
        "emailaddress usersession authenticator socialaccount"
    ),
    "Money": "subscription customer checkoutattempt stripeevent plan price",
    "Settings": "",
}


class CampusAdminSite(AdminSite):
    """Lists the models of all apps in groups, the daily ones first."""

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
