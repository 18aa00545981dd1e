from datetime import datetime

from django.db import transaction

from accounts.models import User
from billing.models import AccessGrant, Plan
from core.errors import DomainError


class GrantRefusedError(DomainError):
    """The grant cannot be given or taken back like this."""


@transaction.atomic
def grant_access(
    *,
    user: User,
    plan: Plan,
    reason: str,
    granted_by: User,
    valid_from: datetime,
    valid_until: datetime | None,
) -> AccessGrant:
    """Open a plan without a payment; asked twice, it returns the same grant.

    Without a moment at which it ends it is for life.
    """
    if not reason.strip():
        raise GrantRefusedError("Say why this person gets access.")
    User.objects.select_for_update().get(pk=user.pk)  # two clicks, one grant
    grant, _is_new = AccessGrant.objects.get_or_create(
        user=user,
        plan=plan,
        reason=reason.strip(),
        valid_from=valid_from,
        valid_until=valid_until,
        is_lifetime=valid_until is None,
        revoked_at=None,
        defaults={"granted_by": granted_by},
    )
    return grant


@transaction.atomic
def revoke_grant(
    *, grant: AccessGrant, reason: str, by: User, at: datetime
) -> AccessGrant:
    """End a grant now; one that was revoked before keeps its first reason."""
    if not reason.strip():
        raise GrantRefusedError("Say why the access ends.")
    locked = AccessGrant.objects.select_for_update().get(pk=grant.pk)
    if locked.revoked_at is None:
        locked.revoked_at = at
        locked.revoked_by = by
        locked.revoked_reason = reason.strip()
        locked.save(
            update_fields=["revoked_at", "revoked_by", "revoked_reason", "updated_at"]
        )
    return locked
