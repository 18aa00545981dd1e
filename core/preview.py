"""Links that show a draft to people without an account, for a week."""

from datetime import timedelta

from django.core import signing
from django.db import models
from django.http import HttpRequest

MAX_AGE = timedelta(days=7)
SALT = "core.preview"


def make_token(obj: models.Model) -> str:
    return signing.dumps(_identity(obj), salt=SALT)


def may_preview(request: HttpRequest, obj: models.Model) -> bool:
    """Tell whether the visitor is staff, or followed a live preview link of this row."""
    if request.user.is_staff:
        return True
    token = request.GET.get("preview", "")
    try:
        return bool(signing.loads(token, salt=SALT, max_age=MAX_AGE) == _identity(obj))
    except signing.BadSignature:
        return False


def _identity(obj: models.Model) -> list[object]:
    return [f"{type(obj).__module__}.{type(obj).__name__}", str(obj.pk)]
