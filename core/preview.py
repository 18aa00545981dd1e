"""Links that show a draft to people without an account, for a week."""

from datetime import timedelta

from django.contrib.auth import get_permission_codename
from django.core import signing
from django.db import models
from django.http import HttpRequest

MAX_AGE = timedelta(days=7)
SALT = "core.preview"


def make_token(obj: models.Model) -> str:
    return signing.dumps(_identity(obj), salt=SALT)


def may_preview(request: HttpRequest, obj: models.Model) -> bool:
    """Tell whether the visitor edits such pages, or followed a live link to this one."""
    change = get_permission_codename("change", obj._meta)
    if request.user.is_staff and request.user.has_perm(
        f"{obj._meta.app_label}.{change}"
    ):
        return True
    token = request.GET.get("preview", "")
    try:
        return bool(signing.loads(token, salt=SALT, max_age=MAX_AGE) == _identity(obj))
    except signing.BadSignature:
        return False


def _identity(obj: models.Model) -> list[object]:
    return [f"{type(obj).__module__}.{type(obj).__name__}", str(obj.pk)]
